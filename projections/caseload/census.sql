-- name: census
-- Program by week. Everything is counted from rows that carry days of the program's own zone.
WITH week AS (
    SELECT p.program_id, w::date AS monday, w::date + 6 AS sunday,
           (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date AS today
    FROM program p
    CROSS JOIN generate_series(date_trunc('week', %(first)s::date), date_trunc('week', %(last)s::date), '7 days') w
    WHERE p.program_id = ANY(%(programs)s)
), movement AS (
    SELECT w.program_id, w.monday,
           count(*) FILTER (WHERE e.referred_on BETWEEN w.monday AND w.sunday) AS referrals,
           count(*) FILTER (WHERE e.admitted_on BETWEEN w.monday AND w.sunday) AS admissions,
           count(*) FILTER (WHERE e.admitted_on IS NOT NULL AND e.left_week) AS discharges,
           count(*) FILTER (WHERE e.admitted_on IS NULL AND e.left_week) AS referrals_closed,
           count(*) FILTER (WHERE e.admitted_on <= w.sunday
                              AND (e.discharged_on IS NULL OR e.discharged_on > w.sunday)) AS census,
           avg(e.days) FILTER (WHERE e.left_week) AS length_of_stay_mean,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY e.days) FILTER (WHERE e.left_week) AS length_of_stay_median
    FROM week w
    JOIN LATERAL (
        SELECT e.*, coalesce(e.discharged_on BETWEEN w.monday AND w.sunday, false) AS left_week,
               e.discharged_on - e.admitted_on + 1 AS days
        FROM episode e WHERE e.program_id = w.program_id
    ) e ON true
    GROUP BY w.program_id, w.monday
), reason AS (
    SELECT program_id, monday, jsonb_object_agg(discharge_reason, n) AS discharges_by_reason
    FROM (
        SELECT w.program_id, w.monday, e.discharge_reason, count(*) AS n
        FROM week w
        JOIN episode e ON e.program_id = w.program_id AND e.discharged_on BETWEEN w.monday AND w.sunday
        WHERE e.admitted_on IS NOT NULL
        GROUP BY w.program_id, w.monday, e.discharge_reason
    ) counted
    GROUP BY program_id, monday
), meeting AS (
    SELECT w.program_id, w.monday,
           count(*) FILTER (WHERE s.state = 'closed') AS sessions_held,
           count(*) FILTER (WHERE s.state = 'cancelled') AS sessions_cancelled
    FROM week w
    JOIN session s ON s.program_id = w.program_id AND s.service_date BETWEEN w.monday AND w.sunday
    GROUP BY w.program_id, w.monday
), presence AS (
    SELECT w.program_id, w.monday,
           count(*) FILTER (WHERE a.state = 'attended' AND s.state = 'closed') AS attended,
           count(*) FILTER (WHERE a.state IN ('absent', 'absent_excused') AND s.state = 'closed') AS absent,
           count(*) FILTER (WHERE a.state = 'absent_excused' AND s.state = 'closed') AS excused,
           coalesce(sum(a.scheduled_minutes) FILTER (WHERE s.ends_at::timestamptz <= %(now)s::timestamptz), 0) AS scheduled_minutes,
           coalesce(sum(a.minutes) FILTER (WHERE s.state = 'closed'), 0) AS delivered_minutes
    FROM week w
    JOIN session s ON s.program_id = w.program_id AND s.service_date BETWEEN w.monday AND w.sunday
    JOIN attendance a ON a.session_id = s.session_id
    GROUP BY w.program_id, w.monday
), keyed AS (
    SELECT w.*, (w.monday || ' ' || w.program_id) COLLATE "C" AS cursor FROM week w
)
SELECT k.program_id, k.monday AS week, k.today > k.sunday AS complete, k.cursor,
       coalesce(m.referrals, 0) AS referrals, coalesce(m.admissions, 0) AS admissions,
       coalesce(m.discharges, 0) AS discharges, coalesce(r.discharges_by_reason, '{}'::jsonb) AS discharges_by_reason,
       coalesce(m.referrals_closed, 0) AS referrals_closed, coalesce(m.census, 0) AS census,
       m.length_of_stay_mean, m.length_of_stay_median,
       coalesce(t.sessions_held, 0) AS sessions_held, coalesce(t.sessions_cancelled, 0) AS sessions_cancelled,
       coalesce(a.attended, 0) AS attended, coalesce(a.absent, 0) AS absent,
       round(100.0 * a.attended / nullif(a.attended + a.absent, 0), 1) AS attendance_rate,
       round(100.0 * a.excused / nullif(a.absent, 0), 1) AS excused_share,
       coalesce(a.scheduled_minutes, 0) AS scheduled_minutes, coalesce(a.delivered_minutes, 0) AS delivered_minutes
FROM keyed k
LEFT JOIN movement m USING (program_id, monday)
LEFT JOIN reason r USING (program_id, monday)
LEFT JOIN meeting t USING (program_id, monday)
LEFT JOIN presence a USING (program_id, monday)
WHERE %(after)s::text IS NULL OR k.cursor > %(after)s
ORDER BY k.cursor
LIMIT %(limit)s

