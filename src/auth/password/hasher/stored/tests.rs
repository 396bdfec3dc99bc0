//! The hashes were made by the programs that they come from, of [`PASSWORD`]: Django 5.2, Werkzeug 3.1, passlib 1.7.4, pwdlib
//! 0.3 (which FastAPI-Users has) and bcrypt 4.3 for Python, with small costs, so that the tests are quick. Keycloak's were
//! made with Python's `hashlib` and argon2-cffi, as Keycloak does it. Those of better-auth, Firebase and Supabase with
//! passwords of their own are published by their makers.

use proptest::prelude::*;

use super::*;

/// Has letters beyond ASCII, and one that normalisation changes.
const PASSWORD: &str = "päss wörd ½";

/// Each spelling with the password, and how it is written here.
const HASHES: &[(&str, &str, &str)] = &[
    // better-auth
    (
        "c13297ba188ac1b04969091ca81b6152:b67b786ddd4fabba1a07fdb61057408aa132cf1b8555c33534798fe84fadd574c79ef0ca358210f47d981194ac3a9ec40deb74ae607ef871095e23ff71455c4a",
        "password123",
        "$scrypt$ln=14,r=16,p=1$YzEzMjk3YmExODhhYzFiMDQ5NjkwOTFjYTgxYjYxNTI$tnt4bd1Pq7oaB/22EFdAiqEyzxuFVcM1NHmP6E+t1XTHnvDKNYIQ9H2YEZSsOp7EDet0rmB++HEJXiP/cUVcSg",
    ),
    // bcrypt, of pwdlib, Django, passlib; a password of 73 letters is cut
    ("$2a$04$0ECXT5knKOcnJyjDgCJABudoxfiSOpRMgrx1c.bTvXfgCZWSDhnUa", PASSWORD, ""),
    ("$2y$04$NmTVKHZUhcfmBbLzTP/2i.rbEMvySQ1NbHMJMsvdJYiqEws5hl.gy", PASSWORD, ""),
    (
        "bcrypt$$2b$04$3/uzMk5/0fZ6xk32NOcO5eJTxfmDQ774iunyUYYAwO6VGAtQaZKFO",
        PASSWORD,
        "$2b$04$3/uzMk5/0fZ6xk32NOcO5eJTxfmDQ774iunyUYYAwO6VGAtQaZKFO",
    ),
    ("bcrypt_sha256$$2b$04$x8OQPwP8Y5m/TDrranUoMefVz5HjnNPe86a27yJgU6Q/pj9O28eDO", PASSWORD, ""),
    (
        "$2b$04$dT/qM9agijgTLv2ie.QHwexlbetYeG4P4JmSwQnYK.U3L15IS8w9S",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxyz",
        "",
    ),
    // argon2, of pwdlib, passlib and Django
    ("$argon2id$v=19$m=1024,t=3,p=4$SstfIwDoIP9VDRwKgFJHgg$A3bOiG9jkuSMMxJ2fRju5e1jZtT/gONGAwSJllZ/+Oc", PASSWORD, ""),
    ("$argon2i$v=19$m=256,t=3,p=2$17q3tpbyXguhFALgXCtFqA$oN+COPxnn38ahVazK4UvI6/kee01HUCO0FVKfj8OAZk", PASSWORD, ""),
    ("$argon2d$v=19$m=256,t=3,p=2$VArBuFeK8V5LyRmjdI4RIg$E5rFTtDYIX1LusatAfvriSgSaaE323bqH/N3/JdpW/s", PASSWORD, ""),
    (
        "argon2$argon2id$v=19$m=512,t=2,p=8$bHVqTm92MUJJemhxZ1I0R2ZpR24zSQ$xM5SxfKQSC5MnbHhJwfl8ZFU+HQF8nOt+g9hA5OiknI",
        PASSWORD,
        "$argon2id$v=19$m=512,t=2,p=8$bHVqTm92MUJJemhxZ1I0R2ZpR24zSQ$xM5SxfKQSC5MnbHhJwfl8ZFU+HQF8nOt+g9hA5OiknI",
    ),
    // scrypt, of passlib, Werkzeug and Django
    ("$scrypt$ln=10,r=8,p=1$u7c2hpDSem9NaY1xDiGE0A$EzWvavj6ioWchVSHztGIAAzRKsRvscYJ/GH154jocVk", PASSWORD, ""),
    (
        "scrypt:1024:8:1$YwlpZwL0DeOsXHzE$3a05cb7c09fe7aaba205ed65390bce6637926b4678fa29035cffa57e6fd388da0936a2b83d45958e8eea197df577726f65fb0dcde9e55abd319801ce119f7d8b",
        PASSWORD,
        "$scrypt$ln=10,r=8,p=1$WXdscFp3TDBEZU9zWEh6RQ$OgXLfAn+equiBe1lOQvOZjeSa0Z4+ikDXP+lfm/TiNoJNqK4PUWVjo7qGX31d3JvZfsNzenlWr0xmAHOEZ99iw",
    ),
    (
        "scrypt$1024$eLSPS0oh0PkDtHI4N5NvGS$8$5$x1jcpXq6ISKXSoSryCL9ECnFjDgN1sn/zTUt8Y9zbu9d2sXVsB/KI85JGz2bg7RAQSpRyqnoS6bvhxTmz56NjQ==",
        PASSWORD,
        "$scrypt$ln=10,r=8,p=5$ZUxTUFMwb2gwUGtEdEhJNE41TnZHUw$x1jcpXq6ISKXSoSryCL9ECnFjDgN1sn/zTUt8Y9zbu9d2sXVsB/KI85JGz2bg7RAQSpRyqnoS6bvhxTmz56NjQ",
    ),
    // PBKDF2, of Django, Werkzeug, passlib and a PHC string
    (
        "pbkdf2_sha256$1000$qNuMkPGRiXVEvPV0A3Ydlh$KphytH0tv6d7BgqckIRDHWuqn+SklCctGm/Fkwg6WX0=",
        PASSWORD,
        "$pbkdf2-sha256$i=1000,l=32$cU51TWtQR1JpWFZFdlBWMEEzWWRsaA$KphytH0tv6d7BgqckIRDHWuqn+SklCctGm/Fkwg6WX0",
    ),
    (
        "pbkdf2_sha1$1000$WfJfsRv2lvmQrQJNp4mXHE$5NQ/6EG4L4s6V/RnHU9KwNMhPkE=",
        PASSWORD,
        "$pbkdf2-sha1$i=1000,l=20$V2ZKZnNSdjJsdm1RclFKTnA0bVhIRQ$5NQ/6EG4L4s6V/RnHU9KwNMhPkE",
    ),
    (
        "pbkdf2:sha256:1000$znwyAuGE071Zk3bz$b5bdf6b9e1eeae7abb64aabff9c6e324e1f074871288da2c3dcf599029fee9b7",
        PASSWORD,
        "$pbkdf2-sha256$i=1000,l=32$em53eUF1R0UwNzFaazNieg$tb32ueHurnq7ZKq/+cbjJOHwdIcSiNosPc9ZkCn+6bc",
    ),
    (
        "pbkdf2:sha1:1000$LKUK2DiCehJSWytD$4b67cabe58152d8d3f9693e0a3e52ca3b0d7f8ec",
        PASSWORD,
        "$pbkdf2-sha1$i=1000,l=20$TEtVSzJEaUNlaEpTV3l0RA$S2fKvlgVLY0/lpPgo+Uso7DX+Ow",
    ),
    (
        "pbkdf2:sha512:1000$sTuFh67rziExlYfc$3e4efb1898c425dd13b6e60f3c77284ec04e7905652041a3ba5c828e07d43ec4981e9cae9bf531dd3ffff31e3afc26d78bf2db335748c7983e60ed1fa2f9d8e5",
        PASSWORD,
        "$pbkdf2-sha512$i=1000,l=64$c1R1Rmg2N3J6aUV4bFlmYw$Pk77GJjEJd0TtuYPPHcoTsBOeQVlIEGjulyCjgfUPsSYHpyum/Ux3T//8x46/CbXi/LbM1dIx5g+YO0fovnY5Q",
    ),
    (
        "$pbkdf2$1000$s/ZeC4Hw/l/LOefcOyfkvA$eTIkm1qgoLWNyA8qSQnX696mqJM",
        PASSWORD,
        "$pbkdf2-sha1$i=1000,l=20$s/ZeC4Hw/l/LOefcOyfkvA$eTIkm1qgoLWNyA8qSQnX696mqJM",
    ),
    (
        "$pbkdf2-sha256$1000$aI1R6l3rHWNMSUlpTSnlfA$SUadrsMPV0rfBDwRDmjKhIoPSmVEhbKDq2IUi568Mjs",
        PASSWORD,
        "$pbkdf2-sha256$i=1000,l=32$aI1R6l3rHWNMSUlpTSnlfA$SUadrsMPV0rfBDwRDmjKhIoPSmVEhbKDq2IUi568Mjs",
    ),
    (
        "$pbkdf2-sha512$1000$VAqBsFYq5bx3DkFIaU1JCQ$au2PIL80GBWYCiImucFNiSQZKWby2YIdgiqnG2S3DwejUuyxBewKYnwoOan2znEQmEwHt9fD3KRSuQAA.3/Dvg",
        PASSWORD,
        "$pbkdf2-sha512$i=1000,l=64$VAqBsFYq5bx3DkFIaU1JCQ$au2PIL80GBWYCiImucFNiSQZKWby2YIdgiqnG2S3DwejUuyxBewKYnwoOan2znEQmEwHt9fD3KRSuQAA+3/Dvg",
    ),
    ("$pbkdf2-sha256$i=1000,l=32$ehkZM6fA3ELxxPFSUC/VRQ$/WrU1Pla77v+kWzYkuOK8ShNDiNwobTMnJTqob50xTM", PASSWORD, ""),
    // Supabase, for those who came there from Firebase
    (
        "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsalx4c4c7y/w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==",
        "mytestpassword",
        "$firebase-scrypt$ln=14,r=8,p=1$C0sHCg9ek77hsgc$bko+R30Qnof9lgI3XwTtzRV7y4ETlU6Oy0iw0sfwOC4ztOJaUcEJeyKlwUehFsGqJlSUjnDG5ibwgJb+4bkvfA",
    ),
];

const KEYCLOAK_SALT: &str = "ehkZM6fA3ELxxPFSUC/VRQ==";
const KEYCLOAK: [(&str, &str, &str); 4] = [
    (
        r#"{"hashIterations":1000,"algorithm":"pbkdf2","additionalParameters":{}}"#,
        "mUvkQxVg0it73EJJVDPwVhP6uU72UWCOqvqHIPuMwVtsmDJ6hvJ99JRCwSvEBbLtxrM2Sh6jkowBeKoyD6qG+g==",
        "$pbkdf2-sha1$i=1000,l=64$ehkZM6fA3ELxxPFSUC/VRQ$mUvkQxVg0it73EJJVDPwVhP6uU72UWCOqvqHIPuMwVtsmDJ6hvJ99JRCwSvEBbLtxrM2Sh6jkowBeKoyD6qG+g",
    ),
    (
        r#"{"hashIterations":1000,"algorithm":"pbkdf2-sha256","additionalParameters":{}}"#,
        "/WrU1Pla77v+kWzYkuOK8ShNDiNwobTMnJTqob50xTMGPQLaQpwXKjGpAbW3y5rbBohS4aHKoGxq62uEAzNPww==",
        "$pbkdf2-sha256$i=1000,l=64$ehkZM6fA3ELxxPFSUC/VRQ$/WrU1Pla77v+kWzYkuOK8ShNDiNwobTMnJTqob50xTMGPQLaQpwXKjGpAbW3y5rbBohS4aHKoGxq62uEAzNPww",
    ),
    (
        r#"{"hashIterations":1000,"algorithm":"pbkdf2-sha512"}"#,
        "5F9quioGHX7qkEKyNZnWrsIvO/GS2WYMXjYi/k1ROhJlE8J7m3e9W4Np8seCA2D2B3aGIQsARkSOtiTprRTsBA==",
        "$pbkdf2-sha512$i=1000,l=64$ehkZM6fA3ELxxPFSUC/VRQ$5F9quioGHX7qkEKyNZnWrsIvO/GS2WYMXjYi/k1ROhJlE8J7m3e9W4Np8seCA2D2B3aGIQsARkSOtiTprRTsBA",
    ),
    (
        r#"{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hash":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#,
        "JXVrZRWA3At55UEhdmeTILeAZmeP/EqBvbTvHyNcE3o=",
        "$argon2id$v=19$m=7168,t=5,p=1$ehkZM6fA3ELxxPFSUC/VRQ$JXVrZRWA3At55UEhdmeTILeAZmeP/EqBvbTvHyNcE3o",
    ),
];

fn stored_text(password: StoredPassword) -> String {
    match password {
        StoredPassword::Hash(hash) => hash.expose().to_owned(),
        StoredPassword::NoPassword => String::new(),
    }
}

/// Tells whether a text verifies this password and no other.
fn assert_verifies(text: &str, password: &str) {
    let hash = StoredHash::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut memory = Vec::new();
    assert!(hash.verify(password.as_bytes(), &mut memory), "{text}");
    for wrong in ["", "Päss wörd ½", "päss wörd 1⁄2", "\0", &format!("x{password}"), &format!("{password}\0")] {
        assert!(!hash.verify(wrong.as_bytes(), &mut memory), "{text} takes {wrong:?}");
    }
}

#[test]
fn what_other_systems_made_verifies() {
    for (text, password, written) in HASHES {
        let written = if written.is_empty() { text } else { written };
        assert_eq!(stored_text(parse_stored(text).unwrap()), *written);
        assert_verifies(text, password);
        assert_eq!(StoredHash::parse(written).unwrap(), StoredHash::parse(text).unwrap());
    }
}

#[test]
fn credentials_of_keycloak_verify() {
    for (data, value, written) in KEYCLOAK {
        let secret = format!(r#"{{"value":"{value}","salt":"{KEYCLOAK_SALT}","additionalParameters":{{}}}}"#);
        assert_eq!(stored_text(parse_keycloak(data, &secret).unwrap()), written);
        // Some releases leave the version of argon2 out.
        let unversioned = data.replace(r#""version":["1.3"],"#, "");
        assert_eq!(stored_text(parse_keycloak(&unversioned, &secret).unwrap()), written);
        assert_verifies(written, PASSWORD);
    }
    for data in
        ["", "{}", r#"{"hashIterations":1,"algorithm":"bcrypt"}"#, r#"{"hashIterations":1,"algorithm":"argon2"}"#]
    {
        assert!(parse_keycloak(data, r#"{"value":"","salt":""}"#).is_err(), "{data}");
    }
}

#[test]
fn hashes_of_firebase_verify_and_hold_no_signer_key() {
    let key = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    let project = FirebaseProject::new(key, "Bw==", 8, 14).unwrap();
    let hash = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    let text = stored_text(parse_firebase(&project, "42xEC+ixf3L2lw==", hash).unwrap());
    assert_verifies(&text, "user1password");
    assert!(text.starts_with("$firebase-scrypt$ln=14,r=8,p=1$42xEC+ixf3L2lwc$"), "{text}");
    assert!(!text.contains(&key[..16]), "{text}");
    // Firebase's interfaces write the other alphabet, without padding.
    let for_addresses = parse_firebase(&project, "42xEC-ixf3L2lw", &hash.replace('+', "-").replace('/', "_")).unwrap();
    assert_eq!(stored_text(for_addresses), text);
    assert!(matches!(parse_firebase(&project, "", "").unwrap(), StoredPassword::NoPassword));
    assert!(parse_firebase(&project, "42xEC+ixf3L2lw==", "lSrf").is_err());
    assert!(FirebaseProject::new("", "Bw==", 8, 14).is_err());
    assert_eq!(format!("{project:?}"), "FirebaseProject");
}

#[test]
fn accounts_without_a_password_are_told_apart() {
    for text in ["", "!", "*", "!7g9H0F1vzXq84FodASZJ7OiTBUHlOkby0t91m71D", "!!", "*LK*"] {
        assert!(matches!(parse_stored(text), Ok(StoredPassword::NoPassword)), "{text}");
    }
}

#[test]
fn what_costs_more_than_the_bounds_is_refused_with_both_numbers() {
    let tail = "c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    let hex = "00".repeat(32);
    for (text, parameter, found, limit) in [
        (format!("$argon2id$v=19$m=262145,t=1,p=1${tail}"), "memory in KiB", 262_145, 262_144),
        (format!("$argon2id$v=19$m=4294967295,t=4294967295,p=1${tail}"), "memory in KiB", 4_294_967_295, 262_144),
        (format!("$argon2id$v=19$m=262144,t=5,p=1${tail}"), "memory in KiB times passes", 1_310_720, 1_048_576),
        (format!("$argon2id$v=19$m=256,t=2,p=17${tail}"), "number of lanes", 17, 16),
        ("$2b$15$kq4rgSEP5aAk8Wel.d0Hb.gMPJHR6KDfq9Y2cz8CSXlx1e9L2KUE2".into(), "cost", 15, 14),
        (format!("$scrypt$ln=18,r=8,p=1${tail}"), "memory in KiB", 262_144, 131_072),
        (format!("$scrypt$ln=17,r=8,p=2${tail}"), "N times r times p", 2_097_152, 1_048_576),
        (format!("$scrypt$ln=63,r=8,p=1${tail}"), "logarithm of N", 63, 20),
        (format!("$scrypt$ln=1,r=4294967295,p=1${tail}"), "memory in KiB", 1_073_741_823, 131_072),
        (format!("$scrypt$ln=1,r=1,p=17${tail}"), "number of lanes", 17, 16),
        (format!("scrypt:2147483648:8:1$saltsalt${hex}"), "logarithm of N", 31, 20),
        (format!("pbkdf2:sha1:2000001$saltsalt${hex}"), "number of iterations", 2_000_001, 2_000_000),
        (format!("$firebase-scrypt$ln=14,r=128,p=1${tail}"), "memory in KiB", 262_144, 131_072),
    ] {
        let error = parse_stored(&text).unwrap_err();
        assert_eq!(error, UnusableHash::TooCostly { parameter, found, limit }, "{text}");
        let message = error.to_string();
        assert!(message.contains(&found.to_string()) && message.contains(&limit.to_string()), "{message}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused_by_code() {
    let phc = "$pbkdf2-sha256$i=1000,l=32$ehkZM6fA3ELxxPFSUC/VRQ$/WrU1Pla77v+kWzYkuOK8ShNDiNwobTMnJTqob50xTM";
    for (text, code) in [
        ("password", "unknown_hash"),
        ("md5$ky5X0dPRWmz2uMromtlMkC$6f4ff849a7fb59cc806b2d14603b1af1", "unknown_hash"),
        (
            "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/",
            "unknown_hash",
        ),
        ("$argon2$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "unknown_hash"),
        ("pbkdf2_md5$1000$saltsalt$KphytH0tv6d7BgqckIRDHWuqn+SklCctGm/Fkwg6WX0=", "unknown_hash"),
        ("$2x$04$0ECXT5knKOcnJyjDgCJABudoxfiSOpRMgrx1c.bTvXfgCZWSDhnUa", "faulty_bcrypt"),
        ("$2a$03$0ECXT5knKOcnJyjDgCJABudoxfiSOpRMgrx1c.bTvXfgCZWSDhnUa", "malformed_hash"),
        ("$2a$4$0ECXT5knKOcnJyjDgCJABudoxfiSOpRMgrx1c.bTvXfgCZWSDhnUa", "malformed_hash"),
        ("$2a$04$0ECXT5knKOcnJyjDgCJABudoxfiSOpRMgrx1c.bTvXfgCZWSDhnUaa", "malformed_hash"),
        ("$2a$04$0ECXT5knKOcnJyjDgCJABudoxfiSOpRMgrx1c.bTvXfgCZWSDhnU", "malformed_hash"),
        ("$2a$04$0ECXT5knKOcnJyjDgCJABué", "malformed_hash"),
        ("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ", "malformed_hash"),
        ("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$", "hash_length"),
        ("$argon2id$v=19$m=256,t=2,p=1$c29t$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "hash_length"),
        (
            "$argon2id$v=19$m=256,t=2,p=1,keyid=x$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "malformed_hash",
        ),
        ("$argon2id$v=19$m=0,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "malformed_hash"),
        ("$scrypt$ln=0,r=8,p=1$u7c2hpDSem9NaY1xDiGE0A$EzWvavj6ioWchVSHztGIAAzRKsRvscYJ/GH154jocVk", "malformed_hash"),
        ("scrypt:1000:8:1$YwlpZwL0DeOsXHzE$3a05cb7c09fe7aaba205ed65390bce66", "malformed_hash"),
        ("pbkdf2:sha256:1000$znwyAuGE071Zk3bz$b5bdf6b9e1eeae7abb64aabff9c6e32", "malformed_hash"),
        ("pbkdf2:sha256:1000$znwyAuGE071Zk3bz$b5bdf6b9e1eeae7abb64aabff9c6", "hash_length"),
        ("pbkdf2:sha256:1000$$b5bdf6b9e1eeae7abb64aabff9c6e324", "hash_length"),
        ("pbkdf2:sha256:0$znwyAuGE071Zk3bz$b5bdf6b9e1eeae7abb64aabff9c6e324", "malformed_hash"),
        (&phc.replace("i=1000", "i=01000"), "malformed_hash"),
        (&phc.replace("i=1000", "i=+1000"), "malformed_hash"),
        (&phc.replace("i=1000", "i=4294967296"), "malformed_hash"),
        (&phc.replace("l=32", "l=31"), "malformed_hash"),
        (&format!("{phc}$"), "malformed_hash"),
        (&format!("{phc}\n"), "malformed_hash"),
        (&format!(" {phc}"), "unknown_hash"),
        (&"$2b$".repeat(200), "hash_length"),
        ("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==$C0sHCg9ek77hsg==$ZGlmZmVyZW50aGFzaA==", "malformed_hash"),
    ] {
        let error = parse_stored(text).expect_err(text);
        assert_eq!(error.code(), code, "{text}: {error}");
    }
}

#[test]
fn nothing_shows_a_hash() {
    let hash = parse_stored(HASHES[1].0).unwrap();
    assert_eq!(format!("{hash:?}"), "Hash(PasswordHash)");
    assert_eq!(format!("{:?}", StoredHash::parse(HASHES[1].0)), "Ok(StoredHash)");
}

/// Returns a hash with something changed somewhere, so that most of it still parses.
fn nearly_a_hash() -> impl Strategy<Value = String> {
    let change = prop_oneof![Just(String::new()), "[$=,:!.0-9a-z+/-]{1,3}", any::<char>().prop_map(String::from)];
    (0..HASHES.len(), any::<proptest::sample::Index>(), change, 0..3usize).prop_map(|(which, at, change, cut)| {
        let letters: Vec<char> = HASHES[which].0.chars().collect();
        let at = at.index(letters.len());
        let behind = &letters[(at + cut).min(letters.len())..];
        letters[..at].iter().copied().chain(change.chars()).chain(behind.iter().copied()).collect()
    })
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_read_is_written_as_it_is_read_again(
        text in prop_oneof![any::<String>(), nearly_a_hash()],
    ) {
        if let Ok(hash) = StoredHash::parse(&text) {
            let written = hash.to_string();
            prop_assert!(written.len() <= 256);
            let again = StoredHash::parse(&written);
            prop_assert_eq!(again.as_ref().map(ToString::to_string), Ok(written));
            prop_assert!(again.is_ok_and(|again| again == hash));
        }
    }
}
