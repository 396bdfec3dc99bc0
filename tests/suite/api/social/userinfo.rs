//! Userinfo completes what an id token lacks, and never overrules it (OAUTH-11).

use serde_json::{Value, json};

use super::{assert_refused, location, signed_in, walk};
use crate::harness::{
    TestGateway,
    idp::{Idp, Trouble},
};

/// A provider with userinfo and a gateway that has no accounts yet. `token` and `userinfo` change what the two say.
async fn start(token: Value, userinfo: Value) -> (Idp, TestGateway) {
    let idp = Idp::start().await;
    idp.discover(json!({ "userinfo_endpoint": format!("{}/userinfo", idp.issuer()) }));
    idp.claim(&token);
    idp.edit("/userinfo", move |body| {
        *body = json!({ "sub": "ada-1", "email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace" });
        for (name, value) in userinfo.as_object().unwrap() {
            body[name] = value.clone();
        }
    });
    let gw = super::gateway_with(&idp).await;
    (idp, gw)
}

#[tokio::test]
async fn what_the_token_lacks_comes_from_there() {
    for token in [
        json!({ "email_verified": null }),
        json!({ "email": null }),
        json!({ "email": null, "email_verified": null }),
        json!({ "email": null, "email_verified": null, "name": null }),
        json!({ "email": "" }),
        json!({ "name": null }),
    ] {
        let (idp, gw) = start(token.clone(), json!({})).await;
        let response = walk(&gw).await;
        assert_eq!(location(&response), "/new", "{token}");
        let user = signed_in(&gw, &response).session().await["user"].clone();
        assert_eq!(
            (&user["email"], &user["emailVerified"], &user["name"]),
            (&json!("ada@example.com"), &json!(true), &json!("Ada Lovelace")),
            "{token}"
        );
        assert_eq!(idp.calls("/userinfo")[0].authorization.as_deref(), Some("Bearer access-0"));
    }
}

#[tokio::test]
async fn a_claim_may_be_null_in_the_token() {
    let (idp, gw) = start(json!({}), json!({})).await;
    for name in ["email", "email_verified", "name"] {
        idp.claim_exactly(name, Value::Null);
    }
    let user = signed_in(&gw, &walk(&gw).await).session().await["user"].clone();
    assert_eq!((&user["email"], &user["emailVerified"]), (&json!("ada@example.com"), &json!(true)));
}

#[tokio::test]
async fn a_complete_token_is_enough() {
    let (idp, gw) = start(json!({}), json!({ "email": "other@example.com" })).await;
    assert_eq!(location(&walk(&gw).await), "/new");
    assert!(idp.calls("/userinfo").is_empty());
}

#[tokio::test]
async fn what_the_token_denies_stays_denied() {
    for (token, userinfo) in [
        (json!({ "email_verified": false }), json!({})),
        (json!({ "email_verified": "false", "name": null }), json!({})),
        (json!({ "email_verified": false, "email": null }), json!({})),
        (json!({ "email": null }), json!({ "email_verified": false })),
        (json!({ "email_verified": null }), json!({ "email_verified": false })),
        // Another address, or none, is vouched for there.
        (json!({ "email_verified": null }), json!({ "email": "other@example.com" })),
        (json!({ "email_verified": null }), json!({ "email": null })),
    ] {
        let (_idp, gw) = start(token.clone(), userinfo.clone()).await;
        let response = walk(&gw).await;
        assert_eq!(location(&response), "/out?error=email_not_verified", "{token} {userinfo}");
        assert_eq!(gw.db.count("select count(*) from auth.users where email_verified").await, 0);
    }
}

#[tokio::test]
async fn another_subject_signs_nobody_in() {
    for subject in [json!("ada-2"), json!(null), json!(7)] {
        for token in [json!({ "email": null }), json!({ "email_verified": null }), json!({ "name": null })] {
            let (_idp, gw) = start(token, json!({ "sub": subject })).await;
            assert_refused(&gw, &walk(&gw).await, "unable_to_get_user_info").await;
            let is_told = |line: &Value| line["error"].as_str().is_some_and(|text| text.contains("another subject"));
            gw.logged("the reason", is_told).await;
        }
    }
}

#[tokio::test]
async fn nobody_stays_out_for_want_of_a_name() {
    let (idp, gw) = start(json!({ "name": null }), json!({})).await;
    for trouble in [Trouble::Status(500), Trouble::Status(403), Trouble::Garbage] {
        idp.trouble("/userinfo", trouble);
        let location = location(&walk(&gw).await).to_owned();
        assert!(["/new", "/in"].contains(&location.as_str()), "{location}");
    }
}

#[tokio::test]
async fn a_refusal_there_says_nothing_and_an_outage_decides_nothing() {
    let (idp, gw) = start(json!({ "email_verified": null }), json!({})).await;
    idp.trouble("/userinfo", Trouble::Status(500));
    assert_refused(&gw, &walk(&gw).await, "temporarily_unavailable").await;
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    // As at Entra ID, with a token for another API: nobody vouches for the address.
    idp.trouble("/userinfo", Trouble::Status(401));
    assert_eq!(location(&walk(&gw).await), "/out?error=email_not_verified");
    idp.recover("/userinfo");
    assert_eq!(location(&walk(&gw).await), "/in", "vouched for by now");
}
