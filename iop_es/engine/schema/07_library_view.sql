-- The log as the eventsourcing library's recorder reads it, with the rights of whoever reads.
CREATE OR REPLACE VIEW stored_events WITH (security_invoker = true) AS
SELECT stream AS originator_id, version AS originator_version, topic, state, position AS notification_id FROM fact;
