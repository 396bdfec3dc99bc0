use crate::{
    auth::{
        Client, ConcurrencyLimit,
        password::hasher::{stored::StoredHash, *},
    },
    language::AskedLanguage,
    types::{ClientIp, PasswordRules, RequestId},
};

fn password(text: &str) -> Password {
    Password::attempt(text, &PasswordRules::default()).unwrap()
}

fn hasher() -> Hasher {
    Hasher::start(1, Arc::new(Metrics::new()))
}

fn address(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

fn client(last: u8) -> Client {
    Client {
        ip: ClientIp::new(address(last)),
        user_agent: String::new(),
        request_id: RequestId::generate(),
        asked_language: AskedLanguage::default(),
        impersonated_by: None,
        gone: tokio_util::sync::CancellationToken::new(),
    }
}

fn verified(password: &Password, against: Option<&PasswordHash>, memory: &mut Vec<Block>) -> Verified {
    verify(password, against, memory).verified
}

/// Is out of the reference implementation's own tests: password `password`, salt `somesalt`.
const OTHER_PARAMETERS: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

#[test]
fn agrees_with_the_reference_implementation() {
    let mut memory = Vec::new();
    let stored = PasswordHash::new(OTHER_PARAMETERS.into());
    assert_eq!(verified(&password("password"), Some(&stored), &mut memory), Verified::Match { rehash: true });
    assert_eq!(verified(&password("Password"), Some(&stored), &mut memory), Verified::Mismatch);
}

#[test]
fn hashes_what_it_verifies_with_the_stated_parameters_and_a_new_salt() {
    let mut memory = Vec::new();
    let first = hash(&password("correct horse"), &mut memory);
    assert!(first.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", first.expose());
    assert_eq!(verified(&password("correct horse"), Some(&first), &mut memory), Verified::Match { rehash: false });
    assert_ne!(hash(&password("correct horse"), &mut memory).expose(), first.expose());
}

#[test]
fn refuses_to_compute_what_is_not_a_bounded_hash() {
    let mut memory = Vec::new();
    let tail = "c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    for stored in [
        format!("$argon2id$v=19$m=4194304,t=2,p=1${tail}"),
        format!("$argon2id$v=19$m=256,t=1000000,p=1${tail}"),
        format!("$argon2id$v=19$m=256,t=2,p=17${tail}"),
        format!("$scrypt$ln=18,r=16,p=1${tail}"),
        "$argon2id$v=19$m=256,t=2,p=1".into(),
        "password".into(),
        String::new(),
    ] {
        assert!(StoredHash::parse(&stored).is_err(), "{stored}");
        let stored = PasswordHash::new(stored);
        assert_eq!(verified(&password("password"), Some(&stored), &mut memory), Verified::Mismatch);
    }
    assert_eq!(verified(&password("password"), None, &mut memory), Verified::Mismatch);
}

#[tokio::test]
async fn everybody_waits_as_long_as_a_foreign_hash_took_lately() {
    let padding = Padding::default();
    let millis = Duration::from_millis;
    assert_eq!(padding.after(Duration::ZERO), Duration::ZERO, "nobody waits where there are none");
    assert_eq!(padding.after(millis(200)), Duration::ZERO);
    assert_eq!(padding.after(millis(50)), millis(150));
    assert_eq!(padding.after(Duration::ZERO), millis(200), "an account that is not there takes as long");
    for _ in 0..16 {
        padding.after(millis(50));
    }
    assert_eq!(padding.after(Duration::ZERO), millis(50), "what is long ago is forgotten");

    let hasher = hasher();
    hasher.padding.after(millis(300));
    let permit = ConcurrencyLimit::default().take(&client(1)).await.unwrap();
    let begun = Instant::now();
    assert_eq!(hasher.verify(&permit, password("correct horse"), None).await, Ok(Verified::Mismatch));
    assert!(begun.elapsed() >= millis(300), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn answers_through_the_queue() {
    let hasher = hasher();
    let permit = ConcurrencyLimit::default().take(&client(1)).await.unwrap();
    let hash = hasher.hash(&permit, password("correct horse")).await.unwrap();
    let verified = hasher.verify(&permit, password("correct horse"), Some(hash)).await;
    assert_eq!(verified, Ok(Verified::Match { rehash: false }));
    assert_eq!(hasher.verify(&permit, password("correct horse"), None).await, Ok(Verified::Mismatch));
}

/// Returns a queue that nobody works on.
fn idle_queue() -> Queue {
    Queue { state: Mutex::default(), changed: Condvar::new(), metrics: Arc::new(Metrics::new()) }
}

#[test]
fn is_busy_beyond_the_queue() {
    let queue = idle_queue();
    let mut answers = Vec::new();
    for _ in 0..QUEUE {
        let (reply, answer) = oneshot::channel();
        queue.push(address(1), password("x"), Work::Verify(None, reply)).unwrap();
        answers.push(answer);
    }
    let (reply, _answer) = oneshot::channel();
    assert_eq!(queue.push(address(1), password("x"), Work::Verify(None, reply)), Err(Busy));
    assert_eq!(queue.metrics.hashing_queue.get(), i64::try_from(QUEUE).unwrap());
    assert_eq!(queue.metrics.hashing_rejected.get(), 1);
}

#[test]
fn skips_whom_nobody_waits_for_and_who_waited_too_long() {
    let queue = idle_queue();
    let (gone, answer) = oneshot::channel();
    drop(answer);
    let (late, mut late_answer) = oneshot::channel();
    let (last, mut last_answer) = oneshot::channel();
    queue.push(address(1), password("x"), Work::Hash(gone)).unwrap();
    queue.push(address(1), password("x"), Work::Hash(late)).unwrap();
    let long_ago = Instant::now().checked_sub(DEADLINE + Duration::from_secs(1)).unwrap();
    let mut job = queue
        .lock()
        .jobs
        .remove(address(1), |job| matches!(&job.work, Work::Hash(reply) if !reply.is_closed()))
        .unwrap();
    job.waiting_since = long_ago;
    queue.lock().jobs.push(address(1), job);
    queue.push(address(1), password("x"), Work::Hash(last)).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| queue.work());
        let waited = Instant::now();
        while last_answer.try_recv().is_err() {
            assert!(waited.elapsed() < Duration::from_secs(30), "the last job was not done");
            std::thread::yield_now();
        }
        queue.lock().is_closed = true;
        queue.changed.notify_all();
    });
    assert!(late_answer.try_recv().is_err());
    assert_eq!(queue.metrics.hashing_duration.get_sample_count(), 1);
    assert_eq!(queue.metrics.hashing_rejected.get(), 1);
    assert_eq!(queue.metrics.hashing_queue.get(), 0);
}

#[tokio::test]
async fn nothing_is_hashed_for_a_client_that_goes_away_before() {
    let queue = idle_queue();
    let pending = |queue| {
        let (reply, answer) = oneshot::channel();
        let queue: &Queue = queue;
        let id = queue.push(address(1), password("x"), Work::Hash(reply)).unwrap();
        Pending { queue, address: address(1), id, answer }
    };
    drop(pending(&queue));
    assert_eq!((queue.lock().jobs.len(), queue.metrics.hashing_queue.get()), (0, 0), "it is dropped");

    let gone = client(1);
    let of_gone = ConcurrencyLimit::default().take(&gone).await.unwrap();
    gone.gone.cancel();
    assert_eq!(pending(&queue).wait(&of_gone).await.err(), Some(Busy));
    assert_eq!((queue.lock().jobs.len(), queue.metrics.hashing_queue.get()), (0, 0), "it is told");

    let begun = pending(&queue);
    let Some(Job { work: Work::Hash(reply), .. }) = queue.lock().jobs.pop() else { panic!("it is the only job") };
    reply.send(PasswordHash::new("done".into())).unwrap();
    assert!(begun.wait(&of_gone).await.is_ok(), "what has begun counts");
}

#[test]
fn addresses_are_hashed_for_in_turn() {
    let queue = idle_queue();
    for last in [1, 1, 1, 2] {
        queue.push(address(last), password("x"), Work::Verify(None, oneshot::channel().0)).unwrap();
    }
    let order: Vec<u64> = std::iter::from_fn(|| queue.lock().jobs.pop()).map(|job| job.id).collect();
    assert_eq!(order, [0, 3, 1, 2]);
}
