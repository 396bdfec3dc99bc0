-- Locks: share update exclusive on auth.users while it is read; reads and writes go on. Rollout: any order.

alter table auth.users validate constraint users_additional_fields_is_object;
