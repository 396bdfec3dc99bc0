//! Limits how many mails of one kind somebody gets, whoever asks for them (MAIL-13, MAIL-14), and sees that nobody
//! else's asking leaves an owner without a way in (BRUTE-10).
//!
//! Each kind counts by itself, so that one does not starve another. A link that anybody may ask for counts for who asks
//! and, more generously, in all; a browser that signed in to the account before counts by itself alone. Beyond that,
//! one more is sent where none of the kind works any more and the last one is an hour old: whoever receives the
//! address's mail has a working link at any time, or gets one.

use time::{Duration, OffsetDateTime};

use crate::{
    auth::{Client, DeviceCookie},
    store::{users::PasswordUser, verifications::MailedBefore},
    types::{ClientIp, Email},
};

/// Limits the mails of a kind in a day.
const MAX_A_DAY: usize = 10;
/// Limits the mails of a kind in a day in all, where everybody counts by themselves.
const MAX_A_DAY_IN_ALL: usize = 20;
/// Others may add this many to a limit in its time.
const MAX_FROM_OTHERS: usize = 2;
/// Tells how old the last mail has to be before one is sent beyond every limit.
const WAY_OUT: Duration = Duration::HOUR;

/// Tells who asks for a link without being signed in.
#[derive(Debug, Clone)]
pub(crate) enum Asker {
    Address(ClientIp),
    /// Is a browser that signed in to the account before, by its id.
    Browser(String),
}

impl Asker {
    /// Tells who asks for a mail to this user.
    pub(crate) fn new(found: &PasswordUser, device: Option<&DeviceCookie>, client: &Client) -> Self {
        let hash = found.credential.as_ref().map(|(_, hash)| hash);
        match device.zip(hash).filter(|(device, hash)| device.knows(&found.user.email, hash)) {
            Some((device, _)) => Self::Browser(device.id()),
            None => Self::Address(client.ip),
        }
    }

    /// Returns the name as rows have it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Address(ip) => format!("address:{}", ip.bucket()),
            Self::Browser(id) => format!("browser:{id}"),
        }
    }
}

/// Tells how many mails of a purpose one person gets; further ones are not sent, and nobody is told (MAIL-13).
#[derive(Debug, Clone)]
pub(crate) struct MailLimit<'a> {
    count: usize,
    since: OffsetDateTime,
    pub(crate) asker: Option<Asker>,
    /// Says whose mails are counted, where the mail goes to somebody else.
    pub(crate) recipient: Option<&'a Email>,
}

impl<'a> MailLimit<'a> {
    /// Allows so many since then.
    pub(crate) fn new(count: usize, since: OffsetDateTime) -> Self {
        Self { count, since, asker: None, recipient: None }
    }

    /// Allows three in a quarter of an hour.
    pub(crate) fn usual(now: OffsetDateTime) -> Self {
        Self::new(3, now - Duration::minutes(15))
    }

    /// Does the same for who asks, so that strangers do not use it up.
    pub(crate) fn asked(asker: Asker, now: OffsetDateTime) -> Self {
        Self { asker: Some(asker), ..Self::usual(now) }
    }

    /// Counts the mails of this address, whoever gets this one: nobody can tell who that is.
    pub(crate) fn counting(self, recipient: &'a Email) -> Self {
        Self { recipient: Some(recipient), ..self }
    }

    /// Tells whether one more may be sent after those of the last day.
    pub(crate) fn allows(&self, mailed: &[MailedBefore], now: OffsetDateTime) -> bool {
        let Some(asker) = &self.asker else {
            let of_user = mailed.iter().filter(|mail| mail.is_of_user);
            let to_recipient = mailed.iter().filter(|mail| mail.is_to_recipient);
            return self.leaves_room(of_user, (self.count, MAX_A_DAY))
                && self.leaves_room(to_recipient, (self.count, MAX_A_DAY));
        };
        let name = asker.name();
        // Who asked for older rows is not known.
        let own = mailed.iter().filter(|mail| mail.asked_by.as_ref().is_none_or(|by| *by == name));
        let in_all = match asker {
            Asker::Address(_) => self.leaves_room(mailed.iter(), (self.count + MAX_FROM_OTHERS, MAX_A_DAY_IN_ALL)),
            Asker::Browser(_) => true,
        };
        let is_way_out = || mailed.iter().all(|mail| mail.expires_at <= now && mail.created_at <= now - WAY_OUT);
        in_all && self.leaves_room(own, (self.count, MAX_A_DAY)) || is_way_out()
    }

    fn leaves_room<'m>(
        &self,
        mailed: impl Iterator<Item = &'m MailedBefore>,
        (most, most_a_day): (usize, usize),
    ) -> bool {
        let (mut recent, mut all) = (0, 0);
        for mail in mailed {
            recent += usize::from(mail.created_at > self.since);
            all += 1;
        }
        recent < most && all < most_a_day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn asker(n: u8) -> Asker {
        Asker::Address(ClientIp::new([192, 0, 2, n].into()))
    }

    /// Returns a mail of so many minutes ago that this one asked for, which works for an hour.
    fn mail(minutes: i64, by: Option<&Asker>) -> MailedBefore {
        let created_at = NOW - Duration::minutes(minutes);
        MailedBefore {
            is_of_user: true,
            is_to_recipient: true,
            asked_by: by.map(Asker::name),
            created_at,
            expires_at: created_at + Duration::HOUR,
        }
    }

    fn allows(by: &Asker, mailed: &[MailedBefore]) -> bool {
        MailLimit::asked(by.clone(), NOW).allows(mailed, NOW)
    }

    #[test]
    fn who_asks_is_limited_and_leaves_room_for_others() {
        let (stranger, owner) = (asker(1), asker(2));
        let mut mailed = vec![mail(1, Some(&stranger)); 3];
        assert!(!allows(&stranger, &mailed));
        assert!(allows(&owner, &mailed));
        mailed.extend(vec![mail(1, Some(&asker(3))); 2]);
        assert!(!allows(&owner, &mailed), "five in all");
        assert!(allows(&Asker::Browser("known".to_owned()), &mailed));
        assert!(!allows(
            &Asker::Browser("known".to_owned()),
            &vec![mail(1, Some(&Asker::Browser("known".to_owned()))); 3]
        ));
    }

    #[test]
    fn the_days_mails_of_strangers_leave_the_owner_one() {
        let (stranger, owner) = (asker(1), asker(2));
        let mailed: Vec<_> = (1..=10).map(|n| mail(n * 20, Some(&stranger))).collect();
        assert!(!allows(&stranger, &mailed));
        assert!(allows(&owner, &mailed));
        let mailed: Vec<_> = (1..=20).map(|n| mail(n * 20, Some(&asker(10)))).collect();
        assert!(!allows(&owner, &mailed), "twenty in all, and the last one works");
    }

    #[test]
    fn where_no_link_works_any_more_one_is_sent() {
        let mailed: Vec<_> = (1..=20).map(|n| mail(60 + n, Some(&asker(1)))).collect();
        assert!(allows(&asker(1), &mailed));
        let mailed: Vec<_> = (1..=20).map(|n| mail(40 + n, Some(&asker(1)))).collect();
        assert!(!allows(&asker(1), &mailed), "the newest works");
    }

    #[test]
    fn a_recipient_is_counted_beside_who_is_signed_in() {
        let limit = MailLimit::usual(NOW);
        let to_others = MailedBefore { is_to_recipient: false, ..mail(1, None) };
        let of_others = MailedBefore { is_of_user: false, ..mail(1, None) };
        for (mailed, is_allowed) in [
            (vec![to_others.clone(); 2], true),
            (vec![to_others.clone(); 3], false),
            (vec![of_others.clone(); 2], true),
            (vec![of_others.clone(); 3], false),
            ([vec![of_others.clone(); 2], vec![to_others.clone(); 2]].concat(), true),
            (vec![MailedBefore { created_at: NOW - Duration::HOUR, ..of_others.clone() }; 10], false),
        ] {
            assert_eq!(limit.allows(&mailed, NOW), is_allowed, "{mailed:?}");
        }
    }
}
