-- Locks: access exclusive on auth.users, for a moment; nothing is scanned. Rollout: any order.
--
-- Roles are one list that counts from 1. Lists in a list, and lists that count from elsewhere, passed the check of the names, and
-- the gateway cannot read them. Rows that hold such a list already are looked at by the next file.

alter table auth.users add constraint users_roles_flat check (
    roles = '{}' or (array_ndims(roles) = 1 and array_lower(roles, 1) = 1)
) not valid;
