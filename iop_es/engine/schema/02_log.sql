-- One row a fact. Written by append() only, or by COPY as the owner when a bench store is filled.
CREATE TABLE IF NOT EXISTS fact (
    position    bigint PRIMARY KEY,
    stream      uuid NOT NULL,
    version     bigint NOT NULL,
    topic       text NOT NULL,
    state       bytea NOT NULL,
    sealed      bytea,
    context     bytea NOT NULL,
    stamp       bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    occurred_at timestamptz NOT NULL,
    actor       uuid NOT NULL,
    UNIQUE (stream, version)
);

-- Facts by name whatever their schema version; equal entries share one posting list, so the index stays small.
CREATE INDEX IF NOT EXISTS fact_name ON fact (split_part(topic, '@', 1));

-- Which facts are about which patient, numbered 1, 2, 3 … for each patient. A history as of a position is found in the
-- index alone: the rows of one patient lie all over the table, and those of later facts need not be read to be left out.
-- For that the pages must be known to be visible, and nothing but inserts would ever bring a vacuum that finds them so.
CREATE TABLE IF NOT EXISTS fact_patient (
    patient_id uuid NOT NULL,
    n          bigint NOT NULL,
    position   bigint NOT NULL,
    alias      uuid NOT NULL,
    PRIMARY KEY (patient_id, n) INCLUDE (position)
);

DO $$
BEGIN
    IF (SELECT indnatts = indnkeyatts FROM pg_index WHERE indexrelid = 'fact_patient_pkey'::regclass) THEN
        ALTER TABLE fact_patient DROP CONSTRAINT fact_patient_pkey, ADD PRIMARY KEY (patient_id, n) INCLUDE (position);
    END IF;  -- for a table that was made without it
END
$$;
ALTER TABLE fact_patient SET (autovacuum_vacuum_insert_scale_factor = 0.02);

CREATE UNIQUE INDEX IF NOT EXISTS fact_patient_position ON fact_patient (position, patient_id);

-- The gapless counter: one row, updated in place by every append.
CREATE TABLE IF NOT EXISTS log_head (
    single      boolean PRIMARY KEY DEFAULT true CHECK (single),
    position    bigint NOT NULL DEFAULT 0,
    recorded_at timestamptz NOT NULL DEFAULT 'epoch',
    name        text NOT NULL,
    simulation  boolean NOT NULL,
    refusal     text
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);

-- Why the log takes no facts, because what is here is not what was sealed; NULL: it takes them.
ALTER TABLE log_head ADD COLUMN IF NOT EXISTS refusal text;  -- for a table that was made without it

-- The first reply of each command, found again by its key.
CREATE TABLE IF NOT EXISTS idempotency (
    key     text PRIMARY KEY,
    body    bytea NOT NULL,
    first   bigint NOT NULL,
    last    bigint NOT NULL,
    stream  uuid NOT NULL,
    version bigint NOT NULL
);

-- What must be unique across streams; every row can be derived again from the facts.
CREATE TABLE IF NOT EXISTS reservation (
    kind     text NOT NULL,
    key      text NOT NULL,
    stream   uuid NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (kind, key)
);

-- What several streams may hold, each under a key that ends in a colon and the stream: who shares it is found by the rest of the
-- key, and from a stream.
CREATE INDEX IF NOT EXISTS reservation_shared ON reservation (split_part(key, ':', 1)) WHERE starts_with(kind, 'shared:');
CREATE INDEX IF NOT EXISTS reservation_sharing ON reservation (stream) WHERE starts_with(kind, 'shared:');

-- Who read what, and why.
CREATE TABLE IF NOT EXISTS access_log (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor    uuid NOT NULL,
    role     text NOT NULL,
    purpose  text NOT NULL,
    resource text NOT NULL,
    patients uuid[] NOT NULL DEFAULT '{}',
    request  text,
    rows     int,
    outcome  text NOT NULL
);

-- Under which grant a record was read that the reader's programs do not hold: broken glass.
ALTER TABLE access_log ADD COLUMN IF NOT EXISTS grant_id uuid;
CREATE INDEX IF NOT EXISTS access_log_grant ON access_log (grant_id) WHERE grant_id IS NOT NULL;
