-- Locks: none beyond the catalogue's. Rollout: any order; older gateways read the payload as no session, and look at it
-- with the next connection that they make.
--
-- Names the user instead of their sessions: one that a sign-in beside this transaction opens would not be listed.

create or replace function auth.notify_of_changed_user() returns trigger
language plpgsql as $$
begin
    perform pg_notify('authgate_sessions', 'user:' || new.id);
    return null;
end
$$;
