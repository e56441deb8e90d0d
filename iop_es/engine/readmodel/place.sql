-- name: engine_tables
-- A document changes as a whole and often: compressing it would cost more than its bytes.
CREATE TABLE document (key text PRIMARY KEY, body bytea NOT NULL);
ALTER TABLE document ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE document_use (key text NOT NULL, reference text NOT NULL, PRIMARY KEY (key, reference));
CREATE INDEX document_use_reference ON document_use (reference);

-- name: defer
-- Takes every index and constraint of the schema away and writes down how to make it again.
CREATE TABLE deferred (number int GENERATED ALWAYS AS IDENTITY, statement text NOT NULL);
DO $$
DECLARE
    one record;
BEGIN
    -- A constraint's definition leaves out how its index is stored.
    FOR one IN SELECT c.conrelid::regclass AS owner, quote_ident(c.conname) AS name, CASE WHEN i.reloptions IS NULL
                   THEN pg_get_constraintdef(c.oid) ELSE regexp_replace(pg_get_constraintdef(c.oid), '( DEFERRABLE.*)?$',
                       format(' WITH (%s)\1', array_to_string(i.reloptions, ', '))) END AS definition
               FROM pg_constraint c JOIN pg_class i ON i.oid = c.conindid WHERE c.connamespace = current_schema()::regnamespace AND c.contype IN ('p', 'u', 'x')
               ORDER BY c.conname LOOP
        INSERT INTO deferred (statement) VALUES (format('ALTER TABLE %s ADD CONSTRAINT %s %s', one.owner, one.name, one.definition));
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %s', one.owner, one.name);
    END LOOP;
    FOR one IN SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS definition
               FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
               WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' ORDER BY i.indexrelid::regclass::text LOOP
        INSERT INTO deferred (statement) VALUES (one.definition);
        EXECUTE format('DROP INDEX %s', one.name);
    END LOOP;
END
$$;

-- name: types
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0
