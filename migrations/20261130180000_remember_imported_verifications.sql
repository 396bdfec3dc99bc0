-- Lets `auth.imported_ids` remember links and codes that came, so that one that was used here does not come back with the next
-- run of `authgate import`.
-- Locks: access exclusive on auth.imported_ids, which gateways never look at. Rollout: migrate, then import.
alter table auth.imported_ids drop constraint imported_ids_kind_known;
alter table auth.imported_ids add constraint imported_ids_kind_known check (kind in ('user', 'organization', 'verification'));
