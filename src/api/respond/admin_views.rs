//! Shows users to administrators: as their owner sees them, and with the ban.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::respond::views::{UserView, wire_time},
    auth::{
        User,
        admin::{BanState, ListedUser, UserRecord},
    },
    types::UserFields,
};

/// Shows a user to an administrator.
#[derive(Serialize, ToSchema)]
#[schema(as = AdministeredUser)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdminUserView<'a> {
    #[serde(flatten)]
    user: UserView<'a>,
    /// Tells whether the user is banned now.
    banned: bool,
    #[schema(required)]
    ban_reason: Option<&'a str>,
    /// Is `null` where a ban has no end.
    #[schema(format = DateTime, required)]
    ban_expires: Option<String>,
}

impl<'a> AdminUserView<'a> {
    pub(crate) fn of_record(record: &'a UserRecord, fields: &UserFields) -> Self {
        Self::new(&record.user, &record.ban, fields)
    }

    pub(crate) fn of_listed(listed: &'a ListedUser, fields: &UserFields) -> Self {
        Self::new(&listed.user, &listed.ban, fields)
    }

    fn new(user: &'a User, ban: &'a BanState, fields: &UserFields) -> Self {
        let ban = ban.in_force();
        Self {
            user: UserView::new(user, fields),
            banned: ban.is_some(),
            ban_reason: ban.and_then(|ban| ban.reason.as_deref()),
            ban_expires: ban.and_then(|ban| ban.until).map(wire_time),
        }
    }
}

/// Shows what became of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = AdministeredUserAnswer)]
pub(crate) struct AdminUserAnswer<'a> {
    pub(crate) user: AdminUserView<'a>,
}
