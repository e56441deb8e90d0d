-- name: order
-- Entries get their numbers once no transaction is under way that could still write one which belongs before them.
INSERT INTO {schema}.access_order (number, id)
SELECT coalesce((SELECT max(number) FROM {schema}.access_order), 0) + row_number() OVER (ORDER BY a.transaction, a.id), a.id
FROM {schema}.access_log a
WHERE a.transaction > {schema}.access_ordered() AND a.transaction < pg_snapshot_xmin(pg_current_snapshot())

-- name: head
SELECT coalesce((SELECT max(number) FROM {schema}.access_order), 0), name || '/access', simulation, NULL FROM {schema}.log_head

-- name: entries
SELECT number, id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor::text, role, purpose, resource,
       array_to_string(patients, ','), request, rows::text, outcome, grant_id::text
FROM {schema}.access_order JOIN {schema}.access_log USING (id)
WHERE number > %(position)s AND number <= %(upto)s ORDER BY number LIMIT %(limit)s

-- name: entries_at
SELECT number, id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor::text, role, purpose, resource,
       array_to_string(patients, ','), request, rows::text, outcome, grant_id::text
FROM {schema}.access_order JOIN {schema}.access_log USING (id)
WHERE number = ANY(%(positions)s::bigint[]) ORDER BY number

-- name: extent
SELECT count(*), coalesce(max(number), 0) FROM {schema}.access_order

-- name: waiting
SELECT coalesce((SELECT max(number) FROM {schema}.access_order), 0) > coalesce((SELECT max(size) FROM {checkpoint}), 0)
    OR EXISTS (SELECT FROM {schema}.access_log WHERE transaction > {schema}.access_ordered()
               AND transaction < pg_snapshot_xmin(pg_current_snapshot()))

-- name: refuse
-- Nothing: what was read stays readable, and whoever reads is recorded, whatever became of the older entries.
SELECT 1 WHERE %(reason)s::text IS NULL

-- name: unordered
-- Entries that stand among those that have their numbers, and have none.
SELECT id FROM {schema}.access_log a WHERE transaction <= {schema}.access_ordered()
AND NOT EXISTS (SELECT FROM {schema}.access_order o WHERE o.id = a.id) ORDER BY id LIMIT 1000
