-- What growing delays need to know beside the count of a window.
-- Locks auth.rate_limits exclusively for a moment; no default is written into rows. Rollout: migrate, then start the
-- version that counts.

alter table auth.rate_limits
    -- Attempts in a row without a success in between, over all windows.
    add column failures integer not null default 0,
    -- Refused since the last one that was let through; stops at 2.
    add column refused integer not null default 0,
    -- Until then everything is refused.
    add column blocked_until timestamptz;
