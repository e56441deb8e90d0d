-- The order of the access log, given afterwards by the sealer: readers write their entries side by side, behind no common lock,
-- so that neither ids nor times say which was first. An entry belongs to the transaction that wrote it; once all older
-- transactions have ended, nothing can come before it any more.
ALTER TABLE access_log ADD COLUMN IF NOT EXISTS transaction xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX IF NOT EXISTS access_log_transaction ON access_log (transaction);

CREATE TABLE IF NOT EXISTS access_order (
    number bigint PRIMARY KEY,
    id     bigint NOT NULL UNIQUE
);

-- The transaction of the last entry that has a number: those of older ones have theirs.
CREATE OR REPLACE FUNCTION access_ordered() RETURNS xid8 LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT coalesce((SELECT a.transaction FROM access_order o JOIN access_log a USING (id) ORDER BY o.number DESC LIMIT 1), '0'::xid8)
$$;

REVOKE ALL ON FUNCTION access_ordered FROM PUBLIC;

-- The tree over the entries in this order, as that over the facts.
CREATE TABLE IF NOT EXISTS access_tree_tile (LIKE tree_tile INCLUDING ALL);
CREATE TABLE IF NOT EXISTS access_tree_checkpoint (LIKE tree_checkpoint INCLUDING ALL);
CREATE TABLE IF NOT EXISTS access_tree_restored (LIKE tree_restored INCLUDING ALL);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['access_order', 'access_tree_tile', 'access_tree_checkpoint', 'access_tree_restored'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', guarded);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', guarded);
    END LOOP;
END
$$;
