-- Locks: access exclusive on auth.api_keys and share row exclusive on auth.organizations, for a moment. Rollout: migrate, then
-- start the version that makes such keys; to older gateways, which look for a key's user, they open nothing.
--
-- A key belongs to a user or to an organization, and goes with it. Rows that are there have a user, so nothing is checked of them here.

alter table auth.api_keys
    alter column user_id drop not null,
    add column organization_id text collate "C",
    add constraint api_keys_organization_id_fkey
        foreign key (organization_id) references auth.organizations (id) on delete cascade not valid,
    add constraint api_keys_one_owner check (num_nonnulls(user_id, organization_id) = 1) not valid;

-- Open connections are looked at again also where a key changes hands.
create or replace trigger api_keys_changed
    after update of key_hash, user_id, organization_id, enabled, expires_at, permissions on auth.api_keys
    for each row when (
        (new.key_hash, new.user_id, new.organization_id, new.enabled, new.expires_at, new.permissions)
            is distinct from (old.key_hash, old.user_id, old.organization_id, old.enabled, old.expires_at, old.permissions)
    )
    execute function auth.notify_of_changed_session();
alter table auth.api_keys enable always trigger api_keys_changed;
