-- Locks: share row exclusive on auth.sessions and auth.users, for a moment. Rollout: any order; older gateways do not
-- listen.
--
-- Tells every replica which sessions to look at again: they ended, or their user changed. Ids travel in groups, since a
-- notification holds at most 8000 bytes; sessions that had expired by themselves are nobody's news.

create function auth.notify_of_sessions(ids text[]) returns void
language sql as $$
    select pg_notify('authgate_sessions', string_agg(id, ','))
    from (select id, (row_number() over () - 1) / 100 as part from unnest(ids) id) numbered
    group by part
$$;

create function auth.notify_of_deleted_sessions() returns trigger
language plpgsql as $$
begin
    perform auth.notify_of_sessions(array(select id from gone where expires_at > now()));
    return null;
end
$$;

create trigger sessions_deleted
    after delete on auth.sessions
    referencing old table as gone
    for each statement execute function auth.notify_of_deleted_sessions();

-- An extension is no news, and it is the one update that is frequent.
create function auth.notify_of_changed_session() returns trigger
language plpgsql as $$
begin
    perform auth.notify_of_sessions(array[new.id]);
    return null;
end
$$;

create trigger sessions_changed
    after update of token_hash, user_id, expires_at on auth.sessions
    for each row when (
        new.token_hash <> old.token_hash or new.user_id <> old.user_id or new.expires_at < old.expires_at
    )
    execute function auth.notify_of_changed_session();

create function auth.notify_of_changed_user() returns trigger
language plpgsql as $$
begin
    perform auth.notify_of_sessions(array(select id from auth.sessions where user_id = new.id and expires_at > now()));
    return null;
end
$$;

create trigger users_changed
    after update of email, email_verified, name, roles, banned_at, ban_expires_at on auth.users
    for each row when (
        (new.email, new.email_verified, new.name, new.roles, new.banned_at, new.ban_expires_at)
            is distinct from (old.email, old.email_verified, old.name, old.roles, old.banned_at, old.ban_expires_at)
    )
    execute function auth.notify_of_changed_user();
