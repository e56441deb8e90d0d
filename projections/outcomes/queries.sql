-- Statements of the queries; each runs in the read model's schema. The clock holds each program that the caller may
-- see and its own day at `now`; joining it is the scope.

-- name: measures
-- One patient's measures, course by course, in order of time.
SELECT {measure} FROM measure
WHERE patient_id = %(patient_id)s AND program_id = ANY(%(programs)s)
  AND (%(instrument)s::text IS NULL OR instrument = %(instrument)s)
ORDER BY instrument, instrument_version, scale, program_id, enrollment_id NULLS FIRST, administered_on, administered_at,
    assessment_id

-- name: zones
-- The time zone that decides each program's days.
SELECT program_id, time_zone FROM program WHERE program_id = ANY(%(programs)s)

-- name: expected
-- What the program's own episodes that had ended before this patient's episode began came to, month by month; a course
-- without any such episode has no month. One measure of an episode speaks for a month.
WITH own AS (
    SELECT t.program_id, t.enrollment_id, t.instrument, t.instrument_version, t.scale,
           coalesce(e.admitted_on, e.referred_on) AS began_on
    FROM trend t JOIN episode e USING (patient_id, enrollment_id)
    WHERE t.patient_id = %(patient_id)s AND t.program_id = ANY(%(programs)s)
      AND (%(instrument)s::text IS NULL OR t.instrument = %(instrument)s)
), earlier AS (
    SELECT o.enrollment_id, o.instrument, o.instrument_version, o.scale, m.months_since_baseline AS month, m.score
    FROM own o JOIN measure m USING (program_id, instrument, instrument_version, scale)
    JOIN episode e ON (e.patient_id, e.enrollment_id) = (m.patient_id, m.enrollment_id)
    WHERE m.speaks_for_month AND e.discharged_on < o.began_on
)
SELECT o.program_id, o.enrollment_id, o.instrument, o.instrument_version, o.scale, o.began_on, m.month,
       count(m.score) AS n, avg(m.score)::float8 AS mean, stddev_samp(m.score)::float8 AS standard_deviation
FROM own o LEFT JOIN earlier m USING (enrollment_id, instrument, instrument_version, scale)
GROUP BY o.program_id, o.enrollment_id, o.instrument, o.instrument_version, o.scale, o.began_on, m.month
ORDER BY o.instrument, o.instrument_version, o.scale, o.program_id, o.began_on, o.enrollment_id, m.month

-- name: by_month
-- Every month at which anybody has a measure. Who is due is told by each row itself, so that measures and cohort are
-- joined as totals only: fast before any ANALYZE, too.
WITH clock AS MATERIALIZED ({clock}), taken AS (
    SELECT instrument_version, months_since_baseline AS point, score, score - baseline_score AS change,
           (administered_on - days_since_baseline + make_interval(months => months_since_baseline))::date <= today AS due
    FROM measure JOIN clock USING (program_id)
    WHERE instrument = %(instrument)s AND scale = %(scale)s AND speaks_for_month
), point AS (
    SELECT instrument_version, point, {statistics} FROM taken GROUP BY instrument_version, point
), cohort AS (
    SELECT t.instrument_version, point.point, count(*) AS cohort,
           count(*) FILTER (WHERE (t.baseline_on + make_interval(months => point.point))::date <= today) AS due
    FROM trend t JOIN point USING (instrument_version) JOIN clock USING (program_id)
    WHERE t.instrument = %(instrument)s AND t.scale = %(scale)s
    GROUP BY t.instrument_version, point.point
)
SELECT instrument_version, point::text, {point}
FROM point JOIN cohort c USING (instrument_version, point) ORDER BY instrument_version, point

-- name: by_occasion
-- Every occasion that anybody has a measure of. What follows a discharge is due once there was one.
WITH clock AS MATERIALIZED ({clock}), taken AS (
    SELECT instrument_version, occasion AS point, score, score - baseline_score AS change,
           occasion NOT IN ('discharge', 'follow_up') OR coalesce(e.discharged_on <= today, false) AS due
    FROM measure JOIN clock USING (program_id) LEFT JOIN episode e USING (patient_id, enrollment_id)
    WHERE instrument = %(instrument)s AND scale = %(scale)s AND speaks_for_occasion
), point AS (
    SELECT instrument_version, point, {statistics} FROM taken GROUP BY instrument_version, point
), cohort AS (
    SELECT t.instrument_version, point.point, count(*) AS cohort,
           count(*) FILTER (WHERE point.point NOT IN ('discharge', 'follow_up') OR e.discharged_on <= today) AS due
    FROM trend t JOIN point USING (instrument_version) JOIN clock USING (program_id)
    LEFT JOIN episode e USING (patient_id, enrollment_id)
    WHERE t.instrument = %(instrument)s AND t.scale = %(scale)s
    GROUP BY t.instrument_version, point.point
)
SELECT instrument_version, point, {point}
FROM point JOIN cohort c USING (instrument_version, point)
ORDER BY instrument_version, array_position('{{baseline,routine,discharge,follow_up}}'::text[], point::text)

-- name: comparison
-- Each program's baseline, last score and change, and how many of its open episodes were measured lately; a program
-- that never used the instrument shows its open episodes and no version.
WITH clock AS MATERIALIZED ({clock}), open_episode AS (
    SELECT patient_id, enrollment_id, program_id, today
    FROM episode JOIN clock USING (program_id)
    WHERE admitted_on <= today AND (discharged_on IS NULL OR discharged_on > today)
), used AS (
    SELECT program_id, instrument_version, count(*) AS episodes, count(change) AS measured_again,
           avg(baseline_score)::float8 AS baseline_mean,
           (avg(baseline_score) FILTER (WHERE measures > 1))::float8 AS baseline_mean_of_measured_again,
           (avg(last_score) FILTER (WHERE measures > 1))::float8 AS last_mean,
           (avg(last_score - baseline_score) FILTER (WHERE measures > 1))::float8 AS mean_change,
           count(*) FILTER (WHERE change_class = 'recovered') AS recovered,
           count(*) FILTER (WHERE change_class = 'improved') AS improved,
           count(*) FILTER (WHERE change_class = 'unchanged') AS unchanged,
           count(*) FILTER (WHERE change_class = 'deteriorated') AS deteriorated,
           count(*) FILTER (WHERE measures > 1 AND change_class IS NULL) AS not_judged,
           nullif(count(change_class), 0)::float8 AS judged
    FROM trend WHERE instrument = %(instrument)s AND scale = %(scale)s AND program_id = ANY(%(programs)s)
    GROUP BY program_id, instrument_version
), lately AS (
    SELECT o.program_id, m.instrument_version, count(DISTINCT (o.patient_id, o.enrollment_id)) AS measured_lately
    FROM open_episode o JOIN measure m USING (patient_id, enrollment_id)
    WHERE m.instrument = %(instrument)s AND m.scale = %(scale)s
      AND m.administered_on BETWEEN o.today - %(coverage_days)s::int AND o.today
    GROUP BY o.program_id, m.instrument_version
)
SELECT program_id, %(instrument)s AS instrument, u.instrument_version, %(scale)s::text AS scale, coalesce(u.episodes, 0) AS episodes,
       coalesce(u.measured_again, 0) AS measured_again, u.baseline_mean, u.baseline_mean_of_measured_again, u.last_mean,
       u.mean_change, coalesce(u.recovered, 0) AS recovered, coalesce(u.improved, 0) AS improved, coalesce(u.unchanged, 0) AS unchanged,
       coalesce(u.deteriorated, 0) AS deteriorated, coalesce(u.not_judged, 0) AS not_judged,
       u.recovered / u.judged AS share_recovered, u.improved / u.judged AS share_improved, u.unchanged / u.judged AS share_unchanged,
       u.deteriorated / u.judged AS share_deteriorated, coalesce(o.open_episodes, 0) AS open_episodes,
       coalesce(l.measured_lately, 0) AS measured_lately, coalesce(l.measured_lately, 0) / o.open_episodes::float8 AS coverage,
       %(coverage_days)s::int AS coverage_days
FROM used u FULL JOIN (SELECT program_id, count(*) AS open_episodes FROM open_episode GROUP BY program_id) o USING (program_id)
LEFT JOIN lately l USING (program_id, instrument_version)
ORDER BY program_id, u.instrument_version
