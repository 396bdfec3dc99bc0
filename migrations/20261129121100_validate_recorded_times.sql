-- Locks: share update exclusive on auth.audit_events while it is read once; reads and writes go on. Rollout: after 20261129120900.

alter table auth.audit_events validate constraint audit_events_recorded_times_in_range;
