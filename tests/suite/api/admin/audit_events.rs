//! The audit log for people, over the auth API and on the command line.

use serde_json::{Value, json};

use super::{gateway, get, ok, read};
use crate::harness::{client::expect_problem, eventually};

#[tokio::test]
async fn it_is_read_by_user_actor_event_and_time_page_after_page() {
    let gw = gateway().await;
    let (root, ada) = (gw.insert_user("root", &["admin"]).await, gw.insert_user("ada", &[]).await);
    for _ in 0..3 {
        ok(&root, "ban-user", json!({ "userId": ada.id, "banReason": "=1+1" })).await;
        ok(&root, "unban-user", json!({ "userId": ada.id })).await;
    }
    let about = format!("audit-events?userId={}&actor={}&event=user_banned&event=user_unbanned", ada.id, root.id);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = read(&root, &format!("{about}&limit=4{cursor}")).await;
        seen.extend(page["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap().to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["user_unbanned", "user_banned"].repeat(3), "newest first, each once");
    let event = &read(&root, &format!("{about}&limit=1&order=asc")).await["events"][0];
    assert_eq!(
        (&event["userId"], &event["actor"], &event["outcome"]),
        (&json!(ada.id), &json!(root.id), &json!("success"))
    );
    assert!(!event.to_string().contains("=1+1"), "the reason stays out of the audit log");
    let none = read(&root, "audit-events?until=2020-01-01T00:00:00Z").await;
    assert_eq!(none["events"], json!([]));
    for query in ["cursor=x", "since=yesterday", "limit=0", "order=up", "format=xml"] {
        expect_problem(get(&root, &format!("audit-events?{query}")).await, 400, "VALIDATION_ERROR").await;
    }
    let listed = "select least(count(*), 1) from auth.audit_events where event = 'audit_events_listed'";
    assert_eq!(gw.db.count(listed).await, 1);
}

#[tokio::test]
async fn it_is_exported_whole_without_formulas() {
    let gw = gateway().await;
    let root = gw.insert_user("root", &["admin"]).await;
    gw.db
        .execute(
            "insert into auth.audit_events (occurred_at, event, outcome, user_agent)
             select now() - interval '1 hour' + n * interval '1 ms', 'imported', 'success', '=cmd|''/C calc''!A0'
             from generate_series(1, 2500) n",
        )
        .await;
    let csv = gw.cli(&["audit", "export", "--since", "2h", "--event", "imported", "--format", "csv"]);
    assert_eq!(csv.code, 0, "{}", csv.stderr);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 2501);
    assert!(lines[0].starts_with("id,occurredAt,event,"), "{}", lines[0]);
    assert!(lines[1..].iter().all(|line| line.contains(r#""'=cmd|'/C calc'!A0""#)), "{}", lines[1]);
    let jsonl = gw.cli(&["audit", "export", "--since", "2h", "--event", "imported", "--json"]);
    let events: Vec<Value> = jsonl.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut times: Vec<&str> = events.iter().map(|event| event["occurredAt"].as_str().unwrap()).collect();
    assert_eq!(times.len(), 2500);
    assert!(times.is_sorted(), "oldest first");
    times.dedup();
    assert_eq!(times.len(), 2500, "each once");
    let listed = gw.cli_json(&["audit", "list", "--event", "imported", "--limit", "2"]);
    assert_eq!(listed["events"].as_array().unwrap().len(), 2);
    let next = listed["next"].as_str().unwrap();
    let more = gw.cli(&["audit", "list", "--event", "imported", "--limit", "2", "--after", next]);
    assert_eq!((more.code, more.stdout.lines().count()), (0, 4), "{}", more.stdout);

    let over_api = get(&root, "audit-events?event=imported&format=csv&limit=1000").await;
    assert!(over_api.headers().contains_key("x-next-cursor"));
    assert_eq!(over_api.headers()["content-type"], "text/csv; charset=utf-8");
    let text = over_api.text().await.unwrap();
    assert_eq!(text.lines().count(), 1001);
    assert!(!text.contains(",\"="), "{}", &text[..300]);
    let lines = get(&root, "audit-events?event=imported&format=jsonl&limit=3").await.text().await.unwrap();
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()) && lines.lines().count() == 3);
}

/// Every filter reads by an index of its own, wherever in the log its events are.
#[tokio::test]
async fn a_filter_reads_what_it_finds_and_not_the_whole_log() {
    let gw = gateway().await;
    let fill = "
        insert into auth.audit_events (occurred_at, event, outcome, user_id, actor)
        select now() - n * interval '1 s',
            case when n > 45000 and n % 2 = 0 then 'old' else 'common' end,
            case when n > 45000 and n % 2 = 0 then 'old' else 'success' end,
            case when n > 45000 and n % 2 = 0 then 'old' else 'u' || n end,
            case when n > 45000 and n % 2 = 0 then 'cli:old' end
        from generate_series(1, 50000) n";
    gw.db.execute(fill).await;
    gw.db.execute("analyze auth.audit_events").await;
    let read = "select coalesce(sum(idx_tup_read), 0)::bigint
            + (select seq_tup_read from pg_stat_user_tables where relid = 'auth.audit_events'::regclass)
        from pg_stat_user_indexes where relid = 'auth.audit_events'::regclass";
    for arguments in [
        &["--event", "old"][..],
        &["--event", "old", "--event", "never"],
        &["--actor", "cli:old"],
        &["--user", "old"],
        &["--outcome", "old"],
        &["--since", "30d", "--event", "old"],
    ] {
        let before = gw.db.count(read).await;
        let listed = gw.cli_json(&[&["audit", "list", "--limit", "20"], arguments].concat());
        assert_eq!(listed["events"].as_array().unwrap().len(), 20, "{arguments:?}");
        // A connection reports what it read as it ends.
        let after =
            eventually("the statistics", async || Some(gw.db.count(read).await).filter(|now| *now > before)).await;
        assert!(after - before < 5000, "{arguments:?} read {} rows", after - before);
    }
}
