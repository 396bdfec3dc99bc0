-- Locks: none beyond the catalogue's. Rollout: any order.
--
-- A function runs with the search path of whoever caused it, who could put functions of their own before those that it means.

alter function auth.refuse_audit_update() set search_path = pg_catalog, pg_temp;
alter function auth.refuse_audit_delete() set search_path = pg_catalog, pg_temp;
alter function auth.notify_of_sessions(text[]) set search_path = pg_catalog, pg_temp;
alter function auth.notify_of_deleted_sessions() set search_path = pg_catalog, pg_temp;
alter function auth.notify_of_changed_session() set search_path = pg_catalog, pg_temp;
alter function auth.notify_of_changed_user() set search_path = pg_catalog, pg_temp;
alter function auth.notify_of_truncated_sessions() set search_path = pg_catalog, pg_temp;
