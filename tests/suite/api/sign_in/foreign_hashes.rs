//! Users who come from another system sign in with the passwords that they had there (PASS-08).

use serde_json::json;

use crate::harness::TestGateway;

/// Is the password of [`HASHES`]. The compatibility form of its last letter is another.
const PASSWORD: &str = "päss wörd ½";
/// One of each family, made by pwdlib, Django, Werkzeug, passlib and better-auth's way, and the last two of a password of
/// their publishers.
const HASHES: [(&str, &str); 9] = [
    ("$argon2id$v=19$m=1024,t=3,p=4$SstfIwDoIP9VDRwKgFJHgg$A3bOiG9jkuSMMxJ2fRju5e1jZtT/gONGAwSJllZ/+Oc", PASSWORD),
    ("$2a$04$0ECXT5knKOcnJyjDgCJABudoxfiSOpRMgrx1c.bTvXfgCZWSDhnUa", PASSWORD),
    ("bcrypt_sha256$$2b$04$x8OQPwP8Y5m/TDrranUoMefVz5HjnNPe86a27yJgU6Q/pj9O28eDO", PASSWORD),
    ("$scrypt$ln=10,r=8,p=1$u7c2hpDSem9NaY1xDiGE0A$EzWvavj6ioWchVSHztGIAAzRKsRvscYJ/GH154jocVk", PASSWORD),
    ("pbkdf2:sha1:1000$LKUK2DiCehJSWytD$4b67cabe58152d8d3f9693e0a3e52ca3b0d7f8ec", PASSWORD),
    ("$pbkdf2-sha256$i=1000,l=32$ehkZM6fA3ELxxPFSUC/VRQ$/WrU1Pla77v+kWzYkuOK8ShNDiNwobTMnJTqob50xTM", PASSWORD),
    (
        "7a191933a7c0dc42f1c4f152502fd545:58f8980b0f42dd4c06ac6ea97ebd34fefd03bf21e677c42581a7d27389698cce16d812a98b85db6595cb5f6c0d37340cc4069cf558cc20c3d2feee98fba613fe",
        PASSWORD,
    ),
    (
        "c13297ba188ac1b04969091ca81b6152:b67b786ddd4fabba1a07fdb61057408aa132cf1b8555c33534798fe84fadd574c79ef0ca358210f47d981194ac3a9ec40deb74ae607ef871095e23ff71455c4a",
        "password123",
    ),
    (
        "$firebase-scrypt$ln=14,r=8,p=1$C0sHCg9ek77hsgc$bko+R30Qnof9lgI3XwTtzRV7y4ETlU6Oy0iw0sfwOC4ztOJaUcEJeyKlwUehFsGqJlSUjnDG5ibwgJb+4bkvfA",
        "mytestpassword",
    ),
];
const CURRENT: &str = "select count(*) from auth.accounts where password_hash like '$argon2id$v=19$m=19456,t=2,p=1$%'";

#[tokio::test]
async fn hashes_of_other_systems_are_replaced_at_the_first_sign_in() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let mut connection = gw.db.connect().await;
    let mut store = async |hash: &'static str| {
        sqlx::query("update auth.accounts set password_hash = $1").bind(hash).execute(&mut connection).await.unwrap();
    };
    let sign_in = async |password: &str| {
        let body = json!({ "email": email, "password": password });
        gw.anonymous().auth("/sign-in/email", &body).await.status().as_u16()
    };
    for (hash, password) in HASHES {
        store(hash).await;
        assert_eq!(sign_in("not the password").await, 401, "{hash}");
        assert_eq!(gw.db.count(CURRENT).await, 0, "{hash}");
        assert_eq!(sign_in(password).await, 200, "{hash}");
        assert_eq!(gw.db.count(CURRENT).await, 1, "{hash}");
        assert_eq!(sign_in(password).await, 200, "{hash}");
    }

    // This would take days. Nobody waits for it, and the cause is logged without the hash.
    let costly = "$2b$31$kq4rgSEP5aAk8Wel.d0Hb.gMPJHR6KDfq9Y2cz8CSXlx1e9L2KUE2";
    store(costly).await;
    assert_eq!(sign_in("x").await, 401);
    let line = gw.logged("the cause", |line| line.to_string().contains("cannot be verified")).await.to_string();
    assert!(line.contains("cost is 31, and at most 14"), "{line}");
    assert!(gw.log().iter().all(|line| !line.to_string().contains("$2b$")));
}
