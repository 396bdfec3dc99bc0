-- A password reset clears what an account has on any device: keys `sign_in:device:ACCOUNT:DEVICE`.
-- Locks auth.rate_limits against counting while it is built, a moment: such rows are few and short-lived.
-- Rollout: any order.

create index rate_limits_device_account_idx on auth.rate_limits (split_part(key, ':', 3))
    where starts_with(key, 'sign_in:device:');
