-- Locks: access exclusive on auth.sessions, for a moment. Rollout: any order; older gateways leave the column alone.
--
-- A session works in one organization at a time. There is no foreign key: whether the user is still a member is asked wherever the
-- column is read, and ids of organizations do not come back.

alter table auth.sessions add column active_organization_id text collate "C";

create or replace trigger sessions_changed
    after update of token_hash, user_id, expires_at, auth_method, second_factor, proved_at, active_organization_id on auth.sessions
    for each row when (
        new.token_hash <> old.token_hash or new.user_id <> old.user_id or new.expires_at < old.expires_at
        or (new.auth_method, new.second_factor, new.proved_at, new.active_organization_id)
            is distinct from (old.auth_method, old.second_factor, old.proved_at, old.active_organization_id)
    )
    execute function auth.notify_of_changed_session();
-- A trigger that was replaced fires on the origin only.
alter table auth.sessions enable always trigger sessions_changed;
