"""Fills a schema `auth` as supabase/auth's migrations leave it, and prints what a test has to know of it as JSON.

usage: supabase_origin.py DATABASE_URL

The tables have the columns, types and constraints of the service's migrations up to 2025; what no user is described by
(audit log, flow states, SAML, one-time tokens) is left out.
"""

import base64
import json
import secrets
import sys
import uuid

import bcrypt
import psycopg

PASSWORD = "a walk along the river"
CREATED = "2021-06-01T10:00:00.123456+00:00"

# Passwords and their hashes as others published them: Go's bcrypt, which the service hashes with, and the tests of the
# service itself, for hashes that it takes from elsewhere.
PUBLISHED = {
    "published_bcrypt": ("allmine", "$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga"),
    "published_argon2id": (
        "test",
        "$argon2id$v=19$m=32,t=3,p=2$SFVpOWJ0eXhjRzVkdGN1RQ$RXnb8rh7LaDcn07xsssqqulZYXOM/EUCEFMVcAcyYVk",
    ),
    "published_firebase": (
        "mytestpassword",
        "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,"
        "sk=ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw=="
        "$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsalx4c4c7y/w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==",
    ),
}

SCHEMA = """
create schema auth;
create type auth.factor_type as enum ('totp', 'webauthn', 'phone');
create type auth.factor_status as enum ('unverified', 'verified');
create type auth.aal_level as enum ('aal1', 'aal2', 'aal3');

create table auth.users (
    instance_id uuid,
    id uuid not null primary key,
    aud varchar(255),
    role varchar(255),
    email varchar(255),
    encrypted_password varchar(255),
    email_confirmed_at timestamptz,
    invited_at timestamptz,
    confirmation_token varchar(255),
    confirmation_sent_at timestamptz,
    recovery_token varchar(255),
    recovery_sent_at timestamptz,
    email_change_token_new varchar(255),
    email_change varchar(255),
    email_change_sent_at timestamptz,
    last_sign_in_at timestamptz,
    raw_app_meta_data jsonb,
    raw_user_meta_data jsonb,
    is_super_admin boolean,
    created_at timestamptz,
    updated_at timestamptz,
    phone text unique default null,
    phone_confirmed_at timestamptz,
    phone_change text default '',
    phone_change_token varchar(255) default '',
    phone_change_sent_at timestamptz,
    confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
    email_change_token_current varchar(255) default '',
    email_change_confirm_status smallint default 0,
    banned_until timestamptz,
    reauthentication_token varchar(255) default '',
    reauthentication_sent_at timestamptz,
    is_sso_user boolean not null default false,
    deleted_at timestamptz,
    is_anonymous boolean not null default false
);
create unique index users_email_partial_key on auth.users (email) where is_sso_user = false;

create table auth.identities (
    provider_id text not null,
    user_id uuid not null references auth.users (id) on delete cascade,
    identity_data jsonb not null,
    provider text not null,
    last_sign_in_at timestamptz,
    created_at timestamptz,
    updated_at timestamptz,
    email text generated always as (lower(identity_data ->> 'email')) stored,
    id uuid not null default gen_random_uuid() primary key,
    unique (provider_id, provider)
);

create table auth.mfa_factors (
    id uuid not null primary key,
    user_id uuid not null references auth.users (id) on delete cascade,
    friendly_name text,
    factor_type auth.factor_type not null,
    status auth.factor_status not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    secret text,
    phone text,
    last_challenged_at timestamptz unique,
    web_authn_credential jsonb,
    web_authn_aaguid uuid
);

create table auth.sessions (
    id uuid not null primary key,
    user_id uuid not null references auth.users (id) on delete cascade,
    created_at timestamptz,
    updated_at timestamptz,
    factor_id uuid,
    aal auth.aal_level,
    not_after timestamptz,
    refreshed_at timestamp,
    user_agent text,
    ip inet,
    tag text
);
"""


class Filler:
    def __init__(self, connection):
        self.connection = connection
        self.people = {}

    def insert(self, table, **values):
        values = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in values.items()}
        columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
        self.connection.execute(f"insert into auth.{table} ({columns}) values ({places})", list(values.values()))

    def add(self, name, password=PASSWORD, identities=("email",), profile=None, **columns):
        """Adds a user with an identity of each provider, as the service does."""
        user_id = str(uuid.uuid4())
        email = columns.pop("email", f"{name}@example.com")
        profile = profile or {}
        row = {
            "instance_id": str(uuid.UUID(int=0)),
            "id": user_id,
            "aud": "authenticated",
            "role": "authenticated",
            "email": email,
            "encrypted_password": bcrypt.hashpw(password.encode(), bcrypt.gensalt(10, b"2a")).decode()
            if password
            else "",
            "email_confirmed_at": CREATED,
            "raw_app_meta_data": {"provider": identities[0], "providers": list(identities)} if identities else {},
            "raw_user_meta_data": profile,
            "created_at": CREATED,
            "updated_at": CREATED,
            "last_sign_in_at": CREATED,
            "confirmation_token": "",
            "recovery_token": "",
            "email_change": "",
            "email_change_token_new": "",
            **columns,
        }
        self.insert("users", **row)
        accounts = {}
        for provider in identities:
            account_id = user_id if provider == "email" else f"{provider}-{name}"
            accounts[provider] = account_id
            data = {"sub": account_id, "email": email, "email_verified": provider != "email", **profile}
            times = {"created_at": CREATED, "updated_at": CREATED, "last_sign_in_at": CREATED}
            self.insert(
                "identities", provider_id=account_id, user_id=user_id, identity_data=data, provider=provider, **times
            )
        self.people[name] = {
            "id": user_id,
            "email": email,
            "verified": row["email_confirmed_at"] is not None,
            "name": profile.get("full_name") or profile.get("name"),
            "image": profile.get("avatar_url"),
            "password": password,
            "accounts": {provider: account for provider, account in accounts.items() if provider != "email"},
            "createdAt": CREATED,
        }
        return self.people[name]

    def add_factor(self, person, status="verified", kind="totp", **columns):
        secret = base64.b32encode(secrets.token_bytes(20)).decode() if kind == "totp" else None
        self.insert(
            "mfa_factors",
            id=str(uuid.uuid4()),
            user_id=person["id"],
            friendly_name=f"{kind} {status}",
            factor_type=kind,
            status=status,
            created_at=CREATED,
            updated_at=CREATED,
            secret=secret,
            **columns,
        )
        return secret


def fill(url):
    with psycopg.connect(url) as connection:
        connection.execute(SCHEMA)
        filler = Filler(connection)
        picture = "https://cdn.example.com/ada.png"
        filler.add("ada", profile={"full_name": "آدا لوفلايس", "avatar_url": picture, "plan": "pro"})
        for name, (password, hashed) in PUBLISHED.items():
            filler.add(name, password=password, encrypted_password=hashed)
        filler.add("unverified", email_confirmed_at=None)
        filler.add("banned", banned_until="2999-01-01T00:00:00Z")
        filler.add("forgiven", banned_until="2022-01-01T00:00:00Z")
        filler.add("deleted", deleted_at="2023-01-01T00:00:00Z")
        filler.add("social", password=None, identities=("google", "github"), profile={"name": "So Cial"})
        filler.add("both", identities=("email", "google"))
        filler.add("anonymous", email=None, password=None, identities=(), is_anonymous=True, email_confirmed_at=None)
        phone = {"phone": "15551234567", "phone_confirmed_at": CREATED, "email_confirmed_at": None}
        filler.add("phone", email=None, password=None, identities=("phone",), **phone)
        filler.add("sso", password=None, identities=("sso:7f0f3c9e-0000-4000-8000-000000000000",), is_sso_user=True)
        second = filler.add("second")
        second["totpSecret"] = filler.add_factor(second)
        filler.add_factor(filler.add("begun"), status="unverified")
        filler.add_factor(filler.add("by_phone"), kind="phone", phone="15557654321")
        return {"origin": "supabase", "schema": "auth", "people": filler.people}


if __name__ == "__main__":
    json.dump(fill(sys.argv[1]), sys.stdout, indent=1, ensure_ascii=False)
    print()
