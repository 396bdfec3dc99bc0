-- Keys are compared byte by byte (collation "C"), so that no update of the C library or of ICU can put an index in disorder,
-- which opens the door to two accounts with one address.
--
-- Locks: access exclusive on the tables of users, for some milliseconds however large they are: the indexes were built
-- beforehand, and what a table's rows have to satisfy is checked by a later file. `authgate migrate` tries for a second and a half
-- at a time. auth.verifications and auth.rate_limits, whose rows are short-lived, have their indexes rebuilt under it.
-- Rollout: migrate, then replace the replicas soon. Connections of gateways to this database are ended at the end, as
-- PostgreSQL refuses statements that they prepared before ("cached plan must not change result type"); they connect
-- again at once, and requests that were waiting for the lock may be answered with 503.

set local client_min_messages = warning;
lock table auth.users, auth.accounts, auth.sessions, auth.verifications, auth.known_devices, auth.audit_events,
    auth.rate_limits, auth.mail_outbox in access exclusive mode;

-- They stand on the index of the primary key that is replaced, whichever tables they are of.
create table auth.altered_foreign_keys as
    select conrelid::regclass::text as owner, conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint
    where contype = 'f' and confrelid = 'auth.users'::regclass;
do $$
declare
    fk record;
begin
    for fk in select * from auth.altered_foreign_keys loop
        execute format('alter table %s drop constraint %I', fk.owner, fk.name);
    end loop;
end
$$;

-- A column that a trigger names cannot be altered.
drop trigger users_changed on auth.users;
drop trigger sessions_changed on auth.sessions;

alter table auth.accounts
    drop constraint accounts_id_format,
    drop constraint accounts_password_only_on_credential,
    drop constraint accounts_pkey,
    drop constraint accounts_provider_id_account_id_key;
alter table auth.sessions
    drop constraint sessions_id_format,
    drop constraint sessions_pkey;
alter table auth.known_devices
    drop constraint known_devices_pkey;
alter table auth.users
    drop constraint users_id_format,
    drop constraint users_email_lower_case,
    drop constraint users_pkey,
    drop constraint users_email_key;
drop index auth.accounts_user_id_idx, auth.sessions_user_id_idx, auth.audit_events_user_id_occurred_at_idx;

-- No row is rewritten, and the indexes of the former files are kept as they are.
alter table auth.users
    alter column id type text collate "C",
    alter column email type text collate "C";
alter table auth.accounts
    alter column id type text collate "C",
    alter column user_id type text collate "C",
    alter column provider_id type text collate "C",
    alter column account_id type text collate "C";
alter table auth.sessions
    alter column id type text collate "C",
    alter column user_id type text collate "C";
alter table auth.known_devices
    alter column user_id type text collate "C",
    alter column device type text collate "C";
alter table auth.audit_events
    alter column user_id type text collate "C";
alter table auth.verifications
    alter column id type text collate "C",
    alter column user_id type text collate "C",
    alter column purpose type text collate "C";
alter table auth.rate_limits
    alter column key type text collate "C";
alter table auth.mail_outbox
    alter column recipient type text collate "C";

alter table auth.users
    add constraint users_pkey primary key using index users_id_bytewise,
    add constraint users_email_key unique using index users_email_bytewise,
    add constraint users_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$') not valid,
    -- By the database's own rules, as before: those of "C" know no letter beyond ASCII.
    add constraint users_email_lower_case check (email = lower(email collate "default")) not valid;
alter table auth.accounts
    add constraint accounts_pkey primary key using index accounts_id_bytewise,
    add constraint accounts_provider_id_account_id_key unique using index accounts_subject_bytewise,
    add constraint accounts_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$') not valid,
    add constraint accounts_password_only_on_credential
        check ((provider_id = 'credential') = (password_hash is not null)) not valid;
alter table auth.sessions
    add constraint sessions_pkey primary key using index sessions_id_bytewise,
    add constraint sessions_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$') not valid;
alter table auth.known_devices
    add constraint known_devices_pkey primary key using index known_devices_bytewise;
do $$
declare
    fk record;
begin
    for fk in select * from auth.altered_foreign_keys loop
        execute format('alter table %s add constraint %I %s not valid', fk.owner, fk.name, fk.definition);
    end loop;
end
$$;
drop table auth.altered_foreign_keys;
alter index auth.accounts_user_id_bytewise rename to accounts_user_id_idx;
alter index auth.sessions_user_id_bytewise rename to sessions_user_id_idx;
alter index auth.audit_events_user_id_bytewise rename to audit_events_user_id_occurred_at_idx;

create trigger users_changed
    after update of email, email_verified, name, roles, banned_at, ban_expires_at on auth.users
    for each row when (
        (new.email, new.email_verified, new.name, new.roles, new.banned_at, new.ban_expires_at)
            is distinct from (old.email, old.email_verified, old.name, old.roles, old.banned_at, old.ban_expires_at)
    )
    execute function auth.notify_of_changed_user();
create trigger sessions_changed
    after update of token_hash, user_id, expires_at on auth.sessions
    for each row when (
        new.token_hash <> old.token_hash or new.user_id <> old.user_id or new.expires_at < old.expires_at
    )
    execute function auth.notify_of_changed_session();
alter table auth.users enable always trigger users_changed;
alter table auth.sessions enable always trigger sessions_changed;

do $$
begin
    perform pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database()
        and application_name like 'authgate%'
        -- Those wait for their turn to migrate.
        and application_name <> 'authgate migrations';
exception when insufficient_privilege then
    raise warning 'gateways that connect as another role keep their statements: restart them';
end
$$;
