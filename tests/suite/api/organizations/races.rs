//! Many requests at the same moment: one owner stays, one member joins, one slug is given.

use futures_util::future::join_all;
use serde_json::json;

use super::{done, founded, gateway, joined};

#[tokio::test]
async fn of_two_owners_who_go_at_once_one_stays() {
    let gw = gateway(json!({})).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    for round in 0..3 {
        let acme = founded(&ada, &format!("acme{round}")).await;
        let second = joined(&ada, &acme, &bob, "owner").await;
        let leave = json!({ "organizationId": acme });
        let removal = json!({ "organizationId": acme, "memberIdOrEmail": bob.email });
        let back = json!({ "organizationId": acme, "memberIdOrEmail": ada.email });
        let demotion = json!({ "organizationId": acme, "memberId": second, "role": "member" });
        let both = match round {
            0 => tokio::join!(ada.auth("/organization/leave", &leave), bob.auth("/organization/leave", &leave)),
            1 => tokio::join!(
                ada.auth("/organization/remove-member", &removal),
                bob.auth("/organization/remove-member", &back)
            ),
            _ => tokio::join!(
                ada.auth("/organization/update-member-role", &demotion),
                ada.auth("/organization/leave", &leave)
            ),
        };
        let succeeded = [both.0.status(), both.1.status()].iter().filter(|status| **status == 200).count();
        assert_eq!(succeeded, 1, "{round}");
    }
    let owners = "select count(*) from auth.organizations o where 1 = (
        select count(*) from auth.organization_members m where m.organization_id = o.id and 'owner' = any(m.roles))";
    assert_eq!(gw.db.count(owners).await, 3);
}

#[tokio::test]
async fn one_invitation_that_is_accepted_a_hundred_times_makes_one_member() {
    let gw = gateway(json!({})).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    let acme = founded(&ada, "acme").await;
    let invitation = done(&ada, "/invite-member", json!({ "email": bob.email, "role": "member" })).await;
    let body = json!({ "invitationId": invitation["id"] });
    let statuses = join_all((0..100).map(|_| async {
        let accepted = bob.auth("/organization/accept-invitation", &body).await;
        accepted.status().as_u16()
    }))
    .await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 400)), "{statuses:?}");
    assert_eq!(gw.db.count("select count(*) from auth.organization_members where 'member' = any(roles)").await, 1);

    // Only one of two invitations of one address is made, and only one of two organizations with one slug.
    let invite = json!({ "organizationId": acme, "email": "new@example.com", "role": "member" });
    let create = json!({ "name": "B", "slug": "b" });
    for (path, body) in [("/organization/invite-member", invite), ("/organization/create", create)] {
        let statuses = join_all((0..8).map(|_| async { ada.auth(path, &body).await.status().as_u16() })).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{path}: {statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 400)), "{path}: {statuses:?}");
    }
}
