-- The tree over the facts. A tile has 256 hashes of its level and their root; the last hashes of a level, which fill no
-- tile yet, are the roots of the level below, or stand with the checkpoints.
CREATE TABLE IF NOT EXISTS tree_tile (
    level  smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    root   bytea NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, number)
);

ALTER TABLE tree_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes cannot be compressed

-- Each signed checkpoint, with the leaves that came since the one before and stand in no full tile.
CREATE TABLE IF NOT EXISTS tree_checkpoint (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size    bigint NOT NULL,
    note    text NOT NULL,
    leaves  bytea NOT NULL CHECK (octet_length(leaves) % 32 = 0),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX IF NOT EXISTS tree_checkpoint_size ON tree_checkpoint (size, id);

-- Signed statements that the log goes on from an older backup, under a name of its own from there on.
CREATE TABLE IF NOT EXISTS tree_restored (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size    bigint NOT NULL,
    note    text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Lets the log take no facts: for who seals none and finds that what is here is not what the witness has seen. Only the sealer lets it
-- take them again.
CREATE OR REPLACE FUNCTION stop_log(reason text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    UPDATE log_head SET refusal = reason WHERE refusal IS NULL AND reason IS NOT NULL
$$;

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['tree_tile', 'tree_checkpoint', 'tree_restored'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', guarded);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', guarded);
    END LOOP;
END
$$;
