-- Read models of an earlier shape of these tables are thrown away: they are made again from the facts.
DO $$
DECLARE
    old text;
BEGIN
    IF to_regclass('checkpoint') IS NOT NULL THEN
        FOR old IN SELECT active FROM read_model LOOP
            EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', old);
        END LOOP;
        DROP TABLE checkpoint, read_model;
        DROP FUNCTION drop_read_model(text, int);
    END IF;
END
$$;

-- One row for each schema in which a version of a read model stands or is being built.
-- active: the readers of that version use it. A projector holds it until `expires`; `epoch` counts the holders, so that
-- one who was taken for dead forgets what it remembers. code: a digest of the code that began to build it.
CREATE TABLE IF NOT EXISTS read_model (
    schema   text PRIMARY KEY,
    name     text NOT NULL,
    version  int NOT NULL,
    active   boolean NOT NULL DEFAULT false,
    position bigint NOT NULL DEFAULT 0,
    epoch    bigint NOT NULL DEFAULT 0,
    holder   text,
    expires  timestamptz,
    made_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    code     text
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0);

ALTER TABLE read_model ADD COLUMN IF NOT EXISTS code text;  -- for a table that was made without it

-- Of each table what its row-level security, its owner and its grants came to when guard_read_model() made them.
ALTER TABLE read_model ADD COLUMN IF NOT EXISTS guard jsonb;

CREATE UNIQUE INDEX IF NOT EXISTS read_model_active ON read_model (name, version) WHERE active;

-- Whose facts a read model passes over until they are tried again, and the fact that stopped them.
CREATE TABLE IF NOT EXISTS parked (
    schema    text NOT NULL REFERENCES read_model ON DELETE CASCADE,
    kind      text NOT NULL CHECK (kind IN ('patient', 'stream', 'reference')),
    id        text NOT NULL,
    position  bigint NOT NULL,
    fact      text NOT NULL,
    cause     text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (schema, kind, id)
);

-- The shares of a build: each is folded, written and marked done in one transaction, by whoever takes it first.
CREATE TABLE IF NOT EXISTS slice (
    schema text NOT NULL REFERENCES read_model ON DELETE CASCADE,
    number int NOT NULL,
    first  text NOT NULL,
    last   text NOT NULL,
    upto   bigint NOT NULL,
    facts  bigint NOT NULL,
    done   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (schema, number)
);

-- How many schemas a version has had: a name is never given twice, so that nobody takes a new schema for an old one.
CREATE TABLE IF NOT EXISTS read_model_build (
    name    text NOT NULL,
    version int NOT NULL,
    builds  int NOT NULL,
    PRIMARY KEY (name, version)
);

-- A new schema for a version of a read model: "<log's schema>_<model>_<version>", with a letter from the second one on; owned by
-- the owner, filled by the projector, read by nobody until it is guarded.
CREATE OR REPLACE FUNCTION open_read_model(model text, version int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    stem  CONSTANT text := current_schema() || '_' || model || '_' || version;
    place text;
    nth   int;
BEGIN
    IF model !~ '^[a-z][a-z0-9_]*$' OR version < 1 OR length(stem) > 55 THEN
        RAISE EXCEPTION 'A read model is named in small letters, digits and _ (55 with its schema and version), from version 1 on.';
    END IF;
    LOOP
        INSERT INTO read_model_build AS b (name, version, builds) VALUES (model, open_read_model.version, 1)
        ON CONFLICT ON CONSTRAINT read_model_build_pkey DO UPDATE SET builds = b.builds + 1 RETURNING b.builds INTO nth;
        place := stem || CASE WHEN nth = 1 THEN '' WHEN nth <= 27 THEN chr(95 + nth) ELSE 'z' || nth END;
        EXIT WHEN to_regnamespace(place) IS NULL;
    END LOOP;
    EXECUTE format('CREATE SCHEMA %I', place);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO iop_projector', place);  -- until it is guarded
    INSERT INTO read_model (schema, name, version) VALUES (place, model, open_read_model.version);
    RETURN place;
END
$$;

-- Throw away a schema that nobody reads any more.
CREATE OR REPLACE FUNCTION drop_read_model(place text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM read_model r WHERE r.schema = place AND NOT r.active FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no read model that could be dropped: it is in use, or was never made.', place;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(place, 0));  -- until its readers have left
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', place);
    DELETE FROM read_model r WHERE r.schema = place;
END
$$;
