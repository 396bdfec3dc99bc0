-- The journal keeps its rows for at least a day, whoever deletes: retention removes what is older, and nobody removes
-- what just happened.
-- Locks: `share row exclusive` on auth.audit_events, for a moment: writers wait, nothing is scanned.
-- Rollout: before or after the version that purges; that one never deletes younger rows.

create function auth.refuse_audit_delete() returns trigger language plpgsql as $$
begin
    raise exception 'auth.audit_events keeps its rows for at least a day';
end
$$;
create trigger audit_events_kept_for_a_day before delete on auth.audit_events
    for each row when (old.occurred_at > now() - interval '1 day') execute function auth.refuse_audit_delete();
create trigger audit_events_never_truncated before truncate on auth.audit_events
    for each statement execute function auth.refuse_audit_delete();
