-- The roles that no one logs in as. They belong to the whole cluster, so two migrations in two databases may race here.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['iop_owner', 'iop_api', 'iop_query', 'iop_audit', 'iop_projector', 'iop_sealer', 'iop_backup', 'iop_keeper'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another migration was first
            END;
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
    -- The projector makes a read model's tables and fills them; then they become the owner's, who must be able to take them.
    IF NOT pg_has_role('iop_owner', 'iop_projector', 'USAGE') THEN
        GRANT iop_projector TO iop_owner;
    END IF;
    IF NOT has_database_privilege('iop_owner', current_database(), 'CREATE') THEN
        EXECUTE format('GRANT CREATE ON DATABASE %I TO iop_owner', current_database());
    END IF;
END
$$;

-- A function is its owner's until it is granted to somebody; an earlier release let the API read whatever a projector makes.
ALTER DEFAULT PRIVILEGES FOR ROLE iop_owner, iop_projector REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE iop_projector REVOKE SELECT ON TABLES FROM iop_api;
