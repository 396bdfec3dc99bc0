//! One renewal of a provider's tokens at a time, on all replicas (OAUTH-14).

use futures_util::future::{join, join_all};
use reqwest::Response;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{signed_in, walk};
use crate::harness::{
    Client, TestGateway,
    client::{AUTH, expect_problem},
    eventually,
    idp::{Idp, Trouble},
};

const EXPIRED: &str = "update auth.accounts set access_token_expires_at = now() - interval '1 minute'";

/// A provider that takes each refresh token once, a gateway that keeps its tokens, and somebody whose token has expired.
async fn start() -> (Idp, TestGateway, Client) {
    let idp = Idp::start().await;
    idp.rotate_refresh_tokens();
    let gw = TestGateway::with(keeping(&idp)).await;
    let ada = signed_in(&gw, &walk(&gw).await);
    gw.db.execute(EXPIRED).await;
    (idp, gw, ada)
}

fn keeping(idp: &Idp) -> Value {
    let mut acme = idp.config();
    acme["store_tokens"] = true.into();
    json!({ "auth": { "social": { "acme": acme } } })
}

async fn get(client: &Client) -> Response {
    client.auth("/get-access-token", &json!({ "providerId": "acme" })).await
}

async fn access(response: Response) -> String {
    assert_eq!(response.status(), 200);
    response.json::<Value>().await.unwrap()["accessToken"].as_str().unwrap().to_owned()
}

/// Holds the account's row, so that every renewal has seen the old tokens before one of them goes on.
struct Held(PgConnection);

impl Held {
    async fn row(gw: &TestGateway) -> Self {
        let mut connection = gw.db.connect().await;
        sqlx::raw_sql("begin; select id from auth.accounts for update").execute(&mut connection).await.unwrap();
        Self(connection)
    }

    /// Lets it go when so many wait, and comes back when none does.
    async fn release(mut self, gw: &TestGateway, count: i64) {
        let waiting =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        eventually("all wait", async || (gw.db.count(waiting).await == count).then_some(())).await;
        sqlx::raw_sql("commit").execute(&mut self.0).await.unwrap();
        eventually("all went on", async || (gw.db.count(waiting).await == 0).then_some(())).await;
    }
}

#[tokio::test]
async fn many_at_once_ask_once_on_all_replicas() {
    let (idp, gw, ada) = start().await;
    let replica = gw.replica_with(keeping(&idp)).await;
    let there = ada.at(&replica);
    let held = Held::row(&gw).await;
    let here = join_all([get(&ada), get(&ada), get(&ada)]);
    let others = join_all([get(&there), get(&there)]);
    let ((here, others), ()) = join(join(here, others), held.release(&gw, 5)).await;
    for response in here.into_iter().chain(others) {
        assert_eq!(access(response).await, "access-1");
    }
    assert_eq!(idp.renewals(), 1);
    // The next has the newest refresh token.
    gw.db.execute(EXPIRED).await;
    assert_eq!(access(get(&there).await).await, "access-2");
}

#[tokio::test]
async fn a_refusal_is_everybodys() {
    let (idp, gw, ada) = start().await;
    idp.trouble("/token", Trouble::Body(400, r#"{"error":"invalid_grant"}"#.to_owned()));
    let answer = idp.hold_renewals();
    let held = Held::row(&gw).await;
    let all = join_all((0..5).map(|_| get(&ada)));
    let arranged = async {
        held.release(&gw, 5).await;
        answer.notify_one();
    };
    let (all, ()) = join(all, arranged).await;
    for response in all {
        expect_problem(response, 400, "FAILED_TO_REFRESH_ACCESS_TOKEN").await;
    }
    assert_eq!(idp.renewals(), 1);
    // Whoever comes later asks anew.
    answer.notify_one();
    assert_eq!(get(&ada).await.status(), 400);
    assert_eq!(idp.renewals(), 2);
}

#[tokio::test]
async fn a_provider_that_says_nothing_keeps_nobody_waiting_in_turn() {
    let (idp, gw, ada) = start().await;
    idp.trouble("/token", Trouble::Never);
    let held = Held::row(&gw).await;
    let all = join_all((0..5).map(|_| get(&ada)));
    let (all, ()) = join(all, held.release(&gw, 5)).await;
    for response in all {
        expect_problem(response, 503, "PROVIDER_UNAVAILABLE").await;
    }
    assert_eq!(idp.renewals(), 1);
}

#[tokio::test]
async fn a_replica_that_dies_blocks_nobody_for_long() {
    let (idp, gw, ada) = start().await;
    let replica = gw.replica_with(keeping(&idp)).await;
    let there = ada.at(&replica).post(&format!("{AUTH}/get-access-token")).json(&json!({ "providerId": "acme" }));
    let hold = idp.hold_renewals();
    let lost = tokio::spawn(there.send());
    eventually("the renewal", async || (idp.renewals() == 1).then_some(())).await;
    drop(replica);
    assert!(lost.await.unwrap().is_err(), "it was killed in the middle");
    // The double forgets what it gave, as if the request had never come.
    idp.rotate_refresh_tokens();
    hold.notify_one();
    hold.notify_one();
    assert!(access(get(&ada).await).await.starts_with("access-"));
    assert_eq!(idp.renewals(), 2);
}

#[tokio::test]
async fn what_a_lost_client_asked_for_is_kept() {
    let (idp, gw, ada) = start().await;
    let hold = idp.hold_renewals();
    let client = ada.clone();
    let asking = tokio::spawn(async move { get(&client).await });
    eventually("the renewal", async || (idp.renewals() == 1).then_some(())).await;
    asking.abort();
    assert!(asking.await.is_err());
    hold.notify_one();
    let kept = "select count(*) from auth.accounts where access_token_expires_at > now() and renewal_lease is null";
    eventually("the new token", async || (gw.db.count(kept).await == 1).then_some(())).await;
    assert_eq!(access(get(&ada).await).await, "access-1");
    assert_eq!(idp.renewals(), 1);
}

#[tokio::test]
async fn what_the_provider_gave_is_stored_once_the_database_is_there_again() {
    let (idp, gw, ada) = start().await;
    let refuse_twice = "create sequence public.attempts;
        create function public.fail_over() returns trigger language plpgsql as $$
        begin
            if nextval('public.attempts') <= 2 then
                raise exception 'failing over' using errcode = '57P01';
            end if;
            return new;
        end $$;
        create trigger fail_over before update of refresh_token on auth.accounts
            for each row execute function public.fail_over();";
    sqlx::raw_sql(refuse_twice).execute(&mut gw.db.connect().await).await.unwrap();
    assert_eq!(access(get(&ada).await).await, "access-1");
    assert_eq!((idp.renewals(), gw.db.count("select last_value from public.attempts").await), (1, 3));
    // The next has the newest refresh token.
    gw.db.execute(EXPIRED).await;
    assert_eq!(access(get(&ada).await).await, "access-2");
}

#[tokio::test]
async fn tokens_of_a_sign_in_meanwhile_are_newer() {
    let (idp, gw, ada) = start().await;
    let hold = idp.hold_renewals();
    let sign_in = async {
        eventually("the renewal", async || (idp.renewals() == 1).then_some(())).await;
        walk(&gw).await;
        hold.notify_one();
    };
    let (response, ()) = join(get(&ada), sign_in).await;
    assert_eq!(access(response).await, "access-0", "what the code brought");
    assert_eq!(access(get(&ada).await).await, "access-0");
}
