-- Locks: share on auth.verifications while it is read once: writes wait for a moment, since rows stay for a day or two.
-- Rollout: any order.
--
-- The sweep finds flows at a provider that nobody came back from among other tokens, which are kept for a day.

create index verifications_oauth_expires_at_idx on auth.verifications (expires_at) where purpose = 'oauth-state';
