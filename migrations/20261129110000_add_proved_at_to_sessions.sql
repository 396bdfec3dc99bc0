-- When whoever holds a session last proved who they are after it was opened: null means not since then.
-- Locks: access exclusive on auth.sessions for a moment; no row is rewritten, read or checked. Rollout: before the version
-- that reads it. Older gateways leave it empty, which is the careful reading.

alter table auth.sessions
    add column proved_at timestamptz,
    -- Every row that there is holds null, so nothing is left to validate; new rows are checked.
    add constraint sessions_proved_at_finite check (isfinite(proved_at)) not valid;
