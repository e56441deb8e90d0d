-- Parts in braces are filled in by queries.py: the columns of a table.

-- name: balances
SELECT {balance} FROM account_balance d
WHERE d.program_id = ANY(%(programs)s) AND d.patient_id = %(patient_id)s ORDER BY d.program_id

-- name: sums
SELECT d.program_id, {sums} FROM account_balance d
WHERE d.program_id = ANY(%(programs)s) GROUP BY d.program_id ORDER BY d.program_id

-- name: lines
SELECT {line} FROM account_line d
WHERE d.program_id = ANY(%(programs)s) AND d.patient_id = %(patient_id)s ORDER BY d.service_date, d.claim_id, d.line

-- name: self_pay_charges
SELECT {self_pay} FROM self_pay_charge d
WHERE d.program_id = ANY(%(programs)s) AND d.patient_id = %(patient_id)s ORDER BY d.service_date, d.charge_id

-- name: overpayments
SELECT {overpayment} FROM overpayment d
WHERE d.program_id = ANY(%(programs)s) AND d.patient_id = %(patient_id)s ORDER BY d.return_due_on, d.overpayment_id

-- name: unmatched
-- What names no program may be any program's, so everybody who works on it sees it.
SELECT {unmatched}, a.resolution, a.claim_id FROM unmatched d LEFT JOIN unmatched_assigned a USING (unmatched_id)
WHERE (d.program_id IS NULL OR d.program_id = ANY(%(programs)s))
  AND (%(assigned)s::boolean IS NULL OR (a.unmatched_id IS NOT NULL) = %(assigned)s)
  AND d.position > %(after)s
ORDER BY d.position LIMIT %(limit)s

-- name: denials
-- A line that the payer denied for two reasons is counted under both, with the cents of each.
SELECT d.payer_id, a.grp, a.carc, nullif(a.rarc, ''), count(*), count(DISTINCT d.patient_id), sum(a.cents)::bigint,
       min(d.service_date)
FROM account_line d CROSS JOIN LATERAL unnest(d.groups, d.carcs, d.rarcs, d.cents, d.shares) AS a(grp, carc, rarc, cents, share)
WHERE d.program_id = ANY(%(programs)s) AND d.counts AND a.share = 'denied' AND d.denied_cents > 0
  AND (%(payer_id)s::text IS NULL OR d.payer_id = %(payer_id)s)
  AND (%(carc)s::text IS NULL OR a.carc = %(carc)s)
GROUP BY 1, 2, 3, 4 ORDER BY 7 DESC, 1, 2, 3, 4

-- name: denied_lines
SELECT {line} FROM account_line d
WHERE d.program_id = ANY(%(programs)s) AND d.counts AND d.denied_cents > 0
  AND (%(payer_id)s::text IS NULL OR d.payer_id = %(payer_id)s)
  AND (%(carc)s::text IS NULL OR EXISTS (
      SELECT FROM unnest(d.carcs, d.shares) AS a(carc, share) WHERE a.carc = %(carc)s AND a.share = 'denied'))
  AND (%(first)s::text IS NULL OR (d.service_date, d.claim_id, d.line) > (%(first)s, %(second)s, %(third)s))
ORDER BY d.service_date, d.claim_id, d.line LIMIT %(limit)s

-- name: adjustments
SELECT {adjustment} FROM provider_adjustment d
WHERE d.program_id = ANY(%(programs)s) AND d.position > %(after)s ORDER BY d.position LIMIT %(limit)s

-- name: write_offs
SELECT {write_off}, p.cents FROM write_off_request d
LEFT JOIN patient_day p ON d.kind = 'day' AND p.patient_id = d.patient_id AND p.service_date = d.service_date
    AND p.enrollment_id = d.enrollment_id
WHERE d.program_id = ANY(%(programs)s) AND (%(patient_id)s::text IS NULL OR d.patient_id = %(patient_id)s)
ORDER BY d.position

-- name: credits
-- `withheld_cents` is what the payer recovered beside its claims or, below zero, put off; other adjustments about the
-- claim are only shown. A credit below zero is what the payer took beyond it.
SELECT {credit}, (SELECT coalesce(sum(a.amount_cents), 0)::bigint FROM provider_adjustment a
        WHERE a.claim_id = d.claim_id)
FROM payer_credit d
WHERE d.program_id = ANY(%(programs)s)
  AND CASE WHEN %(unmatched)s THEN d.unmatched_cents ELSE d.credit_cents END <> 0
  AND (%(payer_id)s::text IS NULL OR d.payer_id = %(payer_id)s)
ORDER BY d.adjudicated_on, d.claim_id
