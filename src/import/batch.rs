//! Collects records until they are written together.

use crate::import::{
    finding::Finding,
    place::{Located, Place},
    record::{
        ApiKey, Identity, Invitation, Kind, Member, Organization, Passkey, Password, Record, Session, Team, TeamMember,
        TwoFactor, User, Verification,
    },
};

/// Says how many records are written together.
pub(crate) const BATCH: usize = 1000;

/// Holds records by kind.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) users: Vec<Located<User>>,
    pub(crate) passwords: Vec<Located<Password>>,
    pub(crate) identities: Vec<Located<Identity>>,
    pub(crate) two_factors: Vec<Located<TwoFactor>>,
    pub(crate) passkeys: Vec<Located<Passkey>>,
    pub(crate) sessions: Vec<Located<Session>>,
    pub(crate) organizations: Vec<Located<Organization>>,
    pub(crate) teams: Vec<Located<Team>>,
    pub(crate) members: Vec<Located<Member>>,
    pub(crate) team_members: Vec<Located<TeamMember>>,
    pub(crate) invitations: Vec<Located<Invitation>>,
    pub(crate) api_keys: Vec<Located<ApiKey>>,
    pub(crate) verifications: Vec<Located<Verification>>,
    /// Are the kinds of rows that have expired, whatever they were.
    pub(crate) expired: Vec<Kind>,
    /// Are of rows that no record could be made of, and of those that are not as they were.
    pub(crate) findings: Vec<Finding>,
    length: usize,
}

impl Batch {
    pub(crate) fn push(&mut self, place: Place, record: Record) {
        self.length += 1;
        match record {
            Record::User(record) => self.users.push(Located { place, record }),
            Record::Password(record) => self.passwords.push(Located { place, record }),
            Record::Identity(record) => self.identities.push(Located { place, record }),
            Record::TwoFactor(record) => self.two_factors.push(Located { place, record }),
            Record::Passkey(record) => self.passkeys.push(Located { place, record }),
            Record::Session(record) => self.sessions.push(Located { place, record }),
            Record::Organization(record) => self.organizations.push(Located { place, record }),
            Record::Team(record) => self.teams.push(Located { place, record }),
            Record::Member(record) => self.members.push(Located { place, record }),
            Record::TeamMember(record) => self.team_members.push(Located { place, record }),
            Record::Invitation(record) => self.invitations.push(Located { place, record }),
            Record::ApiKey(record) => self.api_keys.push(Located { place, record }),
            Record::Verification(record) => self.verifications.push(Located { place, record }),
        }
    }

    /// Returns every record with its place, in the order in which they are written.
    pub(crate) fn records(&self) -> Vec<(Place, Record)> {
        let mut all = Vec::with_capacity(self.length);
        add(&mut all, &self.users, Record::User);
        add(&mut all, &self.passwords, Record::Password);
        add(&mut all, &self.identities, Record::Identity);
        add(&mut all, &self.two_factors, Record::TwoFactor);
        add(&mut all, &self.passkeys, Record::Passkey);
        add(&mut all, &self.organizations, Record::Organization);
        add(&mut all, &self.teams, Record::Team);
        add(&mut all, &self.members, Record::Member);
        add(&mut all, &self.team_members, Record::TeamMember);
        add(&mut all, &self.invitations, Record::Invitation);
        add(&mut all, &self.api_keys, Record::ApiKey);
        add(&mut all, &self.sessions, Record::Session);
        add(&mut all, &self.verifications, Record::Verification);
        all
    }

    pub(crate) fn leave_out(&mut self, finding: Finding) {
        self.length += 1;
        self.findings.push(finding);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.length >= BATCH
    }
}

impl FromIterator<(Place, Record)> for Batch {
    fn from_iter<I: IntoIterator<Item = (Place, Record)>>(records: I) -> Self {
        let mut batch = Self::default();
        for (place, record) in records {
            batch.push(place, record);
        }
        batch
    }
}

fn add<T: Clone>(all: &mut Vec<(Place, Record)>, located: &[Located<T>], wrap: fn(T) -> Record) {
    all.extend(located.iter().map(|Located { place, record }| (place.clone(), wrap(record.clone()))));
}
