//! Records that a limit is reached, and tells the owner of an account whose password is being tried (BRUTE-08).

use std::time::Duration;

use serde_json::json;

use crate::{
    auth::{
        Flow,
        email::link::{MailedLink, link_to, queue_notice},
        limits::{classes::RateClass, mails::MailLimit, subject::Subject},
    },
    mail::Message,
    store::{
        StoreError, Tx,
        audit::{self, Entry, Event, Outcome},
        retry_once,
        users::{self, User},
        verifications::{Payload, Purpose},
    },
};

/// Writes one record of a limit that is reached, not one for every request beyond it; and where it is an account's, a
/// mail to its owner (BRUTE-08).
pub(super) async fn record_once(flow: Flow<'_>, (class, subject): (RateClass, Subject<'_>)) -> Result<(), StoreError> {
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        let (per, user) = match subject {
            Subject::Address(_) => ("address", None),
            Subject::Email(email) => {
                let owner = users::find_by_email(&mut transaction, email).await?;
                if let Some(owner) = owner.as_ref().filter(|_| class == RateClass::SignIn) {
                    tell_owner(flow, &mut transaction, owner).await?;
                }
                ("account", owner.map(|owner| owner.id))
            }
            Subject::Device(_, email) | Subject::ResetAddress(_, email) => {
                ("device", users::find_by_email(&mut transaction, email).await?.map(|user| user.id))
            }
            Subject::User(user) => ("account", Some(user.clone())),
        };
        let entry = Entry {
            event: Event::RateLimited,
            outcome: Outcome::RateLimited,
            user_id: user.as_ref(),
            cause: flow.client.cause(),
            detail: json!({ "class": class.as_str(), "per": per }),
        };
        audit::insert(&mut transaction, &entry, flow.now).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}

/// Tells an owner of failed sign-ins, at most once a day, as anybody can fail at any time.
async fn tell_owner(flow: Flow<'_>, transaction: &mut Tx, owner: &User) -> Result<(), StoreError> {
    let link = MailedLink {
        purpose: Purpose::FailedSignIns,
        user: &owner.id,
        to: &owner.email,
        payload: Payload::empty(),
        expires_in: Duration::from_hours(24),
    };
    let message = Message::FailedSignIns {
        name: owner.name.clone(),
        reset_link: link_to(flow.auth, "/reset-password/request", None),
    };
    let limit = MailLimit::new(1, flow.now - Duration::from_hours(24));
    queue_notice(flow, transaction, link, limit, &message).await?;
    Ok(())
}
