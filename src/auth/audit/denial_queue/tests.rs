use time::macros::datetime;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::audit::denial_queue::*,
    language::AskedLanguage,
    types::{ClientIp, RequestId},
};

fn denial(user: Option<&str>, ip: &str, place: &str, at: OffsetDateTime) -> Denial {
    let client = Client {
        ip: ClientIp::new(ip.parse().unwrap()),
        user_agent: String::new(),
        request_id: RequestId::generate(),
        asked_language: AskedLanguage::default(),
        impersonated_by: None,
        gone: CancellationToken::new(),
    };
    Denial {
        event: Event::AccessDenied,
        outcome: Outcome::MissingRole,
        user_id: user.map(|id| id.parse().unwrap()),
        place: place.to_owned(),
        client,
        at,
    }
}

const AT: OffsetDateTime = datetime!(2026-01-01 10:00 UTC);

fn from(number: usize, outcome: Outcome) -> Denial {
    Denial { outcome, ..denial(None, &format!("10.0.{}.{}", number / 250, number % 250), "place", AT) }
}

/// Returns all that is written in the end.
fn drained(mut queue: DenialQueue) -> Vec<AuditRecord> {
    let mut notes = Vec::new();
    loop {
        let taken = queue.take(None);
        if taken.is_empty() {
            return notes;
        }
        notes.extend(taken);
    }
}

fn dropped(notes: &[AuditRecord]) -> Vec<(Kind, u64)> {
    let of_note = |record: &AuditRecord| {
        if let AuditRecord::Dropped { kind, count, .. } = record { Some((*kind, *count)) } else { None }
    };
    notes.iter().filter_map(of_note).collect()
}

#[test]
fn alike_ones_of_a_minute_are_one() {
    let (first, later) = (datetime!(2026-01-01 10:00:01 UTC), datetime!(2026-01-01 10:00:59 UTC));
    let next_minute = datetime!(2026-01-01 10:01:00 UTC);
    let mut queue = DenialQueue::default();
    for (denial, expected) in [
        (denial(Some("ada"), "192.0.2.1", "admin", first), Admitted::New),
        (denial(Some("ada"), "192.0.2.2", "admin", later), Admitted::Repeated),
        (denial(Some("bob"), "192.0.2.1", "admin", later), Admitted::New),
        (denial(Some("ada"), "192.0.2.1", "billing", later), Admitted::New),
        (denial(None, "2001:db8::1", "admin", later), Admitted::New),
        (denial(None, "2001:db8::2", "admin", later), Admitted::Repeated),
        (denial(None, "2001:db8:0:1::1", "admin", later), Admitted::New),
        (denial(Some("ada"), "192.0.2.1", "admin", next_minute), Admitted::New),
        (denial(Some("ada"), "192.0.2.1", "admin", later), Admitted::Repeated),
        (denial(Some("ada"), "192.0.2.1", "admin", datetime!(2026-01-01 09:00 UTC)), Admitted::New),
    ] {
        let told = format!("{denial:?}");
        assert_eq!(queue.push_denial(denial), expected, "{told}");
    }
    assert!(dropped(&drained(queue)).is_empty(), "a repetition is no loss");
}

#[test]
fn a_flood_of_one_kind_leaves_the_others_alone() {
    let mut queue = DenialQueue::default();
    for number in 0..MAX_A_MINUTE + 100 {
        let expected = if number < MAX_A_MINUTE { Admitted::New } else { Admitted::Dropped };
        assert_eq!(queue.push_denial(from(number, Outcome::CrossOrigin)), expected, "{number}");
    }
    assert_eq!(queue.push_denial(from(0, Outcome::CrossOrigin)), Admitted::Repeated);
    assert_eq!(queue.push_denial(from(0, Outcome::MissingRole)), Admitted::New);
    assert_eq!(queue.push_reload(Outcome::Success, "gateway.yaml".to_owned(), AT), Admitted::New);
    let first = queue.take(Some(Instant::now()));
    let is_told =
        |record: &AuditRecord| matches!(record, AuditRecord::Denied(denial) if denial.outcome == Outcome::MissingRole);
    assert!(first.iter().any(is_told), "nor do the others wait until the flood is written");
    assert_eq!(dropped(&first), [((Event::AccessDenied, Outcome::CrossOrigin), 100)]);
    assert_eq!(drained(queue).len() + first.len(), MAX_A_MINUTE + 3);
}

#[test]
fn a_flood_from_one_source_leaves_the_others_of_its_kind_alone() {
    let mut queue = DenialQueue::default();
    for number in 0..=MAX_PER_SOURCE {
        let expected = if number < MAX_PER_SOURCE { Admitted::New } else { Admitted::Dropped };
        let place = number.to_string();
        assert_eq!(queue.push_denial(denial(Some("eve"), "192.0.2.1", &place, AT)), expected);
    }
    assert_eq!(queue.push_denial(denial(Some("ada"), "192.0.2.1", "0", AT)), Admitted::New);
}

#[test]
fn what_is_not_written_waits_in_bounded_numbers() {
    let mut queue = DenialQueue::default();
    let minutes = MAX_WAITING / MAX_A_MINUTE + 1;
    for number in 0..minutes * MAX_A_MINUTE {
        let minute = u32::try_from(number / MAX_A_MINUTE).unwrap();
        let later = AT + Duration::from_mins(1) * minute;
        queue.push_denial(Denial { at: later, ..from(number % MAX_A_MINUTE, Outcome::MissingRole) });
    }
    assert_eq!(queue.len(), MAX_WAITING);
    let lost = u64::try_from(minutes * MAX_A_MINUTE - MAX_WAITING).unwrap();
    assert_eq!(dropped(&drained(queue)), [((Event::AccessDenied, Outcome::MissingRole), lost)]);
}

#[test]
fn what_was_dropped_is_told_once_a_minute_and_at_the_end() {
    let mut queue = DenialQueue::default();
    let kind = (Event::AccessDenied, Outcome::CrossOrigin);
    for number in 0..=MAX_A_MINUTE {
        queue.push_denial(from(number, Outcome::CrossOrigin));
    }
    let now = Instant::now();
    assert_eq!(dropped(&queue.take(Some(now))), [(kind, 1)]);
    queue.push_denial(from(MAX_A_MINUTE + 1, Outcome::CrossOrigin));
    assert_eq!(dropped(&queue.take(Some(now + Duration::from_secs(1)))), []);
    queue.push_denial(from(MAX_A_MINUTE + 2, Outcome::CrossOrigin));
    assert_eq!(dropped(&queue.take(Some(now + REPORT_PAUSE))), [(kind, 2)]);
    queue.push_denial(from(MAX_A_MINUTE + 3, Outcome::CrossOrigin));
    assert_eq!(dropped(&drained(queue)), [(kind, 1)]);
}
