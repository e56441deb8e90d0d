-- name: facts
-- What a leaf is made of, and the copies beside it, times in microseconds since 2000.
SELECT position, uuid_send(stream), version, state, sealed, context, stamp,
       topic, timestamptz_send(recorded_at), timestamptz_send(occurred_at), uuid_send(actor)
FROM {schema}.fact WHERE position > %(position)s AND position <= %(upto)s ORDER BY position

-- name: index
SELECT position, patient_id::text, convert_to(alias || ' ' || n || E'\n', 'UTF8')
FROM {schema}.fact_patient WHERE position > %(position)s AND position <= %(upto)s ORDER BY position, alias

-- name: streams
-- A stream begins at 1 (or 0, as the library's may) and has every version since.
SELECT stream::text, count(*), max(version) FROM {schema}.fact GROUP BY stream
HAVING count(*) <> max(version) - min(version) + 1 OR min(version) NOT IN (0, 1) LIMIT 1000

-- name: beyond
-- Entries about facts that are not there yet.
SELECT DISTINCT position FROM {schema}.fact_patient
WHERE position > (SELECT coalesce(max(position), 0) FROM {schema}.fact) ORDER BY 1 LIMIT 1000

-- name: patients
SELECT patient_id::text, count(*), max(n) FROM {schema}.fact_patient GROUP BY patient_id
HAVING count(*) <> max(n) OR min(n) <> 1 LIMIT 1000
