-- Locks: access exclusive on auth.audit_events, for a moment; nothing is scanned. Rollout: before the version whose sweep asks
-- for the new column; older versions go on.
--
-- When a row was written, by the server's clock. The guard that keeps rows for a day went by a time that the application
-- writes, so whoever could insert could also insert what is deleted at once. Every row is stamped, whoever inserts it. Only who
-- owns the table, and could take the guard away, may name another time, for imports. Rows from before have none, and go by
-- what they say.

alter table auth.audit_events add column recorded_at timestamptz;
alter table auth.audit_events add constraint audit_events_recorded_times_in_range check (
    recorded_at is null or (recorded_at >= '1900-01-01 00:00:00+00' and recorded_at < '10000-01-01 00:00:00+00')
) not valid;

create function auth.stamp_audit_event() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.recorded_at is null
        or not pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'member')
    then
        new.recorded_at := clock_timestamp();
    end if;
    return new;
end
$$;
create trigger audit_events_stamped before insert on auth.audit_events
    for each row execute function auth.stamp_audit_event();

drop trigger audit_events_kept_for_a_day on auth.audit_events;
create trigger audit_events_kept_for_a_day before delete on auth.audit_events
    for each row when (coalesce(old.recorded_at, old.occurred_at) > now() - interval '1 day')
    execute function auth.refuse_audit_delete();
