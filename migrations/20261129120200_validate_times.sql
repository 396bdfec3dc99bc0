-- Locks: share update exclusive on each table while it is read once; reads and writes go on. Rollout: after 20261129120100.

alter table auth.users validate constraint users_times_in_range;
alter table auth.accounts validate constraint accounts_times_in_range;
alter table auth.sessions validate constraint sessions_times_in_range;
alter table auth.email_changes validate constraint email_changes_times_in_range;
alter table auth.verifications validate constraint verifications_times_in_range;
alter table auth.mail_outbox validate constraint mail_outbox_times_in_range;
alter table auth.rate_limits validate constraint rate_limits_times_in_range;
alter table auth.known_devices validate constraint known_devices_times_in_range;
alter table auth.audit_events validate constraint audit_events_times_in_range;
