-- Parts in braces are filled in by statements.py: {where} holds the scope and the filters, {today} is the day that
-- %(now)s is in the program's zone, {state} the state of a day at %(now)s.

-- name: authorizations_in_use
-- Approved authorizations for the payer and level of today of patients in care, where that payer wants one; today first.
SELECT c.today, {ledger} FROM (
    SELECT d.*, {today}::text AS today FROM care_period d WHERE {where} AND d.authorization_required
) c
JOIN authorization_ledger d USING (patient_id, enrollment_id, program_id, payer_id, level_of_care)
WHERE c.today BETWEEN c.since AND c.until AND d.status = 'approved'

-- name: paces
-- Of each episode with a payer the units of the days delivered in the last four weeks, today among them, and the first
-- day ever. A day that found no unit left would have used one.
SELECT d.enrollment_id, d.payer_id, min(d.service_date),
       coalesce(sum(greatest(d.authorization_units, 1)) FILTER (WHERE d.service_date::date > {today} - 28), 0)::int
FROM patient_day d
WHERE {where} AND {state} IN ('billable', 'waiting', 'held', 'billed') AND d.service_date::date <= {today}
  AND d.enrollment_id = ANY(%(enrollments)s)
GROUP BY 1, 2

-- name: recertifications
SELECT w.kind, c.patient_id, c.enrollment_id, c.program_id, c.payer_id, c.attending_id, w.last_on, w.due_on,
       w.due_on::date - c.today::date,
       EXISTS (SELECT FROM unnest(c.unverified) AS f(field) WHERE split_part(f.field, '.', 1) = w.field)
FROM (SELECT d.*, {today}::text AS today FROM care_period d WHERE {where}) c
CROSS JOIN LATERAL (VALUES
    ('certification', c.certified_on, c.certification_due_on, 'certification_days'),
    ('plan_review', c.reviewed_on, c.review_due_on, 'plan_review_days'),
    ('consent', c.consented_on, c.consent_through, '')
) AS w(kind, last_on, due_on, field)
WHERE c.today BETWEEN c.since AND c.until AND w.due_on::date - c.today::date <= %(within_days)s
ORDER BY w.due_on, c.patient_id, c.enrollment_id, w.kind

-- name: eligibility
-- A coverage of a patient in two programs is each one's to check.
SELECT DISTINCT k.patient_id, k.coverage_id, c.program_id, k.payer_id, k.rank, k.checked_on, k.active,
       c.today::date - k.checked_on::date, k.checked_on IS NOT NULL
FROM (SELECT d.*, {today}::text AS today FROM care_period d WHERE {where}) c
JOIN coverage_check k USING (patient_id)
WHERE c.today BETWEEN c.since AND c.until
  AND k.effective_from <= c.today AND (k.effective_through IS NULL OR k.effective_through >= c.today)
  AND (k.checked_on IS NULL OR c.today::date - k.checked_on::date > %(older_than_days)s)
ORDER BY 9, k.checked_on, k.patient_id, k.rank, k.coverage_id, c.program_id

-- name: filing
-- A claim that was sent counts as filed only once somebody acknowledged it, so until then it is here.
WITH due AS (
    SELECT 'day' AS kind, d.patient_id, d.enrollment_id, d.program_id, d.payer_id, NULL AS claim_id,
           d.service_date AS from_date, 1::bigint AS days, {state} AS status, d.cents, d.filing_due_on AS due_on,
           {today} AS today, d.unverified && ARRAY['timely_filing_days', 'timely_filing_months'] AS unverified,
           d.enrollment_id || ' ' || d.service_date AS key
    FROM patient_day d
    WHERE d.program_id = ANY(%(programs)s) AND {state} IN ('billable', 'waiting', 'held')
      AND d.filing_due_on::date <= {today} + %(within_days)s
    UNION ALL
    SELECT 'claim', c.patient_id, c.enrollment_id, c.program_id, c.payer_id, c.claim_id, c.from_date,
           count(DISTINCT d.service_date), c.status, c.total_cents, min(d.filing_due_on), min({today}),
           bool_or(d.unverified && ARRAY['timely_filing_days', 'timely_filing_months']), c.claim_id
    FROM claim_status c
    JOIN patient_day d ON d.patient_id = c.patient_id AND d.claim_ids @> ARRAY[c.claim_id]
    WHERE c.program_id = ANY(%(programs)s) AND c.status IN ('prepared', 'submitted') AND c.after_claim IS NULL
    GROUP BY c.claim_id
    HAVING min(d.filing_due_on)::date <= min({today}) + %(within_days)s
    UNION ALL
    SELECT 'secondary', d.patient_id, c.enrollment_id, d.program_id, d.next_payer_id,
           coalesce(d.standing_id, d.claim_id), d.from_date, d.day_count,
           coalesce(d.standing_status, CASE d.body::json->>'reason' WHEN 'forwarded' THEN 'forwarded' ELSE 'to_prepare' END),
           d.left_cents, d.filing_due_on, {today}, true,
           coalesce(d.standing_id, d.claim_id) || ' ' || d.next_payer_id || ' ' || d.from_date
    FROM secondary_claim d
    JOIN claim_status c ON c.claim_id = d.claim_id
    WHERE d.program_id = ANY(%(programs)s) AND d.left_cents > 0
      AND coalesce(d.standing_status, 'prepared') IN ('prepared', 'submitted')
      AND d.filing_due_on::date <= {today} + %(within_days)s
), keyed AS (
    SELECT due.*, due_on::date - today AS days_left, (due_on || '|' || kind || '|' || key) COLLATE "C" AS cursor FROM due
)
SELECT kind, patient_id, enrollment_id, program_id, payer_id, claim_id, from_date, days, status, cents, due_on,
       days_left, unverified, cursor
FROM keyed
WHERE (%(patient_id)s::text IS NULL OR patient_id = %(patient_id)s)
  AND (%(payer_id)s::text IS NULL OR payer_id = %(payer_id)s)
  AND (%(after)s::text IS NULL OR cursor > %(after)s)
ORDER BY cursor LIMIT %(limit)s

-- name: secondary
SELECT d.body FROM secondary_claim d
WHERE {where} AND d.standing_id IS NULL AND d.left_cents > 0
ORDER BY d.filing_due_on NULLS LAST, d.from_date, d.claim_id, d.coverage_id

-- name: unanswered
-- A void asks for no answer of its own, and whatever waits until it is accepted says so. Of a secondary claim the money is
-- what the payer before left.
SELECT d.patient_id, d.claim_id, d.enrollment_id, d.program_id, d.payer_id, d.after_claim, d.from_date, d.through_date,
       CASE WHEN d.reversed_on IS NULL THEN d.status ELSE 'taken_back' END, s.since::text, {today} - s.since,
       coalesce(l.cents, d.total_cents), d.payer_control_number, EXISTS (
           SELECT FROM unmatched u WHERE u.claim_id = d.claim_id
               AND NOT EXISTS (SELECT FROM unmatched_assigned a WHERE a.unmatched_id = u.unmatched_id))
FROM claim_status d
CROSS JOIN LATERAL (
    SELECT coalesce(d.reversed_on::date, (d.submitted_at::timestamptz AT TIME ZONE d.time_zone)::date) AS since
) s
LEFT JOIN LATERAL (
    SELECT sum(c.left_cents)::bigint AS cents FROM secondary_claim c
    WHERE c.patient_id = d.patient_id AND c.standing_id = d.claim_id
) l ON d.after_claim IS NOT NULL
WHERE {where} AND d.status IN ('submitted', 'acknowledged') AND d.frequency <> '8'
  AND (d.reversed_on IS NOT NULL OR {today} - s.since > %(older_than_days)s)
ORDER BY d.reversed_on IS NULL, s.since, d.claim_id

-- name: stale_secondary
SELECT d.body FROM stale_secondary d WHERE {where} ORDER BY d.from_date, d.claim_id

-- name: unbilled
-- A day on which nothing was delivered is worth nothing, and none of these.
SELECT CASE WHEN {today} - d.service_date::date <= 30 THEN '0-30' WHEN {today} - d.service_date::date <= 60 THEN '31-60'
            WHEN {today} - d.service_date::date <= 90 THEN '61-90' ELSE 'over 90' END,
       {state}, count(*), coalesce(sum(d.cents), 0)::bigint, coalesce(sum(d.expected_cents), 0)::bigint,
       count(*) FILTER (WHERE d.cents IS NULL), min(d.service_date)
FROM patient_day d
WHERE {where} AND {state} IN ('billable', 'waiting', 'held') AND d.cents IS DISTINCT FROM 0
GROUP BY 1, 2 ORDER BY 1, 2

-- name: disputes
SELECT d.body, {today}::text FROM dispute d WHERE {where} AND (d.open OR %(closed)s)

-- name: uncontested
-- Those whose clock runs: what is past its last day is on the list of denials alone.
SELECT d.body, {today}::text FROM uncontested_denial d WHERE {where} AND d.due_on::date >= {today}

-- name: alike
-- Of two records the days that both delivered at one payer, and the smaller charge of each.
WITH day AS (
    SELECT d.patient_id, d.payer_id, d.service_date, {money} AS cents
    FROM patient_day d
    WHERE {where} AND d.patient_id = ANY(%(ones)s::text[] || %(others)s::text[]) AND d.payer_id IS NOT NULL
      AND {state} IN ('billable', 'waiting', 'held', 'billed')
)
SELECT p.one, p.other, count(DISTINCT a.service_date), coalesce(sum(least(a.cents, b.cents)), 0)::bigint,
       min(a.service_date)
FROM unnest(%(ones)s::text[], %(others)s::text[]) p (one, other)
LEFT JOIN (day a JOIN day b ON b.payer_id = a.payer_id AND b.service_date = a.service_date)
    ON a.patient_id = p.one AND b.patient_id = p.other
GROUP BY 1, 2
