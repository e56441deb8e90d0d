-- name: sessions
-- Sessions of the programs on a day (without one: today in each program's zone), in order of planned start.
SELECT s.session_id, s.program_id, s.group_id, s.service_kind, s.level_of_care, s.topic, s.service_date, s.starts_at,
       s.ends_at, s.modality, s.facilitators, s.state, s.started_at, s.ended_at, s.cancel_cause, s.head_count,
       s.peak_count, s.version, s.starts_at || ' ' || s.session_id AS cursor
FROM session s
JOIN program p ON p.program_id = s.program_id
WHERE s.program_id = ANY(%(programs)s)
  AND (%(session_id)s::text IS NULL OR s.session_id = %(session_id)s)
  AND (%(session_id)s::text IS NOT NULL
       OR s.service_date = coalesce(%(on)s::date, (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date))
  AND (%(clinician)s::text IS NULL OR %(clinician)s = ANY(s.facilitators))
  AND (%(after)s::text IS NULL OR (s.starts_at || ' ' || s.session_id) COLLATE "C" > %(after)s)
ORDER BY (s.starts_at || ' ' || s.session_id) COLLATE "C"
LIMIT %(limit)s

-- name: rosters
SELECT a.session_id, a.attendance_id, a.patient_id, a.enrollment_id, a.state, a.cause, a.arrived_at, a.left_at,
       a.minutes, a.modality, a.corrected, p.name_fact, p.name_version, p.sealed_name
FROM attendance a
LEFT JOIN patient p ON p.patient_id = a.patient_id
WHERE a.session_id = ANY(%(sessions)s)

-- name: wanted
-- What the payer who pays first for each patient on a day wants of notes.
SELECT asked.patient_id, asked.day, w.signature_hours, w.signature_business_days, w.signature_unverified,
       w.note_sections, w.every_facilitator_signs
FROM unnest(%(patients)s::text[], %(days)s::date[]) AS asked (patient_id, day)
CROSS JOIN LATERAL payer_wanted_on(asked.patient_id, asked.day) w

-- name: zones
SELECT program_id, time_zone FROM program WHERE program_id = ANY(%(programs)s)

-- name: closures
SELECT program_id, closed_from, closed_through FROM program_closure WHERE program_id = ANY(%(programs)s)

-- name: attended
-- Who came; while a session was not closed, who is to come or is there.
SELECT session_id, patient_id FROM attendance
WHERE session_id = ANY(%(sessions)s) AND state NOT IN ('absent', 'absent_excused')

-- name: closed_sessions
-- Closed sessions of the programs on a day (without one: today in each program's zone), and those that should be, in
-- order of their end: the actual one, else the planned one that is past.
SELECT s.session_id, s.program_id, s.service_kind, s.topic, s.service_date, s.facilitators, s.version,
       coalesce(s.ended_at, s.ends_at) AS ended_at, s.state = 'closed' AS closed,
       coalesce(s.ended_at, s.ends_at) || ' ' || s.session_id AS cursor
FROM session s
JOIN program p ON p.program_id = s.program_id
WHERE s.program_id = ANY(%(programs)s)
  AND (s.state = 'closed' OR (s.state IN ('scheduled', 'started') AND s.ends_at < %(now)s))
  AND (%(session_id)s::text IS NULL OR s.session_id = %(session_id)s)
  AND (%(session_id)s::text IS NOT NULL
       OR s.service_date = coalesce(%(on)s::date, (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date))
  AND (%(clinician)s::text IS NULL OR %(clinician)s = ANY(s.facilitators))
  AND (%(after)s::text IS NULL OR (coalesce(s.ended_at, s.ends_at) || ' ' || s.session_id) COLLATE "C" > %(after)s)
ORDER BY (coalesce(s.ended_at, s.ends_at) || ' ' || s.session_id) COLLATE "C"
LIMIT %(limit)s

-- name: parts
-- Everybody who came, or is to have come while nobody closed the session, each with the document that says most: signed before waiting before draft. What counts as one is
-- what counts in `documents`.
SELECT a.session_id, a.attendance_id, a.patient_id, n.note_id, n.kind, n.state, n.author_id, n.facilitators, n.sections,
       n.names_goal, n.untouched, n.template_version,
       cosigner_of(n.author_id, n.supervisor_id, n.service_date, left(%(now)s, 10)::date) AS supervisor_id
FROM attendance a
JOIN session s ON s.session_id = a.session_id
LEFT JOIN LATERAL (
    SELECT o.* FROM (
        SELECT * FROM note WHERE attendance_id = a.attendance_id
        UNION SELECT * FROM note WHERE session_id = a.session_id AND patient_id = a.patient_id
        UNION SELECT * FROM note WHERE patient_id = a.patient_id AND program_id = s.program_id
                                   AND service_date = s.service_date AND kind = 'daily' AND session_id IS NULL
    ) o
    WHERE o.state <> 'entered_in_error'
    ORDER BY array_position(ARRAY['signed', 'awaiting_cosignature', 'draft', 'returned'], o.state), o.note_id LIMIT 1
) n ON true
WHERE a.session_id = ANY(%(sessions)s) AND a.state NOT IN ('absent', 'absent_excused')
ORDER BY a.session_id, a.attendance_id

-- name: narratives
SELECT DISTINCT ON (n.session_id) n.session_id, n.note_id, n.kind, n.state, n.author_id, n.facilitators, n.sections,
       n.names_goal, n.untouched, n.template_version,
       cosigner_of(n.author_id, n.supervisor_id, n.service_date, left(%(now)s, 10)::date) AS supervisor_id
FROM note n
WHERE n.session_id = ANY(%(sessions)s) AND n.kind = 'group_narrative' AND n.state <> 'entered_in_error'
ORDER BY n.session_id, array_position(ARRAY['signed', 'awaiting_cosignature', 'draft', 'returned'], n.state), n.note_id

-- name: due
-- What runs out in open episodes by a day; of the authorizations for today's level, each payer's latest counts.
WITH open_episode AS (
    SELECT e.enrollment_id, e.patient_id, e.program_id, e.attending_id, e.review_due_on, e.certified_through, t.today,
           (SELECT l.level_of_care FROM episode_level l
            WHERE l.enrollment_id = e.enrollment_id AND l.effective_on <= t.today
            ORDER BY l.effective_on DESC LIMIT 1) AS level_of_care
    FROM episode e
    JOIN program p ON p.program_id = e.program_id
    CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date AS today) t
    WHERE e.program_id = ANY(%(programs)s) AND e.admitted_on IS NOT NULL AND e.discharged_on IS NULL
), latest AS (
    SELECT DISTINCT ON (z.enrollment_id, z.payer_id) z.*
    FROM "authorization" z
    JOIN open_episode e ON e.enrollment_id = z.enrollment_id AND e.level_of_care = z.level_of_care
    WHERE z.state = 'approved'
    ORDER BY z.enrollment_id, z.payer_id, z.valid_through DESC, z.authorization_id
), due AS (
    SELECT 'plan_review' AS kind, e.*, e.review_due_on AS due_on, NULL AS authorization_id, NULL AS payer_id
    FROM open_episode e WHERE e.review_due_on IS NOT NULL
    UNION ALL
    SELECT 'certification', e.*, e.certified_through, NULL, NULL
    FROM open_episode e WHERE e.certified_through IS NOT NULL
    UNION ALL
    SELECT 'authorization', e.*, z.valid_through, z.authorization_id, z.payer_id
    FROM open_episode e JOIN latest z ON z.enrollment_id = e.enrollment_id
), keyed AS (
    SELECT due.*, due_on - today AS days_left,
           (due_on || ' ' || kind || ' ' || enrollment_id || coalesce(' ' || payer_id, '')) COLLATE "C" AS cursor
    FROM due
)
SELECT kind, due_on, days_left, patient_id, enrollment_id, program_id, attending_id, authorization_id, payer_id, cursor
FROM keyed
WHERE days_left <= %(within_days)s AND (%(after)s::text IS NULL OR cursor > %(after)s)
ORDER BY cursor
LIMIT %(limit)s

-- name: patients
-- Open episodes with an admission, in order of admission.
WITH keyed AS (
    SELECT e.*, (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date AS today,
           (e.admitted_on || ' ' || e.enrollment_id) COLLATE "C" AS cursor
    FROM episode e
    JOIN program p ON p.program_id = e.program_id
    WHERE e.program_id = ANY(%(programs)s) AND e.admitted_on IS NOT NULL AND e.discharged_on IS NULL
)
SELECT k.patient_id, k.enrollment_id, k.program_id, k.admitted_on, k.attending_id, k.discharge_planned_on, k.cursor,
       q.name_fact, q.name_version, q.sealed_name, v.level_of_care, l.leave_id, l.started_on, l.expected_return_on
FROM keyed k
LEFT JOIN patient q ON q.patient_id = k.patient_id
LEFT JOIN LATERAL (
    SELECT level_of_care FROM episode_level
    WHERE enrollment_id = k.enrollment_id AND effective_on <= k.today ORDER BY effective_on DESC LIMIT 1
) v ON true
LEFT JOIN LATERAL (
    SELECT leave_id, started_on, expected_return_on FROM episode_leave
    WHERE enrollment_id = k.enrollment_id AND started_on <= k.today AND (returned_on IS NULL OR returned_on > k.today)
    ORDER BY started_on DESC, leave_id LIMIT 1
) l ON true
WHERE %(after)s::text IS NULL OR k.cursor > %(after)s
ORDER BY k.cursor
LIMIT %(limit)s

-- name: waiting
-- Referred, neither admitted nor discharged, the longest waiting first.
WITH keyed AS (
    SELECT e.patient_id, e.enrollment_id, e.program_id, e.referred_on, e.referral_source AS source,
           (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date - e.referred_on AS age_days,
           (e.referred_on || ' ' || e.enrollment_id) COLLATE "C" AS cursor
    FROM episode e
    JOIN program p ON p.program_id = e.program_id
    WHERE e.program_id = ANY(%(programs)s) AND e.admitted_on IS NULL AND e.discharged_on IS NULL
)
SELECT k.*, q.name_fact, q.name_version, q.sealed_name
FROM keyed k
LEFT JOIN patient q ON q.patient_id = k.patient_id
WHERE %(after)s::text IS NULL OR k.cursor > %(after)s
ORDER BY k.cursor
LIMIT %(limit)s

-- name: groups
-- Groups formed by a day (without one: today in each program's zone).
WITH keyed AS (
    SELECT g.*, coalesce(%(on)s::date, (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date) AS day
    FROM care_group g
    JOIN program p ON p.program_id = g.program_id
    WHERE g.program_id = ANY(%(programs)s)
)
SELECT group_id, program_id, day AS "on", topic, service_kind, capacity, version, group_id AS cursor
FROM keyed
WHERE formed_on <= day AND (%(after)s::text IS NULL OR group_id > %(after)s)
ORDER BY group_id
LIMIT %(limit)s

-- name: seats
SELECT l.group_id, l.patient_id, l.enrollment_id, l.effective_from, l.effective_through, l.cause, l.over_capacity,
       e.discharged_on, q.name_fact, q.name_version, q.sealed_name
FROM group_place l
LEFT JOIN episode e ON e.enrollment_id = l.enrollment_id
LEFT JOIN patient q ON q.patient_id = l.patient_id
WHERE l.group_id = ANY(%(groups)s)

-- name: series
SELECT group_id, series_id, effective_from, effective_through, weekdays, starts, minutes
FROM group_series WHERE group_id = ANY(%(groups)s) ORDER BY group_id, series_id, effective_from

-- name: leads
SELECT group_id, clinician_id, effective_from FROM group_facilitator
WHERE group_id = ANY(%(groups)s) ORDER BY group_id, effective_from, clinician_id

-- name: substitutes
SELECT group_id, substitute_on, clinician_id, in_place_of FROM group_substitute WHERE group_id = ANY(%(groups)s)

-- name: notes
-- Documents about a patient or of a session, in order of the end of the service; no words of them are here.
WITH keyed AS (
    SELECT n.*, (n.service_ended_at || ' ' || n.note_id) COLLATE "C" AS cursor
    FROM note n
    WHERE n.program_id = ANY(%(programs)s)
      AND (%(patient_id)s::text IS NULL OR n.patient_id = %(patient_id)s)
      AND (%(session_id)s::text IS NULL OR n.session_id = %(session_id)s)
)
SELECT note_id, kind, state, program_id, author_id, patient_id, enrollment_id, session_id, attendance_id, narrative_id,
       service_date, signed_at, supervisor_id, cosigned_at, facilitators, patient_answer, signed_position, version,
       cursor
FROM keyed
WHERE %(after)s::text IS NULL OR cursor > %(after)s
ORDER BY cursor
LIMIT %(limit)s

-- name: amendments
SELECT note_id, amendment_id, kind, section, author_id, signed_at, recorded_at, position
FROM note_amendment WHERE note_id = ANY(%(notes)s) ORDER BY note_id, position

-- name: note_ids_of_session
SELECT note_id FROM note WHERE session_id = %(session_id)s

-- name: has_session
SELECT true AS found FROM session WHERE session_id = %(session_id)s AND program_id = ANY(%(programs)s)

-- name: programs
SELECT program_id, code, level_of_care, focus, population, time_zone, opened_on, closed_on
FROM program WHERE program_id = ANY(%(programs)s) ORDER BY code, program_id

-- name: clinicians
-- Who works in the programs, each with today's supervisor and the credentials ever recorded; today is UTC's.
SELECT c.clinician_id, c.name_fact, c.name_version, c.sealed_name, c.discipline, c.associate, c.joined_on, c.left_on,
       ARRAY(SELECT one FROM unnest(c.programs) one WHERE one = ANY(%(programs)s) ORDER BY one) AS programs,
       (SELECT s.supervisor_id FROM clinician_supervisor s
        WHERE s.clinician_id = c.clinician_id AND s.effective_from <= left(%(now)s, 10)::date
        ORDER BY s.effective_from DESC LIMIT 1) AS supervisor_id
FROM clinician c
WHERE c.programs && %(programs)s::text[]
ORDER BY c.clinician_id

-- name: credentials
SELECT clinician_id, credential_id, title, jurisdiction, active_from, active_through
FROM clinician_credential WHERE clinician_id = ANY(%(clinicians)s) ORDER BY clinician_id, active_from, credential_id

-- name: payers
SELECT payer_id, payer_name, payer_kind, policy_id, code, effective_from, effective_through, version
FROM payer ORDER BY payer_id, effective_from, policy_id

-- name: reached
-- Which of these patients were ever referred to one of the programs; or are registered, referred nowhere, and `unreferred`
-- may be seen.
SELECT q.patient_id FROM unnest(%(patients)s::text[]) AS q (patient_id)
WHERE EXISTS (SELECT FROM episode e WHERE e.patient_id = q.patient_id AND e.program_id = ANY(%(programs)s))
   OR (%(unreferred)s AND EXISTS (SELECT FROM patient p WHERE p.patient_id = q.patient_id)
       AND NOT EXISTS (SELECT FROM episode e WHERE e.patient_id = q.patient_id))

-- name: shown
-- Whether a program is there for this reader (left out, it is not asked for), and which of these patients are. It names nothing
-- of what the reader may see: row-level security alone decides. Of a patient it asks what guards the table `patient`, so that it
-- is told of one who is not in that table yet: seen in a program, or known in none and `unreferred` may be seen.
SELECT %(program)s::text IS NULL OR EXISTS (SELECT FROM program g WHERE g.program_id = %(program)s) AS program,
       ARRAY(SELECT q.patient_id FROM unnest(%(patients)s::text[]) AS q (patient_id)
             WHERE EXISTS (SELECT FROM episode e WHERE e.patient_id = q.patient_id)
                OR (current_setting('iop.unreferred', true) = 'on' AND NOT known_to_episode(q.patient_id))) AS patients
