-- Which schema of a read model is in use, and how far each version of it has come.
CREATE TABLE IF NOT EXISTS read_model (
    name    text PRIMARY KEY,
    version int NOT NULL,
    active  text NOT NULL
);

CREATE TABLE IF NOT EXISTS checkpoint (
    name     text NOT NULL,
    version  int NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    epoch    bigint NOT NULL DEFAULT 0,
    holder   text,
    expires  timestamptz,
    PRIMARY KEY (name, version)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0);

-- The schema of one version of a read model: "<log's schema>_<model>_<version>", owned by the owner, filled by the projector.
CREATE OR REPLACE FUNCTION open_read_model(model text, version int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    place CONSTANT text := current_schema() || '_' || model || '_' || version;
BEGIN
    IF model !~ '^[a-z][a-z0-9_]*$' OR version < 1 OR length(place) > 63 THEN
        RAISE EXCEPTION 'A read model is named in small letters, digits and _ (63 with its schema and version), from version 1 on.';
    END IF;
    PERFORM pg_advisory_xact_lock('read_model'::regclass::oid::bigint);
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', place);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO iop_projector', place);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO iop_api', place);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO iop_projector', place);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO iop_api', place);
    RETURN place;
END
$$;

-- Throw away a version that nobody reads any more.
CREATE OR REPLACE FUNCTION drop_read_model(model text, version int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    place CONSTANT text := current_schema() || '_' || model || '_' || version;
BEGIN
    IF model !~ '^[a-z][a-z0-9_]*$' OR EXISTS (SELECT FROM read_model WHERE active = place) THEN
        RAISE EXCEPTION 'Version % of read model % is in use: switch to another version first.', version, model;
    END IF;
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', place);
END
$$;

REVOKE ALL ON FUNCTION open_read_model, drop_read_model FROM PUBLIC;
