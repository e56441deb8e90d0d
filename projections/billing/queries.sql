-- Parts in braces are filled in by queries.py: {where} holds the scope and the filters, {state}, {reason} and {owner}
-- what counts at %(now)s, {money} a billed day's charge or another day's worth.

-- name: days
SELECT d.body FROM patient_day d WHERE {where}
ORDER BY d.service_date, d.patient_id, d.enrollment_id LIMIT %(limit)s

-- name: covered
SELECT DISTINCT d.patient_id FROM patient_day d WHERE {where} ORDER BY 1

-- name: ever_claimed
SELECT DISTINCT d.patient_id FROM claim_status d WHERE {where} ORDER BY 1

-- name: week
SELECT d.body FROM patient_day d WHERE {where} AND d.week = %(monday)s ORDER BY d.service_date, d.enrollment_id

-- name: held
SELECT {owner}, {reason}, count(*), coalesce(sum(d.cents), 0)::bigint, coalesce(sum(d.expected_cents), 0)::bigint,
       min(d.service_date)
FROM patient_day d WHERE {where} GROUP BY 1, 2 ORDER BY 6, 1, 2

-- name: totals
SELECT {state}, {reason}, {owner}, count(*), coalesce(sum({money}), 0)::bigint,
       coalesce(sum(d.expected_cents), 0)::bigint, count(*) FILTER (WHERE {money} IS NULL), count(*) FILTER (WHERE d.rate_kind = 'demo'),
       count(*) FILTER (WHERE cardinality(d.unverified) > 0)
FROM patient_day d WHERE {where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- name: months
-- What is open is the claims', by the payer that was charged: what a second payer leaves of it is the first one's.
WITH days AS (
    SELECT d.program_id, d.payer_id, left(d.service_date, 7) AS month, {state} AS state, count(*) AS days,
           coalesce(sum({money}), 0)::bigint AS cents, coalesce(sum(d.expected_cents), 0)::bigint AS expected,
           coalesce(sum(d.paid_cents), 0)::bigint AS paid, coalesce(sum(d.denied_cents), 0)::bigint AS denied,
           coalesce(sum(d.patient_owed_cents), 0)::bigint AS patient
    FROM patient_day d WHERE {where} GROUP BY 1, 2, 3, 4
), opened AS (
    SELECT d.program_id, coalesce(before.payer_id, d.payer_id) AS payer_id, left(d.service_date, 7) AS month,
           'billed' AS state, sum(d.open_cents)::bigint AS cents
    FROM account_line d
    JOIN claim_status c USING (claim_id) LEFT JOIN claim_status before ON before.claim_id = c.after_claim
    WHERE {where} AND d.counts GROUP BY 1, 2, 3
)
SELECT program_id, payer_id, month, state, coalesce(days.days, 0), coalesce(days.cents, 0), coalesce(days.expected, 0),
       coalesce(days.paid, 0), coalesce(days.denied, 0), coalesce(days.patient, 0), coalesce(opened.cents, 0)
FROM days FULL JOIN opened USING (program_id, payer_id, month, state) ORDER BY 1, 3, 2, 4

-- name: authorizations
SELECT {ledger} FROM authorization_ledger d
WHERE d.program_id = ANY(%(programs)s)
  AND (%(patient_id)s::text IS NULL OR d.patient_id = %(patient_id)s)
  AND (%(ends_before)s::text IS NULL OR d.valid_through < %(ends_before)s)
  AND (%(remaining)s::int IS NULL OR d.units - d.reserved - d.drawn <= %(remaining)s)
  AND (%(first)s::text IS NULL OR (d.valid_through, d.authorization_id) > (%(first)s, %(second)s))
ORDER BY d.valid_through, d.authorization_id LIMIT %(limit)s

-- name: denied_voids
SELECT {claim} FROM claim_status d
WHERE d.program_id = ANY(%(programs)s) AND d.denied_on IS NOT NULL
  AND (%(payer_id)s::text IS NULL OR d.payer_id = %(payer_id)s)
ORDER BY d.denied_on, d.claim_id

-- name: to_correct
SELECT d.claim_id FROM claim_status d WHERE {where} AND d.to_correct_cents > 0

-- name: claims
SELECT {claim} FROM claim_status d
WHERE d.program_id = ANY(%(programs)s)
  AND (%(claim_id)s::text IS NULL OR d.claim_id = %(claim_id)s)
  AND (%(patient_id)s::text IS NULL OR d.patient_id = %(patient_id)s)
  AND (%(status)s::text IS NULL OR d.status = %(status)s)
  AND (%(payer_id)s::text IS NULL OR d.payer_id = %(payer_id)s)
  AND (%(first)s::text IS NULL OR (d.from_date, d.claim_id) > (%(first)s, %(second)s))
ORDER BY d.from_date, d.claim_id LIMIT %(limit)s
