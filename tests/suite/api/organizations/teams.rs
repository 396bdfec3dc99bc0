//! Teams: who makes them, who is in them, and what becomes of them when members and organizations go.

use serde_json::{Value, json};

use super::{done, founded, gateway, joined, read, refused};
use crate::harness::{TestGateway, User};

/// A gateway whose organizations have teams.
async fn with_teams() -> TestGateway {
    gateway(json!({ "auth": { "organizations": { "teams": { "enabled": true, "max_per_organization": 3, "max_members": 2 } } } })).await
}

async fn team(user: &User, name: &str) -> String {
    done(user, "/create-team", json!({ "name": name })).await["id"].as_str().unwrap().to_owned()
}

async fn active_team(user: &User) -> Value {
    user.session().await["session"]["activeTeamId"].clone()
}

async fn names(user: &User, path: &str) -> Vec<String> {
    let listed = read(user, path).await;
    listed.as_array().unwrap().iter().map(|team| team["name"].as_str().unwrap().to_owned()).collect()
}

fn forbidden(code: &str) -> (u16, String) {
    (403, code.to_owned())
}

fn bad(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[tokio::test]
async fn owners_and_admins_make_teams_members_look_and_strangers_learn_nothing() {
    let gw = with_teams().await;
    let [ada, bob, eve, mal] = ["ada", "bob", "eve", "mal"].map(|name| gw.insert_user(name, &[]));
    let (ada, bob, eve, mal) = (ada.await, bob.await, eve.await, mal.await);
    let acme = founded(&ada, "acme").await;
    joined(&ada, &acme, &bob, "admin").await;
    joined(&ada, &acme, &eve, "member").await;
    // Another organization's owner is a stranger here, also with the id of a team.
    founded(&mal, "evil").await;
    let first = read(&ada, "/list-teams").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(active_team(&ada).await, json!(first), "it begins with a team of its name");
    let design = team(&bob, "Design").await;
    assert_eq!(names(&eve, "/list-teams").await, ["ACME", "Design"]);
    let full = read(&eve, "/get-full-organization").await;
    assert_eq!((full["teams"][1]["name"].as_str(), full["teams"][1].get("memberCount")), (Some("Design"), None));

    let with = |fields: Value| {
        let mut body = json!({ "teamId": design, "organizationId": acme });
        crate::harness::gateway::merge(&mut body, &fields);
        body
    };
    let rename = with(json!({ "data": { "name": "Art", "organizationId": acme } }));
    let ada_in_it = with(json!({ "userId": ada.id }));
    for (path, body, code) in [
        ("/create-team", json!({ "name": "Mine", "organizationId": acme }), "CREATE_TEAMS_IN_THIS_ORGANIZATION"),
        ("/update-team", rename.clone(), "UPDATE_THIS_TEAM"),
        ("/remove-team", with(json!({})), "DELETE_TEAMS_IN_THIS_ORGANIZATION"),
        ("/add-team-member", ada_in_it.clone(), "CREATE_A_NEW_TEAM_MEMBER"),
        ("/remove-team-member", ada_in_it.clone(), "REMOVE_A_TEAM_MEMBER"),
    ] {
        let code = forbidden(&format!("YOU_ARE_NOT_ALLOWED_TO_{code}"));
        assert_eq!(refused(&eve, path, body.clone()).await, code, "{path}");
        let stranger = forbidden("USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
        assert_eq!(refused(&mal, path, body).await, stranger, "{path}");
    }
    // In one's own organization there is no such team.
    for (path, body) in [
        ("/update-team", json!({ "teamId": design, "data": { "name": "Art" } })),
        ("/remove-team", json!({ "teamId": design })),
        ("/add-team-member", json!({ "teamId": design, "userId": mal.id })),
        ("/remove-team-member", json!({ "teamId": design, "userId": mal.id })),
        ("/set-active-team", json!({ "teamId": design })),
        ("/invite-member", json!({ "email": "x@example.com", "role": "member", "teamId": [design] })),
    ] {
        assert_eq!(refused(&mal, path, body).await, bad("TEAM_NOT_FOUND"), "{path}");
    }
    let no_access = mal.get(&format!("/api/auth/organization/list-teams?organizationId={acme}")).send().await.unwrap();
    assert_eq!(no_access.status(), 403);
    let members = format!("/api/auth/organization/list-team-members?teamId={design}");
    for user in [&mal, &eve] {
        assert_eq!(user.get(&members).send().await.unwrap().status(), 400, "for those who are in it alone");
    }
    let of_eve = format!("/api/auth/organization/list-user-teams?userId={}&organizationId={acme}", eve.id);
    assert_eq!(mal.get(&of_eve).send().await.unwrap().status(), 403);
    let of_bob = format!("/api/auth/organization/list-user-teams?userId={}", bob.id);
    assert_eq!(eve.get(&of_bob).send().await.unwrap().status(), 403);

    assert_eq!(done(&bob, "/update-team", rename).await["name"], "Art");
    assert_eq!(refused(&bob, "/create-team", json!({ "name": " " })).await.1, "VALIDATION_ERROR");
    team(&bob, "Third").await;
    assert_eq!(
        refused(&bob, "/create-team", json!({ "name": "Fourth" })).await,
        bad("YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS")
    );
    // The one that the session works in stays, and so does the last.
    let remove = |id: &str| json!({ "teamId": id });
    let in_use = forbidden("YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM");
    assert_eq!(refused(&ada, "/remove-team", remove(&first)).await, in_use);
    done(&bob, "/remove-team", remove(&first)).await;
    assert_eq!(active_team(&ada).await, Value::Null, "nobody works in a team that is gone");
    done(&bob, "/remove-team", remove(&design)).await;
    let last = read(&ada, "/list-teams").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(refused(&bob, "/remove-team", remove(&last)).await, bad("UNABLE_TO_REMOVE_LAST_TEAM"));
    let events = gw.metric("authgate_organization_events_total{event=\"team_removed\"}").await;
    assert_eq!(events.to_string(), "2");
}

#[tokio::test]
async fn members_come_into_teams_and_leave_them_with_the_organization() {
    let gw = with_teams().await;
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| gw.insert_user(name, &[]));
    let (ada, bob, eve) = (ada.await, bob.await, eve.await);
    let acme = founded(&ada, "acme").await;
    let (design, sales) = (team(&ada, "Design").await, team(&ada, "Sales").await);

    // An invitation leads into teams; one that is gone by then is left out, and the session works in the only one.
    for (id, code) in
        [(json!("a,b"), "INVALID_TEAM_ID"), (json!("none"), "TEAM_NOT_FOUND"), (json!(1), "VALIDATION_ERROR")]
    {
        let body = json!({ "email": bob.email, "role": "member", "teamId": id });
        assert_eq!(refused(&ada, "/invite-member", body).await, bad(code));
    }
    let body = json!({ "email": bob.email, "role": "member", "teamId": [design, sales] });
    let invited = done(&ada, "/invite-member", body).await;
    assert_eq!(invited["teamId"].as_str().unwrap().split(',').count(), 2);
    done(&ada, "/remove-team", json!({ "teamId": sales })).await;
    done(&bob, "/accept-invitation", json!({ "invitationId": invited["id"] })).await;
    assert_eq!(active_team(&bob).await, json!(design));
    assert_eq!(names(&bob, "/list-user-teams").await, ["Design"]);

    // A team that is full takes nobody, by whichever way; whoever is in it stays.
    let eve_there = json!({ "teamId": design, "userId": eve.id });
    let unknown = bad("USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    assert_eq!(refused(&ada, "/add-team-member", eve_there.clone()).await, unknown);
    let body = json!({ "email": eve.email, "role": "member", "teamId": design });
    let invited = done(&ada, "/invite-member", body).await;
    let ada_there = json!({ "teamId": design, "userId": ada.id });
    let added = done(&ada, "/add-team-member", ada_there.clone()).await;
    assert_eq!(done(&ada, "/add-team-member", ada_there).await, added);
    let full = forbidden("TEAM_MEMBER_LIMIT_REACHED");
    let by_id = json!({ "invitationId": invited["id"] });
    assert_eq!(refused(&eve, "/accept-invitation", by_id.clone()).await, full);
    let body = json!({ "email": "x@example.com", "role": "member", "teamId": design });
    assert_eq!(refused(&ada, "/invite-member", body).await, full);
    let bob_there = json!({ "teamId": design, "userId": bob.id });
    done(&ada, "/remove-team-member", bob_there.clone()).await;
    assert_eq!(active_team(&bob).await, Value::Null);
    let not_in_it = bad("USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    assert_eq!(refused(&ada, "/remove-team-member", bob_there.clone()).await, not_in_it);
    done(&eve, "/accept-invitation", by_id).await;
    assert_eq!(refused(&ada, "/add-team-member", bob_there).await, full);
    assert_eq!(read(&eve, "/list-team-members").await.as_array().unwrap().len(), 2);
    let other = forbidden("USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    assert_eq!(refused(&bob, "/set-active-team", json!({ "teamId": design })).await, other);

    // Another organization has other teams; whoever leaves the organization is in none of its teams any more.
    founded(&eve, "own").await;
    assert_ne!(active_team(&eve).await, json!(design));
    assert_eq!(names(&eve, "/list-user-teams").await, ["Design", "OWN"]);
    done(&eve, "/set-active", json!({ "organizationId": acme })).await;
    assert_eq!(active_team(&eve).await, Value::Null);
    assert_eq!(done(&eve, "/set-active-team", json!({ "teamId": design })).await["name"], "Design");
    done(&ada, "/remove-member", json!({ "memberIdOrEmail": eve.email })).await;
    assert_eq!(active_team(&eve).await, Value::Null);
    assert_eq!(names(&eve, "/list-user-teams").await, ["OWN"]);
    assert_eq!(refused(&eve, "/set-active-team", json!({ "teamId": design })).await, bad("NO_ACTIVE_ORGANIZATION"));
    done(&ada, "/delete", json!({ "organizationId": acme })).await;
    assert_eq!(gw.db.count("select count(*) from auth.organization_teams").await, 1);
}

#[tokio::test]
async fn where_teams_are_off_nothing_of_them_is_there() {
    let gw = gateway(json!({})).await;
    let ada = gw.insert_user("ada", &[]).await;
    founded(&ada, "acme").await;
    assert_eq!(ada.auth("/organization/create-team", &json!({ "name": "A" })).await.status(), 404);
    assert_eq!(ada.session().await["session"].get("activeTeamId"), None);
    assert_eq!(read(&ada, "/get-full-organization").await.get("teams"), None);
}
