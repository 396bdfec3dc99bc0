-- Locks: share row exclusive on auth.users, access exclusive on auth.sessions, for a moment; nothing is scanned. Rollout: migrate,
-- then start the version that opens such sessions. The previous version takes them for the user's own until they end, at most an
-- hour later.
--
-- A session in which an administrator acts in a user's place says whose power it is. It hangs on the session that it was opened
-- from, and so ends with it, whatever ends that one.
alter table auth.sessions
    add column impersonated_by text collate "C"
        constraint sessions_impersonated_by_fkey references auth.users (id) on delete cascade,
    add column impersonated_from text collate "C"
        constraint sessions_impersonated_from_fkey references auth.sessions (id) on delete cascade;

-- A banned user, or one with other roles, has no power over others from then on, whoever changed that and how.
create function auth.end_impersonations() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from auth.sessions where impersonated_by = new.id;
    return null;
end
$$;
create trigger users_demoted
    after update of roles, banned_at on auth.users
    for each row when (
        new.roles is distinct from old.roles or (new.banned_at is not null and new.banned_at is distinct from old.banned_at)
    )
    execute function auth.end_impersonations();
alter table auth.users enable always trigger users_demoted;
