-- Locks: access exclusive on auth.organization_team_members for a moment, and share while its few rows are indexed. Rollout: any order;
-- older gateways need none of the indexes.
--
-- The unique index begins with the team, so deleting a team finds its members by that one. The planner, which knows nothing of a table
-- that was just made, could take another index for the look-up of one membership, and read a whole team by it: those that remain
-- both lead to a single row.

drop index auth.organization_team_members_organization_id_team_id_idx;
drop index auth.organization_team_members_user_id_organization_id_idx;
create unique index organization_team_members_user_id_organization_id_team_id_key
    on auth.organization_team_members (user_id, organization_id, team_id);
