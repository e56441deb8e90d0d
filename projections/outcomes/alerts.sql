-- Statements of today's list. An alert of what is missing stands from its day on, in its program's zone; all others stand
-- as soon as they are known, because a measure's day, or the day in UTC of what is parked, may be ahead of the program's.

-- name: alerts
-- What is urgent first, then the oldest; the cursor says the same in text.
WITH clock AS MATERIALIZED ({clock}), keyed AS (
    SELECT {alert}, greatest(today - since, 0) AS age_days,
           concat_ws('~', CASE WHEN urgent THEN 0 ELSE 1 END, since, patient_id, kind, about, program_id) COLLATE "C" AS cursor
    FROM alert JOIN clock USING (program_id)
    WHERE (since <= today OR kind <> ALL(%(missing)s)) AND CASE WHEN %(cleared)s THEN standing = 'cleared'
                                  ELSE standing <> 'cleared' AND (until IS NULL OR today <= until) END
      AND (%(patients)s::text[] IS NULL OR patient_id = ANY(%(patients)s))
      AND (%(owner)s::text IS NULL OR owner_id = %(owner)s)
      AND (%(kind)s::text IS NULL OR kind = %(kind)s)
      AND (%(urgent)s::boolean IS NULL OR urgent = %(urgent)s)
)
SELECT * FROM keyed WHERE %(after)s::text IS NULL OR cursor > %(after)s ORDER BY cursor LIMIT %(limit)s

-- name: counts
WITH clock AS MATERIALIZED ({clock})
SELECT program_id, kind, count(*) AS alerts, count(DISTINCT patient_id) AS patients, count(*) FILTER (WHERE urgent) AS urgent,
       count(*) FILTER (WHERE taken_by IS NULL) AS not_taken, count(*) FILTER (WHERE owner_id IS NULL) AS without_owner,
       count(*) FILTER (WHERE left_on IS NOT NULL) AS left,
       greatest(max(today - since), 0) AS oldest_days
FROM alert JOIN clock USING (program_id)
WHERE (since <= today OR kind <> ALL(%(missing)s)) AND standing <> 'cleared' AND (until IS NULL OR today <= until)
GROUP BY program_id, kind ORDER BY program_id, kind

-- name: rows
-- One patient's rows of one of the tables of what people did.
SELECT {columns} FROM {table} WHERE patient_id = %(patient_id)s AND program_id = ANY(%(programs)s) ORDER BY position

-- name: raised
-- One patient's alerts, due or not, open or cleared.
SELECT {alert} FROM alert WHERE patient_id = %(patient_id)s AND program_id = ANY(%(programs)s)
