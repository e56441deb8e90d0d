-- Instants are UTC text of fixed width, so that text order is time order; days are the program's own.
CREATE TABLE program (
    program_id    text COLLATE "C" PRIMARY KEY,
    code          text NOT NULL,
    level_of_care text NOT NULL,
    focus         text NOT NULL,
    population    text NOT NULL,
    time_zone     text NOT NULL,
    opened_on     date NOT NULL,
    closed_on     date
);

CREATE TABLE program_closure (
    program_id     text COLLATE "C" NOT NULL,
    closed_from    date NOT NULL,
    closed_through date NOT NULL
);
CREATE INDEX program_closure_program ON program_closure (program_id);

CREATE TABLE clinician (
    clinician_id text COLLATE "C" PRIMARY KEY,
    programs     text[] NOT NULL,
    discipline   text NOT NULL,
    associate    boolean NOT NULL,
    joined_on    date NOT NULL,
    left_on      date,
    name_fact    text NOT NULL,
    name_version bigint NOT NULL,
    sealed_name  bytea
);

CREATE TABLE clinician_supervisor (
    clinician_id   text COLLATE "C" NOT NULL,
    supervisor_id  text COLLATE "C" NOT NULL,
    effective_from date NOT NULL,
    PRIMARY KEY (clinician_id, effective_from)
);

CREATE TABLE clinician_credential (
    clinician_id   text COLLATE "C" NOT NULL,
    credential_id  text COLLATE "C" NOT NULL,
    title          text NOT NULL,
    jurisdiction   text NOT NULL,
    active_from    date NOT NULL,
    active_through date,
    PRIMARY KEY (clinician_id, credential_id)
);

-- Whose cosignature a document of an author waits for: of whom its signature names, else of the supervisor on the day of
-- service; of the author's present one where that person works here no longer. Inlined like `payer_wanted_on`.
CREATE FUNCTION cosigner_of(author text, named text, served_on date, today date) RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT coalesce((
        SELECT present.supervisor_id
        FROM clinician gone
        JOIN clinician_supervisor present ON present.clinician_id = author AND present.effective_from <= today
        WHERE gone.clinician_id = first.person AND gone.left_on < today
        ORDER BY present.effective_from DESC LIMIT 1
    ), first.person)
    FROM (
        SELECT coalesce(named, (
            SELECT then_on.supervisor_id FROM clinician_supervisor then_on
            WHERE then_on.clinician_id = author AND then_on.effective_from <= served_on
            ORDER BY then_on.effective_from DESC LIMIT 1
        )) AS person
    ) first;
END;

-- One row a policy: a payer may have had several.
CREATE TABLE payer (
    policy_id         text COLLATE "C" PRIMARY KEY,
    payer_id          text COLLATE "C" NOT NULL,
    payer_kind        text NOT NULL,
    payer_name        text NOT NULL,
    code              text NOT NULL,
    effective_from    date NOT NULL,
    effective_through date,
    version           bigint NOT NULL
);

-- What each version of a policy wants of notes.
CREATE TABLE payer_wanted (
    policy_id               text COLLATE "C" NOT NULL,
    payer_id                text COLLATE "C" NOT NULL,
    effective_from          date NOT NULL,
    effective_through       date,
    signature_hours         int,
    signature_business_days int,
    signature_unverified    boolean NOT NULL,
    note_sections           text[] NOT NULL,
    late_signature          text NOT NULL,
    every_facilitator_signs boolean NOT NULL
);
CREATE INDEX payer_wanted_payer ON payer_wanted (payer_id, effective_from);
CREATE INDEX payer_wanted_policy ON payer_wanted (policy_id);

-- The sealed part of the fact that named the patient, as the log keeps it; it opens with the patient's key alone.
CREATE TABLE patient (
    patient_id    text COLLATE "C" PRIMARY KEY,
    year_of_birth int NOT NULL,
    name_fact     text NOT NULL,
    name_version  bigint NOT NULL,
    sealed_name   bytea
);

CREATE TABLE coverage (
    patient_id        text COLLATE "C" NOT NULL,
    coverage_id       text COLLATE "C" NOT NULL,
    payer_id          text COLLATE "C" NOT NULL,
    plan              text NOT NULL,
    rank              int NOT NULL,
    relationship      text NOT NULL,
    effective_from    date NOT NULL,
    effective_through date,
    checked_for       date,
    eligible          boolean,
    PRIMARY KEY (patient_id, coverage_id)
);

-- What the payer who pays first for a patient on a day wants of notes: coverage and terms as billing finds them. Nobody's rights
-- but the caller's, and nothing set: so the planner puts it in the place of the call, and row-level security stands in it.
CREATE FUNCTION payer_wanted_on(patient text, on_day date) RETURNS SETOF payer_wanted LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT w.*
    FROM (
        SELECT c.payer_id FROM coverage c
        WHERE c.patient_id = patient AND c.effective_from <= on_day
          AND (c.effective_through IS NULL OR c.effective_through >= on_day)
        ORDER BY c.rank, c.coverage_id LIMIT 1
    ) paying
    CROSS JOIN LATERAL (
        SELECT v.* FROM payer_wanted v
        WHERE v.payer_id = paying.payer_id AND v.effective_from <= on_day
          AND (v.effective_through IS NULL OR v.effective_through >= on_day)
        ORDER BY v.effective_from DESC LIMIT 1
    ) w;
END;

CREATE TABLE consent (
    patient_id  text COLLATE "C" NOT NULL,
    consent_id  text COLLATE "C" NOT NULL,
    kind        text NOT NULL,
    purpose     text NOT NULL,
    programs    text[] NOT NULL,
    signed_on   date NOT NULL,
    expires_on  date,
    revoked_at  text COLLATE "C",
    signed_by   text NOT NULL,
    guardian_id text COLLATE "C",
    PRIMARY KEY (patient_id, consent_id)
);

CREATE TABLE guardian (
    patient_id     text COLLATE "C" NOT NULL,
    guardian_id    text COLLATE "C" NOT NULL,
    relationship   text NOT NULL,
    authority      text NOT NULL,
    effective_from date NOT NULL,
    ended_on       date,
    PRIMARY KEY (patient_id, guardian_id)
);

CREATE TABLE episode (
    enrollment_id        text COLLATE "C" PRIMARY KEY,
    patient_id           text COLLATE "C" NOT NULL,
    program_id           text COLLATE "C" NOT NULL,
    referred_on          date NOT NULL,
    referral_source      text NOT NULL,
    admitted_on          date,
    focus                text,
    attending_id         text COLLATE "C",
    planned_days         int,
    planned_minutes      int,
    discharge_planned_on date,
    discharged_on        date,
    discharge_reason     text,
    plan_id              text COLLATE "C",
    plan_adopted_on      date,
    plan_goals           text[],
    weekly_days          int,
    weekly_minutes       int,
    review_due_on        date,
    certified_on         date,
    certified_through    date,
    certified_by         text COLLATE "C",
    version              bigint NOT NULL
);
CREATE INDEX episode_program ON episode (program_id, enrollment_id);
CREATE INDEX episode_patient ON episode (patient_id);

CREATE TABLE episode_level (
    enrollment_id text COLLATE "C" NOT NULL,
    effective_on  date NOT NULL,
    level_of_care text NOT NULL,
    PRIMARY KEY (enrollment_id, effective_on)
);

CREATE TABLE episode_diagnosis (
    enrollment_id  text COLLATE "C" NOT NULL,
    code           text NOT NULL,
    rank           int NOT NULL,
    effective_from date NOT NULL,
    PRIMARY KEY (enrollment_id, rank, effective_from)
);

CREATE TABLE episode_leave (
    enrollment_id      text COLLATE "C" NOT NULL,
    leave_id           text COLLATE "C" NOT NULL,
    started_on         date NOT NULL,
    expected_return_on date,
    returned_on        date,
    PRIMARY KEY (enrollment_id, leave_id)
);

-- "authorization" is a reserved word, so it is quoted wherever it is named.
CREATE TABLE "authorization" (
    authorization_id text COLLATE "C" PRIMARY KEY,
    patient_id       text COLLATE "C" NOT NULL,
    enrollment_id    text COLLATE "C" NOT NULL,
    program_id       text COLLATE "C" NOT NULL,
    payer_id         text COLLATE "C" NOT NULL,
    level_of_care    text NOT NULL,
    procedure_code   text NOT NULL,
    state            text NOT NULL,
    requested_on     date NOT NULL,
    decided_on       date,
    valid_from       date NOT NULL,
    valid_through    date NOT NULL,
    units            int NOT NULL,
    unit_basis       text NOT NULL,
    version          bigint NOT NULL
);
CREATE INDEX authorization_enrollment ON "authorization" (enrollment_id);
CREATE INDEX authorization_patient ON "authorization" (patient_id);

CREATE TABLE care_group (
    group_id     text COLLATE "C" PRIMARY KEY,
    program_id   text COLLATE "C" NOT NULL,
    topic        text NOT NULL,
    service_kind text NOT NULL,
    capacity     int NOT NULL,
    modality     text NOT NULL,
    formed_on    date NOT NULL,
    version      bigint NOT NULL
);
CREATE INDEX care_group_program ON care_group (program_id, group_id);

CREATE TABLE group_series (
    group_id          text COLLATE "C" NOT NULL,
    series_id         text COLLATE "C" NOT NULL,
    effective_from    date NOT NULL,
    effective_through date,
    weekdays          int[] NOT NULL,
    starts            text NOT NULL,
    minutes           int NOT NULL,
    PRIMARY KEY (group_id, series_id, effective_from)
);

CREATE TABLE group_place (
    group_id          text COLLATE "C" NOT NULL,
    patient_id        text COLLATE "C" NOT NULL,
    enrollment_id     text COLLATE "C" NOT NULL,
    effective_from    date NOT NULL,
    effective_through date,
    cause             text NOT NULL,
    over_capacity     boolean NOT NULL
);
CREATE INDEX group_place_group ON group_place (group_id);

CREATE TABLE group_facilitator (
    group_id       text COLLATE "C" NOT NULL,
    clinician_id   text COLLATE "C" NOT NULL,
    effective_from date NOT NULL
);
CREATE INDEX group_facilitator_group ON group_facilitator (group_id);

CREATE TABLE group_substitute (
    group_id      text COLLATE "C" NOT NULL,
    substitute_on date NOT NULL,
    clinician_id  text COLLATE "C" NOT NULL,
    in_place_of   text COLLATE "C" NOT NULL,
    PRIMARY KEY (group_id, substitute_on, in_place_of)
);

CREATE TABLE session (
    session_id       text COLLATE "C" PRIMARY KEY,
    program_id       text COLLATE "C" NOT NULL,
    group_id         text COLLATE "C",
    service_kind     text NOT NULL,
    level_of_care    text NOT NULL,
    topic            text NOT NULL,
    service_date     date NOT NULL,
    starts_at        text COLLATE "C" NOT NULL,
    ends_at          text COLLATE "C" NOT NULL,
    modality         text,
    place_of_service text,
    facilitators     text[] NOT NULL,
    state            text NOT NULL,
    started_at       text COLLATE "C",
    ended_at         text COLLATE "C",
    cancel_cause     text,
    head_count       int,
    peak_count       int,
    version          bigint NOT NULL
);
CREATE INDEX session_day ON session (program_id, service_date, starts_at);
CREATE INDEX session_unclosed ON session (program_id, ends_at) WHERE state IN ('scheduled', 'started');

CREATE TABLE attendance (
    session_id        text COLLATE "C" NOT NULL,
    attendance_id     text COLLATE "C" NOT NULL,
    patient_id        text COLLATE "C" NOT NULL,
    enrollment_id     text COLLATE "C" NOT NULL,
    program_id        text COLLATE "C",
    service_kind      text,
    service_date      date NOT NULL,
    state             text NOT NULL,
    cause             text,
    scheduled_minutes int NOT NULL,
    arrived_at        text COLLATE "C",
    left_at           text COLLATE "C",
    minutes           int,
    modality          text,
    place_of_service  text,
    corrected         boolean NOT NULL,
    PRIMARY KEY (session_id, attendance_id)
);
CREATE INDEX attendance_patient ON attendance (patient_id, service_date);
CREATE INDEX attendance_week ON attendance (program_id, service_date);

CREATE TABLE note (
    note_id           text COLLATE "C" PRIMARY KEY,
    kind              text NOT NULL,
    program_id        text COLLATE "C" NOT NULL,
    author_id         text COLLATE "C" NOT NULL,
    patient_id        text COLLATE "C",
    enrollment_id     text COLLATE "C",
    session_id        text COLLATE "C",
    attendance_id     text COLLATE "C",
    narrative_id      text COLLATE "C",
    sections          text[] NOT NULL,
    names_goal        boolean NOT NULL,
    untouched         text[] NOT NULL,
    template_version  integer NOT NULL,
    service_kind      text,
    service_date      date NOT NULL,
    service_ended_at  text COLLATE "C" NOT NULL,
    state             text NOT NULL,
    signed_at         text COLLATE "C",
    late_reason       text,
    credential_active boolean,
    supervisor_id     text COLLATE "C",
    cosigned_at       text COLLATE "C",
    attested_at       text COLLATE "C",
    returned_by       text COLLATE "C",
    patient_answer    text,
    signed_position   bigint,
    facilitators      text[] NOT NULL,
    version           bigint NOT NULL
);
CREATE INDEX note_open ON note (program_id, service_ended_at) WHERE state IN ('draft', 'returned', 'awaiting_cosignature');
CREATE INDEX note_unanswered ON note (program_id)
    WHERE kind IN ('plan_of_care', 'plan_review') AND patient_answer IS NULL AND state IN ('awaiting_cosignature', 'signed');
CREATE INDEX note_late ON note (program_id, patient_id) WHERE state IN ('awaiting_cosignature', 'signed') AND attested_at IS NULL;
CREATE INDEX note_narrative ON note (narrative_id) WHERE narrative_id IS NOT NULL AND state IN ('awaiting_cosignature', 'signed');
CREATE INDEX note_attendance ON note (attendance_id) WHERE attendance_id IS NOT NULL;
CREATE INDEX note_session ON note (session_id, patient_id) WHERE session_id IS NOT NULL;
CREATE INDEX note_patient ON note (patient_id, service_ended_at) WHERE patient_id IS NOT NULL;
CREATE INDEX note_daily ON note (patient_id, program_id, service_date) WHERE kind = 'daily' AND session_id IS NULL;

-- Also each time that a narrative was written anew, which parts may be signed over by then.
CREATE TABLE note_amendment (
    note_id      text COLLATE "C" NOT NULL,
    amendment_id text COLLATE "C",
    kind         text NOT NULL,
    section      text,
    author_id    text COLLATE "C" NOT NULL,
    signed_at    text COLLATE "C",
    recorded_at  text COLLATE "C" NOT NULL,
    position     bigint NOT NULL,
    PRIMARY KEY (note_id, position)
);
