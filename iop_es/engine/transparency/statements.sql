-- name: lock
-- Who has it may sign; it is given back with the transaction.
SELECT pg_try_advisory_xact_lock('{checkpoint}'::regclass::oid::bigint)

-- name: last
-- The newest checkpoint, or the newest of a size.
SELECT size, note FROM {checkpoint}
WHERE size = coalesce(%(size)s::bigint, size) ORDER BY size DESC, id DESC LIMIT 1

-- name: covering
-- The first checkpoint with a position in it.
SELECT size, note FROM {checkpoint} WHERE size >= %(position)s ORDER BY size, id DESC LIMIT 1

-- name: checkpoints
SELECT id, size, note FROM {checkpoint} WHERE id > %(id)s ORDER BY id LIMIT %(limit)s

-- name: tiles
SELECT number, hashes FROM {tile} WHERE level = 0 AND number >= %(start)s AND number < %(end)s

-- name: tile
SELECT hashes FROM {tile} WHERE level = %(level)s AND number = %(number)s

-- name: roots
-- The hashes of a level from the tiles below it.
SELECT root FROM {tile} WHERE level = %(level)s AND number >= %(start)s AND number < %(end)s ORDER BY number

-- name: leaves
-- Those of a tile that is not full, in order: each checkpoint has those that came with it.
SELECT leaves FROM {checkpoint} WHERE size > %(start)s AND size < %(end)s ORDER BY size, id

-- name: add_tile
INSERT INTO {tile} (level, number, hashes, root) VALUES (%(level)s, %(number)s, %(hashes)s, %(root)s)

-- name: add_checkpoint
INSERT INTO {checkpoint} (size, note, leaves) VALUES (%(size)s, %(note)s, %(leaves)s)

-- name: restorations
SELECT size, note FROM {restored} ORDER BY id

-- name: add_restored
INSERT INTO {restored} (size, note) VALUES (%(size)s, %(note)s)
