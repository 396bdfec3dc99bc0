//! Says in JSON Web Tokens which organization a session works in: in those that upstreams get and in those that clients ask
//! for, by the same names.

use serde::Serialize;

use crate::types::ActiveOrganization;

/// Holds the claims. No additional field of users may have one of these names.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "they are the names of the claims")]
pub struct OrganizationClaims<'a> {
    org_id: &'a str,
    org_slug: &'a str,
    /// Lists the roles, separated by commas.
    org_role: String,
}

impl<'a> From<&'a ActiveOrganization> for OrganizationClaims<'a> {
    fn from(organization: &'a ActiveOrganization) -> Self {
        Self { org_id: organization.id.as_str(), org_slug: &organization.slug, org_role: organization.roles.joined() }
    }
}
