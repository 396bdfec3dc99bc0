-- Organizations (auth.organizations), with their members and invitations.
-- New tables; share row exclusive on auth.users for a moment, for the foreign keys. Rollout: migrate, then start the version that
-- reads them. The previous version leaves the rows alone.

create table auth.organizations (
    id text collate "C" constraint organizations_pkey primary key,
    name text not null,
    -- Upstreams get it in a header, so it is of characters that every one of them reads alike.
    slug text collate "C" not null,
    logo text,
    metadata jsonb,
    created_at timestamptz not null,
    constraint organizations_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint organizations_slug_key unique (slug),
    constraint organizations_slug_format check (slug ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    constraint organizations_name_bounded check (char_length(name) between 1 and 200),
    constraint organizations_logo_bounded check (char_length(logo) <= 2048),
    constraint organizations_metadata_bounded check (
        jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384
    ),
    constraint organizations_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    )
);

create table auth.organization_members (
    id text collate "C" constraint organization_members_pkey primary key,
    organization_id text collate "C" not null
        constraint organization_members_organization_id_fkey references auth.organizations (id) on delete cascade,
    user_id text collate "C" not null
        constraint organization_members_user_id_fkey references auth.users (id) on delete cascade,
    roles text[] not null,
    created_at timestamptz not null,
    constraint organization_members_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    -- The look-up of each request asks for a user's membership by it, or by the index below: both end at one row, whichever is
    -- chosen by what statistics say.
    constraint organization_members_user_id_organization_id_key unique (user_id, organization_id),
    constraint organization_members_roles_known check (
        cardinality(roles) between 1 and 3 and array_ndims(roles) = 1 and roles <@ array['owner', 'admin', 'member']
    ),
    constraint organization_members_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    )
);
create index organization_members_organization_id_user_id_idx on auth.organization_members (organization_id, user_id);

create table auth.organization_invitations (
    id text collate "C" constraint organization_invitations_pkey primary key,
    organization_id text collate "C" not null
        constraint organization_invitations_organization_id_fkey references auth.organizations (id) on delete cascade,
    -- As users' addresses are stored.
    email text collate "C" not null,
    roles text[] not null,
    status text not null,
    inviter_id text collate "C" not null
        constraint organization_invitations_inviter_id_fkey references auth.users (id) on delete cascade,
    -- SHA-256 of the token in the mail, which shows the page and lets its address sign up. It accepts nothing.
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint organization_invitations_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint organization_invitations_token_hash_key unique (token_hash),
    constraint organization_invitations_token_hash_length check (octet_length(token_hash) = 32),
    constraint organization_invitations_email_bounded check (char_length(email) between 3 and 254),
    constraint organization_invitations_status_known check (status in ('pending', 'accepted', 'rejected', 'canceled')),
    constraint organization_invitations_roles_known check (
        cardinality(roles) between 1 and 3 and array_ndims(roles) = 1 and roles <@ array['owner', 'admin', 'member']
    ),
    constraint organization_invitations_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
        and expires_at >= '1900-01-01 00:00:00+00' and expires_at < '10000-01-01 00:00:00+00'
    )
);
-- Two invitations of one address at once make one.
create unique index organization_invitations_pending_key
    on auth.organization_invitations (organization_id, email) where status = 'pending';
create index organization_invitations_organization_id_idx on auth.organization_invitations (organization_id);
create index organization_invitations_email_idx on auth.organization_invitations (email) where status = 'pending';
create index organization_invitations_inviter_id_idx on auth.organization_invitations (inviter_id);

-- A membership decides on requests, so that a remembered check must not outlive a change of it, nor an open stream.
create function auth.notify_of_changed_member() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        perform pg_notify('authgate_sessions', 'user:' || old.user_id);
    end if;
    if tg_op <> 'DELETE' then
        perform pg_notify('authgate_sessions', 'user:' || new.user_id);
    end if;
    return null;
end
$$;
create trigger organization_members_changed
    after insert or delete or update of organization_id, user_id, roles on auth.organization_members
    for each row execute function auth.notify_of_changed_member();
create trigger organization_members_truncated
    after truncate on auth.organization_members
    for each statement execute function auth.notify_of_truncated_sessions();

-- Upstreams are told the slug. A deletion takes the members with it, whose trigger tells of that.
create function auth.notify_of_changed_organization() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_notify('authgate_sessions', 'user:' || user_id)
        from auth.organization_members where organization_id in (old.id, new.id);
    return null;
end
$$;
create trigger organizations_changed
    after update of id, slug on auth.organizations
    for each row when ((new.id, new.slug) is distinct from (old.id, old.slug))
    execute function auth.notify_of_changed_organization();

-- An organization without members belongs to nobody: it goes with the last one, whatever deletes them.
create function auth.delete_abandoned_organizations() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from auth.organizations o
    using (select distinct organization_id from gone) left_behind
    where o.id = left_behind.organization_id
        and not exists (select from auth.organization_members m where m.organization_id = o.id);
    return null;
end
$$;
create trigger organization_members_deleted
    after delete on auth.organization_members
    referencing old table as gone
    for each statement execute function auth.delete_abandoned_organizations();

alter table auth.organization_members enable always trigger organization_members_changed;
alter table auth.organization_members enable always trigger organization_members_truncated;
alter table auth.organizations enable always trigger organizations_changed;
alter table auth.organization_members enable always trigger organization_members_deleted;
