//! Renders the page that the mail of an invitation leads to.

use askama::Template;

/// Shows who invites to what. Whoever is signed in with the invited address gets a button, everybody else what to do first.
#[derive(Debug, Template)]
#[template(path = "join_organization.html")]
pub(crate) struct OrganizationInvitation<'a> {
    pub(crate) organization: &'a str,
    pub(crate) inviter: &'a str,
    pub(crate) email: &'a str,
    pub(crate) role: &'a str,
    /// Tells whether the browser's session is of the invited address.
    pub(crate) is_signed_in: bool,
    /// The button's form goes here.
    pub(crate) action: &'a str,
    /// The token is kept as it came with the link.
    pub(crate) token: &'a str,
    /// Is the frontend's page that signs people up, with the token in its query.
    pub(crate) sign_up_page: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_text() {
        for is_signed_in in [true, false] {
            let page = OrganizationInvitation {
                organization: "<script>alert(1)</script>",
                inviter: "<b>@example.com",
                email: "a@example.com",
                role: "member",
                is_signed_in,
                action: "/api/auth/organization/invitation",
                token: "\"><script>",
                sign_up_page: Some("/sign-up?a=\"><script>".to_owned()),
            };
            let html = page.render().unwrap();
            assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
            assert_eq!(html.contains("<button"), is_signed_in, "{html}");
        }
    }
}
