//! Brings organizations, with who is in them and who is invited.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;

use crate::{
    import::{
        destination::{Destination, no_organization, no_user, outcome::Outcome, stored_length},
        error::ImportError,
        finding::Reason,
        ids::{distinct_id, hex, local_id},
        place::Located,
        record::{Invitation, Kind, Member, Organization, Team, TeamMember},
    },
    store::imports::{
        ids::{self, ImportedId},
        organizations::{self, NewInvitation, NewMember, NewOrganization, NewTeam, NewTeamMember},
    },
    types::{Email, MailToken, OrganizationRoles},
};

/// Limits names of organizations and teams, in characters.
const MAX_NAME: usize = 200;
/// Limits the JSON of metadata, in bytes.
const MAX_METADATA: usize = 16_384;

impl Destination {
    pub(super) async fn write_organizations(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Organization>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(Kind::Organization).read += records.len() as u64;
        let source_ids: Vec<String> = records.iter().map(|located| located.record.id.clone()).collect();
        let known = ids::find_organizations(connection, &self.origin, &source_ids).await?;
        let known: HashMap<&str, bool> = known.iter().map(|known| (known.source_id.as_str(), known.is_here)).collect();
        let mut rows = Vec::new();
        for located @ Located { place, record } in records {
            match (known.get(record.id.as_str()), organization(record)) {
                (Some(true), _) => out.count(Kind::Organization).unchanged += 1,
                (Some(false), _) => out.left_out(Kind::Organization, place, deleted_here()),
                (None, Ok(row)) => rows.push((located, row)),
                (None, Err(reason)) => out.left_out(Kind::Organization, place, reason),
            }
        }
        let inserted: HashSet<String> = if self.dry_run {
            let slugs: Vec<String> = rows.iter().map(|(_, row)| row.slug.clone()).collect();
            let taken: HashSet<String> = organizations::find_slugs(connection, &slugs).await?.into_iter().collect();
            // The slash tells a slug from a name to sign in with.
            let is_free = |slug: &String, out: &mut Outcome| {
                let name = format!("/{slug}");
                !taken.contains(slug) && !self.planned.holds_name(&name) && out.new_names.insert(name)
            };
            rows.iter().filter(|(_, row)| is_free(&row.slug, out)).map(|(_, row)| row.id.clone()).collect()
        } else {
            let rows: Vec<NewOrganization> = rows.iter().map(|(_, row)| row.clone()).collect();
            organizations::insert(connection, &rows).await?.into_iter().collect()
        };
        let mut new_ids = Vec::new();
        for (Located { place, record }, row) in rows {
            if inserted.contains(&row.id) {
                out.count(Kind::Organization).imported += 1;
                out.new_organizations.insert(record.id.clone());
                let (source_id, local_id) = (record.id.clone(), row.id);
                new_ids.push(ImportedId { source_id, local_id, is_merged: false, left_at: None });
            } else {
                out.left_out(Kind::Organization, place, slug_taken(&row.slug));
            }
        }
        if !self.dry_run {
            ids::insert(connection, &self.origin, "organization", &new_ids, self.started_at).await?;
        }
        Ok(())
    }

    pub(super) async fn write_teams(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Team>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let organizations = records.iter().map(|located| &located.record.organization_id);
        let organizations = self.local_organizations(connection, organizations, out).await?;
        let mut rows = Vec::new();
        for Located { place, record } in records {
            out.count(Kind::Team).read += 1;
            match organizations.get(&record.organization_id) {
                None => out.left_out(Kind::Team, place, no_organization(&record.organization_id)),
                Some(organization) if self.was_seen(Kind::Team, organization, record.created_at) => {
                    out.count(Kind::Team).unchanged += 1;
                }
                Some(organization) => rows.push(NewTeam {
                    id: local_id(&record.id),
                    organization_id: organization.id.clone(),
                    name: named(&record.name, &record.id),
                    created_at: record.created_at,
                    updated_at: record.updated_at,
                }),
            }
        }
        let all = rows.len() as u64;
        let is_written = !self.dry_run && !rows.is_empty();
        let written = if is_written { organizations::insert_teams(connection, &rows).await?.len() as u64 } else { all };
        out.count(Kind::Team).imported += written;
        out.count(Kind::Team).unchanged += all - written;
        Ok(())
    }

    pub(super) async fn write_members(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Member>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let organizations = records.iter().map(|located| &located.record.organization_id);
        let organizations = self.local_organizations(connection, organizations, out).await?;
        let users = self.local_users(connection, records.iter().map(|located| &located.record.user_id), out).await?;
        let mut rows = Vec::new();
        for Located { place, record } in records {
            out.count(Kind::Member).read += 1;
            let (organization, user) = (organizations.get(&record.organization_id), users.get(&record.user_id));
            match (organization, user, roles(&record.roles)) {
                (None, ..) => out.left_out(Kind::Member, place, no_organization(&record.organization_id)),
                (_, None, _) => out.left_out(Kind::Member, place, no_user(&record.user_id)),
                (Some(organization), Some(user), _)
                    if !user.is_new && self.was_seen(Kind::Member, organization, record.created_at) =>
                {
                    out.count(Kind::Member).unchanged += 1;
                }
                (Some(organization), Some(user), (roles, change)) => {
                    if let Some(change) = change {
                        out.changed(Kind::Member, place, change);
                    }
                    rows.push(NewMember {
                        id: local_id(&record.id),
                        other_id: distinct_id(&self.origin, &record.id),
                        organization_id: organization.id.clone(),
                        user_id: user.id.clone(),
                        roles,
                        created_at: record.created_at,
                    });
                }
            }
        }
        let all = rows.len() as u64;
        let is_written = !self.dry_run && !rows.is_empty();
        let written =
            if is_written { organizations::insert_members(connection, &rows).await?.len() as u64 } else { all };
        out.count(Kind::Member).imported += written;
        out.count(Kind::Member).unchanged += all - written;
        Ok(())
    }

    pub(super) async fn write_team_members(
        &self,
        connection: &mut PgConnection,
        records: &[Located<TeamMember>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let users = self.local_users(connection, records.iter().map(|located| &located.record.user_id), out).await?;
        let mut rows = Vec::new();
        for Located { place, record } in records {
            out.count(Kind::TeamMember).read += 1;
            match users.get(&record.user_id) {
                None => out.left_out(Kind::TeamMember, place, no_user(&record.user_id)),
                Some(user) if self.was_seen(Kind::TeamMember, user, record.created_at) => {
                    out.count(Kind::TeamMember).unchanged += 1;
                }
                Some(user) => rows.push(NewTeamMember {
                    id: local_id(&record.id),
                    team_id: local_id(&record.team_id),
                    user_id: user.id.clone(),
                    created_at: record.created_at,
                }),
            }
        }
        let all = rows.len() as u64;
        let is_written = !self.dry_run && !rows.is_empty();
        let written =
            if is_written { organizations::insert_team_members(connection, &rows).await?.len() as u64 } else { all };
        out.count(Kind::TeamMember).imported += written;
        out.count(Kind::TeamMember).unchanged += all - written;
        Ok(())
    }

    pub(super) async fn write_invitations(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Invitation>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let organizations = records.iter().map(|located| &located.record.organization_id);
        let organizations = self.local_organizations(connection, organizations, out).await?;
        let users = self.local_users(connection, records.iter().map(|located| &located.record.inviter_id), out).await?;
        let mut rows = Vec::new();
        for Located { place, record } in records {
            out.count(Kind::Invitation).read += 1;
            if record.status == "pending" && record.expires_at <= self.now {
                out.count(Kind::Invitation).expired += 1;
                continue;
            }
            let organization = organizations.get(&record.organization_id);
            match (organization, users.get(&record.inviter_id), record.email.parse::<Email>()) {
                (None, ..) => out.left_out(Kind::Invitation, place, no_organization(&record.organization_id)),
                (_, None, _) => out.left_out(Kind::Invitation, place, no_user(&record.inviter_id)),
                (.., Err(error)) => out.left_out(Kind::Invitation, place, invalid(&error.to_string())),
                _ if !["pending", "accepted", "rejected", "canceled"].contains(&record.status.as_str()) => {
                    out.left_out(Kind::Invitation, place, invalid(&format!("the status {:?}", record.status)));
                }
                (Some(organization), ..) if self.was_seen(Kind::Invitation, organization, record.created_at) => {
                    out.count(Kind::Invitation).unchanged += 1;
                }
                (Some(organization), Some(inviter), Ok(email)) => {
                    let (roles, change) = roles(&record.roles);
                    if let Some(change) = change {
                        out.changed(Kind::Invitation, place, change);
                    }
                    rows.push(NewInvitation {
                        id: local_id(&record.id),
                        organization_id: organization.id.clone(),
                        email: email.as_str().to_owned(),
                        roles,
                        team_ids: record.team_ids.iter().take(20).map(|id| local_id(id)).collect(),
                        status: record.status.clone(),
                        inviter_id: inviter.id.clone(),
                        // Nobody knows this one: the mail that was sent names the invitation by its id.
                        token_hash: hex(MailToken::generate().hash().as_bytes()),
                        created_at: record.created_at,
                        expires_at: record.expires_at,
                    });
                }
            }
        }
        let all = rows.len() as u64;
        let is_written = !self.dry_run && !rows.is_empty();
        let written =
            if is_written { organizations::insert_invitations(connection, &rows).await?.len() as u64 } else { all };
        out.count(Kind::Invitation).imported += written;
        out.count(Kind::Invitation).unchanged += all - written;
        Ok(())
    }
}

fn organization(record: &Organization) -> Result<NewOrganization, Reason> {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let slug = record.slug.to_ascii_lowercase();
    let is_slug = (1..=64).contains(&slug.len())
        && slug.bytes().all(is_word)
        && slug.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if !is_slug {
        return Err(Reason::new(
            "SLUG_INVALID",
            format!("the slug {:?} is not 1 to 64 characters out of a-z 0-9 _ -, a letter or digit first", record.slug),
            "change the slug in the origin",
        ));
    }
    let metadata = record.metadata.clone().filter(|value| value.is_object() && stored_length(value) <= MAX_METADATA);
    Ok(NewOrganization {
        id: local_id(&record.id),
        name: named(&record.name, &slug),
        slug,
        logo: record.logo.clone().filter(|logo| !logo.is_empty() && logo.chars().count() <= 2048),
        metadata,
        created_at: record.created_at,
    })
}

/// Returns a name that is there and not too long.
fn named(name: &str, otherwise: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    if name.is_empty() { otherwise.to_owned() } else { name }
}

/// Returns the roles that are known here; a member without one of these is a plain member.
fn roles(names: &[String]) -> (Vec<String>, Option<Reason>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for name in names.iter().flat_map(|names| names.split(',')).map(str::trim).filter(|name| !name.is_empty()) {
        match OrganizationRoles::parse([name]) {
            Ok(Some(_)) if known.iter().any(|known: &String| known == name) => {}
            Ok(Some(_)) => known.push(name.to_owned()),
            _ => unknown.push(name),
        }
    }
    if known.is_empty() {
        known.push("member".to_owned());
    }
    let reason = (!unknown.is_empty()).then(|| {
        Reason::new(
            "ORGANIZATION_ROLE_UNKNOWN",
            format!("the role {:?} is not known here", unknown.join(", ")),
            "roles in organizations are owner, admin and member; give another one afterwards",
        )
    });
    (known, reason)
}

fn slug_taken(slug: &str) -> Reason {
    Reason::new(
        "SLUG_TAKEN",
        format!("an organization with the slug {slug:?} is here already"),
        "change one of the slugs, and run the import again",
    )
}

fn deleted_here() -> Reason {
    Reason::new(
        "DELETED_HERE",
        "came with an earlier import and was deleted here since",
        "nothing has to be done; what was deleted does not come back",
    )
}

fn invalid(message: &str) -> Reason {
    Reason::new("INVITATION_INVALID", message, "invite anew")
}
