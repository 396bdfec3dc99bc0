-- Locks: share update exclusive on auth.users while it is read; reads and writes go on. Rollout: after 20261130030000.
--
-- Nothing is cut off here: an object that is longer is somebody's data. Where there is one, this file fails and names the
-- constraint, and `select id from auth.users where octet_length(additional_fields::text) > 16384` finds whose it is.

alter table auth.users validate constraint users_additional_fields_bounded;
