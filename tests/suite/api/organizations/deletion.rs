//! Organizations outlive deleted accounts with an owner, or go with their only member.

use serde_json::json;

use super::{done, founded, gateway, joined};
use crate::harness::{TestGateway, client::expect_problem};

#[tokio::test]
async fn an_account_does_not_leave_others_without_an_owner() {
    let gw = gateway(json!({})).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    let acme = founded(&ada, "acme").await;
    founded(&ada, "alone").await;
    let member = joined(&ada, &acme, &bob, "member").await;
    let response = ada.auth("/delete-user", &json!({})).await;
    let problem = expect_problem(response, 400, "YOU_ARE_THE_ONLY_OWNER_OF_AN_ORGANIZATION").await;
    assert!(problem.message.contains("acme") && !problem.message.contains("alone"), "{}", problem.message);
    let refused = gw.cli(&["users", "delete", &ada.email, "--yes"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("acme"), "{refused:?}");

    // An owner whose account is closed does not hinder the other.
    let owner = json!({ "organizationId": acme, "memberId": member, "role": "owner" });
    done(&ada, "/update-member-role", owner.clone()).await;
    gw.db.execute("update auth.users set banned_at = now() where name = 'bob'").await;
    let closed = "insert into auth.email_changes
            (token_hash, user_id, old_email, new_email, changed_at, expires_at, closed_at)
        select sha256('c'), id, 'b@example.com', email, now(), now() + interval '1 day', banned_at
        from auth.users where name = 'bob'";
    gw.db.execute(closed).await;
    let mut demoted = owner.clone();
    demoted["role"] = json!("member");
    done(&ada, "/update-member-role", demoted).await;
    gw.db.execute("update auth.users set banned_at = null").await;

    // With another owner the account goes, and what nobody else was in goes with it.
    done(&ada, "/update-member-role", owner).await;
    done(&ada, "/invite-member", json!({ "organizationId": acme, "email": "x@example.com", "role": "member" })).await;
    let deleted = ada.auth("/delete-user", &json!({})).await;
    assert_eq!(deleted.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.organizations").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.organization_members").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.organization_invitations").await, 0);
    assert_eq!(gw.cli(&["users", "delete", &bob.email, "--yes"]).code, 0);
    assert_eq!(gw.db.count("select count(*) from auth.organizations").await, 0);
}

#[tokio::test]
async fn where_organizations_are_off_they_hold_nobody() {
    let gw = TestGateway::start().await;
    let ada = gw.insert_user("ada", &[]).await;
    gw.insert_user("bob", &[]).await;
    gw.db.execute("insert into auth.organizations (id, name, slug, created_at) values ('o', 'O', 'o', now())").await;
    let members = "insert into auth.organization_members (id, organization_id, user_id, roles, created_at)
        select name, 'o', id, case name when 'ada' then array['owner'] else array['member'] end, now() from auth.users";
    gw.db.execute(members).await;
    let deleted = gw.cli(&["users", "delete", &ada.email, "--yes"]);
    assert_eq!(deleted.code, 0, "{deleted:?}");
}
