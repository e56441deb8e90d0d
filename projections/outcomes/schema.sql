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

-- What someone should look at; nothing that is measured later takes a flag away.
CREATE TABLE flag (
    patient_id         text COLLATE "C" NOT NULL,
    assessment_id      text COLLATE "C" NOT NULL,
    kind               text COLLATE "C" NOT NULL,
    program_id         text COLLATE "C" NOT NULL,
    enrollment_id      text COLLATE "C",
    instrument         text COLLATE "C" NOT NULL,
    instrument_version text COLLATE "C" NOT NULL,
    administered_on    date NOT NULL,
    urgent             boolean NOT NULL,
    value              int NOT NULL,
    threshold          int NOT NULL,
    latest             boolean NOT NULL,
    positions          bigint[] NOT NULL,
    PRIMARY KEY (patient_id, assessment_id, kind)
);
CREATE INDEX flag_program ON flag (program_id, administered_on);

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

-- A program's days are those of its own time zone.
CREATE TABLE program (
    program_id text COLLATE "C" PRIMARY KEY,
    time_zone  text NOT NULL
);
