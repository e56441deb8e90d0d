-- The keys of subjects, in a schema of their own, "<log's schema>_keys", which is dumped and kept apart from the log: a backup of
-- the log holds no key, and a key that was destroyed lives no longer than the backups of this schema do.
--
-- Who may do what with them stands among the other grants (20_grants.sql).
--
-- A row is a key of a subject, wrapped by a master key that is in no database; number 1, 2, 3 … of its subject, the last one seals.
-- wrapped: NULL once the key was destroyed, for ever. Rows are never taken away: they say that there was a key, and until when.
DO $$
DECLARE
    place CONSTANT text := current_schema() || '_keys';
BEGIN
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', place);
    EXECUTE format($table$
        CREATE TABLE IF NOT EXISTS %I.subject_key (
            subject      text NOT NULL,
            number       int NOT NULL CHECK (number > 0),
            key_id       bytea NOT NULL UNIQUE CHECK (octet_length(key_id) = 16),
            wrapped      bytea,
            wrapped_by   text NOT NULL,
            made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
            destroyed_at timestamptz,
            PRIMARY KEY (subject, number),
            CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
        ) WITH (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)
    $table$, place);  -- vacuumed soon, because an overwritten row still lies in its page until then
    -- Every process that uses keys counts those that are gone, once a second.
    EXECUTE format('CREATE INDEX IF NOT EXISTS subject_key_destroyed ON %I.subject_key (destroyed_at) WHERE destroyed_at IS NOT NULL', place);
END
$$;

-- A key may be wrapped anew or destroyed; it becomes no other key, and comes back to life no more.
CREATE OR REPLACE FUNCTION guard_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR OLD.wrapped IS NULL OR (NEW.subject, NEW.number, NEW.key_id, NEW.made_at)
        IS DISTINCT FROM (OLD.subject, OLD.number, OLD.key_id, OLD.made_at) THEN
        RAISE EXCEPTION 'a key is only wrapped anew or destroyed, once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

DO $$
DECLARE
    place CONSTANT text := current_schema() || '_keys';
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER guard_key BEFORE UPDATE OR DELETE ON %I.subject_key FOR EACH ROW EXECUTE FUNCTION guard_key()', place);
    EXECUTE format('CREATE OR REPLACE TRIGGER keep_keys BEFORE TRUNCATE ON %I.subject_key FOR EACH STATEMENT EXECUTE FUNCTION guard_key()', place);
    EXECUTE format('ALTER TABLE %I.subject_key ENABLE ALWAYS TRIGGER guard_key', place);
    EXECUTE format('ALTER TABLE %I.subject_key ENABLE ALWAYS TRIGGER keep_keys', place);
END
$$;
