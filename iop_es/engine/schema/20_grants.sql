-- What each role may do, in this one file: whatever stands in no line that begins with GRANT, here or in another step, nobody may.
-- migrate takes everything away and gives what the lines say; serve and project compare them with what the database says and
-- refuse to work where it says more or less. A line is one statement; {schema} is the log's schema. What read models grant, and to
-- whose rows, is made with their tables: guard_read_model().

-- Appends facts through the one function, reads the log for commands and for what is told as of a moment, verifies it. It reads no
-- read model.
GRANT USAGE ON SCHEMA {schema} TO iop_api;
GRANT SELECT ON fact, fact_patient, idempotency, reservation, log_head, stored_events TO iop_api;
GRANT SELECT ON read_model, parked, slice, migration TO iop_api;
GRANT SELECT ON tree_tile, tree_checkpoint, tree_restored TO iop_api;
GRANT EXECUTE ON FUNCTION append, position_at, guard_of, policies_of, reach_of, stop_log TO iop_api;

-- Answers questions: the read models' rows within the scope that the gate sets, each read written down. It reads no fact.
GRANT USAGE ON SCHEMA {schema} TO iop_query;
GRANT SELECT ON log_head, read_model TO iop_query;
GRANT INSERT (actor, role, purpose, resource, patients, request, rows, outcome, grant_id) ON access_log TO iop_query;

-- Reads who read what; the gate becomes it for that one question, and `verify` for the access log.
GRANT USAGE ON SCHEMA {schema} TO iop_audit;
GRANT SELECT ON access_log TO iop_audit;
GRANT SELECT ON access_order, access_tree_tile, access_tree_checkpoint, access_tree_restored, log_head TO iop_audit;
GRANT EXECUTE ON FUNCTION access_ordered TO iop_audit;

-- Folds facts into read models.
GRANT USAGE ON SCHEMA {schema} TO iop_projector;
GRANT SELECT ON fact, fact_patient, log_head, read_model, parked, slice, migration TO iop_projector;
GRANT SELECT ON tree_tile, tree_checkpoint, tree_restored TO iop_projector;
GRANT UPDATE (active, position, epoch, holder, expires, code) ON read_model TO iop_projector;
GRANT INSERT, UPDATE, DELETE ON parked, slice TO iop_projector;
GRANT EXECUTE ON FUNCTION open_read_model, guard_read_model, drop_read_model, guard_of, policies_of, reach_of TO iop_projector;

-- Grows the tree over the facts, and stops the log when it is not what was sealed.
GRANT USAGE ON SCHEMA {schema} TO iop_sealer;
GRANT SELECT ON fact, log_head, tree_tile, tree_checkpoint, tree_restored TO iop_sealer;
GRANT INSERT (level, number, hashes, root) ON tree_tile TO iop_sealer;
GRANT INSERT (size, note, leaves) ON tree_checkpoint TO iop_sealer;
GRANT INSERT (size, note) ON tree_restored TO iop_sealer;
GRANT UPDATE (refusal) ON log_head TO iop_sealer;

-- It also gives the entries of the access log their order, and grows a tree over them.
GRANT SELECT ON access_log, access_order, access_tree_tile, access_tree_checkpoint, access_tree_restored TO iop_sealer;
GRANT EXECUTE ON FUNCTION access_ordered TO iop_sealer;
GRANT INSERT (number, id) ON access_order TO iop_sealer;
GRANT INSERT (level, number, hashes, root) ON access_tree_tile TO iop_sealer;
GRANT INSERT (size, note, leaves) ON access_tree_checkpoint TO iop_sealer;
GRANT INSERT (size, note) ON access_tree_restored TO iop_sealer;

-- Keeps the keys of subjects, which lie in a schema of their own (see 10_keys.sql); of the log it reads which one this is.
GRANT USAGE ON SCHEMA {schema} TO iop_keeper;
GRANT SELECT ON log_head TO iop_keeper;
GRANT UPDATE (wrapped, wrapped_by, destroyed_at) ON {schema}_keys.subject_key TO iop_keeper;

-- Whoever appends or opens needs keys, and makes those that are missing.
GRANT USAGE ON SCHEMA {schema}_keys TO iop_api, iop_keeper;
GRANT SELECT, INSERT (subject, number, key_id, wrapped, wrapped_by) ON {schema}_keys.subject_key TO iop_api, iop_keeper;

-- Dumps the log; read models are made again from it.
GRANT USAGE ON SCHEMA {schema} TO iop_backup;
GRANT SELECT ON fact, fact_patient, idempotency, reservation, log_head, access_log, migration TO iop_backup;
GRANT SELECT ON read_model, read_model_build, parked, slice, stored_events TO iop_backup;
GRANT SELECT ON tree_tile, tree_checkpoint, tree_restored TO iop_backup;
GRANT SELECT ON access_order, access_tree_tile, access_tree_checkpoint, access_tree_restored TO iop_backup;
GRANT SELECT ON SEQUENCE access_tree_checkpoint_id_seq, access_tree_restored_id_seq TO iop_backup;
GRANT SELECT ON SEQUENCE access_log_id_seq, tree_checkpoint_id_seq, tree_restored_id_seq TO iop_backup;
