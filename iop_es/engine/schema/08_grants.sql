-- What each role may do; whatever is not named here it may not.
DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO iop_api, iop_projector', current_schema());
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO iop_api, iop_projector', current_schema());
END
$$;

GRANT EXECUTE ON FUNCTION append TO iop_api;
GRANT INSERT (actor, role, purpose, resource, patients, request, rows, outcome, grant_id) ON access_log TO iop_api;
GRANT INSERT, UPDATE, DELETE ON read_model, parked, slice TO iop_projector;
GRANT EXECUTE ON FUNCTION open_read_model, drop_read_model TO iop_projector;
