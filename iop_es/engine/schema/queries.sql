-- name: append
-- The reply of each command.
SELECT * FROM {schema}.append(
    %(streams)b::uuid[], %(versions)b::bigint[], %(topics)b::text[], %(states)b::bytea[], %(sealeds)b::bytea[], %(contexts)b::bytea[],
    %(occurred)b::timestamptz[], %(actors)b::uuid[], %(pair_facts)b::int[], %(pair_patients)b::uuid[], %(pair_aliases)b::uuid[],
    %(key_names)b::text[], %(key_bodies)b::bytea[], %(key_facts)b::int[], %(key_streams)b::uuid[],
    %(release_kinds)b::text[], %(release_keys)b::text[], %(release_streams)b::uuid[],
    %(claim_kinds)b::text[], %(claim_keys)b::text[], %(claim_streams)b::uuid[], %(given_at)s::timestamptz)

-- name: standing
-- The head, beside the first replies of keys and the bodies that they were given for: one row of NULLs if none is known.
SELECT h.position, to_char(h.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), h.name, h.simulation,
       i.key, i.first, i.last, to_char(coalesce(f.recorded_at, 'epoch') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       i.stream::text, i.version, i.body
FROM {schema}.log_head h
LEFT JOIN ({schema}.idempotency i LEFT JOIN {schema}.fact f ON f.position = i.last) ON i.key = ANY(%(keys)s::text[])

-- name: head
SELECT position, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), name, simulation FROM {schema}.log_head

-- name: holders
SELECT key, stream::text FROM {schema}.reservation WHERE kind = %(kind)s AND key = ANY(%(keys)s::text[])

-- name: sharing
-- Other streams that hold reservations under the keys of these (NULL: of any), and from which position on both did.
SELECT a.kind, a.stream::text, b.stream::text, greatest(a.position, b.position)
FROM {schema}.reservation a
JOIN {schema}.reservation b ON split_part(b.key, ':', 1) = split_part(a.key, ':', 1) AND b.kind = a.kind
WHERE starts_with(a.kind, 'shared:') AND starts_with(b.kind, 'shared:') AND b.stream <> a.stream
  AND (%(streams)s::uuid[] IS NULL OR a.stream = ANY(%(streams)s::uuid[]))

-- name: position_at
SELECT {schema}.position_at(%(moment)s::timestamptz)

-- name: columns
-- The columns of a StoredFact but its patients, of fact f; the context is large, and few who read many facts look at it.
f.position, f.stream::text, f.version, f.topic, f.state, CASE WHEN {opened} THEN f.sealed END,
CASE WHEN %(with_context)s::boolean OR ({opened} AND f.sealed IS NOT NULL) THEN f.context ELSE '' END,
f.stamp

-- name: opened
-- Whether the sealed part of fact f is read.
(%(with_sealed)s::boolean AND (%(sealed_of)s::text[] IS NULL OR split_part(f.topic, '@', 1) = ANY(%(sealed_of)s::text[])))

-- name: patients
-- The patients of fact f, in byte order of their aliases.
ARRAY(SELECT a.patient_id::text FROM {schema}.fact_patient a WHERE a.position = f.position ORDER BY a.alias)

-- name: streams
SELECT {columns}, CASE WHEN %(with_patients)s THEN {patients} ELSE '{{}}' END FROM {schema}.fact f
WHERE f.stream = ANY(%(ids)s::uuid[]) ORDER BY f.stream, f.version

-- name: after
SELECT {columns}, {patients} FROM {schema}.fact f
WHERE f.position > %(position)s::bigint AND f.position <= coalesce(%(upto)s::bigint, 9223372036854775807)
ORDER BY f.position LIMIT %(limit)s::bigint

-- name: between
SELECT {columns} FROM {schema}.fact f WHERE f.position BETWEEN %(first)s::bigint AND %(last)s::bigint ORDER BY f.position

-- name: patients_between
SELECT patient_id::text, array_agg(position) FROM {schema}.fact_patient
WHERE position BETWEEN %(first)s::bigint AND %(last)s::bigint GROUP BY patient_id ORDER BY patient_id

-- name: at
SELECT {columns}, {patients} FROM {schema}.fact f WHERE f.position = ANY(%(positions)s::bigint[]) ORDER BY f.position

-- name: patients_of
SELECT DISTINCT a.patient_id::text FROM {schema}.fact f JOIN {schema}.fact_patient a ON a.position = f.position
WHERE f.stream = ANY(%(streams)s::uuid[]) AND f.position <= coalesce(%(upto)s::bigint, 9223372036854775807) ORDER BY 1

-- name: knows_patient
SELECT EXISTS (SELECT FROM {schema}.fact_patient WHERE patient_id = %(patient)s::text::uuid)

-- name: told_of_patient
-- One row of three answers whoever it is, so that how much there is about somebody cannot be told from outside.
SELECT EXISTS (SELECT FROM {schema}.fact_patient p WHERE p.patient_id = w.id AND p.position <= w.upto),
       EXISTS (SELECT FROM {schema}.fact_patient p JOIN {schema}.fact f ON f.position = p.position
               WHERE p.patient_id = w.id AND p.position <= w.upto AND split_part(f.topic, '@', 1) = %(name)s),
       EXISTS (SELECT FROM {schema}.fact_patient p JOIN {schema}.fact f ON f.position = p.position
               WHERE p.patient_id = w.id AND p.position <= w.upto AND split_part(f.topic, '@', 1) = %(name)s
                 AND EXISTS (SELECT FROM unnest(%(said)s::bytea[]) said WHERE position(said IN f.state) > 0))
FROM (SELECT %(patient)s::text::uuid AS id, coalesce(%(upto)s::bigint, 9223372036854775807) AS upto) w

-- name: of_patient
SELECT {columns}, ARRAY[%(patient)s::text] FROM {schema}.fact_patient p JOIN {schema}.fact f ON f.position = p.position
WHERE p.patient_id = %(patient)s::text::uuid AND p.position <= coalesce(%(upto)s::bigint, 9223372036854775807) ORDER BY p.n

-- name: patients_in
SELECT patient_id::text, array_agg(position) FROM {schema}.fact_patient
WHERE patient_id BETWEEN %(first)s::uuid AND %(last)s::uuid AND position <= coalesce(%(upto)s::bigint, 9223372036854775807)
GROUP BY patient_id ORDER BY patient_id

-- name: of_patients
-- By all their positions at once: in an array, one way through the index, and in a join one for each.
SELECT {columns} FROM {schema}.fact f
WHERE f.position = ANY(ARRAY(
    SELECT position FROM {schema}.fact_patient WHERE patient_id BETWEEN %(first)s::uuid AND %(last)s::uuid
        AND position <= coalesce(%(upto)s::bigint, 9223372036854775807)))
  AND (%(names)s::text[] IS NULL OR split_part(f.topic, '@', 1) = ANY(%(names)s::text[]))
ORDER BY f.position

-- name: about
-- One row for each fact and each of these patients that it is about, patient by patient: put in order of position here,
-- the planner would walk through the whole log for it.
SELECT {columns}, p.patient_id::text FROM {schema}.fact_patient p JOIN {schema}.fact f ON f.position = p.position
WHERE p.patient_id = ANY(%(patients)s::uuid[]) AND p.position <= coalesce(%(upto)s::bigint, 9223372036854775807)
  AND split_part(f.topic, '@', 1) = ANY(%(names)s::text[])
ORDER BY p.patient_id, p.n

-- name: latest_of_patients
-- Back through each patient's own facts, and no further than it takes. What is said is found among the bytes, which are
-- never taken apart here: a damaged fact says nothing and stops nobody.
SELECT {columns}, ARRAY[p.patient_id::text]
FROM unnest(%(patients)s::uuid[]) AS wanted (patient_id)
CROSS JOIN LATERAL (
    SELECT one.patient_id, one.position FROM {schema}.fact_patient one JOIN {schema}.fact f ON f.position = one.position
    WHERE one.patient_id = wanted.patient_id AND split_part(f.topic, '@', 1) = ANY(%(names)s::text[])
      AND EXISTS (SELECT FROM unnest(%(said)s::bytea[]) said WHERE position(said IN f.state) > 0) AND f.stream <> ALL(%(apart)s::uuid[])
    ORDER BY one.n DESC LIMIT %(limit)s
) p JOIN {schema}.fact f ON f.position = p.position
ORDER BY f.position

-- name: first_of_streams
SELECT {columns}, {patients} FROM {schema}.fact f WHERE f.stream = ANY(%(ids)s::uuid[]) AND f.version = 1

-- name: last_of_streams
SELECT DISTINCT ON (f.stream) {columns}, ARRAY[]::text[] FROM {schema}.fact f
WHERE f.stream = ANY(%(ids)s::uuid[]) AND split_part(f.topic, '@', 1) = ANY(%(names)s::text[]) ORDER BY f.stream, f.version DESC

-- name: of_streams
-- Stream by stream, for the same reason as in `about`.
SELECT {columns} FROM {schema}.fact f
WHERE f.stream BETWEEN %(first)s::uuid AND %(last)s::uuid AND f.position <= coalesce(%(upto)s::bigint, 9223372036854775807)
ORDER BY f.stream, f.version

-- name: patients_at
SELECT patient_id::text, array_agg(position) FROM {schema}.fact_patient
WHERE position = ANY(%(positions)s::bigint[]) GROUP BY patient_id ORDER BY patient_id

-- name: by_topics
SELECT {columns}, {patients} FROM {schema}.fact f
WHERE split_part(f.topic, '@', 1) = ANY(%(names)s::text[]) AND f.position > %(position)s::bigint
  AND f.position <= coalesce(%(upto)s::bigint, 9223372036854775807)
ORDER BY f.position
