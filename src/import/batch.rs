//! Collects records until they are written together.

use crate::import::{
    finding::Finding,
    place::{Located, Place},
    record::{
        ApiKey, Identity, Invitation, Member, Organization, Passkey, Password, Record, Session, Team, TeamMember,
        TwoFactor, User,
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
        }
    }

    pub(crate) fn leave_out(&mut self, finding: Finding) {
        self.length += 1;
        self.findings.push(finding);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.length >= BATCH
    }
}
