-- Locks: share row exclusive on auth.audit_events, auth.sessions and auth.users, for a moment. Rollout: any order.
--
-- Triggers that must fire whatever a session sets session_replication_role to: the guards of the journal, and what tells replicas
-- of ended sessions, also where rows arrive by logical replication.

alter table auth.audit_events enable always trigger audit_events_append_only;
alter table auth.audit_events enable always trigger audit_events_kept_for_a_day;
alter table auth.audit_events enable always trigger audit_events_never_truncated;
alter table auth.audit_events enable always trigger audit_events_stamped;
alter table auth.sessions enable always trigger sessions_deleted;
alter table auth.sessions enable always trigger sessions_changed;
alter table auth.sessions enable always trigger sessions_truncated;
alter table auth.users enable always trigger users_changed;
