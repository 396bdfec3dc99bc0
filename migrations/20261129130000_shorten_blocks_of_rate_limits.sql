-- A hundred failures in a row blocked an account for thirty days; now no block is longer than an hour, or the configured
-- window of a day at most. Blocks of that kind end within the hour.
-- Locks the few rows it changes for a moment. Rollout: any order; a block that an older version makes meanwhile ends with
-- a password reset.

update auth.rate_limits
set
    blocked_until = least(blocked_until, now() + interval '1 hour'),
    expires_at = least(expires_at, now() + interval '1 day')
where blocked_until > now() + interval '1 day';
