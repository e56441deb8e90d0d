-- The log as the eventsourcing library's recorder reads it.
CREATE OR REPLACE VIEW stored_events AS
SELECT stream AS originator_id, version AS originator_version, topic, state, position AS notification_id FROM fact;
