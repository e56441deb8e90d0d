-- name: current
-- The last key of each of these subjects.
SELECT DISTINCT ON (subject) subject, number, key_id, wrapped, wrapped_by FROM {keys}.subject_key
WHERE subject = ANY(%(subjects)s::text[]) ORDER BY subject, number DESC

-- name: by_id
-- Keys, and of each whether it is the one that seals for its subject.
SELECT k.subject, k.number, k.key_id, k.wrapped, k.wrapped_by, k.wrapped IS NOT NULL
   AND NOT EXISTS (SELECT FROM {keys}.subject_key later WHERE later.subject = k.subject AND later.number > k.number)
FROM {keys}.subject_key k WHERE k.key_id = ANY(%(ids)s::bytea[])

-- name: of_subjects
SELECT subject, number, key_id, wrapped, wrapped_by FROM {keys}.subject_key
WHERE subject = ANY(%(subjects)s::text[]) ORDER BY subject, number

-- name: add
-- Of several who make a subject's next key, one does; the ids of those that were made.
INSERT INTO {keys}.subject_key (subject, number, key_id, wrapped, wrapped_by)
SELECT * FROM unnest(%(subjects)s::text[], %(numbers)s::int[], %(ids)s::bytea[], %(wrapped)s::bytea[], %(by)s::text[])
ON CONFLICT DO NOTHING RETURNING key_id

-- name: empty
SELECT NOT EXISTS (SELECT FROM {keys}.subject_key)

-- name: wrapped_otherwise
-- Keys that another master key than this one wraps, some at a time.
SELECT subject, number, key_id, wrapped, wrapped_by FROM {keys}.subject_key
WHERE wrapped IS NOT NULL AND wrapped_by <> %(by)s AND (subject, number) > (%(subject)s, %(number)s)
ORDER BY subject, number LIMIT 500

-- name: rewrap
UPDATE {keys}.subject_key k SET wrapped = n.wrapped, wrapped_by = %(by)s
FROM unnest(%(ids)s::bytea[], %(wrapped)s::bytea[]) AS n (key_id, wrapped)
WHERE k.key_id = n.key_id AND k.wrapped IS NOT NULL

-- name: subjects_after
-- Subjects with a key that is not destroyed, some at a time.
SELECT DISTINCT subject FROM {keys}.subject_key WHERE wrapped IS NOT NULL AND subject > %(subject)s ORDER BY subject LIMIT 500

-- name: destroy
UPDATE {keys}.subject_key SET wrapped = NULL, destroyed_at = clock_timestamp()
WHERE key_id = ANY(%(ids)s::bytea[]) AND wrapped IS NOT NULL

-- name: destroyed
SELECT count(*) FROM {keys}.subject_key WHERE destroyed_at IS NOT NULL

-- name: lost
-- Facts whose key there is no row of, not even a destroyed one: a table of keys from an older backup, or another log's.
SELECT count(*) FROM {log}.fact f WHERE f.sealed IS NOT NULL
AND NOT EXISTS (SELECT FROM {keys}.subject_key k WHERE k.key_id = substring(f.sealed FROM 5 FOR 16))

-- name: counts
SELECT split_part(subject, ':', 1) AS kind, count(DISTINCT subject), count(*), count(*) - count(wrapped)
FROM {keys}.subject_key GROUP BY 1 ORDER BY 1

-- name: counts_by_master
SELECT wrapped_by, count(*) FROM {keys}.subject_key WHERE wrapped IS NOT NULL GROUP BY 1 ORDER BY 1
