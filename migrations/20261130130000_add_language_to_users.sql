-- Locks: access exclusive on auth.users, for a moment. Rollout: any order; older gateways leave the column alone.
--
-- The code of the language that somebody reads, as in gateway.yaml; null where nothing is known of it. A code that is offered no more
-- counts as none.

alter table auth.users add column language text;
