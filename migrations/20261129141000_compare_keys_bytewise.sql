-- Keys are compared byte by byte (collation "C"), so that no update of the C library or of ICU can put an index in disorder,
-- which opens the door to two accounts with one address.
--
-- Locks: access exclusive on all tables that have such keys, and on tables of other schemas with foreign keys to them, until the
-- end. `authgate migrate` waits for a second and a half for each, then lets go of all and tries again.
-- - First auth.audit_events, auth.known_devices, auth.rate_limits, auth.mail_outbox and auth.verifications. The indexes of
--   auth.rate_limits and auth.mail_outbox are rebuilt, and the keys of the former checked, before more is locked: sign-ins
--   wait meanwhile, for a second or two with a million counters.
-- - Then auth.accounts, auth.sessions and auth.users, which all requests of signed-in people need. Their indexes were built
--   beforehand, and a later file validates their rows, so these are held for some milliseconds however large they are, and for
--   as long as the indexes of auth.verifications take, whose rows stay for a day or two.
-- - A foreign key of a partitioned table cannot be added unvalidated: such a table is read under the locks.
-- Rollout: migrate, then replace the replicas soon. Connections of gateways to this database are ended at the end, as
-- PostgreSQL refuses statements that they prepared before ("cached plan must not change result type"); they connect
-- again at once, and requests that were waiting for the lock may be answered with 503. Where gateways connect as a role that the
-- migrating one is no member of, their connections cannot be ended here: restart their replicas at once.

set local client_min_messages = warning;

-- They stand on the indexes of the primary keys that are replaced, whichever tables they are of. 20261129141100 validates those
-- that were valid, and drops this table.
create table auth.altered_foreign_keys as
    select
        fk.conrelid as owner, fk.conname as name, fk.convalidated as was_valid, owner.relkind = 'p' as is_partitioned,
        regexp_replace(pg_get_constraintdef(fk.oid), ' NOT VALID$', '') as definition
    from pg_constraint fk
    join pg_class owner on owner.oid = fk.conrelid
    where fk.contype = 'f'
        and fk.confrelid = any (array['auth.users', 'auth.accounts', 'auth.sessions', 'auth.known_devices']::regclass[])
        -- Those of partitions come and go with their table's.
        and fk.conparentid = 0;

do $$
declare
    fk record;
begin
    for fk in
        select distinct owner from auth.altered_foreign_keys
        where owner <> all (array['auth.accounts', 'auth.sessions', 'auth.known_devices', 'auth.verifications']::regclass[])
    loop
        execute format('lock table %s in access exclusive mode', fk.owner::regclass);
    end loop;
end
$$;
lock table auth.audit_events, auth.known_devices, auth.rate_limits, auth.mail_outbox, auth.verifications
    in access exclusive mode;
alter table auth.rate_limits
    alter column key type text collate "C";
alter table auth.mail_outbox
    alter column recipient type text collate "C";

lock table auth.accounts, auth.sessions, auth.users in access exclusive mode;
do $$
declare
    fk record;
begin
    for fk in select * from auth.altered_foreign_keys loop
        execute format('alter table %s drop constraint %I', fk.owner::regclass, fk.name);
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

-- No row is rewritten, and the indexes of the former files are kept as they are; those of auth.verifications are rebuilt.
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
        execute format(
            'alter table %s add constraint %I %s %s',
            fk.owner::regclass, fk.name, fk.definition, case when fk.is_partitioned then '' else 'not valid' end
        );
    end loop;
end
$$;
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
declare
    gateway record;
begin
    for gateway in
        select pid, usename from pg_stat_activity
        where datname = current_database()
            and application_name like 'authgate%'
            -- Those wait for their turn to migrate.
            and application_name <> 'authgate migrations'
    loop
        begin
            perform pg_terminate_backend(gateway.pid);
        exception when insufficient_privilege then
            raise warning 'a gateway that connects as % keeps statements that fail from now on: restart it', gateway.usename;
        end;
    end loop;
end
$$;
