-- Locks: access exclusive on auth.organization_invitations, for a moment. Rollout: any order; older gateways leave the column alone.
--
-- An invitation may lead into teams too. There is no foreign key: a team that is gone by then is left out.

alter table auth.organization_invitations add column team_ids text[] not null default '{}'
    constraint organization_invitations_team_ids_bounded check (cardinality(team_ids) <= 20);
