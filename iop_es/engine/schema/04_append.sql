-- Append facts: the one way in. Everything is checked and written behind one lock that is held to commit, so that
-- positions are dense, time follows position, and a reader that remembers a position never skips a fact.
--
-- Arrays of one length each: facts (streams … actors), pairs of a fact's number (1-based) and a patient (pair_*), commands
-- (key_*), reservations given back (release_*) and taken (claim_*), in that order. given_at: the simulated clock.
-- An empty array may be NULL, and so may the array of sealed parts when there are none.
-- Returns the reply of each command, or, when any key was seen before, only the first replies of the seen ones: then nothing is written.
--
-- Errors carry a code and their particulars as JSON in DETAIL:
-- IOP01 stale version · IOP02 key reused for another body · IOP03 reservation taken · IOP04 clock runs backwards · IOP05 not a simulation ·
-- IOP06 the log takes no facts
CREATE OR REPLACE FUNCTION append(
    streams uuid[], versions bigint[], topics text[], states bytea[], sealeds bytea[], contexts bytea[],
    occurred timestamptz[], actors uuid[],
    pair_facts int[], pair_patients uuid[], pair_aliases uuid[],
    key_names text[], key_bodies bytea[], key_facts int[], key_streams uuid[],
    release_kinds text[], release_keys text[], release_streams uuid[],
    claim_kinds text[], claim_keys text[], claim_streams uuid[],
    given_at timestamptz
) RETURNS TABLE (r_key text, r_first bigint, r_last bigint, r_recorded_at text, r_stream text, r_version bigint, r_replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
-- One plan for ever: arrays make the planner prefer a new plan a call, and a plan made while a table was empty would scan it.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    how_many CONSTANT bigint := coalesce(cardinality(streams), 0);
    clock    CONSTANT text := 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
    head     log_head;
    clash    record;
    moment   timestamptz;
    written  text;
BEGIN
    PERFORM pg_advisory_xact_lock('fact'::regclass::oid::bigint);

    -- A command seen before gets its first reply.
    IF EXISTS (SELECT FROM idempotency WHERE key = ANY (key_names)) THEN
        SELECT i.key INTO clash FROM unnest(key_names, key_bodies) k (key, body)
        JOIN idempotency i ON i.key = k.key WHERE i.body <> k.body LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'key reused for another body' USING ERRCODE = 'IOP02', DETAIL = json_build_object('key', clash.key);
        END IF;
        RETURN QUERY
            SELECT i.key, i.first, i.last,
                   to_char(coalesce(f.recorded_at, 'epoch') AT TIME ZONE 'UTC', clock), i.stream::text, i.version, true
            FROM unnest(key_names) WITH ORDINALITY k (key, place)
            JOIN idempotency i ON i.key = k.key LEFT JOIN fact f ON f.position = i.last
            ORDER BY k.place;
        RETURN;
    END IF;

    -- Each fact follows the one before it in its stream; a new stream starts at 1 (or 0, as the library's may).
    SELECT s.stream, s.version - 1 AS expected, s.actual INTO clash FROM (
        SELECT f.stream, f.version, coalesce(h.version, CASE WHEN f.start = 0 THEN -1 ELSE 0 END) + f.nth - 1 AS actual
        FROM (SELECT u.stream, u.version, row_number() OVER w AS nth, first_value(u.version) OVER w AS start
              FROM unnest(streams, versions) WITH ORDINALITY u (stream, version, place)
              WINDOW w AS (PARTITION BY u.stream ORDER BY u.place)) f
        LEFT JOIN LATERAL (SELECT x.version FROM fact x WHERE x.stream = f.stream ORDER BY x.version DESC LIMIT 1) h ON true
    ) s WHERE s.version - 1 <> s.actual LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'stale version' USING ERRCODE = 'IOP01',
            DETAIL = json_build_object('stream', clash.stream, 'expected', clash.expected, 'actual', greatest(clash.actual, 0));
    END IF;

    SELECT * INTO head FROM log_head;
    IF head.refusal IS NOT NULL THEN
        RAISE EXCEPTION 'the log takes no facts' USING ERRCODE = 'IOP06', DETAIL = json_build_object('reason', head.refusal);
    END IF;
    IF given_at IS NOT NULL AND NOT head.simulation THEN
        RAISE EXCEPTION 'not a simulation' USING ERRCODE = 'IOP05';
    ELSIF head.simulation THEN
        moment := coalesce(given_at, head.recorded_at + interval '1 second');
        IF moment < head.recorded_at OR (given_at IS NULL AND head.position = 0) THEN
            RAISE EXCEPTION 'clock runs backwards' USING ERRCODE = 'IOP04', DETAIL = json_build_object(
                'given', to_char(given_at AT TIME ZONE 'UTC', clock), 'head', to_char(head.recorded_at AT TIME ZONE 'UTC', clock));
        END IF;
    ELSE
        moment := greatest(clock_timestamp(), head.recorded_at);
    END IF;

    IF how_many > 0 THEN
        UPDATE log_head SET position = head.position + how_many, recorded_at = moment;
        written := to_char(moment AT TIME ZONE 'UTC', clock);
        -- The stamp: when it was recorded, then each patient's alias and number, in byte order of alias.
        WITH pair AS (
            INSERT INTO fact_patient (patient_id, n, position, alias)
            SELECT p.patient, row_number() OVER (PARTITION BY p.patient ORDER BY p.number) + coalesce(
                       (SELECT x.n FROM fact_patient x WHERE x.patient_id = p.patient ORDER BY x.n DESC LIMIT 1), 0),
                   head.position + p.number, p.alias
            FROM unnest(pair_facts, pair_patients, pair_aliases) p (number, patient, alias)
            RETURNING position, alias, n
        ), lines AS MATERIALIZED (
            SELECT position, string_agg(alias || ' ' || n || E'\n', '' ORDER BY alias) AS text FROM pair GROUP BY position
        )
        INSERT INTO fact (position, stream, version, topic, state, sealed, context, stamp, recorded_at, occurred_at, actor)
        SELECT head.position + u.place, u.stream, u.version, u.topic, u.state, u.sealed, u.context,
               convert_to(written || E'\n' || coalesce(l.text, ''), 'UTF8'), moment, u.occurred, u.actor
        FROM unnest(streams, versions, topics, states, sealeds, contexts, occurred, actors)
             WITH ORDINALITY u (stream, version, topic, state, sealed, context, occurred, actor, place)
        LEFT JOIN lines l ON l.position = head.position + u.place;
    ELSE
        written := to_char(head.recorded_at AT TIME ZONE 'UTC', clock);
    END IF;

    IF cardinality(release_keys) > 0 THEN
        DELETE FROM reservation r USING unnest(release_kinds, release_keys, release_streams) g (kind, key, stream)
        WHERE r.kind = g.kind AND r.key = g.key AND r.stream = g.stream;
    END IF;
    IF cardinality(claim_keys) > 0 THEN
        SELECT r.kind, r.key INTO clash FROM unnest(claim_kinds, claim_keys) c (kind, key)
        JOIN reservation r ON r.kind = c.kind AND r.key = c.key LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'reservation taken' USING ERRCODE = 'IOP03', DETAIL = json_build_object('kind', clash.kind, 'key', clash.key);
        END IF;
        INSERT INTO reservation (kind, key, stream, position)
        SELECT c.kind, c.key, c.stream, head.position + how_many FROM unnest(claim_kinds, claim_keys, claim_streams) c (kind, key, stream);
    END IF;

    IF how_many > 0 THEN
        PERFORM pg_notify(current_schema(), (head.position + how_many)::text);  -- a hint: the position is the truth
    END IF;

    RETURN QUERY
        WITH reply AS (
            SELECT k.place, k.key, k.body, head.position + k.upto - k.facts + 1 AS first, head.position + k.upto AS last, k.stream,
                   coalesce((SELECT x.version FROM fact x WHERE x.stream = k.stream AND x.position <= head.position + k.upto
                             ORDER BY x.version DESC LIMIT 1), 0) AS version
            FROM (SELECT u.*, sum(u.facts) OVER (ORDER BY u.place)::bigint AS upto
                  FROM unnest(key_names, key_bodies, key_facts, key_streams) WITH ORDINALITY u (key, body, facts, stream, place)) k
        ), kept AS (
            INSERT INTO idempotency (key, body, first, last, stream, version)
            SELECT r.key, r.body, r.first, r.last, r.stream, r.version FROM reply r
        )
        SELECT r.key, r.first, r.last, written, r.stream::text, r.version, false FROM reply r ORDER BY r.place;
END
$$;
