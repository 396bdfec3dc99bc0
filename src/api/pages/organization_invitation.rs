//! Describes the page that the mail of an invitation leads to.

use crate::pages::{MailedForm, MailedLink, MailedPage, Text};

/// Shows who invites to what. Whoever is signed in with the invited address gets a button, everybody else what to do first.
#[derive(Debug)]
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

impl OrganizationInvitation<'_> {
    pub(crate) fn page(self) -> MailedPage {
        let organization = |id| Text::new(id).with("organization", self.organization);
        let invited = Text::new("link-invitation-text")
            .with("inviter", self.inviter)
            .with("email", self.email)
            .with("role", self.role);
        let page = MailedPage { paragraphs: vec![invited], ..MailedPage::new(organization("link-invitation-heading")) };
        if self.is_signed_in {
            let form = MailedForm {
                action: self.action.to_owned(),
                hidden: vec![("token", self.token.to_owned())],
                field: None,
                button: organization("link-invitation-button"),
            };
            return MailedPage { form: Some(form), otherwise: Some(Text::new("link-invitation-otherwise")), ..page };
        }
        let mut paragraphs = page.paragraphs;
        paragraphs.push(Text::new("link-invitation-sign-in").with("email", self.email));
        paragraphs.extend(self.sign_up_page.as_ref().map(|_| Text::new("link-invitation-no-account")));
        let link =
            self.sign_up_page.map(|page| MailedLink { path: Some(page), text: Text::new("link-invitation-sign-up") });
        MailedPage { paragraphs, link, ..MailedPage::new(page.heading) }
    }
}
