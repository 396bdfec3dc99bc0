-- Locks: share update exclusive on auth.api_keys while its rows are read, and row share on auth.organizations; neither readers nor
-- writers wait. Rollout: any order.

alter table auth.api_keys validate constraint api_keys_one_owner, validate constraint api_keys_organization_id_fkey;
