-- name: head
SELECT position, name, simulation, refusal FROM {schema}.log_head

-- name: entries
-- What a leaf is made of.
SELECT position, uuid_send(stream), version, state, sealed, context, stamp
FROM {schema}.fact WHERE position > %(position)s AND position <= %(upto)s ORDER BY position LIMIT %(limit)s

-- name: entries_at
SELECT position, uuid_send(stream), version, state, sealed, context, stamp
FROM {schema}.fact WHERE position = ANY(%(positions)s::bigint[]) ORDER BY position

-- name: extent
-- How far the log says that it is, and how far its facts go.
SELECT position, (SELECT coalesce(max(position), 0) FROM {schema}.fact) FROM {schema}.log_head

-- name: waiting
SELECT h.position > coalesce((SELECT max(size) FROM {checkpoint}), 0) OR h.refusal IS NOT NULL FROM {schema}.log_head h

-- name: refuse
UPDATE {schema}.log_head SET refusal = %(reason)s WHERE refusal IS DISTINCT FROM %(reason)s

-- name: stop
SELECT {schema}.stop_log(%(reason)s)
