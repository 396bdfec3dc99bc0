//! Runs `authgate organizations`: organizations, and who is in them.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    auth::{
        MemberUser, Organization,
        admin::{
            ListedOrganization, OrganizationAdministrationError, UserRecord, UserRef, add_member, create_organization,
            delete_organization, find_organization, list_organization_members, list_organizations, remove_member,
        },
    },
    cli::{
        Failure,
        administer::{Common, administer, answer, confirm, organization_role, require_yes, table, who},
    },
    types::{
        OrganizationId, OrganizationRole, OrganizationRoles, format_timestamp, is_organization_name,
        is_organization_slug,
    },
};

#[derive(Debug, Subcommand)]
pub(crate) enum Organizations {
    /// List organizations
    #[command(
        after_help = "Examples:\n  authgate organizations list --search acme\n  authgate organizations list --limit \
                            200 --json\n\nThey come in the order of their ids; --after goes on behind the last one of a \
                            page."
    )]
    List(List),
    /// List the members of an organization
    #[command(after_help = "Example:\n  authgate organizations members acme --json")]
    Members(Members),
    /// Found an organization for its owner
    #[command(after_help = "Example:\n  authgate organizations create acme --name 'Acme Ltd' --owner ada@example.com")]
    Create(Create),
    /// Put a user into an organization, or give a member another role
    #[command(
        after_help = "Examples:\n  authgate organizations add-member acme bob@example.com\n  authgate organizations \
                            add-member acme bob@example.com --role owner\n\nIt counts at the user's next request."
    )]
    AddMember(AddMember),
    /// Take a user out of an organization
    #[command(
        after_help = "Example:\n  authgate organizations remove-member acme bob@example.com\n\nIt counts at the \
                            user's next request. The only owner stays."
    )]
    RemoveMember(OneMember),
    /// Delete an organization with its members, invitations and API keys
    #[command(
        after_help = "Example:\n  authgate organizations delete acme --yes\n\nThe users stay. It cannot be undone."
    )]
    Delete(Delete),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// At most so many, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Go on behind this organization
    #[arg(long, value_name = "ID")]
    after: Option<OrganizationId>,
    /// Only organizations with this text in the slug or the name
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Members {
    /// Id or slug
    #[arg(value_name = "ORGANIZATION")]
    organization: String,
    /// At most so many, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Leave so many out
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u32,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// 1 to 64 characters out of a-z 0-9 _ -
    #[arg(value_name = "SLUG", value_parser = parse_slug)]
    slug: String,
    /// The name that people see
    #[arg(long, value_parser = parse_name)]
    name: String,
    /// The user who owns it: id or address
    #[arg(long, value_name = "USER", value_parser = who)]
    owner: UserRef,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct AddMember {
    #[command(flatten)]
    member: OneMember,
    /// owner, admin or member
    #[arg(long, default_value = "member", value_parser = organization_role)]
    role: OrganizationRole,
}

#[derive(Debug, Args)]
pub(crate) struct OneMember {
    /// Id or slug
    #[arg(value_name = "ORGANIZATION")]
    organization: String,
    /// Id or address
    #[arg(value_name = "USER", value_parser = who)]
    user: UserRef,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// Id or slug
    #[arg(value_name = "ORGANIZATION")]
    organization: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    common: Common,
}

fn parse_slug(text: &str) -> Result<String, String> {
    if is_organization_slug(text) {
        Ok(text.to_owned())
    } else {
        Err("a slug is 1 to 64 characters out of a-z 0-9 _ -, and begins with a letter or a digit".to_owned())
    }
}

fn parse_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if is_organization_name(name) {
        Ok(name.to_owned())
    } else {
        Err("a name is one line of 1 to 100 characters".to_owned())
    }
}

/// Does what the arguments say.
pub(crate) fn run(command: Organizations) -> Result<ExitCode, Failure> {
    match command {
        Organizations::List(arguments) => list(&arguments),
        Organizations::Members(arguments) => list_members(&arguments),
        Organizations::Create(Create { slug, name, owner, common }) => {
            let (organization, owner) = administer(&common, async |_, admin, now| {
                create_organization(admin, (&name, &slug), &owner, now).await.map_err(failure(&slug))
            })?;
            let text = format!("{slug} founded as {}, owned by {}", organization.id, owner.user.email.as_str());
            answer(common.json, &json!({ "organization": object(&organization), "owner": owner.user.id }), &text)
        }
        Organizations::AddMember(AddMember { member: OneMember { organization, user, common }, role }) => {
            let roles = OrganizationRoles::from(role);
            let (found, user) = administer(&common, async |_, admin, now| {
                add_member(admin, &organization, &user, &roles, now).await.map_err(failure(&organization))
            })?;
            let text = format!("{} is {} of {}", user.user.email.as_str(), roles.joined(), found.slug);
            answer(common.json, &member_object(&found, &user, Some(&roles)), &text)
        }
        Organizations::RemoveMember(OneMember { organization, user, common }) => {
            let (found, user) = administer(&common, async |_, admin, now| {
                remove_member(admin, &organization, &user, now).await.map_err(failure(&organization))
            })?;
            let text = format!("{} is not in {} any more", user.user.email.as_str(), found.slug);
            answer(common.json, &member_object(&found, &user, None), &text)
        }
        Organizations::Delete(arguments) => delete(&arguments),
    }
}

fn list(List { limit, after, search, common }: &List) -> Result<ExitCode, Failure> {
    let (listed, has_more) = administer(common, async |_, admin, _| {
        let listed = list_organizations(admin, after.as_ref(), search.as_deref(), *limit).await;
        listed.map_err(|error| Failure::Runtime(error.into()))
    })?;
    let next = listed.last().filter(|_| has_more).map(|listed| &listed.organization.id);
    let objects: Vec<Value> = listed
        .iter()
        .map(|ListedOrganization { organization, members }| {
            let mut object = object(organization);
            object["members"] = json!(members);
            object
        })
        .collect();
    let rows: Vec<[String; 5]> = listed
        .iter()
        .map(|ListedOrganization { organization, members }| {
            let Organization { id, slug, name, created_at, .. } = organization;
            [id.to_string(), slug.clone(), name.clone(), members.to_string(), format_timestamp(*created_at)]
        })
        .collect();
    let mut text = table(["ID", "SLUG", "NAME", "MEMBERS", "CREATED"], &rows);
    if let Some(next) = next {
        text = format!("{text}more: --after {next}");
    }
    answer(common.json, &json!({ "organizations": objects, "next": next }), &text)
}

fn list_members(Members { organization, limit, offset, common }: &Members) -> Result<ExitCode, Failure> {
    let (found, members, total) = administer(common, async |_, admin, _| {
        list_organization_members(admin, organization, (*limit, *offset)).await.map_err(failure(organization))
    })?;
    let objects: Vec<Value> = members
        .iter()
        .map(|MemberUser { member, name, email, .. }| {
            json!({
                "id": member.id,
                "userId": member.user_id,
                "email": email,
                "name": name,
                "roles": member.roles.names(),
                "createdAt": format_timestamp(member.created_at),
            })
        })
        .collect();
    let rows: Vec<[String; 5]> = members
        .iter()
        .map(|MemberUser { member, name, email, .. }| {
            [
                member.user_id.to_string(),
                email.as_str().to_owned(),
                name.clone(),
                member.roles.joined(),
                format_timestamp(member.created_at),
            ]
        })
        .collect();
    let mut text = table(["USER", "EMAIL", "NAME", "ROLES", "SINCE"], &rows);
    let until = u64::from(*offset) + members.len() as u64;
    if until < total.unsigned_abs() {
        text = format!("{text}{total} in all; more: --offset {until}");
    }
    answer(common.json, &json!({ "organization": object(&found), "members": objects, "total": total }), &text)
}

fn delete(Delete { organization, yes, common }: &Delete) -> Result<ExitCode, Failure> {
    require_yes(*yes, "delete")?;
    let deleted = administer(common, async |_, admin, now| {
        if !yes {
            let found = find_organization(admin, organization).await.map_err(failure(organization))?;
            confirm(
                &format!("Delete {} with its members, invitations and API keys?", found.slug),
                "nothing was deleted",
            )?;
        }
        delete_organization(admin, organization, now).await.map_err(failure(organization))
    })?;
    answer(common.json, &json!({ "organization": object(&deleted) }), &format!("{} is gone", deleted.slug))
}

/// Returns a function that names the organization in an error.
fn failure(name: &str) -> impl FnOnce(OrganizationAdministrationError) -> Failure {
    let name = name.to_owned();
    move |error| match error {
        OrganizationAdministrationError::Store(_) => Failure::Runtime(error.into()),
        _ => Failure::Runtime(anyhow!("{name}: {error}")),
    }
}

/// Returns the stable form (docs/organizations.md).
fn object(organization: &Organization) -> Value {
    json!({
        "id": organization.id,
        "slug": organization.slug,
        "name": organization.name,
        "logo": organization.logo,
        "metadata": organization.metadata,
        "createdAt": format_timestamp(organization.created_at),
    })
}

fn member_object(organization: &Organization, user: &UserRecord, roles: Option<&OrganizationRoles>) -> Value {
    json!({
        "organization": object(organization),
        "userId": user.user.id,
        "email": user.user.email,
        "roles": roles.map(OrganizationRoles::names),
    })
}
