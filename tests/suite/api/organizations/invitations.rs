//! Invitations are for the invited address, by mail, once (ORG-02).

use serde_json::{Value, json};

use super::{active, config, done, founded, gateway, joined, read, refused};
use crate::harness::{
    PASSWORD, TestGateway, User,
    client::{AUTH, expect_problem},
};

const PAGE: &str = "/api/auth/organization/invitation";

async fn press(user: &User, token: &str) -> reqwest::Response {
    let request = user.post(PAGE).header("Content-Type", "application/x-www-form-urlencoded");
    request.body(format!("token={token}")).send().await.unwrap()
}

#[tokio::test]
async fn the_mail_leads_to_a_page_whose_button_works_for_the_invited_address_alone() {
    let gw = gateway(json!({})).await;
    let (ada, eve) = (gw.insert_user("ada", &[]).await, gw.insert_user("eve", &[]).await);
    let bob = gw.signed_up_user("bob").await;
    founded(&ada, "acme").await;
    let invited = done(&ada, "/invite-member", json!({ "email": "BOB@example.com", "role": ["admin"] })).await;
    assert_eq!(
        (&invited["email"], &invited["role"], &invited["status"]),
        (&json!(bob.email), &json!("admin"), &json!("pending"))
    );
    let mail = gw.mail.about("You are invited to ACME", &bob.email).await;
    assert!(mail.text.contains(&ada.email) && mail.text.contains("2 days"), "{}", mail.text);
    let link = mail.link();
    assert_eq!(link.path(), PAGE);
    let (target, token) = (format!("{PAGE}?{}", link.query().unwrap()), mail.token());

    // Nothing but the button of the right person accepts: no look, no stranger, no other site.
    for client in [gw.anonymous(), eve.bearer(), (*eve).clone()] {
        let page = client.get(&target).send().await.unwrap();
        assert_eq!(
            (page.status().as_u16(), page.headers()["referrer-policy"].as_bytes()),
            (200, &b"strict-origin"[..])
        );
        let html = page.text().await.unwrap();
        assert!(html.contains("ACME") && !html.contains("<button"), "{html}");
    }
    assert_eq!(press(&eve, &token).await.status(), 403);
    let foreign = bob.request(reqwest::Method::POST, PAGE).header("Origin", "https://evil.example");
    let foreign = foreign.header("Content-Type", "application/x-www-form-urlencoded").body(format!("token={token}"));
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    assert_eq!(
        refused(&eve, "/accept-invitation", json!({ "invitationId": invited["id"] })).await.1,
        "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION"
    );
    assert_eq!(gw.db.count("select count(*) from auth.organization_members").await, 1);

    let html = bob.get(&target).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("<button type=\"submit\">Join ACME</button>"), "{html}");
    assert_eq!(press(&bob, &token).await.status(), 200);
    assert_eq!(active(&bob).await, invited["organizationId"]);
    assert_eq!(read(&bob, "/get-active-member").await["role"], "admin");
    assert_eq!(press(&bob, &token).await.status(), 400, "it works once");
    assert_eq!(gw.anonymous().status(&target).await, 400);
}

#[tokio::test]
async fn an_invitation_ends_with_its_time_its_answer_and_its_inviters_role() {
    let gw = gateway(json!({})).await;
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| gw.insert_user(name, &[]));
    let (ada, bob, eve) = (ada.await, bob.await, eve.await);
    let acme = founded(&ada, "acme").await;
    let admin = joined(&ada, &acme, &bob, "admin").await;
    let unknown = (400, "INVITATION_NOT_FOUND".to_owned());
    let invite = json!({ "email": eve.email, "role": "member" });

    for (body, code) in [
        (json!({ "email": eve.email, "role": "owner" }), "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE"),
        (json!({ "email": eve.email, "role": " owner" }), "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE"),
        (json!({ "email": ada.email, "role": "member" }), "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION"),
        (json!({ "email": "nowhere", "role": "member" }), "INVALID_EMAIL"),
        (json!({ "email": eve.email, "role": "chief" }), "ROLE_NOT_FOUND"),
        (json!({ "email": eve.email, "role": 1 }), "VALIDATION_ERROR"),
    ] {
        assert_eq!(refused(&bob, "/invite-member", body.clone()).await.1, code, "{body}");
    }
    let id = done(&bob, "/invite-member", invite.clone()).await["id"].clone();
    let by_id = json!({ "invitationId": id });
    assert_eq!(refused(&bob, "/invite-member", invite.clone()).await.1, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION");
    assert_eq!(read(&eve, "/list-user-invitations").await[0]["organizationName"], "ACME");
    let details = read(&eve, &format!("/get-invitation?id={}", id.as_str().unwrap())).await;
    assert_eq!((&details["organizationSlug"], &details["inviterEmail"]), (&json!("acme"), &json!(bob.email)));

    // An inviter who loses the role loses what they gave with it; an owner gives it anew.
    done(&ada, "/update-member-role", json!({ "memberId": admin, "role": "member" })).await;
    let gone = (400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION".to_owned());
    assert_eq!(refused(&eve, "/accept-invitation", by_id.clone()).await, gone);
    assert_eq!(read(&eve, "/list-user-invitations").await, json!([]));
    done(&ada, "/update-member-role", json!({ "memberId": admin, "role": "admin" })).await;
    gw.db.execute("update auth.users set banned_at = now() where name = 'bob'").await;
    assert_eq!(refused(&eve, "/accept-invitation", by_id.clone()).await, gone, "banned");
    gw.db.execute("update auth.users set banned_at = null where name = 'bob'").await;
    done(&ada, "/update-member-role", json!({ "memberId": admin, "role": "member" })).await;
    let mut resend = invite.clone();
    resend["resend"] = json!(true);
    assert_eq!(done(&ada, "/invite-member", resend).await["id"], id);

    gw.db.execute("update auth.organization_invitations set expires_at = now() where status = 'pending'").await;
    assert_eq!(refused(&eve, "/accept-invitation", by_id.clone()).await, unknown);
    assert_eq!(read(&eve, "/list-user-invitations").await, json!([]));
    let again = done(&ada, "/invite-member", invite.clone()).await["id"].clone();
    assert_ne!(again, id, "the expired one is over");
    let again = json!({ "invitationId": again });
    assert_eq!(
        refused(&bob, "/cancel-invitation", again.clone()).await.1,
        "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION"
    );
    assert_eq!(done(&ada, "/cancel-invitation", again.clone()).await["status"], "canceled");
    assert_eq!(refused(&eve, "/accept-invitation", again).await, unknown);
    let third = json!({ "invitationId": done(&ada, "/invite-member", invite.clone()).await["id"] });
    assert_eq!(done(&eve, "/reject-invitation", third.clone()).await["member"], Value::Null);
    for path in ["/accept-invitation", "/reject-invitation"] {
        assert_eq!(refused(&eve, path, third.clone()).await, unknown);
    }
    // An address that nobody proved accepts nothing.
    let fourth = json!({ "invitationId": done(&ada, "/invite-member", invite).await["id"] });
    gw.db.execute("update auth.users set email_verified = false where name = 'eve'").await;
    let code = "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION".to_owned();
    for path in ["/accept-invitation", "/reject-invitation"] {
        assert_eq!(refused(&eve, path, fourth.clone()).await, (403, code.clone()));
    }
    let looked = eve.get(&format!("{AUTH}/organization/list-user-invitations")).send().await.unwrap();
    expect_problem(looked, 403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION").await;
    assert_eq!(gw.db.count("select count(*) from auth.organization_members").await, 2);
}

#[tokio::test]
async fn a_mailbox_gets_few_invitations_and_organizations_have_few_open() {
    let limits = json!({ "auth": { "organizations": { "max_invitations": 2, "max_members": 1 } } });
    let gw = gateway(limits).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    founded(&ada, "acme").await;
    let invite = json!({ "email": bob.email, "role": "member", "resend": true });
    let mut last = Value::Null;
    for _ in 0..5 {
        last = done(&ada, "/invite-member", invite.clone()).await["id"].clone();
    }
    done(&ada, "/invite-member", json!({ "email": "x@example.com", "role": "member" })).await;
    gw.mail.to("x@example.com").await;
    assert_eq!(gw.mail.all_to(&bob.email).len(), 3, "and nobody is told that there were no more");
    let third = json!({ "email": "y@example.com", "role": "member" });
    assert_eq!(refused(&ada, "/invite-member", third).await, (403, "INVITATION_LIMIT_REACHED".to_owned()));
    let full = (403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED".to_owned());
    assert_eq!(refused(&bob, "/accept-invitation", json!({ "invitationId": last })).await, full);
}

#[tokio::test]
async fn an_invitation_admits_its_address_to_sign_up() {
    let changes =
        json!({ "auth": { "sign_up": { "mode": "invitation" }, "organizations": { "sign_up_page": "/join" } } });
    let gw = TestGateway::with(config(&changes)).await;
    let ada = gw.insert_user("ada", &[]).await;
    founded(&ada, "acme").await;
    let invited = done(&ada, "/invite-member", json!({ "email": "bob@example.com", "role": "member" })).await;
    let mail = gw.mail.about("You are invited", "bob@example.com").await;
    let target = format!("{PAGE}?{}", mail.link().query().unwrap());
    let html = gw.anonymous().get(&target).send().await.unwrap().text().await.unwrap();
    let page = format!("href=\"{}/join?invitation={}\"", gw.origin(), mail.token());
    assert!(html.contains(&page), "{page} in {html}");
    let sign_up = |email: &str, token: Option<String>| json!({ "name": "B", "email": email, "password": PASSWORD, "invitation": token });
    let anonymous = gw.anonymous();
    let without = json!({ "name": "B", "email": "bob@example.com", "password": PASSWORD });
    expect_problem(anonymous.auth("/sign-up/email", &without).await, 403, "INVITATION_REQUIRED").await;
    for body in [sign_up("eve@example.com", Some(mail.token())), sign_up("bob@example.com", Some("x".repeat(43)))] {
        let response = anonymous.auth("/sign-up/email", &body).await;
        assert_eq!(response.status(), 403, "{body}");
    }
    // An inviter who is banned, or has left, admits nobody.
    for (gone, back) in [
        ("update auth.users set banned_at = now()", "update auth.users set banned_at = null"),
        (
            "update auth.organization_members set roles = '{member}'",
            "update auth.organization_members set roles = '{owner}'",
        ),
    ] {
        gw.db.execute(gone).await;
        let response = anonymous.auth("/sign-up/email", &sign_up("bob@example.com", Some(mail.token()))).await;
        assert_eq!(response.status(), 403, "{gone}");
        gw.db.execute(back).await;
    }
    let signed_up = anonymous.auth("/sign-up/email", &sign_up("bob@example.com", Some(mail.token()))).await;
    assert_eq!(signed_up.status(), 200);
    let cookie = crate::harness::user::sign_up_cookie(&signed_up).unwrap();
    let verify = gw.mail.about("Confirm your e-mail address", "bob@example.com").await;
    let confirmed = anonymous.with_cookie(cookie).confirm(&[("token", &verify.token())]).await;
    assert_eq!(confirmed.status(), 200);
    let bob = gw.sign_in("bob@example.com").await;
    done(&bob, "/accept-invitation", json!({ "invitationId": invited["id"] })).await;
    assert_eq!(
        bob.get(&format!("{AUTH}/organization/list")).send().await.unwrap().json::<Value>().await.unwrap()[0]["slug"],
        "acme"
    );
}
