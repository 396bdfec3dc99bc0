-- Locks: the rows that it changes, and share update exclusive on auth.users while it is read; reads and writes go on.
-- Rollout: after 20261129121200.
--
-- Only a hand can have written such a list, and what was meant is not to be guessed: those users have no roles from here on.

update auth.users set roles = '{}'
where not (roles = '{}' or (array_ndims(roles) = 1 and array_lower(roles, 1) = 1));
alter table auth.users validate constraint users_roles_flat;
