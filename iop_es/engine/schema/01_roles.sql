-- The five roles that no one logs in as. They belong to the whole cluster, so two migrations in two databases may race here.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['iop_owner', 'iop_api', 'iop_projector', 'iop_sealer', 'iop_keeper'] LOOP
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
    IF NOT has_database_privilege('iop_owner', current_database(), 'CREATE') THEN
        EXECUTE format('GRANT CREATE ON DATABASE %I TO iop_owner', current_database());
    END IF;
END
$$;

-- Tables that a projector makes while it runs are read by the API, whatever their schema.
ALTER DEFAULT PRIVILEGES FOR ROLE iop_projector GRANT SELECT ON TABLES TO iop_api;
