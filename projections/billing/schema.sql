-- One row a day of an episode with something recorded; `state` is billed while a claim stands; `claim_ids` bill it, also
-- secondary ones. Without one it goes through its `stages`, each from the instant in `since` on; each of `reasons` stands
-- from `reasons_since` until just before `reasons_until`. Dates and instants are text; cents NULL: a rate is unknown.
CREATE TABLE patient_day (
    patient_id       text NOT NULL,
    week             text NOT NULL,
    service_date     text NOT NULL,
    enrollment_id    text NOT NULL,
    program_id       text NOT NULL,
    payer_id         text,
    level_of_care    text,
    state            text NOT NULL,
    since            text[] NOT NULL,
    stages           text[] NOT NULL,
    stage_reasons    text[] NOT NULL,
    stage_owners     text[] NOT NULL,
    reasons          text[] NOT NULL,
    reasons_since    text[] NOT NULL,
    reasons_until    text[] NOT NULL,
    minutes          int NOT NULL,
    units            int NOT NULL,
    cents            bigint,
    expected_cents   bigint,
    share_cents      bigint,
    rate_kind        text,
    unverified       text[] NOT NULL,
    policy_id        text,
    policy_code      text,
    policy_version   int,
    authorization_id text,
    authorization_units int NOT NULL,
    claim_ids        text[] NOT NULL,
    differs          boolean NOT NULL,
    told_status      text,
    left_status      text,
    unbilled_cents   bigint,
    claim_id         text,
    claim_status     text,
    charge_cents     bigint,
    paid_cents       bigint,
    patient_cents    bigint,
    denied_cents     bigint,
    owed_cents       bigint,
    patient_charge_cents bigint,
    patient_owed_cents bigint,
    filing_due_on    text,
    time_zone        text NOT NULL,
    position         bigint NOT NULL,
    body             text NOT NULL,
    PRIMARY KEY (patient_id, week, service_date, enrollment_id)
);
-- The whole decision as JSON, read and written as one: parsing and compressing it took a third of a rebuild.
ALTER TABLE patient_day ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX patient_day_program ON patient_day (program_id, service_date);
CREATE INDEX patient_day_claims ON patient_day USING gin (claim_ids);
CREATE INDEX patient_day_state ON patient_day (state, service_date);

-- One row a claim: where it stands and what the payer answered.
CREATE TABLE claim_status (
    claim_id             text PRIMARY KEY,
    patient_id           text NOT NULL,
    enrollment_id        text NOT NULL,
    program_id           text NOT NULL,
    payer_id             text NOT NULL,
    policy_id            text NOT NULL,
    status               text NOT NULL,
    form                 text NOT NULL,
    frequency            text NOT NULL,
    replaces             text,
    from_date            text NOT NULL,
    through_date         text NOT NULL,
    line_count           int NOT NULL,
    total_cents          bigint NOT NULL,
    paid_cents           bigint,
    patient_cents        bigint,
    denied_cents         bigint,
    decided_at           bigint NOT NULL,
    submitted_at         text,
    acknowledged_at      text,
    adjudicated_on       text,
    payer_control_number text,
    adjustments          text[] NOT NULL,
    coverage_id          text,
    after_claim          text,
    denied_on            text,
    reversed_on          text, time_zone text NOT NULL,
    to_correct           text[] NOT NULL, to_correct_cents bigint NOT NULL, unprocessable boolean NOT NULL,
    position             bigint NOT NULL
);
CREATE INDEX claim_status_patient ON claim_status (patient_id);
CREATE INDEX claim_status_program ON claim_status (program_id, from_date);
CREATE INDEX claim_status_to_correct ON claim_status (program_id) WHERE to_correct_cents > 0;

-- One row an authorization: units reserved by delivered days, drawn by standing claims, and the days they reached.
CREATE TABLE authorization_ledger (
    patient_id        text NOT NULL,
    authorization_id  text NOT NULL,
    enrollment_id     text NOT NULL,
    program_id        text NOT NULL,
    payer_id          text NOT NULL,
    status            text NOT NULL,
    level_of_care     text NOT NULL,
    procedure_code    text NOT NULL,
    unit_basis        text NOT NULL,
    units             int NOT NULL,
    reserved          int NOT NULL,
    drawn             int NOT NULL,
    valid_from        text NOT NULL,
    valid_through     text NOT NULL,
    decided_on        text,
    last_day          text,
    first_day_without text,
    position          bigint NOT NULL,
    PRIMARY KEY (patient_id, authorization_id)
);
CREATE INDEX authorization_ledger_program ON authorization_ledger (program_id, valid_through);

-- One row a stretch of an episode in care in which level, payer and terms stay the same; `until` is its last day. What
-- the terms do not ask for is NULL.
CREATE TABLE care_period (
    patient_id             text NOT NULL,
    enrollment_id          text NOT NULL,
    program_id             text NOT NULL,
    since                  text NOT NULL,
    until                  text NOT NULL,
    time_zone              text NOT NULL,
    level_of_care          text NOT NULL,
    payer_id               text,
    coverage_id            text,
    attending_id           text,
    authorization_required boolean NOT NULL,
    certified_on           text,
    certification_due_on   text,
    reviewed_on            text,
    review_due_on          text,
    consented_on           text,
    consent_through        text,
    unverified             text[] NOT NULL,
    PRIMARY KEY (patient_id, enrollment_id, since)
);
CREATE INDEX care_period_program ON care_period (program_id, until);

-- One row a coverage: the latest day that its payer was asked about, and what it answered for that day.
CREATE TABLE coverage_check (
    patient_id        text NOT NULL,
    coverage_id       text NOT NULL,
    payer_id          text NOT NULL,
    rank              int NOT NULL,
    effective_from    text NOT NULL,
    effective_through text,
    checked_on        text,
    active            boolean,
    PRIMARY KEY (patient_id, coverage_id)
);

-- One row a claim that its payer answered and a coverage of rank 2 that covers days of it; what it says is of those
-- days. `standing_id` is the secondary claim that stands for them. `body` is the whole as JSON, with the lines.
CREATE TABLE secondary_claim (
    patient_id      text NOT NULL,
    claim_id        text NOT NULL,
    coverage_id     text NOT NULL,
    program_id      text NOT NULL,
    payer_id        text NOT NULL,
    next_payer_id   text NOT NULL,
    time_zone       text NOT NULL,
    from_date       text NOT NULL,
    day_count       int NOT NULL,
    left_cents      bigint NOT NULL,
    filing_due_on   text,
    standing_id     text,
    standing_status text,
    body            text NOT NULL,
    PRIMARY KEY (patient_id, claim_id, coverage_id)
);
CREATE INDEX secondary_claim_program ON secondary_claim (program_id, from_date);

-- One row a secondary claim that stands and no longer says what the payer before answered; `body` is the whole as JSON.
CREATE TABLE stale_secondary (
    patient_id text NOT NULL,
    claim_id   text NOT NULL,
    program_id text NOT NULL,
    payer_id   text NOT NULL,
    from_date  text NOT NULL,
    body       text NOT NULL,
    PRIMARY KEY (patient_id, claim_id)
);

-- One row a line of a claim that was ever sent: charge = paid + contractual + patient + written off + open. `shares`
-- says of each adjustment beside its group, CARC, RARC and cents whose it is; `counts` whether balances count it. A line
-- of a secondary claim has no charge of its own and says what that claim's answer adds to the line before.
CREATE TABLE account_line (
    claim_id          text NOT NULL,
    line              int NOT NULL,
    patient_id        text NOT NULL,
    enrollment_id     text NOT NULL,
    program_id        text NOT NULL,
    payer_id          text NOT NULL,
    service_date      text NOT NULL,
    counts            boolean NOT NULL,
    claim_status      text NOT NULL,
    charge_cents      bigint NOT NULL,
    paid_cents        bigint NOT NULL,
    contractual_cents bigint NOT NULL,
    patient_cents     bigint NOT NULL,
    written_off_cents bigint NOT NULL,
    open_cents        bigint NOT NULL,
    denied_cents      bigint NOT NULL,
    other_cents       bigint NOT NULL,
    posted_cents      bigint NOT NULL,
    allowed_cents     bigint,
    groups            text[] NOT NULL,
    carcs             text[] NOT NULL,
    rarcs             text[] NOT NULL,
    cents             bigint[] NOT NULL,
    shares            text[] NOT NULL,
    adjudicated_on    text,
    trace_number      text,
    decided_at        bigint NOT NULL,
    position          bigint NOT NULL,
    PRIMARY KEY (claim_id, line)
);
CREATE INDEX account_line_patient ON account_line (patient_id, service_date);
CREATE INDEX account_line_denied ON account_line (program_id, service_date) WHERE denied_cents > 0;

-- One row a charge of a day that no payer is asked for: charge = adjusted + patient + written off; `counts`: it stands.
CREATE TABLE self_pay_charge (
    patient_id        text NOT NULL,
    charge_id         text NOT NULL,
    enrollment_id     text NOT NULL,
    program_id        text NOT NULL,
    service_date      text NOT NULL,
    basis             text NOT NULL,
    agreement_id      text,
    counts            boolean NOT NULL,
    charge_cents      bigint NOT NULL,
    adjusted_cents    bigint NOT NULL,
    patient_cents     bigint NOT NULL,
    written_off_cents bigint NOT NULL,
    decided_at        bigint NOT NULL,
    position          bigint NOT NULL,
    PRIMARY KEY (patient_id, charge_id)
);

-- One row a patient and program: the sums of the lines and charges that count, what payers paid for others and got back of it, and
-- the patient's own money.
CREATE TABLE account_balance (
    patient_id        text NOT NULL,
    program_id        text NOT NULL,
    account_id        text NOT NULL,
    charge_cents      bigint NOT NULL,
    paid_cents        bigint NOT NULL,
    contractual_cents bigint NOT NULL,
    patient_cents     bigint NOT NULL,
    written_off_cents bigint NOT NULL,
    open_cents        bigint NOT NULL,
    denied_cents      bigint NOT NULL,
    adjusted_cents    bigint NOT NULL,
    credit_cents      bigint NOT NULL,
    returned_cents    bigint NOT NULL,
    received_cents    bigint NOT NULL,
    refunded_cents    bigint NOT NULL,
    balance_cents     bigint NOT NULL,
    agreement         text,
    position          bigint NOT NULL,
    PRIMARY KEY (patient_id, program_id)
);

-- One row a claim that counts no longer and was paid, or of which the payer settled something beside its answers: its
-- credit until its answer is taken back or it is returned or withheld; below zero where the payer took more;
-- `identified_cents` is what a person identified as overpaid, `unmatched_cents` what nothing on record bears out.
CREATE TABLE payer_credit (
    patient_id       text NOT NULL,
    claim_id         text PRIMARY KEY,
    program_id       text NOT NULL,
    payer_id         text NOT NULL,
    claim_status     text NOT NULL,
    paid_cents       bigint NOT NULL,
    returned_cents   bigint NOT NULL,
    withheld_cents   bigint NOT NULL,
    credit_cents     bigint NOT NULL,
    identified_cents bigint NOT NULL,
    unmatched_cents  bigint NOT NULL,
    adjudicated_on   text,
    trace_number     text,
    position         bigint NOT NULL
);
CREATE INDEX payer_credit_patient ON payer_credit (patient_id);

-- One row an overpayment that a person identified; `return_days` and `suspended_days` are what that person gave.
CREATE TABLE overpayment (
    patient_id     text NOT NULL,
    overpayment_id text NOT NULL,
    program_id     text NOT NULL,
    payer_id       text NOT NULL,
    claim_id       text,
    cause          text NOT NULL,
    amount_cents   bigint NOT NULL,
    returned_cents bigint NOT NULL,
    identified_by  text NOT NULL,
    identified_on  text NOT NULL,
    return_days    int NOT NULL,
    suspended_days int NOT NULL,
    return_due_on  text NOT NULL,
    position       bigint NOT NULL,
    PRIMARY KEY (patient_id, overpayment_id)
);

-- One row a write-off that somebody asked for and nobody approved or withdrew (`kind`: line, charge or day); of a day,
-- which has no amount, what it would be billed for stands in patient_day.
CREATE TABLE write_off_request (
    patient_id    text NOT NULL,
    request       text NOT NULL,
    kind          text NOT NULL,
    program_id    text NOT NULL,
    enrollment_id text NOT NULL,
    service_date  text NOT NULL,
    claim_id      text,
    line          int,
    charge_id     text,
    share         text NOT NULL,
    amount_cents  bigint,
    cause         text NOT NULL,
    requested_by  text NOT NULL,
    requested_at  text NOT NULL,
    position      bigint NOT NULL,
    PRIMARY KEY (patient_id, request)
);

-- What a payer settled with the provider; a positive amount lowered the payment, as in the 835.
CREATE TABLE provider_adjustment (
    position      bigint PRIMARY KEY,
    account_id    text NOT NULL,
    program_id    text NOT NULL,
    payer_id      text NOT NULL,
    trace_number  text NOT NULL,
    sequence      int NOT NULL,
    remittance_on text NOT NULL,
    reason_code   text NOT NULL,
    amount_cents  bigint NOT NULL,
    claim_id      text
);

-- What of a payer's file could not be trusted or matched, and, in a table of its own because it comes later as another
-- fact, what became of it.
CREATE TABLE unmatched (
    unmatched_id  text PRIMARY KEY,
    account_id    text NOT NULL,
    program_id    text,
    payer_id      text,
    source        text NOT NULL,
    part          text NOT NULL,
    why           text NOT NULL,
    claim_id      text,
    trace_number  text,
    remittance_on text,
    charge_cents  bigint,
    paid_cents    bigint,
    recorded_at   text NOT NULL,
    position      bigint NOT NULL
);
CREATE INDEX unmatched_position ON unmatched (position);
CREATE TABLE unmatched_assigned (
    unmatched_id text PRIMARY KEY,
    resolution   text NOT NULL,
    claim_id     text,
    position     bigint NOT NULL
);

-- One row a request for records or a contested decision (`entry`: the request's id, or dispute); `open` as long as
-- something is to be done or awaited. `body` is the whole as JSON.
CREATE TABLE dispute (
    patient_id text NOT NULL,
    dispute_id text NOT NULL,
    entry      text NOT NULL,
    program_id text NOT NULL,
    payer_id   text NOT NULL,
    owner_id   text NOT NULL,
    open       boolean NOT NULL,
    claims     text[] NOT NULL,
    due_on     text,
    time_zone  text NOT NULL,
    position   bigint NOT NULL,
    body       text NOT NULL,
    PRIMARY KEY (patient_id, dispute_id, entry)
);
CREATE INDEX dispute_program ON dispute (program_id, due_on) WHERE open;

-- One row a claim that its payer denied and nobody contests, where an appeal helps and a clock is known.
CREATE TABLE uncontested_denial (
    patient_id text NOT NULL,
    claim_id   text NOT NULL,
    program_id text NOT NULL,
    payer_id   text NOT NULL,
    due_on     text NOT NULL,
    time_zone  text NOT NULL,
    position   bigint NOT NULL,
    body       text NOT NULL,
    PRIMARY KEY (patient_id, claim_id)
);
CREATE INDEX uncontested_denial_program ON uncontested_denial (program_id, due_on);
