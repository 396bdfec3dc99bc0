//! Reads `organization`, `team`, `member`, `teamMember` and `invitation`.

use time::OffsetDateTime;

use crate::import::{
    better_auth::context::Context,
    fields::Fields,
    finding::Reason,
    record::{Invitation, Member, Organization, Record, Team, TeamMember},
    tables::Found,
};

pub(super) fn read(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    found.push(Record::Organization(Organization {
        id: row.required("id")?,
        name: row.text("name").unwrap_or_default(),
        slug: row.required("slug")?,
        logo: row.text("logo"),
        metadata: row.json("metadata"),
        created_at: row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?,
    }));
    Ok(())
}

pub(super) fn read_team(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let created_at = row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?;
    found.push(Record::Team(Team {
        id: row.required("id")?,
        organization_id: row.required("organizationId")?,
        name: row.required("name")?,
        created_at,
        updated_at: row.time_or("updatedAt", created_at)?,
    }));
    Ok(())
}

pub(super) fn read_member(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    found.push(Record::Member(Member {
        id: row.required("id")?,
        organization_id: row.required("organizationId")?,
        user_id: row.required("userId")?,
        roles: row.text("role").into_iter().collect(),
        created_at: row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?,
    }));
    Ok(())
}

pub(super) fn read_team_member(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    found.push(Record::TeamMember(TeamMember {
        id: row.required("id")?,
        team_id: row.required("teamId")?,
        user_id: row.required("userId")?,
        created_at: row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?,
    }));
    Ok(())
}

pub(super) fn read_invitation(row: &Fields, _: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let expires_at = row.time_or("expiresAt", OffsetDateTime::UNIX_EPOCH)?;
    found.push(Record::Invitation(Invitation {
        id: row.required("id")?,
        organization_id: row.required("organizationId")?,
        email: row.required("email")?,
        roles: row.text("role").into_iter().collect(),
        team_ids: row.text("teamId").map(|ids| ids.split(',').map(str::to_owned).collect()).unwrap_or_default(),
        status: row.required("status")?,
        inviter_id: row.required("inviterId")?,
        created_at: row.time_or("createdAt", expires_at)?,
        expires_at,
    }));
    Ok(())
}
