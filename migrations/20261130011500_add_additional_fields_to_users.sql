-- Keeps what a configuration adds to users (auth.user.additional_fields): one object a user, its keys the names of the fields.
-- A key that is missing reads as the field's default.
--
-- Locks: access exclusive on auth.users for an instant: a column with a constant default rewrites nothing, the constraint
-- is validated by the next file, and a trigger is replaced. Rollout: before the new version; the previous one does not look
-- at the column.

alter table auth.users
    add column additional_fields jsonb not null default '{}',
    add constraint users_additional_fields_is_object check (jsonb_typeof(additional_fields) = 'object') not valid;

-- They can be told to upstreams, so that a remembered check must not outlive a change of them.
drop trigger users_changed on auth.users;
create trigger users_changed
    after update of email, email_verified, name, roles, banned_at, ban_expires_at, additional_fields on auth.users
    for each row when (
        (new.email, new.email_verified, new.name, new.roles, new.banned_at, new.ban_expires_at, new.additional_fields)
            is distinct from (
                old.email, old.email_verified, old.name, old.roles, old.banned_at, old.ban_expires_at, old.additional_fields
            )
    )
    execute function auth.notify_of_changed_user();
alter table auth.users enable always trigger users_changed;
