-- name: lock
-- Who has it may sign; it is given back with the transaction.
SELECT pg_try_advisory_xact_lock('{schema}.tree_checkpoint'::regclass::oid::bigint)

-- name: head
SELECT position, name, simulation, refusal FROM {schema}.log_head

-- name: facts
-- What a leaf is made of.
SELECT position, uuid_send(stream), version, state, sealed, context, stamp
FROM {schema}.fact WHERE position > %(position)s AND position <= %(upto)s ORDER BY position LIMIT %(limit)s

-- name: facts_at
SELECT position, uuid_send(stream), version, state, sealed, context, stamp
FROM {schema}.fact WHERE position = ANY(%(positions)s::bigint[]) ORDER BY position

-- name: last
-- The newest checkpoint, or the newest of a size.
SELECT size, note FROM {schema}.tree_checkpoint
WHERE size = coalesce(%(size)s::bigint, size) ORDER BY size DESC, id DESC LIMIT 1

-- name: covering
-- The first checkpoint with a position in it.
SELECT size, note FROM {schema}.tree_checkpoint WHERE size >= %(position)s ORDER BY size, id DESC LIMIT 1

-- name: checkpoints
SELECT id, size, note FROM {schema}.tree_checkpoint WHERE id > %(id)s ORDER BY id LIMIT %(limit)s

-- name: extent
-- How far the log says that it is, and how far its facts go.
SELECT position, (SELECT coalesce(max(position), 0) FROM {schema}.fact) FROM {schema}.log_head

-- name: tiles
SELECT number, hashes FROM {schema}.tree_tile WHERE level = 0 AND number >= %(start)s AND number < %(end)s

-- name: tile
SELECT hashes FROM {schema}.tree_tile WHERE level = %(level)s AND number = %(number)s

-- name: roots
-- The hashes of a level from the tiles below it.
SELECT root FROM {schema}.tree_tile WHERE level = %(level)s AND number >= %(start)s AND number < %(end)s ORDER BY number

-- name: leaves
-- Those of a tile that is not full, in order: each checkpoint has those that came with it.
SELECT leaves FROM {schema}.tree_checkpoint WHERE size > %(start)s AND size < %(end)s ORDER BY size, id

-- name: add_tile
INSERT INTO {schema}.tree_tile (level, number, hashes, root) VALUES (%(level)s, %(number)s, %(hashes)s, %(root)s)

-- name: add_checkpoint
INSERT INTO {schema}.tree_checkpoint (size, note, leaves) VALUES (%(size)s, %(note)s, %(leaves)s)

-- name: restorations
SELECT size, note FROM {schema}.tree_restored ORDER BY id

-- name: add_restored
INSERT INTO {schema}.tree_restored (size, note) VALUES (%(size)s, %(note)s)

-- name: waiting
SELECT h.position > coalesce((SELECT max(size) FROM {schema}.tree_checkpoint), 0) OR h.refusal IS NOT NULL FROM {schema}.log_head h

-- name: refuse
UPDATE {schema}.log_head SET refusal = %(reason)s WHERE refusal IS DISTINCT FROM %(reason)s
