-- One renewal of a provider's tokens at a time, on all replicas: whoever renews holds a lease on the account, which ends by
-- itself when its holder is gone (OAUTH-14).
--
-- renewal_lease names the last attempt since the tokens came, renewal_refused how it failed: null while it is under way,
-- true where the provider refused, false where it could not be asked.
--
-- Locks: ACCESS EXCLUSIVE on auth.accounts for an instant; columns without a default rewrite and read nothing, and
-- the next file validates.
-- Rollout: before the new version. The previous one looks at none of the columns, and renews without a lease meanwhile.

alter table auth.accounts
    add column renewal_lease text,
    add column renewal_leased_until timestamptz,
    add column renewal_refused boolean,
    add constraint accounts_renewal_times_in_range check (
        renewal_leased_until is null
        or (renewal_leased_until >= '1900-01-01 00:00:00+00' and renewal_leased_until < '10000-01-01 00:00:00+00')
    ) not valid;
