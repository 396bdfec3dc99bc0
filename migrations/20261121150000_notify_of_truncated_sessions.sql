-- Locks: share row exclusive on auth.sessions, for a moment. Rollout: any order; older gateways read the payload as no
-- session.
--
-- A truncation fires no trigger for deletions, and ends all sessions.

create function auth.notify_of_truncated_sessions() returns trigger
language plpgsql as $$
begin
    perform pg_notify('authgate_sessions', '*');
    return null;
end
$$;

create trigger sessions_truncated
    after truncate on auth.sessions
    for each statement execute function auth.notify_of_truncated_sessions();
