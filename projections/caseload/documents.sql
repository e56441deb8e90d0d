-- name: documents
-- Documents to be signed, changed, cosigned, brought to the patient, moved from a struck narrative, attested or written,
-- and sessions to be closed so that their documents can be, oldest service first. An attended service wants a document
-- of its own, or its day's document of the same patient and program; one that was entered in error does not count. Of
-- those to be attested a few may turn out to be in time: so many business days are never less than so many days. Of each
-- group whoever led it beside the author signs once, where a payer wants all to: what all share, or where there is no
-- such thing the first of the parts that lack it. `patients` are those whose payers want it.
WITH led AS MATERIALIZED (  -- of most groups this settles it, so nobody's payer is looked up for them
    SELECT s.session_id, s.program_id, s.service_kind, s.service_date, s.ended_at, one.person
    FROM session s
    CROSS JOIN LATERAL unnest(s.facilitators) AS one (person)
    WHERE s.program_id = ANY(%(programs)s) AND s.state = 'closed' AND s.service_kind = 'group'
      AND cardinality(s.facilitators) > 1
      AND NOT EXISTS (SELECT FROM note n
                      WHERE n.session_id = s.session_id AND n.patient_id IS NULL
                        AND n.state IN ('awaiting_cosignature', 'signed')
                        AND one.person = ANY(n.author_id || n.facilitators))
), task AS (
    SELECT CASE n.state WHEN 'draft' THEN 'sign' ELSE 'revise' END AS task, ARRAY[n.author_id] AS people, n.note_id,
           n.kind, n.program_id, n.patient_id, n.session_id, n.attendance_id, n.service_kind, n.service_date,
           n.service_ended_at, n.sections, n.names_goal, n.untouched, n.template_version,
           NULL::text[] AS patients
    FROM note n
    WHERE n.program_id = ANY(%(programs)s) AND n.state IN ('draft', 'returned')
    UNION ALL
    SELECT 'cosign', array_remove(ARRAY[
               cosigner_of(n.author_id, n.supervisor_id, n.service_date, left(%(now)s, 10)::date)], NULL),
           n.note_id, n.kind, n.program_id, n.patient_id, n.session_id, n.attendance_id, n.service_kind,
           n.service_date, n.service_ended_at, NULL, NULL, NULL, NULL, NULL
    FROM note n
    WHERE n.program_id = ANY(%(programs)s) AND n.state = 'awaiting_cosignature'
    UNION ALL
    SELECT 'patient_sign', ARRAY[n.author_id], n.note_id, n.kind, n.program_id, n.patient_id, n.session_id,
           n.attendance_id, n.service_kind, n.service_date, n.service_ended_at, NULL, NULL, NULL, NULL, NULL
    FROM note n
    WHERE n.program_id = ANY(%(programs)s) AND n.kind IN ('plan_of_care', 'plan_review')
      AND n.patient_answer IS NULL AND n.state IN ('awaiting_cosignature', 'signed')
    UNION ALL
    SELECT 'rest_on', ARRAY[n.author_id], n.note_id, n.kind, n.program_id, n.patient_id, n.session_id,
           n.attendance_id, n.service_kind, n.service_date, n.service_ended_at, NULL, NULL, NULL, NULL, NULL
    FROM note n
    JOIN note shared ON shared.note_id = n.narrative_id AND shared.state = 'entered_in_error'
    WHERE n.program_id = ANY(%(programs)s) AND n.state IN ('awaiting_cosignature', 'signed')
    UNION ALL
    SELECT 'attest', ARRAY[n.author_id], n.note_id, n.kind, n.program_id, n.patient_id, n.session_id,
           n.attendance_id, n.service_kind, n.service_date, n.service_ended_at, NULL, NULL, NULL, NULL,
           owed.patients
    FROM note n
    LEFT JOIN session held ON held.session_id = n.session_id
    CROSS JOIN LATERAL (
        SELECT array_agg(about.patient_id ORDER BY about.patient_id) AS patients
        FROM (
            SELECT n.patient_id WHERE n.patient_id IS NOT NULL
            UNION ALL
            SELECT a.patient_id FROM attendance a
            WHERE n.patient_id IS NULL AND a.session_id = n.session_id AND a.state = 'attended'
        ) about
        CROSS JOIN LATERAL payer_wanted_on(about.patient_id, n.service_date) w
        WHERE w.late_signature = 'attestation'
          AND n.signed_at::timestamptz > coalesce(held.ended_at, n.service_ended_at)::timestamptz
                  + make_interval(hours => coalesce(24 * w.signature_business_days, w.signature_hours))
    ) owed
    WHERE EXISTS (SELECT FROM payer_wanted WHERE late_signature = 'attestation')
      AND n.program_id = ANY(%(programs)s) AND n.state IN ('awaiting_cosignature', 'signed') AND n.attested_at IS NULL
      AND n.kind <> 'order' AND owed.patients IS NOT NULL
    UNION ALL
    SELECT 'sign_as_facilitator', ARRAY[led.person], beside.note_id, beside.kind, led.program_id, beside.patient_id,
           led.session_id, beside.attendance_id, led.service_kind, led.service_date, led.ended_at, NULL, NULL, NULL,
           NULL, owed.patients
    FROM led
    CROSS JOIN LATERAL (
        SELECT array_agg(a.patient_id ORDER BY a.patient_id) AS patients
        FROM attendance a
        CROSS JOIN LATERAL payer_wanted_on(a.patient_id, led.service_date) w
        WHERE a.session_id = led.session_id AND a.state = 'attended' AND w.every_facilitator_signs
          AND NOT EXISTS (SELECT FROM note n
                          WHERE n.session_id = led.session_id AND n.patient_id = a.patient_id
                            AND n.state IN ('awaiting_cosignature', 'signed')
                            AND led.person = ANY(n.author_id || n.facilitators))
    ) owed
    CROSS JOIN LATERAL (
        SELECT n.* FROM note n
        WHERE n.session_id = led.session_id AND (n.patient_id IS NULL OR n.patient_id = ANY(owed.patients))
          AND n.state IN ('awaiting_cosignature', 'signed')
        ORDER BY n.patient_id NULLS FIRST, n.note_id LIMIT 1
    ) beside
    WHERE EXISTS (SELECT FROM payer_wanted WHERE every_facilitator_signs) AND owed.patients IS NOT NULL
    UNION ALL
    SELECT 'write', s.facilitators, NULL, NULL, s.program_id, a.patient_id, a.session_id, a.attendance_id,
           s.service_kind, s.service_date, s.ended_at, NULL, NULL, NULL, NULL, NULL
    FROM session s
    JOIN attendance a ON a.session_id = s.session_id
    WHERE s.program_id = ANY(%(programs)s) AND s.state = 'closed' AND a.state = 'attended'
      AND NOT EXISTS (SELECT FROM note n
                      WHERE n.attendance_id = a.attendance_id AND n.state <> 'entered_in_error')
      AND NOT EXISTS (SELECT FROM note n
                      WHERE n.session_id = a.session_id AND n.patient_id = a.patient_id
                        AND n.state <> 'entered_in_error')
      AND NOT EXISTS (SELECT FROM note n
                      WHERE n.patient_id = a.patient_id AND n.program_id = s.program_id
                        AND n.service_date = s.service_date AND n.kind = 'daily' AND n.session_id IS NULL
                        AND n.state <> 'entered_in_error')
    UNION ALL
    SELECT 'close', s.facilitators, NULL, NULL, s.program_id, NULL, s.session_id, NULL, s.service_kind,
           s.service_date, s.ends_at, NULL, NULL, NULL, NULL, NULL
    FROM session s
    WHERE s.program_id = ANY(%(programs)s) AND s.state IN ('scheduled', 'started') AND s.ends_at < %(now)s
), keyed AS (
    SELECT task.*, (service_ended_at || ' ' || coalesce(note_id, attendance_id, session_id)
                    || CASE task WHEN 'patient_sign' THEN ' patient' WHEN 'rest_on' THEN ' rest'
                                 WHEN 'attest' THEN ' attest' WHEN 'sign_as_facilitator' THEN ' led by ' || people[1]
                                 ELSE '' END) COLLATE "C" AS cursor
    FROM task
)
SELECT k.*, s.ended_at AS session_ended_at, s.facilitators, n.signed_at
FROM keyed k
LEFT JOIN note n ON n.note_id = k.note_id
LEFT JOIN session s ON s.session_id = k.session_id
WHERE (%(person)s::text IS NULL OR %(person)s = ANY(k.people)) AND (%(after)s::text IS NULL OR k.cursor > %(after)s)
ORDER BY k.cursor
LIMIT %(limit)s
