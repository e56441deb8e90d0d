-- name: active
-- Where the readers and the projectors of a version are.
SELECT schema FROM {log}.read_model WHERE name = %(name)s AND version = %(version)s AND active

-- name: any
SELECT schema FROM {log}.read_model WHERE name = %(name)s LIMIT 1

-- name: open
SELECT {log}.open_read_model(%(name)s, %(version)s)

-- name: lock_catalog
SELECT pg_advisory_xact_lock(hashtextextended('read models of {log}', 0))

-- name: hold
-- Take or keep the lease, and with it the row until the transaction ends; no row: another one holds it. Who had it
-- before is looked up without a lock, so that whoever only waits for the lease never waits for a batch.
UPDATE {log}.read_model m SET holder = %(holder)s, expires = clock_timestamp() + make_interval(secs => %(seconds)s),
       epoch = m.epoch + (m.holder IS DISTINCT FROM %(holder)s)::int
FROM {log}.read_model f
WHERE m.schema = %(schema)s AND f.schema = m.schema
  AND (m.holder = %(holder)s OR m.holder IS NULL OR m.expires < clock_timestamp())
RETURNING m.position, m.epoch, f.holder

-- name: advance
-- The row is locked since `hold`, in the same transaction: nobody can have taken the lease over in between.
UPDATE {log}.read_model SET position = %(position)s WHERE schema = %(schema)s

-- name: release
UPDATE {log}.read_model SET holder = NULL, expires = NULL WHERE holder = %(holder)s

-- name: parked
SELECT kind, id, position FROM {log}.parked WHERE schema = %(schema)s

-- name: park
INSERT INTO {log}.parked (schema, kind, id, position, fact, cause)
VALUES (%(schema)s, %(kind)s, %(id)s, %(position)s, %(fact)s, %(cause)s) ON CONFLICT DO NOTHING

-- name: unpark
DELETE FROM {log}.parked WHERE schema = %(schema)s

-- name: fence
-- Whoever holds the schema forgets what it remembers, because its documents are about to change under it.
UPDATE {log}.read_model SET epoch = epoch + 1 WHERE schema = %(schema)s RETURNING position, active

-- name: position
SELECT position FROM {log}.read_model WHERE schema = %(schema)s

-- name: everyone_parked
-- All that is parked in the schemas in use, oldest cause first.
SELECT m.name, m.version, p.kind, p.id, p.position, p.fact, p.cause,
       to_char(p.parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS parked_at
FROM {log}.parked p JOIN {log}.read_model m ON m.schema = p.schema AND m.active ORDER BY p.position, m.name, p.kind, p.id

-- name: slices_of_patients
-- Ranges of patients with about so many facts each, and how many: found in an index, those that came since among them.
SELECT min(id::text), max(id::text), sum(weight)::bigint FROM (
    SELECT id, weight, (sum(weight) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - weight)::bigint / %(size)s::bigint AS share FROM (
        SELECT patient_id AS id, count(*)::int AS weight FROM {log}.fact_patient GROUP BY patient_id
    ) w
) s GROUP BY share ORDER BY 1

-- name: slices_of_streams
SELECT min(id::text), max(id::text), sum(weight)::bigint FROM (
    SELECT id, weight, (sum(weight) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - weight)::bigint / %(size)s::bigint AS share FROM (
        SELECT stream AS id, count(*)::int AS weight FROM {log}.fact GROUP BY stream
    ) w
) s GROUP BY share ORDER BY 1

-- name: plan
INSERT INTO {log}.slice (schema, number, first, last, upto, facts)
VALUES (%(schema)s, %(number)s, %(first)s, %(last)s, %(upto)s, %(facts)s)

-- name: take
-- A share that nobody works on; its row stays locked until it is done.
SELECT number, first, last, upto, facts FROM {log}.slice WHERE schema = %(schema)s AND NOT done
ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: done
UPDATE {log}.slice SET done = true WHERE schema = %(schema)s AND number = %(number)s

-- name: progress
SELECT coalesce(sum(facts) FILTER (WHERE done), 0)::bigint, coalesce(sum(facts), 0)::bigint, count(*) FILTER (WHERE NOT done),
       max(upto) FROM {log}.slice WHERE schema = %(schema)s

-- name: built
-- The shares are all in place.
WITH gone AS (DELETE FROM {log}.slice WHERE schema = %(schema)s)
UPDATE {log}.read_model SET position = %(upto)s, epoch = epoch + 1 WHERE schema = %(schema)s

-- name: unfinished
-- The builds that were begun and are not in use yet, of each version the latest: with shares, or with all of them done.
SELECT DISTINCT ON (m.name, m.version) m.name, m.version, m.schema,
       to_char(m.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), s.done, s.shares, m.code
FROM {log}.read_model m
CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE done) AS done, count(*) AS shares FROM {log}.slice WHERE slice.schema = m.schema) s
WHERE NOT m.active AND (m.position > 0 OR s.shares > 0)
  AND m.made_at > coalesce((SELECT a.made_at FROM {log}.read_model a WHERE a.name = m.name AND a.version = m.version AND a.active), '-infinity')
ORDER BY m.name, m.version, m.made_at DESC

-- name: begun_by
UPDATE {log}.read_model SET code = %(code)s WHERE schema = %(schema)s

-- name: lock_log
-- Nothing is appended until the transaction ends: the same lock as append() takes.
SELECT pg_advisory_xact_lock('{log}.fact'::regclass::oid::bigint)

-- name: retire
UPDATE {log}.read_model SET active = false WHERE name = %(name)s AND version = %(version)s AND active

-- name: activate
UPDATE {log}.read_model SET active = true WHERE schema = %(schema)s

-- name: others
-- The other schemas of a read model, in use or not; the one that its readers use now comes last.
SELECT schema, version, active FROM {log}.read_model WHERE name = %(name)s AND schema <> %(schema)s
ORDER BY active, version, made_at

-- name: left_over
-- What earlier builds of a version left: neither in use nor being built.
SELECT schema FROM {log}.read_model WHERE name = %(name)s AND version = %(version)s AND NOT active

-- name: freeze
-- Whoever follows the log into a schema waits until the transaction ends.
SELECT position, active FROM {log}.read_model WHERE schema = %(schema)s FOR UPDATE

-- name: see
-- The first look of a transaction, which goes on seeing what it sees now; until it ends nobody drops these schemas.
SELECT pg_advisory_xact_lock_shared(hashtextextended(s, 0)) FROM unnest(%(schemas)s::text[]) s

-- name: freeze_in_use
SELECT FROM {log}.read_model WHERE name = %(name)s AND version = %(version)s AND active FOR UPDATE

-- name: withdraw
-- No reader comes to it any more.
UPDATE {log}.read_model SET active = false, holder = NULL, expires = NULL, epoch = epoch + 1 WHERE schema = %(schema)s

-- name: drop
SELECT {log}.drop_read_model(%(schema)s)

-- name: guard
SELECT {log}.guard_read_model(%(schema)s, %(reaches)s)

-- name: guarded
-- The schemas in use, whether each was ever secured, by which policies, and whether every table is secured as it was then.
SELECT r.schema, r.name, r.version, r.guard IS NOT NULL, r.guard ->> '', NOT EXISTS (
    SELECT FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident(r.schema)) AND c.relkind IN ('r', 'p')
    AND r.guard ->> c.relname::text IS DISTINCT FROM {log}.guard_of(c.oid))
FROM {log}.read_model r WHERE r.active AND to_regnamespace(quote_ident(r.schema)) IS NOT NULL ORDER BY r.schema

-- name: policies
SELECT {log}.policies_of(%(schema)s, %(reaches)s)

