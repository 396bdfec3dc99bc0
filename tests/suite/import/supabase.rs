//! A database with the schema `auth` of Supabase.

use serde_json::json;

use super::origin::{
    self, Origin, assert_counts, assert_is_banned, assert_is_mailed_codes, assert_signs_in, assert_signs_in_with_app,
    assert_told, refusal, told,
};

const SSO: &str = "sso:7f0f3c9e-0000-4000-8000-000000000000";

#[tokio::test]
async fn people_of_supabase_sign_in_as_before() {
    let fields = json!({ "plan": { "type": "string", "input": false } });
    let moving = Origin::new("supabase", json!({ "auth": { "user": { "additional_fields": fields } } })).await;
    let people = moving.filled_by("supabase_origin.py");
    moving
        .at_origin(
            "update auth.users set raw_app_meta_data = raw_app_meta_data || '{\"plan\": \"team\", \"roles\": [\"editor\"]}'
                where email = 'both@example.com';
            update auth.users set banned_until = 'infinity' where email = 'begun@example.com'",
        )
        .await;
    let planned = moving.import(&["--dry-run"]);
    assert!(told(&moving.gw).iter().any(|(code, _)| code == "IDENTITY_INVALID"), "{:?}", told(&moving.gw));
    assert_eq!(moving.value("select count(*) from auth.users").await["count"], 0);
    assert_counts(&planned, &[("user", 13, 3), ("identity", 3, 1)]);
    let counts = moving.import(&["--provider", &format!("{SSO}=okta")]);
    assert_counts(&counts, &[("user", 13, 3), ("password", 11, 0), ("identity", 4, 0), ("twoFactor", 2, 0)]);
    let at = |name: &str| format!("users {:?}", people[name]["id"].as_str().unwrap());
    assert_told(
        &moving.gw,
        &[
            ("DELETED", &at("deleted")),
            ("ANONYMOUS", &at("anonymous")),
            ("NO_ADDRESS", &at("phone")),
            ("FIELD_SET_BY_USER", &at("ada")),
            ("SECOND_FACTOR_UNUSABLE", &at("by_phone")),
        ],
    );

    for name in ["ada", "published_bcrypt", "published_argon2id", "published_firebase", "forgiven", "both"] {
        let person = &people[name];
        let (email, password) = (person["email"].as_str().unwrap(), person["password"].as_str().unwrap());
        assert_signs_in(&moving.gw, email, password).await;
    }
    assert_eq!(refusal(&moving.gw, "unverified@example.com", origin::PASSWORD).await, 403);
    for email in ["banned@example.com", "begun@example.com"] {
        assert_is_banned(&moving.gw, email).await;
    }
    let secret = people["second"]["totpSecret"].as_str().unwrap();
    assert_signs_in_with_app(&moving.gw, "second@example.com", secret).await;
    assert_is_mailed_codes(&moving.gw, "by_phone@example.com").await;
    let ada =
        "select id, name, image, roles, additional_fields, created_at from auth.users where email = 'ada@example.com'";
    assert_eq!(
        moving.value(ada).await,
        json!({
            "id": people["ada"]["id"], "name": "آدا لوفلايس", "image": "https://cdn.example.com/ada.png", "roles": [],
            "additional_fields": {}, "created_at": "2021-06-01T10:00:00.123456+00:00",
        })
    );
    let both = moving.value("select roles, additional_fields from auth.users where email = 'both@example.com'").await;
    assert_eq!(both, json!({ "roles": ["editor"], "additional_fields": { "plan": "team" } }));
    let linked = "select array_agg(provider_id || ' ' || account_id order by provider_id, account_id) as all
        from auth.accounts where provider_id <> 'credential'";
    assert_eq!(
        moving.value(linked).await["all"],
        json!(["github github-social", "google google-both", "google google-social", &format!("okta {SSO}-sso")])
    );
}
