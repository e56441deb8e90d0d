-- What the check at the start asks of the database's own catalog, each as rows of text.

-- name: schemas
-- The read models' schemas that are whole, and those that are being built.
SELECT r.schema, r.guard IS NOT NULL, r.active FROM {log}.read_model r WHERE to_regnamespace(quote_ident(r.schema)) IS NOT NULL ORDER BY r.schema

-- name: triggers
-- Also for which columns alone a trigger fires, and under which condition.
SELECT c.relname::text, t.tgname::text, t.tgenabled::text, t.tgtype, f.proname::text, t.tgattr::text,
       substring(pg_get_triggerdef(t.oid, true) FROM ' WHEN \((.*)\) EXECUTE ')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN (%(schema)s, %(keys)s) AND NOT t.tgisinternal

-- name: bent
-- Tables of which another thing is written than was said, or not all rows or others' too are read.
SELECT n.nspname || '.' || c.relname, EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid),
       c.relrowsecurity AND n.nspname IN (%(schema)s, %(keys)s), EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p') ORDER BY 1

-- name: beside_keys
-- What stands in the keys' schema and is neither their table nor its indexes.
SELECT n.nspname || '.' || o.name FROM pg_namespace n CROSS JOIN LATERAL (
    SELECT c.relname::text AS name FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname <> 'subject_key' AND c.relkind NOT IN ('i', 'I')
    UNION ALL SELECT f.proname::text FROM pg_proc f WHERE f.pronamespace = n.oid
) o WHERE n.nspname = %(keys)s ORDER BY 1

-- name: owners
-- What somebody else owns: tables, views, sequences, functions and the schemas themselves.
SELECT o.name, pg_get_userbyid(o.owner)::text FROM (
    SELECT c.relowner AS owner, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL SELECT f.proowner, n.nspname || '.' || f.proname FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE n.nspname = ANY(%(schemas)s)
    UNION ALL SELECT n.nspowner, n.nspname::text FROM pg_namespace n WHERE n.nspname = ANY(%(schemas)s)
) o WHERE pg_get_userbyid(o.owner) <> 'iop_owner' ORDER BY o.name

-- name: security
-- Tables of read models whose rows are not secured, or otherwise than they were made.
SELECT c.relname::text, r.schema, c.relrowsecurity AND c.relforcerowsecurity, coalesce(r.guard ->> c.relname::text = {log}.guard_of(c.oid), false)
FROM {log}.read_model r JOIN pg_class c ON c.relnamespace = to_regnamespace(quote_ident(r.schema))
WHERE r.schema = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm')
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND coalesce(r.guard ->> c.relname::text = {log}.guard_of(c.oid), false))
ORDER BY 2, 1

-- name: opened
-- Builds that can be read before they are whole.
SELECT b.schema FROM unnest(%(building)s::text[]) b (schema) WHERE has_schema_privilege('iop_query', b.schema, 'USAGE')

-- name: functions
-- Functions that act with their owner's rights, with the search path that each is bound to, and whether anybody may call it.
SELECT n.nspname || '.' || f.proname, (SELECT c FROM unnest(f.proconfig) c WHERE c LIKE 'search_path=%%'),
       EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee = 0)
FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE n.nspname = ANY(%(schemas)s) AND f.prosecdef

-- name: views
SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'v'
AND NOT coalesce('security_invoker=true' = ANY(c.reloptions), false)

-- name: roles
SELECT r.rolname::text, r.rolcanlogin, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication
FROM pg_roles r WHERE r.rolname = ANY(%(roles)s)

-- name: login
-- Who this connection is, and which of the roles it may become.
SELECT r.rolname::text, r.rolsuper, r.rolbypassrls,
       ARRAY(SELECT o FROM unnest(%(roles)s::text[]) o WHERE EXISTS (SELECT FROM pg_roles x WHERE x.rolname = o) AND pg_has_role(session_user, o, 'MEMBER'))
FROM pg_roles r WHERE r.rolname = session_user

-- name: settings
SELECT s.name, current_setting(s.name, true) FROM unnest(%(names)s::text[]) s (name)

-- name: bodies
SELECT f.proname::text, f.prosrc FROM pg_proc f WHERE f.pronamespace = %(schema)s::regnamespace
