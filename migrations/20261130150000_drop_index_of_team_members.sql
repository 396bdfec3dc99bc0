-- Locks: access exclusive on auth.organization_team_members, for a moment. Rollout: any order; older gateways need it no more than newer.
--
-- The unique index begins with the team, so deleting a team finds its members by that one. Beside it the planner, which knows nothing
-- of a table that was just made, could take this index for the look-up of one membership, and read a whole team by it.

drop index auth.organization_team_members_organization_id_team_id_idx;
