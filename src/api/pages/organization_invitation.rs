//! Describes the page that the mail of an invitation leads to.

use crate::{
    language::{TextId, text},
    pages::{MailedForm, MailedLink, MailedPage, MailedTarget, Text},
    types::{OrganizationRole, OrganizationRoles},
};

/// Shows who invites to what. Whoever is signed in with the invited address gets a button, everybody else what to do first.
#[derive(Debug)]
pub(crate) struct OrganizationInvitation<'a> {
    pub(crate) organization: &'a str,
    pub(crate) inviter: &'a str,
    pub(crate) email: &'a str,
    pub(crate) roles: &'a OrganizationRoles,
    /// Tells whether the browser's session is of the invited address.
    pub(crate) is_signed_in: bool,
    /// The button's form goes here.
    pub(crate) action: &'a str,
    /// The token is kept as it came with the link.
    pub(crate) token: &'a str,
    /// Is the frontend's page that signs people up, with the token in its query.
    pub(crate) sign_up_page: Option<String>,
}

impl OrganizationInvitation<'_> {
    pub(crate) fn page(self) -> MailedPage {
        let organization = |id: TextId| Text::new(id).with("organization", self.organization);
        let invited = Text::new(text!("link-invitation-text"))
            .with("inviter", self.inviter)
            .with("email", self.email)
            .with_texts("role", self.roles.iter().map(role_name).collect());
        let page =
            MailedPage { paragraphs: vec![invited], ..MailedPage::new(organization(text!("link-invitation-heading"))) };
        if self.is_signed_in {
            let form = MailedForm {
                action: self.action.to_owned(),
                hidden: vec![("token", self.token.to_owned())],
                field: None,
                button: organization(text!("link-invitation-button")),
            };
            return MailedPage {
                form: Some(form),
                otherwise: Some(Text::new(text!("link-invitation-otherwise"))),
                ..page
            };
        }
        let mut paragraphs = page.paragraphs;
        paragraphs.push(Text::new(text!("link-invitation-sign-in")).with("email", self.email));
        paragraphs.extend(self.sign_up_page.as_ref().map(|_| Text::new(text!("link-invitation-no-account"))));
        let back = format!("{}?token={}", self.action, self.token);
        let mut links = vec![MailedLink {
            target: MailedTarget::SignIn { back: Some(back) },
            text: Text::new(text!("link-sign-in")),
        }];
        links.extend(self.sign_up_page.map(|page| MailedLink {
            target: MailedTarget::Page(page),
            text: Text::new(text!("link-invitation-sign-up")),
        }));
        MailedPage { paragraphs, links, ..MailedPage::new(page.heading) }
    }
}

/// Names what people call a role.
fn role_name(role: OrganizationRole) -> Text {
    Text::new(match role {
        OrganizationRole::Owner => text!("org-role-owner"),
        OrganizationRole::Admin => text!("org-role-admin"),
        OrganizationRole::Member => text!("org-role-member"),
    })
}
