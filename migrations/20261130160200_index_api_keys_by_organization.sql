-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; the keys of an organization are listed by it,
-- and deleted with the organization.
create index concurrently if not exists api_keys_organization_id_idx
    on auth.api_keys (organization_id) where organization_id is not null;
