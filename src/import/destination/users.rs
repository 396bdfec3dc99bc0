//! Decides who comes, and as whom.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use sqlx::PgConnection;
use time::Duration;

use crate::{
    import::{
        destination::{
            Destination,
            candidate::{Candidate, candidate},
            outcome::Outcome,
            short_hash,
            user_findings::{
                address_here, address_kept, another_origin, banned_there, changed_here, deleted_here, id_taken,
                id_twice, name_taken, not_the_same_any_more, reserved_address, same_address_twice, taken_meanwhile,
                unproved_address,
            },
        },
        error::ImportError,
        finding::Reason,
        ids::distinct_id,
        options::OnClash,
        place::Located,
        record::{Kind, User},
    },
    store::imports::{
        ids::{self, ImportedId, KnownUser, UserHere},
        users::{self, NewUser, NewUsername, Present},
    },
    types::UsernameRules,
};

const KIND: Kind = Kind::User;

/// Says what becomes of a candidate whom nobody is yet.
enum Decision {
    Insert,
    Merge(String),
    Nothing,
}

impl Destination {
    pub(super) async fn write_users(
        &self,
        connection: &mut PgConnection,
        records: &[Located<User>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(KIND).read += records.len() as u64;
        let source_ids: Vec<String> = records.iter().map(|located| located.record.id.clone()).collect();
        let known = ids::find_known_users(connection, &self.origin, &source_ids).await?;
        let known: HashMap<&str, &KnownUser> = known.iter().map(|known| (known.source_id.as_str(), known)).collect();

        let (mut earlier, mut newcomers) = (Vec::new(), Vec::new());
        for located in records {
            let id = &located.record.id;
            let known = known.get(id.as_str());
            let was_read = known.is_some_and(|known| known.read_at == Some(self.started_at))
                || self.planned.read.contains(&short_hash(id));
            if was_read || !out.read_users.insert(id.clone()) {
                out.left_out(KIND, &located.place, id_twice(id));
                out.doubles.push(located.place.clone());
                continue;
            }
            match (self.candidate(located), known) {
                (Ok(candidate), Some(known)) => earlier.push((candidate, *known)),
                (Ok(candidate), None) => newcomers.push(candidate),
                (Err(reason), _) => out.left_out(KIND, &located.place, reason),
            }
        }
        // An address is given up before somebody else takes it.
        self.write_earlier(connection, earlier, out).await?;
        self.write_newcomers(connection, newcomers, out).await
    }

    /// Brings those up to date who came with an earlier import. Whoever was changed here since stays as they are.
    async fn write_earlier(
        &self,
        connection: &mut PgConnection,
        earlier: Vec<(Candidate<'_>, &KnownUser)>,
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let read: Vec<String> = earlier.iter().map(|(_, known)| known.source_id.clone()).collect();
        let (mut updates, mut strangers) = (Vec::new(), Vec::new());
        for (mut candidate, known) in earlier {
            let (place, row) = (&candidate.source.place, &candidate.row);
            let Some(here) = &known.here else {
                out.left_out(KIND, place, deleted_here());
                continue;
            };
            if known.is_merged {
                if row.email_verified && here.email_verified && row.email == here.email {
                    out.count(KIND).unchanged += 1;
                } else {
                    out.left_out(KIND, place, not_the_same_any_more(&here.email));
                    strangers.push(known.source_id.clone());
                }
                continue;
            }
            if self.is_somebody_else(&candidate, here) {
                return Err(another_origin(place, &self.origin, &known.source_id, (&here.email, &row.email)));
            }
            if here.is_changed {
                out.count(KIND).unchanged += 1;
                if here.left_at.is_none_or(|left_at| row.updated_at > left_at) {
                    out.changed(KIND, place, changed_here(&here.email));
                }
            } else if !out.new_emails.insert(row.email.clone()) {
                out.left_out(KIND, place, same_address_twice(&row.email));
            } else {
                candidate.row.id.clone_from(&known.local_id);
                updates.push(candidate);
            }
        }
        if self.dry_run {
            out.count(KIND).unchanged += updates.len() as u64;
            return Ok(());
        }
        self.update(connection, updates, out).await?;
        ids::update_read(connection, &self.origin, &read, self.started_at).await?;
        Ok(ids::delete_users(connection, &self.origin, &strangers).await?)
    }

    /// Tells whether the id is that of another person than at the last import, as in another database: neither the
    /// address nor the time of their sign-up is the same. Where the origin keeps no times, only ids that are counted up
    /// are doubted.
    fn is_somebody_else(&self, candidate: &Candidate<'_>, here: &UserHere) -> bool {
        let (row, id) = (&candidate.row, &candidate.source.record.id);
        let is_other = if row.created_at == self.now {
            id.parse::<u64>().is_ok() && !here.is_changed
        } else {
            (row.created_at - here.created_at).abs() >= Duration::SECOND
        };
        row.email != here.email && is_other
    }

    async fn update(
        &self,
        connection: &mut PgConnection,
        candidates: Vec<Candidate<'_>>,
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if candidates.is_empty() {
            return Ok(());
        }
        let rows: Vec<NewUser> = candidates.iter().map(|candidate| candidate.row.clone()).collect();
        let updated: HashMap<String, bool> =
            users::update_unchanged(connection, &self.origin, &rows).await?.into_iter().collect();
        for candidate in candidates {
            let Some(keeps_address) = updated.get(&candidate.row.id) else {
                out.count(KIND).unchanged += 1;
                continue;
            };
            out.count(KIND).updated += 1;
            for change in candidate.changes {
                out.changed(KIND, &candidate.source.place, change);
            }
            if *keeps_address {
                out.changed(KIND, &candidate.source.place, address_kept(&candidate.row.email));
            }
        }
        Ok(())
    }

    async fn write_newcomers(
        &self,
        connection: &mut PgConnection,
        candidates: Vec<Candidate<'_>>,
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let in_the_way = InTheWay::find(connection, &self.origin, &candidates).await?;
        let (mut inserts, mut merges) = (Vec::new(), Vec::new());
        for mut candidate in candidates {
            match self.decide(&mut candidate, &in_the_way, out)? {
                Decision::Insert => {
                    out.new_users.insert(candidate.source.record.id.clone());
                    out.new_emails.insert(candidate.row.email.clone());
                    out.new_local_ids.insert(candidate.row.id.clone());
                    inserts.push(candidate);
                }
                Decision::Merge(local_id) => {
                    out.new_emails.insert(candidate.row.email.clone());
                    merges.push((candidate, local_id));
                }
                Decision::Nothing => {}
            }
        }
        self.insert(connection, inserts, out).await?;
        self.merge(connection, &merges, out).await
    }

    /// Decides what becomes of a newcomer, and tells of those who do not come.
    fn decide(
        &self,
        candidate: &mut Candidate<'_>,
        in_the_way: &InTheWay,
        out: &mut Outcome,
    ) -> Result<Decision, ImportError> {
        let (place, source) = (&candidate.source.place, &candidate.source.record);
        let email = &candidate.row.email;
        if out.new_emails.contains(email) || self.planned.emails.contains(&short_hash(email)) {
            out.left_out(KIND, place, same_address_twice(email));
            return Ok(Decision::Nothing);
        }
        if let Some(present) = in_the_way.by_email.get(email) {
            if in_the_way.of_origin.contains(&present.id) {
                out.left_out(KIND, place, same_address_twice(email));
                return Ok(Decision::Nothing);
            }
            return self.clash(candidate, present, out);
        }
        if in_the_way.reserved.contains(email) {
            out.left_out(KIND, place, reserved_address(email));
            return Ok(Decision::Nothing);
        }
        if in_the_way.ids.contains(&candidate.row.id) || out.new_local_ids.contains(&candidate.row.id) {
            candidate.row.id = distinct_id(&self.origin, &source.id);
            candidate.changes.push(id_taken(&source.id, &candidate.row.id));
        }
        Ok(Decision::Insert)
    }

    /// Decides what becomes of somebody whose address somebody has here.
    fn clash(&self, candidate: &Candidate<'_>, present: &Present, out: &mut Outcome) -> Result<Decision, ImportError> {
        let place = &candidate.source.place;
        let reason = address_here(&present.email);
        let is_banned = candidate.row.banned_at.is_some()
            && candidate.row.ban_expires_at.is_none_or(|expires_at| expires_at > self.now);
        match self.on_clash {
            OnClash::Fail if !self.dry_run => return Err(ImportError::Clash { place: place.clone(), reason }),
            OnClash::Fail | OnClash::Skip => out.left_out(KIND, place, reason),
            OnClash::Merge if is_banned => out.left_out(KIND, place, banned_there(&present.email)),
            // Somebody who never proved an address could otherwise plant a way to sign in for its owner.
            OnClash::Merge if candidate.row.email_verified && present.email_verified => {
                return Ok(Decision::Merge(present.id.clone()));
            }
            OnClash::Merge => out.left_out(KIND, place, unproved_address(&present.email)),
        }
        Ok(Decision::Nothing)
    }

    async fn insert(
        &self,
        connection: &mut PgConnection,
        candidates: Vec<Candidate<'_>>,
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let rows: Vec<NewUser> = candidates.iter().map(|candidate| candidate.row.clone()).collect();
        let inserted: HashSet<String> = if self.dry_run {
            rows.into_iter().map(|row| row.id).collect()
        } else {
            users::insert(connection, &rows).await?.into_iter().collect()
        };
        let (mut new_ids, mut names) = (Vec::new(), Vec::new());
        for candidate in &candidates {
            let Candidate { source, row, username, changes } = candidate;
            if !inserted.contains(&row.id) {
                out.new_users.remove(&source.record.id);
                out.left_out(KIND, &source.place, taken_meanwhile(&row.email));
                continue;
            }
            out.count(KIND).imported += 1;
            out.count(KIND).unverified += u64::from(!row.email_verified);
            for change in changes {
                out.changed(KIND, &source.place, change.clone());
            }
            new_ids.push(ImportedId {
                source_id: source.record.id.clone(),
                local_id: row.id.clone(),
                is_merged: false,
                left_at: Some(row.updated_at),
            });
            names.extend(username.as_ref().map(|name| NewUsername {
                user_id: row.id.clone(),
                name: name.as_str().to_owned(),
                likeness: name.likeness(),
                created_at: row.created_at,
            }));
        }
        if self.dry_run {
            return self.plan_names(connection, &candidates, out).await;
        }
        ids::insert(connection, &self.origin, "user", &new_ids, self.started_at).await?;
        if names.is_empty() {
            return Ok(());
        }
        let having_names: HashSet<String> = users::insert_usernames(connection, &names).await?.into_iter().collect();
        let (mut owners, mut fields) = (Vec::new(), Vec::new());
        for candidate in candidates.iter().filter(|candidate| inserted.contains(&candidate.row.id)) {
            match &candidate.username {
                Some(name) if having_names.contains(&candidate.row.id) => {
                    owners.push(candidate.row.id.clone());
                    fields.push(json!({
                        UsernameRules::FIELD: name.as_str(),
                        UsernameRules::DISPLAY_FIELD: name.display(),
                    }));
                }
                Some(name) => out.changed(KIND, &candidate.source.place, name_taken(name)),
                None => {}
            }
        }
        Ok(users::update_username_fields(connection, &owners, &fields).await?)
    }

    /// Tells of names that somebody has, where nothing is written.
    async fn plan_names(
        &self,
        connection: &mut PgConnection,
        candidates: &[Candidate<'_>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let named = || candidates.iter().filter_map(|candidate| Some((candidate, candidate.username.as_ref()?)));
        let likenesses: Vec<String> = named().map(|(_, name)| name.likeness()).collect();
        let taken: HashSet<String> = users::find_likenesses(connection, &likenesses).await?.into_iter().collect();
        for ((candidate, name), likeness) in named().zip(likenesses) {
            if taken.contains(&likeness) || self.planned.holds_name(&likeness) || !out.new_names.insert(likeness) {
                out.changed(KIND, &candidate.source.place, name_taken(name));
            }
        }
        Ok(())
    }

    async fn merge(
        &self,
        connection: &mut PgConnection,
        merges: &[(Candidate<'_>, String)],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        let new_ids = merges.iter().map(|(candidate, local_id)| ImportedId {
            source_id: candidate.source.record.id.clone(),
            local_id: local_id.clone(),
            is_merged: true,
            left_at: None,
        });
        out.count(KIND).merged += merges.len() as u64;
        out.new_users.extend(merges.iter().map(|(candidate, _)| candidate.source.record.id.clone()));
        if !self.dry_run && !merges.is_empty() {
            ids::insert(connection, &self.origin, "user", &new_ids.collect::<Vec<_>>(), self.started_at).await?;
        }
        Ok(())
    }

    /// Holds a record against the rules for users. Nobody was changed later than now: a time to come would count as later
    /// than every change here.
    fn candidate<'a>(&self, located: &'a Located<User>) -> Result<Candidate<'a>, Reason> {
        let mut candidate = candidate(located, &self.rules)?;
        candidate.row.created_at = candidate.row.created_at.min(self.now);
        candidate.row.updated_at = candidate.row.updated_at.min(self.now).truncate_to_microsecond();
        Ok(candidate)
    }
}

/// Holds who is here with an id or an address that candidates have.
struct InTheWay {
    ids: HashSet<String>,
    by_email: HashMap<String, Present>,
    /// Are the ids of those among them who came from the same origin.
    of_origin: HashSet<String>,
    reserved: HashSet<String>,
}

impl InTheWay {
    async fn find(
        connection: &mut PgConnection,
        origin: &str,
        candidates: &[Candidate<'_>],
    ) -> Result<Self, ImportError> {
        let ids: Vec<String> = candidates.iter().map(|candidate| candidate.row.id.clone()).collect();
        let emails: Vec<String> = candidates.iter().map(|candidate| candidate.row.email.clone()).collect();
        let present = users::find_present(connection, &ids, &emails).await?;
        let reserved = users::find_reserved(connection, &emails).await?.into_iter().collect();
        let present_ids: Vec<String> = present.iter().map(|present| present.id.clone()).collect();
        let of_origin = if present_ids.is_empty() {
            HashSet::new()
        } else {
            ids::find_users_of_origin(connection, origin, &present_ids).await?.into_iter().collect()
        };
        let given = ids::find_given(connection, &ids).await?;
        Ok(Self {
            ids: present_ids.into_iter().chain(given).collect(),
            of_origin,
            by_email: present.into_iter().map(|present| (present.email.clone(), present)).collect(),
            reserved,
        })
    }
}
