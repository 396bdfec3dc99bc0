//! Databases of Django: one that Django and django-allauth themselves filled, and one without django-allauth.

use serde_json::json;

use super::origin::{
    self, Origin, assert_counts, assert_is_banned, assert_is_mailed_codes, assert_signs_in, assert_signs_in_with_app,
    assert_told, refusal, told,
};
use crate::api::two_factor::Browser;

#[tokio::test]
async fn people_of_django_sign_in_as_before() {
    let moving = Origin::new("django", json!({ "auth": { "username": { "enabled": true } } })).await;
    let people = moving.filled_by("django_origin.py");
    moving
        .at_origin(
            "insert into auth_group (name) values ('Admin'), ('Büro');
            insert into auth_user_groups (user_id, group_id) select u.id, g.id from auth_user u, auth_group g
                where u.username = 'bcrypt' and g.name in ('Admin', 'Büro');
            insert into mfa_authenticator (type, data, user_id, created_at)
                select 'webauthn', '{}', id, now() from auth_user where username = 'bcrypt'",
        )
        .await;
    let planned = moving.import(&["--dry-run"]);
    assert_eq!(moving.value("select count(*) from auth.users").await["count"], 0);
    let counts = moving.import(&[]);
    assert_eq!(counts, planned);
    assert_counts(
        &counts,
        &[("user", 13, 3), ("password", 11, 2), ("identity", 1, 0), ("twoFactor", 2, 0), ("passkey", 0, 1)],
    );
    let at = |name: &str| format!("auth_user {:?}", people[name]["id"].as_str().unwrap());
    assert_told(
        &moving.gw,
        &[
            ("ADDRESS_LEFT_OUT", &at("ada")),
            ("NO_ADDRESS", &at("nowhere")),
            ("NO_ADDRESS", &at("nowhere_either")),
            ("EMAIL_TWICE", &at("twin_too")),
            ("USER_NOT_HERE", &at("twin_too")),
            ("PASSWORD_HASH_UNUSABLE", &at("md5")),
            ("GROUP_LEFT_OUT", &at("bcrypt")),
            ("GROUP_LEFT_OUT", &at("bcrypt")),
            ("PASSKEY_LEFT_OUT", &at("bcrypt")),
            ("SECOND_FACTOR_UNUSABLE", &at("bcrypt")),
        ],
    );

    for name in ["ada", "argon", "bcrypt_sha256", "scrypt", "sha1"] {
        assert_signs_in(&moving.gw, &format!("{name}@example.com"), origin::PASSWORD).await;
    }
    assert_signs_in(&moving.gw, "CAPITALS@example.com", origin::PASSWORD).await;
    assert_eq!(refusal(&moving.gw, "unverified@example.com", origin::PASSWORD).await, 403);
    assert_is_banned(&moving.gw, "inactive@example.com").await;
    let by_name = json!({ "username": "scrypt", "password": origin::PASSWORD });
    assert_eq!(moving.gw.anonymous().auth("/sign-in/username", &by_name).await.status(), 200);

    let ada = "select id, name, roles, created_at from auth.users where email = 'ada@example.com'";
    assert_eq!(
        moving.value(ada).await,
        json!({
            "id": people["ada"]["id"], "name": "آدا لوفلايس", "roles": ["editors", "night-shift"],
            "created_at": "2019-03-01T12:30:00+00:00",
        })
    );
    for (name, roles) in
        [("argon", json!(["staff", "admin"])), ("bcrypt", json!([])), ("bcrypt_sha256", json!(["staff"]))]
    {
        let found = moving.value(&format!("select roles from auth.users where email = '{name}@example.com'")).await;
        assert_eq!(found["roles"], roles, "{name}");
    }
    let account = "select account_id, user_id, access_token is not null and refresh_token is not null as has_tokens
        from auth.accounts where provider_id = 'google'";
    let social = json!({ "account_id": "108", "user_id": people["social"]["id"], "has_tokens": true });
    assert_eq!(moving.value(account).await, social);

    // The hash verifies, and the key that does not come is no way around it.
    assert_is_mailed_codes(&moving.gw, "bcrypt@example.com").await;
    let second = &people["second"];
    assert_signs_in_with_app(&moving.gw, "second@example.com", second["totpSecret"].as_str().unwrap()).await;
    let mut browser = Browser::new(&moving.gw);
    browser.ok("/sign-in/email", json!({ "email": "second@example.com", "password": origin::PASSWORD })).await;
    browser.ok("/two-factor/verify-backup-code", json!({ "code": second["recoveryCodes"][9] })).await;
    assert!(browser.is_signed_in().await);
}

const WITHOUT_ALLAUTH: &str = "
    create table app_user (
        id uuid primary key, password varchar(128) not null, is_superuser boolean not null, email varchar(254) not null,
        full_name text, is_staff boolean not null, is_active boolean not null, date_joined timestamptz not null
    );
    create table app_user_groups (id bigint primary key, customuser_id uuid not null, group_id integer not null);
    create table auth_group (id integer primary key, name varchar(150) not null);
    create table otp_totp_totpdevice (
        id integer primary key, user_id uuid not null, name text not null, confirmed boolean not null,
        key varchar(80) not null, step smallint not null, t0 bigint not null, digits smallint not null
    );
    insert into app_user select ('00000000-0000-4000-8000-00000000000' || n)::uuid,
        'argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHRzb21lc2FsdA$kSVKtFcqoP2gQnU8Y4cYZr8k6MOy2Ybnmmd3YlPw6tM',
        n = 1, 'user' || n || '@example.com', 'User ' || n, true, true, '2020-01-02T03:04:05Z' from generate_series(1, 3) n;
    insert into auth_group values (7, 'Writers');
    insert into app_user_groups values (1, '00000000-0000-4000-8000-000000000002', 7);
    insert into otp_totp_totpdevice values
        (1, '00000000-0000-4000-8000-000000000001', 'phone', true, '3132333435363738393031323334353637383930', 30, 0, 6),
        (2, '00000000-0000-4000-8000-000000000002', 'phone', false, '3132333435363738393031323334353637383930', 30, 0, 6),
        (3, '00000000-0000-4000-8000-000000000003', 'phone', true, '3132333435363738393031323334353637383930', 60, 0, 6)";

#[tokio::test]
async fn a_model_of_ones_own_comes_by_its_name() {
    let moving = Origin::new("django", json!({})).await;
    moving.at_origin(WITHOUT_ALLAUTH).await;
    moving.run(&[]).assert_refused(2, "say which it is with --table user=NAME");
    let named = [
        "--table",
        "user=app_user",
        "--column",
        "user_group.user_id=customuser_id",
        "--trust-addresses",
        "--staff-role",
        "",
    ];
    let counts = moving.import(&named);
    assert_counts(&counts, &[("user", 3, 0), ("password", 3, 0), ("twoFactor", 2, 0)]);
    assert_eq!(told(&moving.gw).len(), 1, "{:?}", told(&moving.gw));
    let found =
        "select jsonb_agg(jsonb_build_array(name, email_verified, roles, two_factor_enabled) order by id) as users
        from auth.users";
    assert_eq!(
        moving.value(found).await["users"],
        json!([["User 1", true, ["admin"], true], ["User 2", true, ["writers"], false], ["User 3", true, [], true]])
    );
}
