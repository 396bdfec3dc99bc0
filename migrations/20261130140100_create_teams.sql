-- Teams of organizations (auth.organization_teams, auth.organization_team_members).
-- New tables; share row exclusive on auth.organizations and auth.organization_members for a moment, for the foreign keys. Rollout:
-- migrate, then start the version that reads them. The previous version leaves the rows alone; they go with whom they belong to.

create table auth.organization_teams (
    id text collate "C" constraint organization_teams_pkey primary key,
    organization_id text collate "C" not null
        constraint organization_teams_organization_id_fkey references auth.organizations (id) on delete cascade,
    name text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint organization_teams_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint organization_teams_name_bounded check (char_length(name) between 1 and 200),
    -- Members of teams refer to it, so that a team has members of its own organization only.
    constraint organization_teams_organization_id_id_key unique (organization_id, id),
    constraint organization_teams_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
        and updated_at >= '1900-01-01 00:00:00+00' and updated_at < '10000-01-01 00:00:00+00'
    )
);

create table auth.organization_team_members (
    id text collate "C" constraint organization_team_members_pkey primary key,
    team_id text collate "C" not null,
    organization_id text collate "C" not null,
    user_id text collate "C" not null,
    created_at timestamptz not null,
    constraint organization_team_members_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint organization_team_members_team_id_user_id_key unique (team_id, user_id),
    constraint organization_team_members_team_id_fkey foreign key (organization_id, team_id)
        references auth.organization_teams (organization_id, id) on delete cascade,
    -- Whoever leaves the organization, however that happens, leaves its teams.
    constraint organization_team_members_member_fkey foreign key (user_id, organization_id)
        references auth.organization_members (user_id, organization_id) on delete cascade,
    constraint organization_team_members_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    )
);
create index organization_team_members_user_id_organization_id_idx
    on auth.organization_team_members (user_id, organization_id);
create index organization_team_members_organization_id_team_id_idx
    on auth.organization_team_members (organization_id, team_id);
