-- One row an administration that counts and scale; the thresholds that judged it are kept with it. Days are calendar
-- dates. A triage has a band and no score.
CREATE TABLE measure (
    patient_id                 text COLLATE "C" NOT NULL,
    assessment_id              text COLLATE "C" NOT NULL,
    scale                      text COLLATE "C" NOT NULL,
    program_id                 text COLLATE "C" NOT NULL,
    enrollment_id              text COLLATE "C",
    instrument                 text COLLATE "C" NOT NULL,
    instrument_version         text COLLATE "C" NOT NULL,
    administered_on            date NOT NULL,
    administered_at            text COLLATE "C" NOT NULL,
    occasion                   text COLLATE "C" NOT NULL,
    respondent                 text COLLATE "C" NOT NULL,
    score                      int,
    band                       text,
    band_verified              boolean,
    band_raised                boolean,
    provisional_diagnosis      boolean,
    baseline_assessment_id     text COLLATE "C",
    baseline_score             int,
    change                     int,
    direction                  text COLLATE "C",
    reliable                   boolean,
    change_class               text COLLATE "C",
    important                  boolean,
    response                   boolean,
    remission                  boolean,
    end_state                  boolean,
    days_since_baseline        int,
    months_since_baseline      int,
    speaks_for_month           boolean NOT NULL,
    speaks_for_occasion        boolean NOT NULL,
    missing_items              int[] NOT NULL,
    safety_item_score          int,
    corrected                  boolean NOT NULL,
    higher_is_better           boolean,
    thresholds_from            date,
    reliable_change            int,
    standard_deviation         float8,
    reliability                float8,
    reliable_change_dated      text COLLATE "C",
    minimal_important_difference int,
    cut                        int,
    response_share             float8,
    remission_limit            int,
    end_state_limit            int,
    threshold_source           text,
    recorded_at                text COLLATE "C" NOT NULL,
    positions                  bigint[] NOT NULL,
    PRIMARY KEY (patient_id, assessment_id, scale)
);
CREATE INDEX measure_program ON measure (program_id, instrument, instrument_version, scale);

-- One row an episode, instrument, version and scale with a score: where it began and where it stands.
CREATE TABLE trend (
    patient_id         text COLLATE "C" NOT NULL,
    program_id         text COLLATE "C" NOT NULL,
    enrollment_id      text COLLATE "C",
    instrument         text COLLATE "C" NOT NULL,
    instrument_version text COLLATE "C" NOT NULL,
    scale              text COLLATE "C" NOT NULL,
    measures           int NOT NULL,
    baseline_on        date NOT NULL,
    baseline_score     int NOT NULL,
    last_on            date NOT NULL,
    last_score         int NOT NULL,
    change             int,
    direction          text COLLATE "C",
    change_class       text COLLATE "C"
);
CREATE INDEX trend_patient ON trend (patient_id);
CREATE INDEX trend_program ON trend (program_id, instrument, instrument_version, scale);

-- One row an episode: what coverage and missing measures are counted against, and by what it belongs to a cohort: level
-- of care, first payer and principal diagnosis at the admission, and what its discharge counts as.
CREATE TABLE episode (
    patient_id       text COLLATE "C" NOT NULL,
    enrollment_id    text COLLATE "C" NOT NULL,
    program_id       text COLLATE "C" NOT NULL,
    referred_on      date NOT NULL,
    admitted_on      date,
    level_of_care    text COLLATE "C",
    focus            text COLLATE "C",
    discharged_on    date,
    discharge_reason text COLLATE "C",
    admitted_level   text COLLATE "C",
    payer_id         text COLLATE "C",
    diagnosis        text COLLATE "C",
    ended            text COLLATE "C",
    positions        bigint[] NOT NULL,
    PRIMARY KEY (patient_id, enrollment_id)
);
CREATE INDEX episode_program ON episode (program_id, discharged_on);

-- One row an episode with a closed session: what was planned for the patient, and what of it was attended.
CREATE TABLE attended (
    patient_id       text COLLATE "C" NOT NULL,
    enrollment_id    text COLLATE "C" NOT NULL,
    sessions         int NOT NULL,
    planned_days     int NOT NULL,
    attended_days    int NOT NULL,
    planned_minutes  int NOT NULL,
    attended_minutes int NOT NULL,
    PRIMARY KEY (patient_id, enrollment_id)
);

-- Whom somebody should look at, from the day `since` on, through `until`; also what is not due yet and what was cleared.
-- Nothing that is measured later takes an alert of a measure away, and of safety neither does a correction or a void. Whose record is parked stands here, too.
CREATE TABLE alert (
    patient_id            text COLLATE "C" NOT NULL,
    record                text COLLATE "C" NOT NULL,
    kind                  text COLLATE "C" NOT NULL,
    about                 text COLLATE "C" NOT NULL,
    since                 date NOT NULL,
    until                 date,
    program_id            text COLLATE "C" NOT NULL,
    enrollment_id         text COLLATE "C",
    urgent                boolean NOT NULL,
    why                   text NOT NULL,
    value                 int,
    threshold             int,
    instrument            text COLLATE "C",
    instrument_version    text COLLATE "C",
    standing              text COLLATE "C" NOT NULL,
    owner_id              text COLLATE "C",
    taken_by              text COLLATE "C",
    taken_at              text COLLATE "C",
    cleared_by            text COLLATE "C",
    cleared_at            text COLLATE "C",
    cause                 text COLLATE "C",
    override_cause        text COLLATE "C",
    risk_level            text COLLATE "C",
    risk_assessed_by      text COLLATE "C",
    risk_assessed_at      text COLLATE "C",
    judged                boolean NOT NULL,
    safety_plan_on        date,
    safety_plan_review_on date,
    follow_ups            int NOT NULL,
    followed_up_at        text COLLATE "C",
    reached               boolean,
    withdrawn             text COLLATE "C",
    withdrawn_by          text COLLATE "C",
    withdrawn_at          text COLLATE "C",
    left_on               date,
    positions             bigint[] NOT NULL,
    PRIMARY KEY (patient_id, record, kind, about, since, program_id)
);
CREATE INDEX alert_program ON alert (program_id, since) WHERE standing <> 'cleared';

-- Who took or cleared what, also where the alert itself is gone.
CREATE TABLE acknowledgment (
    patient_id      text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    program_id      text COLLATE "C" NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    about           text COLLATE "C" NOT NULL,
    since           date NOT NULL,
    outcome         text COLLATE "C" NOT NULL,
    acknowledged_by text COLLATE "C" NOT NULL,
    acknowledged_at text COLLATE "C" NOT NULL,
    cause           text COLLATE "C" NOT NULL,
    override_cause  text COLLATE "C",
    PRIMARY KEY (patient_id, position)
);

-- What clinicians judged; their words stay sealed in the log.
CREATE TABLE risk_level (
    patient_id    text COLLATE "C" NOT NULL,
    position      bigint NOT NULL,
    program_id    text COLLATE "C" NOT NULL,
    enrollment_id text COLLATE "C",
    assessed_by   text COLLATE "C" NOT NULL,
    assessed_at   text COLLATE "C" NOT NULL,
    level         text COLLATE "C" NOT NULL,
    basis         text[] NOT NULL,
    assessment_id text COLLATE "C",
    recorded_at   text COLLATE "C" NOT NULL,
    PRIMARY KEY (patient_id, position)
);

CREATE TABLE safety_plan (
    patient_id    text COLLATE "C" NOT NULL,
    position      bigint NOT NULL,
    program_id    text COLLATE "C" NOT NULL,
    enrollment_id text COLLATE "C",
    recorded_by   text COLLATE "C" NOT NULL,
    made_on       date NOT NULL,
    review_on     date,
    note_id       text COLLATE "C",
    recorded_at   text COLLATE "C" NOT NULL,
    PRIMARY KEY (patient_id, position)
);

-- Tries to reach the patient.
CREATE TABLE follow_up (
    patient_id    text COLLATE "C" NOT NULL,
    position      bigint NOT NULL,
    program_id    text COLLATE "C" NOT NULL,
    enrollment_id text COLLATE "C",
    made_by       text COLLATE "C" NOT NULL,
    made_at       text COLLATE "C" NOT NULL,
    means         text COLLATE "C" NOT NULL,
    reached       boolean NOT NULL,
    cause         text COLLATE "C" NOT NULL,
    recorded_at   text COLLATE "C" NOT NULL,
    PRIMARY KEY (patient_id, position)
);

-- A program's days are those of its own time zone.
CREATE TABLE program (
    program_id text COLLATE "C" PRIMARY KEY,
    time_zone  text NOT NULL
);
