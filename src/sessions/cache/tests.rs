use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use time::OffsetDateTime;

use crate::{
    sessions::cache::{CLOCK_SKEW, MAX_AGE, RECENT, SessionCache},
    types::{ActiveSession, ActiveUser, Activity, Principal, SessionKey, SessionToken, TokenHash, Told},
};

const BOUND: Duration = Duration::from_secs(1);

fn session(id: &str, lives: Duration) -> (TokenHash, Arc<ActiveSession>) {
    let session = ActiveSession {
        session_id: id.parse().unwrap(),
        principal: Principal::User {
            user: ActiveUser {
                id: "u1".parse().unwrap(),
                email: "alice@example.com".parse().unwrap(),
                email_verified: true,
                name: "Alice".to_owned(),
                roles: Vec::new(),
                additional_fields: serde_json::Value::Null,
                has_two_factor: false,
                organization: None,
            },
            api_key: None,
        },
        auth_method: "password".to_owned(),
        second_factor: None,
        impersonated_by: None,
        proved_at: OffsetDateTime::now_utc(),
        expires_at: OffsetDateTime::now_utc() + lives,
        is_remembered: true,
        activity: Activity::Seen,
    };
    (SessionToken::generate().hash(), Arc::new(session))
}

/// Returns a trusted cache that remembers one session of an hour.
fn nothing() -> Arc<Told> {
    Arc::default()
}

fn remembering() -> (SessionCache, TokenHash, Arc<ActiveSession>) {
    let cache = SessionCache::new(BOUND);
    let (hash, session) = session("s1", Duration::from_hours(1));
    cache.remember(cache.begin_query(), &[(hash, Arc::clone(&session))], &nothing());
    cache.extend_lease(Instant::now());
    (cache, hash, session)
}

#[test]
fn what_was_found_is_remembered_without_what_was_due() {
    let (cache, hash, session) = remembering();
    let remembered = cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()).unwrap();
    assert_eq!(remembered.activity, Activity::Recorded, "or every request would write it down once more");
    assert_eq!(remembered.session_id, session.session_id);
    assert!(cache.get(&SessionKey::Id(session.session_id.clone()), &nothing(), Instant::now()).is_some());
    assert_eq!(cache.get(&SessionKey::Token(SessionToken::generate().hash()), &nothing(), Instant::now()), None);
}

#[test]
fn nothing_is_answered_before_the_first_beat_nor_later_than_the_bound_after_one() {
    let cache = SessionCache::new(BOUND);
    let (hash, session) = session("s1", Duration::from_hours(1));
    cache.remember(cache.begin_query(), &[(hash, session)], &nothing());
    let sent = Instant::now();
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), sent), None);
    cache.extend_lease(sent);
    assert!(cache.get(&SessionKey::Token(hash), &nothing(), sent + BOUND.mul_f64(0.99)).is_some());
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), sent + BOUND), None);
}

#[test]
fn what_ended_is_forgotten_and_nothing_else() {
    let (cache, hash, session) = remembering();
    cache.forget(vec!["s2".parse().unwrap()]);
    assert!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()).is_some());
    cache.forget(vec![session.session_id.clone()]);
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()), None);
}

#[test]
fn an_answer_that_was_overtaken_is_not_remembered() {
    let cache = SessionCache::new(BOUND);
    cache.extend_lease(Instant::now());
    let [(one, first), (other, second)] =
        [session("s1", Duration::from_hours(1)), session("s2", Duration::from_hours(1))];
    let asked = cache.begin_query();
    cache.forget(vec!["s1".parse().unwrap()]);
    cache.remember(asked, &[(one, Arc::clone(&first)), (other, second)], &nothing());
    assert_eq!(cache.get(&SessionKey::Token(one), &nothing(), Instant::now()), None);
    assert!(cache.get(&SessionKey::Token(other), &nothing(), Instant::now()).is_some());
    cache.remember(cache.begin_query(), &[(one, first)], &nothing());
    assert!(cache.get(&SessionKey::Token(one), &nothing(), Instant::now()).is_some(), "asked for again, it is");
}

#[test]
fn an_answer_from_before_more_ends_than_are_kept_in_mind_is_not_remembered() {
    let cache = SessionCache::new(BOUND);
    cache.extend_lease(Instant::now());
    let (hash, session) = session("s1", Duration::from_hours(1));
    let asked = cache.begin_query();
    cache.forget(vec!["s1".parse().unwrap()]);
    for n in 0..=RECENT {
        cache.forget(vec![format!("other{n}").parse().unwrap()]);
    }
    cache.remember(asked, &[(hash, session)], &nothing());
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()), None);
}

#[test]
fn a_gap_forgets_everything_and_answers_from_before_it() {
    let (cache, hash, session) = remembering();
    let asked = cache.begin_query();
    cache.forget_all();
    cache.remember(asked, &[(hash, Arc::clone(&session))], &nothing());
    cache.extend_lease(Instant::now());
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()), None);
    cache.remember(cache.begin_query(), &[(hash, session)], &nothing());
    assert!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()).is_some());
}

#[test]
fn what_is_old_or_ends_soon_is_asked_for() {
    let (cache, hash, _) = remembering();
    let later = Instant::now() + MAX_AGE;
    cache.extend_lease(later);
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), later), None);
    let (hash, session) = session("s2", CLOCK_SKEW);
    cache.remember(cache.begin_query(), &[(hash, session)], &nothing());
    cache.extend_lease(Instant::now());
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()), None);
}

#[test]
fn a_replaced_token_is_remembered_no_more_whichever_is_asked_for_last() {
    let (cache, former, session) = remembering();
    let latter = SessionToken::generate().hash();
    cache.remember(cache.begin_query(), &[(latter, Arc::clone(&session))], &nothing());
    assert_eq!(cache.get(&SessionKey::Token(former), &nothing(), Instant::now()), None);
    assert!(cache.get(&SessionKey::Token(latter), &nothing(), Instant::now()).is_some());
    cache.forget(vec![session.session_id.clone()]);
    assert_eq!(cache.get(&SessionKey::Token(latter), &nothing(), Instant::now()), None);
}

#[test]
fn of_a_user_who_changed_nothing_is_remembered() {
    let (cache, hash, session) = remembering();
    let asked = cache.begin_query();
    cache.forget_user("u2".parse().unwrap());
    assert!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()).is_some());
    cache.forget_user(session.user_id().unwrap().clone());
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()), None);
    cache.remember(asked, &[(hash, session)], &nothing());
    assert_eq!(cache.get(&SessionKey::Token(hash), &nothing(), Instant::now()), None, "nor what was asked for before");
}

#[test]
fn a_users_change_forgets_all_of_theirs_and_leaves_no_trace() {
    let cache = SessionCache::new(BOUND);
    cache.extend_lease(Instant::now());
    let [(one, first), (other, second)] =
        [session("s1", Duration::from_hours(1)), session("s2", Duration::from_hours(1))];
    let (strange, mut third) = session("s3", Duration::from_hours(1));
    Arc::get_mut(&mut third).unwrap().user_mut().id = "u2".parse().unwrap();
    cache.remember(cache.begin_query(), &[(one, first), (other, second), (strange, third)], &nothing());
    cache.forget_user("u1".parse().unwrap());
    assert_eq!(
        (
            cache.get(&SessionKey::Token(one), &nothing(), Instant::now()),
            cache.get(&SessionKey::Token(other), &nothing(), Instant::now())
        ),
        (None, None)
    );
    assert!(cache.get(&SessionKey::Token(strange), &nothing(), Instant::now()).is_some());
    cache.forget(vec!["s3".parse().unwrap()]);
    let state = cache.read();
    assert_eq!((state.entries.len(), state.hashes.len(), state.users.len()), (0, 0, 0));
}

#[test]
fn what_another_configuration_tells_is_asked_for() {
    let (cache, hash, _) = remembering();
    let key = SessionKey::Token(hash);
    assert!(cache.get(&key, &nothing(), Instant::now()).is_some());
    for told in [
        Told { fields: vec!["company".to_owned()], organization: false },
        Told { fields: Vec::new(), organization: true },
    ] {
        assert_eq!(cache.get(&key, &told, Instant::now()), None);
    }
}
