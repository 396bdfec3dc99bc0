-- Locks: access exclusive on auth.sessions, for a moment. Rollout: any order; older gateways leave the column alone.
--
-- A session works in one team at a time, within the organization that it works in. There is no foreign key: whether the user is in
-- the team is asked wherever the column is read. No request that is proxied asks for it.

alter table auth.sessions add column active_team_id text collate "C";
