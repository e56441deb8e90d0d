-- ENABLE ALWAYS: session_replication_role = replica does not switch these off.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The log is append-only: % on % is refused. Append a correcting fact instead.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['fact', 'fact_patient', 'idempotency', 'access_log'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', guarded);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', guarded);
    END LOOP;
END
$$;

-- The head moves forward, and what the store was created as stays for ever.
CREATE OR REPLACE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON log_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER head_moves_forward BEFORE UPDATE ON log_head FOR EACH ROW
    WHEN (new.position < old.position OR new.recorded_at < old.recorded_at
          OR new.name <> old.name OR new.simulation <> old.simulation)
    EXECUTE FUNCTION refuse_change();
ALTER TABLE log_head ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE log_head ENABLE ALWAYS TRIGGER head_moves_forward;
