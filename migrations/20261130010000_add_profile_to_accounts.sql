-- Keeps what a provider said of its user when it last signed them in or linked them (name, address, picture), so that it can be
-- shown without the provider's tokens, which are kept only where the configuration says so. It goes with the account.
--
-- Locks: ACCESS EXCLUSIVE on auth.accounts for an instant; a column without a default rewrites and reads nothing.
-- Rollout: before the new version. The previous one neither writes nor reads it.

alter table auth.accounts add column profile jsonb;
