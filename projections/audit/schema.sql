-- One row a fact. Times are UTC text of fixed width, so that text order is time order. What rows are found by stands first and, where
-- it is an id of the log's own, as an id: five indexes are made of them in half the time, and take half the room.
CREATE TABLE entry (
    position      bigint PRIMARY KEY,
    version       bigint NOT NULL,
    stream        uuid NOT NULL,
    actor         text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    thing         text COLLATE "C" NOT NULL,
    delay_seconds bigint NOT NULL,
    recorded_at   text COLLATE "C" NOT NULL,
    occurred_at   text COLLATE "C" NOT NULL,
    role          text COLLATE "C" NOT NULL,
    on_behalf_of  text COLLATE "C",
    name          text COLLATE "C" NOT NULL,
    words         text NOT NULL,
    reason        text,
    request       text COLLATE "C",
    command_id    text COLLATE "C",
    done_on       text COLLATE "C"
);
CREATE INDEX entry_stream ON entry (stream, version);
CREATE INDEX entry_actor ON entry (actor, position);
CREATE INDEX entry_kind ON entry (kind, position) WHERE kind <> 'write';

-- Whose record an entry belongs to.
CREATE TABLE entry_patient (
    position   bigint NOT NULL,
    patient_id uuid NOT NULL,
    PRIMARY KEY (position, patient_id)
);
CREATE INDEX entry_patient_patient ON entry_patient (patient_id, position);

-- The program of what entries are about (`thing`): a program itself, a stream as its first fact tells, or what a fact tells of within a
-- stream that programs share. What has no row is the organization's own.
CREATE TABLE thing_program (
    thing      text COLLATE "C" PRIMARY KEY,
    program_id text COLLATE "C" NOT NULL
);
CREATE INDEX thing_program_program ON thing_program (program_id);
