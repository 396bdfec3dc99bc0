"""Writes users as `firebase auth:export` does, as JSON and as CSV, and prints what a test has to know of them as JSON.

usage: firebase_export.py FILE.json FILE.csv

The first user, the key and the parameters are those that Firebase publishes with its hash function, so what signs in is
shown by a vector that is not ours. The other hashes are computed by the same function.
"""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PARAMETERS = {
    "algorithm": "SCRYPT",
    "base64_signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
    "base64_salt_separator": "Bw==",
    "rounds": 8,
    "mem_cost": 14,
}
PUBLISHED = {
    "localId": "kYi4EvWQlQTKSfnJ3dRSP6IH3ed2",
    "email": "user1@test.com",
    "emailVerified": False,
    "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
    "salt": "42xEC+ixf3L2lw==",
    "displayName": "Test User 1",
    "createdAt": "1508893925000",
    "lastSignedInAt": "1508893925000",
}
PUBLISHED_PASSWORD = "user1password"
PASSWORD = "a walk along the river"
# A column each for the id, the address, the name and the picture.
PROVIDER_COLUMNS = {"google.com": 7, "facebook.com": 11, "twitter.com": 15, "github.com": 19}


def hashed(password, salt):
    """Computes Firebase's modified scrypt: the signer key, encrypted with what scrypt derives from the password."""
    separator = base64.b64decode(PARAMETERS["base64_salt_separator"])
    key = hashlib.scrypt(
        password.encode(),
        salt=base64.b64decode(salt) + separator,
        n=2 ** PARAMETERS["mem_cost"],
        r=PARAMETERS["rounds"],
        p=1,
        dklen=64,
        maxmem=2**27,
    )[:32]
    encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    return base64.b64encode(encryptor.update(base64.b64decode(PARAMETERS["base64_signer_key"]))).decode()


def users():
    def user(name, password=PASSWORD, providers=(), **more):
        entry = {
            "localId": f"{name}-0123456789abcdefghijkl"[:28],
            "email": f"{name}@example.com",
            "emailVerified": True,
        }
        if password:
            salt = base64.b64encode(hashlib.sha256(name.encode()).digest()[:10]).decode()
            entry.update(passwordHash=hashed(password, salt), salt=salt)
        entry.update(createdAt="1600000000123", lastSignedInAt="1700000000456", **more)
        picked = [
            {
                "providerId": provider,
                "rawId": f"{provider}-{name}",
                "email": entry.get("email"),
                "displayName": entry.get("displayName"),
                "photoUrl": "https://cdn.example.com/picture.png",
            }
            for provider in providers
        ]
        return {**entry, "providerUserInfo": picked}

    nobody = user("phone", password=None, phoneNumber="+15551234567", emailVerified=False)
    del nobody["email"]
    return [
        {**PUBLISHED, "providerUserInfo": []},
        user("ada", displayName="آدا لوفلايس", photoUrl="https://cdn.example.com/ada.png"),
        user("comma", displayName="Comma, Jr."),
        user("social", password=None, providers=["google.com", "github.com"], displayName="So Cial"),
        user("both", providers=["google.com"]),
        user("disabled", disabled=True),
        user("claims", customAttributes='{"role":"admin","plan":"pro"}'),
        nobody,
    ]


def as_csv(user):
    """Returns the line of a user, with the quoting of Firebase's own exporter."""
    row = [""] * 28
    name = user.get("displayName", "")
    row[0], row[1], row[2] = user["localId"], user.get("email", ""), str(user["emailVerified"]).lower()
    row[3], row[4] = user.get("passwordHash", ""), user.get("salt", "")
    row[5], row[6] = f'"{name}"' if "," in name else name, user.get("photoUrl", "")
    for provider in user["providerUserInfo"]:
        at = PROVIDER_COLUMNS[provider["providerId"]]
        row[at : at + 4] = (
            provider["rawId"],
            provider["email"] or "",
            provider["displayName"] or "",
            provider["photoUrl"],
        )
    row[23], row[24], row[25] = user["createdAt"], user["lastSignedInAt"], user.get("phoneNumber", "")
    row[26] = str(user["disabled"]).lower() if "disabled" in user else ""
    claims = user.get("customAttributes")
    row[27] = '"' + claims.replace('"', '""') + '"' if claims else ""
    return ",".join(row) + ",\n"


def main(json_path, csv_path):
    assert hashed(PUBLISHED_PASSWORD, PUBLISHED["salt"]) == PUBLISHED["passwordHash"]
    exported = users()
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump({"users": exported}, file, indent=2, ensure_ascii=False)
        file.write("\n")
    with open(csv_path, "w", encoding="utf-8") as file:
        file.writelines(as_csv(user) for user in exported)
    people = {}
    for user in exported:
        published = user["localId"] == PUBLISHED["localId"]
        password = PUBLISHED_PASSWORD if published else PASSWORD
        people["published" if published else user["localId"].split("-")[0]] = {
            "id": user["localId"],
            "email": user.get("email"),
            "verified": user["emailVerified"],
            "name": user.get("displayName"),
            "image": user.get("photoUrl"),
            "password": password if "passwordHash" in user else None,
            "disabled": user.get("disabled", False),
            "accounts": {p["providerId"]: p["rawId"] for p in user["providerUserInfo"]},
            "claims": json.loads(user.get("customAttributes", "{}")),
            "createdAt": int(user["createdAt"]),
        }
    json.dump(
        {"origin": "firebase", "parameters": PARAMETERS, "people": people}, sys.stdout, indent=1, ensure_ascii=False
    )
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
