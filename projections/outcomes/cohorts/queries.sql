-- Statements about cohorts; each runs in the read model's schema.

-- name: members
-- Every episode admitted until today in its program's zone, with its course on the asked scale (one row for each version
-- that it was measured with) and its attendance. A discharge that lies ahead has not come. `today` is an earlier day
-- where one is asked for.
WITH clock AS MATERIALIZED (
    SELECT DISTINCT asked.program_id, coalesce(
               %(through)s::date, (%(now)s::timestamptz AT TIME ZONE coalesce(program.time_zone, 'UTC'))::date
           ) AS today
    FROM unnest(%(programs)s::text[]) AS asked (program_id) LEFT JOIN program USING (program_id)
), course AS ({course})
SELECT e.patient_id, e.enrollment_id, e.program_id, e.payer_id, e.admitted_level, e.diagnosis, e.admitted_on,
       CASE WHEN e.discharged_on <= today THEN coalesce(e.ended, 'other') ELSE 'in_care' END AS ended,
       least(e.discharged_on, today) - e.admitted_on AS days,
       t.instrument_version, t.measures, t.baseline_score, t.last_score, t.change_class,
       a.planned_minutes, a.attended_minutes
FROM episode e JOIN clock USING (program_id)
LEFT JOIN course t ON t.patient_id = e.patient_id AND t.enrollment_id = e.enrollment_id
LEFT JOIN attended a ON a.patient_id = e.patient_id AND a.enrollment_id = e.enrollment_id
WHERE e.admitted_on <= today
  AND (%(payer_id)s::text IS NULL OR e.payer_id = %(payer_id)s)
  AND (%(level_of_care)s::text IS NULL OR e.admitted_level = %(level_of_care)s)
  AND (%(admitted_from)s::date IS NULL OR e.admitted_on >= %(admitted_from)s)
  AND (%(admitted_through)s::date IS NULL OR e.admitted_on <= %(admitted_through)s)
ORDER BY e.patient_id, e.enrollment_id

-- name: course
-- Each episode's course as it stands.
SELECT patient_id, enrollment_id, instrument_version, measures, baseline_score, last_score, change_class
FROM trend WHERE instrument = %(instrument)s AND scale = %(scale)s

-- name: course_through
-- The same as of the day: most courses were over by then, the others are told by their measures up to it.
SELECT patient_id, enrollment_id, instrument_version, measures, baseline_score, last_score, change_class
FROM trend JOIN clock USING (program_id)
WHERE instrument = %(instrument)s AND scale = %(scale)s AND last_on <= today
UNION ALL (
    SELECT DISTINCT ON (m.patient_id, m.enrollment_id, m.instrument_version)
           m.patient_id, m.enrollment_id, m.instrument_version,
           count(*) OVER (PARTITION BY m.patient_id, m.enrollment_id, m.instrument_version), m.baseline_score, m.score,
           m.change_class
    FROM trend t JOIN clock USING (program_id)
    JOIN measure m USING (patient_id, enrollment_id, program_id, instrument, instrument_version, scale)
    WHERE t.instrument = %(instrument)s AND t.scale = %(scale)s AND t.last_on > today AND t.baseline_on <= today
        AND m.months_since_baseline IS NOT NULL AND m.administered_on <= today
    ORDER BY m.patient_id, m.enrollment_id, m.instrument_version, m.administered_on DESC, m.administered_at DESC,
        m.assessment_id DESC
)
