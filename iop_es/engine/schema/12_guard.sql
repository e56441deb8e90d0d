-- Row-level security of read models. Whatever stands in one is seen by iop_query only as far as `reaches` says, table by table, and
-- by what the gate has set for the transaction; nothing set: no row. Nobody is exempt: the security is forced on the owner too, whom
-- one policy lets see and write everything, with the projector.
--
-- reaches: {"table": {"kind": …}}, the kinds being those of readmodel/reach.py; a table that it leaves out is read by nobody but the
-- projector. Names go in quoted, so that no text of a caller becomes a statement.
CREATE OR REPLACE FUNCTION reach_of(place text, target text, reach jsonb) RETURNS text LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT AS $$
DECLARE
    -- In brackets of its own, what is set is looked up once a query.
    listed  CONSTANT text := '(SELECT string_to_array(current_setting(''iop.programs'', true), '',''))::text[]';
    anybody CONSTANT text := '(SELECT current_setting(''iop.person'', true)) <> ''''';
    parent  CONSTANT text := format('%I.%I', place, coalesce(reach ->> 'parent', ''));
    same    text;
    found   text;
BEGIN
    SELECT string_agg(format('p.%1$I = %2$I.%1$I', c, target), ' AND ') INTO same FROM jsonb_array_elements_text(reach -> 'columns') c;
    CASE reach ->> 'kind'
        WHEN 'anybody' THEN
            RETURN anybody;
        WHEN 'listed' THEN
            found := format('%I = ANY (%s)', reach ->> 'column', listed);
            IF (reach -> 'unnamed')::boolean THEN
                found := format('%s OR %I IS NULL AND %s', found, reach ->> 'column', anybody);
            END IF;
        WHEN 'overlapping' THEN
            found := format('%I && %s', reach ->> 'column', listed);
        WHEN 'within' THEN
            found := format('EXISTS (SELECT FROM %s p WHERE %s)', parent, same);
        WHEN 'owned' THEN
            -- Each of the two is asked once a query where the planner expects many rows, and by index where it expects few.
            RETURN format('EXISTS (SELECT FROM %1$s p WHERE %2$s AND p.%3$I = ANY (%4$s))'
                || ' OR (SELECT current_setting(%5$L, true)) = ''on'' AND NOT EXISTS (SELECT FROM %1$s p WHERE %2$s)',
                parent, same, reach ->> 'column', listed, 'iop.' || (reach ->> 'setting'));
    END CASE;
    IF reach ? 'setting' AND reach ->> 'kind' = 'within' THEN
        RETURN format('%s OR (SELECT current_setting(%L, true)) = ''on'' AND NOT %I.%I(%I)', found, 'iop.' || (reach ->> 'setting'), place,
                      'known_to_' || (reach ->> 'parent'), reach -> 'columns' ->> 0);
    ELSIF reach ? 'setting' THEN
        RETURN format('%s OR (SELECT current_setting(%L, true)) = ''on''', found, 'iop.' || (reach ->> 'setting'));
    END IF;
    RETURN found;
END
$$;

-- What the policies of a read model's tables would be by now, as one text that can be compared.
CREATE OR REPLACE FUNCTION policies_of(place text, reaches jsonb) RETURNS text LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT md5(string_agg(concat_ws(' ', r.key, reach_of(place, r.key, r.value)), E'\n' ORDER BY r.key)) FROM jsonb_each(reaches) r
$$;

-- What stands between a table and those who may not see it: owner, security, policies and grants, as one text that can be compared.
CREATE OR REPLACE FUNCTION guard_of(target oid) RETURNS text LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT md5(concat_ws(E'\n', c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity,
        (SELECT string_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
                                     pg_get_expr(p.polwithcheck, p.polrelid)), E'\n' ORDER BY p.polname)
         FROM pg_policy p WHERE p.polrelid = c.oid),
        (SELECT string_agg(concat_ws(' ', a.grantee::regrole, a.privilege_type, a.is_grantable), E'\n' ORDER BY a.grantee::regrole::text, a.privilege_type)
         FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner),
        (SELECT string_agg(concat_ws(' ', t.attname, t.attacl), E'\n' ORDER BY t.attname)
         FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL)))
    FROM pg_class c WHERE c.oid = target
$$;

-- What would act with the rights of whoever comes to own a table: its rules, functions and types that are not PostgreSQL's own in its
-- columns, indexes, statistics and constraints (of what is its own, pg_depend keeps nothing), and keys of tables elsewhere that are
-- compared with its own. Whoever fills a table without owning it would act as the owner through any of them.
CREATE OR REPLACE FUNCTION acts_with(target oid) RETURNS boolean LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    WITH part (kind, id) AS (
        SELECT 'pg_class'::regclass::oid, target
        UNION ALL SELECT 'pg_class'::regclass, i.indexrelid FROM pg_index i WHERE i.indrelid = target
        UNION ALL SELECT d.classid, d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = target AND d.deptype IN ('a', 'i')
          AND d.classid NOT IN ('pg_type'::regclass, 'pg_policy'::regclass)
    )
    SELECT EXISTS (SELECT FROM part p WHERE p.kind = 'pg_rewrite'::regclass)
        OR EXISTS (SELECT FROM part p JOIN pg_depend d ON (d.classid, d.objid) = (p.kind, p.id)
                   WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass))
        OR EXISTS (SELECT FROM pg_constraint k JOIN pg_class c ON c.oid = target WHERE k.confrelid = target AND k.connamespace <> c.relnamespace)
$$;

-- Secure every table of a read model, and hand them to the owner once they are whole: then the projector fills what it cannot change.
CREATE OR REPLACE FUNCTION guard_read_model(place text, reaches jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    one    record;
    parent text;
    marks  jsonb := jsonb_build_object('', policies_of(place, reaches));  -- beside the tables, none of which has no name
    whole  CONSTANT boolean := to_regclass(format('%I.deferred', place)) IS NULL;
BEGIN
    PERFORM FROM read_model r WHERE r.schema = place FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no read model.', place;
    END IF;
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %1$I FROM PUBLIC, iop_api, iop_query, iop_projector', place);
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, iop_api', place);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO iop_query, iop_projector', place);
    FOR parent IN SELECT DISTINCT r.value ->> 'parent' FROM jsonb_each(reaches) r WHERE r.value ->> 'kind' = 'within' AND r.value ? 'setting' LOOP
        -- Whether a thing is known there at all, out of scope or not: what lies outside of it must not pass for what is nowhere.
        -- It sees past the security for that, and answers no more than yes or no.
        EXECUTE format('CREATE OR REPLACE FUNCTION %I.%I(wanted text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp'
                       ' AS $f$ SELECT EXISTS (SELECT FROM %I.%I p WHERE p.%I = wanted) $f$', place, 'known_to_' || parent, place, parent,
                       (SELECT r.value -> 'columns' ->> 0 FROM jsonb_each(reaches) r WHERE r.value ->> 'parent' = parent AND r.value ? 'setting' LIMIT 1));
        EXECUTE format('REVOKE ALL ON FUNCTION %I.%I FROM PUBLIC', place, 'known_to_' || parent);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %I.%I TO iop_query', place, 'known_to_' || parent);
    END LOOP;
    FOR one IN SELECT c.oid, c.relname AS name, format('%I.%I', place, c.relname) AS full_name, reaches -> c.relname::text AS reach
               FROM pg_class c WHERE c.relnamespace = place::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', one.full_name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', one.full_name);
        EXECUTE (SELECT coalesce(string_agg(format('DROP POLICY %I ON %s', p.polname, one.full_name), ';'), 'SELECT') FROM pg_policy p WHERE p.polrelid = one.oid);
        EXECUTE format('CREATE POLICY projected ON %s TO iop_owner, iop_projector USING (true) WITH CHECK (true)', one.full_name);
        IF one.reach IS NOT NULL THEN
            EXECUTE format('CREATE POLICY in_reach ON %s FOR SELECT TO iop_query USING (%s)', one.full_name, reach_of(place, one.name, one.reach));
            EXECUTE format('GRANT SELECT ON %s TO iop_query', one.full_name);
        END IF;
        IF whole AND acts_with(one.oid) THEN
            RAISE EXCEPTION '% has a rule, or a function, type or key of somebody else''s: it would act as iop_owner.', one.full_name
                USING ERRCODE = 'insufficient_privilege';
        ELSIF whole THEN
            EXECUTE format('ALTER TABLE %s OWNER TO iop_owner', one.full_name);
        END IF;
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON %s TO iop_projector', one.full_name);
        marks := marks || jsonb_build_object(one.name, guard_of(one.oid));
    END LOOP;
    -- A function of a model acts with the rights of whoever calls it. One that does not is never handed over, and the check at the start
    -- finds it.
    FOR one IN SELECT f.oid::regprocedure AS full_name FROM pg_proc f WHERE f.pronamespace = place::regnamespace AND NOT f.prosecdef ORDER BY f.oid LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, iop_api', one.full_name);
        IF whole THEN
            EXECUTE format('ALTER FUNCTION %s OWNER TO iop_owner', one.full_name);
        END IF;
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO iop_query, iop_projector', one.full_name);
    END LOOP;
    IF whole THEN
        EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM iop_projector', place);
    END IF;
    UPDATE read_model r SET guard = marks WHERE r.schema = place;
END
$$;
