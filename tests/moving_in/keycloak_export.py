"""Writes a realm as `kc.sh export` does, and prints what a test has to know of it as JSON.

usage: keycloak_export.py FILE

Credentials are as Keycloak 24 and later write them (Argon2), as earlier ones did (PBKDF2 with SHA-256), and as those do
that cannot have Argon2 (PBKDF2 with SHA-512). Hashes are computed here, so that the passwords sign in.
"""

import base64
import hashlib
import json
import secrets
import string
import sys
import uuid

import argon2.low_level

PASSWORD = "a walk along the river"
CREATED = 1_600_000_000_123


def encoded(value):
    return base64.b64encode(value).decode()


def password(algorithm):
    """Returns a credential of the realm's."""
    salt = secrets.token_bytes(16)
    parameters = {}
    if algorithm == "argon2":
        iterations = 5
        parameters = {
            "hashLength": ["32"],
            "memory": ["7168"],
            "type": ["id"],
            "version": ["1.3"],
            "parallelism": ["1"],
        }
        value = argon2.low_level.hash_secret_raw(
            PASSWORD.encode(), salt, iterations, 7168, 1, 32, argon2.low_level.Type.ID
        )
    else:
        # Fewer than Keycloak has for SHA-512, which a program compiled for tests computes for long.
        iterations = {"pbkdf2": 20_000, "pbkdf2-sha256": 27_500, "pbkdf2-sha512": 21_000}[algorithm]
        digest = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}[algorithm]
        value = hashlib.pbkdf2_hmac(digest, PASSWORD.encode(), salt, iterations, 64)
    return credential(
        "password",
        {"value": encoded(value), "salt": encoded(salt), "additionalParameters": {}},
        {"hashIterations": iterations, "algorithm": algorithm, "additionalParameters": parameters},
    )


def credential(kind, secret, data, **more):
    # Both are JSON in texts, without blanks.
    texts = {
        name: json.dumps(value, separators=(",", ":"))
        for name, value in (("secretData", secret), ("credentialData", data))
    }
    return {"id": str(uuid.uuid4()), "type": kind, "createdDate": CREATED, **more, **texts}


def otp(secret, **more):
    data = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1", **more}
    return credential("otp", {"value": secret}, data, userLabel="Phone")


def user(name, credentials=(), **more):
    return {
        "id": str(uuid.uuid4()),
        "username": name,
        "firstName": name.capitalize(),
        "lastName": "Example",
        "email": f"{name}@example.com",
        "emailVerified": True,
        "createdTimestamp": CREATED,
        "enabled": True,
        "totp": any(credential["type"] == "otp" for credential in credentials),
        "credentials": list(credentials),
        "disableableCredentialTypes": [],
        "requiredActions": [],
        "realmRoles": ["default-roles-acme"],
        "notBefore": 0,
        "groups": [],
        **more,
    }


def realm():
    alphabet = string.ascii_letters + string.digits
    raw = "".join(secrets.choice(alphabet) for _ in range(20))
    base32 = base64.b32encode(secrets.token_bytes(20)).decode().rstrip("=")
    roles = ["default-roles-acme", "admin", "offline_access"]
    google = [{"identityProvider": "google", "userId": "108", "userName": "social@example.com"}]
    attributes = {"company": ["Analytical Engines"], "locale": ["de"], "tags": ["a", "b"]}
    service = {"email": None, "serviceAccountClientId": "worker", "emailVerified": False}
    webauthn = {
        "id": str(uuid.uuid4()),
        "type": "webauthn",
        "userLabel": "Key",
        "createdDate": CREATED,
        "secretData": "{}",
        "credentialData": '{"aaguid":"00000000-0000-0000-0000-000000000000","credentialId":"AAAA","counter":0}',
    }
    users = [
        user("ada", [password("argon2")], firstName="آدا", lastName="لوفلايس", attributes=attributes),
        user(
            "alan",
            [password("pbkdf2-sha512")],
            realmRoles=roles,
            clientRoles={"app": ["editor"]},
            groups=["/staff/night"],
        ),
        user("older", [password("pbkdf2-sha256")]),
        user("oldest", [password("pbkdf2")]),
        user("unverified", [password("argon2")], emailVerified=False),
        user("disabled", [password("argon2")], enabled=False),
        user("social", federatedIdentities=google),
        user("second", [password("argon2"), otp(raw)]),
        user("second32", [password("argon2"), otp(base32, secretEncoding="BASE32")]),
        user("sixty", [password("argon2"), otp(raw, period=60)]),
        user("key", [password("argon2"), webauthn]),
        user("nowhere", [password("argon2")], email=None, emailVerified=False),
        user("waiting", [password("argon2")], requiredActions=["UPDATE_PASSWORD"]),
        user("service-account-worker", **service),
    ]
    for entry in users:
        if entry["email"] is None:
            del entry["email"]
    secrets_of = {"second": encoded32(raw), "second32": base32, "sixty": encoded32(raw)}
    return users, secrets_of


def encoded32(text):
    return base64.b32encode(text.encode()).decode().rstrip("=")


def main(path):
    users, totp_secrets = realm()
    export = {
        "id": str(uuid.uuid4()),
        "realm": "acme",
        "enabled": True,
        "otpPolicyType": "totp",
        "otpPolicyAlgorithm": "HmacSHA1",
        "otpPolicyDigits": 6,
        "otpPolicyPeriod": 30,
        "roles": {"realm": [{"name": "admin", "composite": False, "clientRole": False}]},
        "defaultRole": {"name": "default-roles-acme", "composite": True},
        "groups": [{"name": "staff", "path": "/staff", "subGroups": [{"name": "night", "path": "/staff/night"}]}],
        "users": users,
        "clients": [],
        "keycloakVersion": "26.0.0",
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(export, file, indent=2, ensure_ascii=False)
    people = {}
    for entry in users:
        algorithm = [
            json.loads(c["credentialData"])["algorithm"] for c in entry["credentials"] if c["type"] == "password"
        ]
        people[entry["username"]] = {
            "id": entry["id"],
            "email": entry.get("email"),
            "verified": entry["emailVerified"],
            "name": f"{entry['firstName']} {entry['lastName']}",
            "enabled": entry["enabled"],
            "password": PASSWORD if algorithm else None,
            "algorithm": algorithm[0] if algorithm else None,
            "realmRoles": entry["realmRoles"],
            "totpSecret": totp_secrets.get(entry["username"]),
            "accounts": {i["identityProvider"]: i["userId"] for i in entry.get("federatedIdentities", [])},
            "attributes": entry.get("attributes", {}),
            "createdAt": CREATED,
        }
    json.dump({"origin": "keycloak", "realm": "acme", "people": people}, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main(sys.argv[1])
