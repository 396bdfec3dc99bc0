//! Keeps links and codes working that were mailed before.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;

use crate::{
    auth::hashed_text,
    import::{
        destination::{Destination, no_user, outcome::Outcome, short_hash},
        error::ImportError,
        finding::Reason,
        ids::{hex, local_id, unhex},
        place::Located,
        record::{Kind, MailedFor, Verification},
    },
    store::{
        imports::verifications::{self, NewVerification},
        verifications::{MagicLink, Payload, Purpose},
    },
    types::{Email, VerificationId},
};

const KIND: Kind = Kind::Verification;

impl Destination {
    pub(super) async fn write_verifications(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Verification>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(KIND).read += records.len() as u64;
        let live: Vec<&Located<Verification>> =
            records.iter().filter(|located| located.record.expires_at > self.now).collect();
        out.count(KIND).expired += (records.len() - live.len()) as u64;
        let ids = live.iter().filter_map(|located| located.record.user_id.as_ref());
        let locals = self.local_users(connection, ids, out).await?;
        let emails = live.iter().filter_map(|located| located.record.email.as_deref()?.parse::<Email>().ok());
        let owners = self.owners(connection, emails.collect(), out).await?;
        let mut rows: Vec<NewVerification> = Vec::new();
        for Located { place, record } in live {
            let email: Option<Email> = record.email.as_deref().and_then(|email| email.parse().ok());
            let user_id = match (&record.user_id, &email) {
                (Some(id), _) => match locals.get(id) {
                    // It was mailed to the address that they had there, which may be another person's by now.
                    Some(local) if local.is_changed => Err(changed_here()),
                    Some(local) => Ok(local.id.clone()),
                    None => Err(no_user(id)),
                },
                (None, Some(email)) => owners.get(email.as_str()).cloned().ok_or_else(no_owner),
                (None, None) => Err(invalid("it is nobody's")),
            };
            match user_id.and_then(|user_id| self.verification(record, user_id, email)) {
                Ok(row) => rows.push(row),
                Err(reason) => out.left_out(KIND, place, reason),
            }
        }
        let all = rows.len() as u64;
        let written =
            if self.dry_run { all } else { verifications::insert(connection, &self.origin, &rows).await?.len() as u64 };
        out.count(KIND).imported += written;
        out.count(KIND).unchanged += all - written;
        Ok(())
    }

    /// Finds who has these addresses, of those who came from the origin: what was mailed there opens nobody else's account.
    async fn owners(
        &self,
        connection: &mut PgConnection,
        emails: Vec<Email>,
        out: &Outcome,
    ) -> Result<HashMap<String, String>, ImportError> {
        let wanted: HashSet<String> = emails.iter().map(|email| email.as_str().to_owned()).collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let wanted: Vec<String> = wanted.into_iter().collect();
        let found = verifications::list_owners(connection, &self.origin, &wanted).await?;
        let mut owners: HashMap<String, String> = found.into_iter().map(|owner| (owner.email, owner.user_id)).collect();
        if self.dry_run {
            let is_planned =
                |email: &String| out.new_emails.contains(email) || self.planned.emails.contains(&short_hash(email));
            for email in wanted.into_iter().filter(is_planned) {
                owners.entry(email).or_default();
            }
        }
        Ok(owners)
    }

    fn verification(
        &self,
        record: &Verification,
        user_id: String,
        email: Option<Email>,
    ) -> Result<NewVerification, Reason> {
        let purpose = purpose(record.purpose);
        let id: VerificationId = local_id(&record.id).parse().map_err(|_| invalid("its id is none"))?;
        let token_hash = if record.purpose.is_code() {
            let code = record.code.as_deref().ok_or_else(|| invalid("the code is missing"))?;
            hex(&self.rules.mailed_codes.make(&hashed_text(&id, code)))
        } else {
            let hash = record.token_hash.clone().filter(|hash| unhex(hash).is_some_and(|hash| hash.len() == 32));
            hash.ok_or_else(|| invalid("the hash of the token is not SHA-256 in hexadecimal digits"))?
        };
        if email.is_none() && (record.purpose.is_code() || purpose == Purpose::MagicLink) {
            return Err(invalid("the address that it was mailed to is missing"));
        }
        let payload = match &email {
            Some(email) if purpose == Purpose::MagicLink => Payload::MagicLink(MagicLink {
                email: email.clone(),
                name: None,
                callback_url: None,
                new_user_callback_url: None,
                error_callback_url: None,
            }),
            _ => Payload::empty(),
        };
        Ok(NewVerification {
            source_id: record.id.clone(),
            id,
            purpose,
            token_hash,
            user_id,
            payload,
            recipient: email,
            tries: i16::try_from(record.tries).unwrap_or(i16::MAX),
            created_at: record.created_at.min(record.expires_at),
            expires_at: record.expires_at,
        })
    }
}

fn purpose(mailed_for: MailedFor) -> Purpose {
    match mailed_for {
        MailedFor::ResetPassword => Purpose::ResetPassword,
        MailedFor::DeleteUser => Purpose::DeleteUser,
        MailedFor::MagicLink => Purpose::MagicLink,
        MailedFor::SignInCode => Purpose::SignInCode,
        MailedFor::VerifyEmailCode => Purpose::VerifyEmailCode,
        MailedFor::ResetPasswordCode => Purpose::ResetPasswordCode,
    }
}

fn changed_here() -> Reason {
    Reason::new(
        "CHANGED_HERE",
        "its user was changed here since the last import, or was here before",
        "the user asks for another link",
    )
}

fn no_owner() -> Reason {
    Reason::new(
        "USER_NOT_HERE",
        "nobody who was imported has the address that it was mailed to",
        "see what the report says of the user; whoever was about to sign up asks for another link or code",
    )
}

fn invalid(message: &str) -> Reason {
    Reason::new("VERIFICATION_INVALID", message, "the user asks for another link or code")
}
