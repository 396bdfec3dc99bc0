-- Locks: share row exclusive on auth.users, for a moment. Rollout: any order; older gateways look at a user once more than they
-- need to.
--
-- A route tells a session what it lacks by whether its user has a second factor, so that a remembered check must not outlive a
-- change of it.

create or replace trigger users_changed
    after update of email, email_verified, name, roles, banned_at, ban_expires_at, additional_fields, two_factor_enabled on auth.users
    for each row when (
        (
            new.email, new.email_verified, new.name, new.roles, new.banned_at, new.ban_expires_at, new.additional_fields,
            new.two_factor_enabled
        ) is distinct from (
            old.email, old.email_verified, old.name, old.roles, old.banned_at, old.ban_expires_at, old.additional_fields,
            old.two_factor_enabled
        )
    )
    execute function auth.notify_of_changed_user();
-- A trigger that was replaced fires on the origin only.
alter table auth.users enable always trigger users_changed;
