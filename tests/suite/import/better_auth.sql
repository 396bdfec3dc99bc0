-- A database as better-auth 1.7 leaves it, with a row or two of everything. The secret is that of the contract's vectors.
create table "user" (
    "id" text primary key, "name" text not null, "email" text not null unique, "emailVerified" boolean not null, "image" text,
    "createdAt" timestamptz not null default now(), "updatedAt" timestamptz not null default now(), "twoFactorEnabled" boolean,
    "role" text, "banned" boolean, "banReason" text, "banExpires" timestamptz, "username" text unique, "displayUsername" text,
    "company" text, "seats" integer
);
create table "session" (
    "id" text primary key, "expiresAt" timestamptz not null, "token" text not null unique,
    "createdAt" timestamptz not null default now(), "updatedAt" timestamptz not null, "ipAddress" text, "userAgent" text,
    "userId" text not null references "user" ("id") on delete cascade, "impersonatedBy" text, "activeOrganizationId" text
);
create table "account" (
    "id" text primary key, "accountId" text not null, "providerId" text not null,
    "userId" text not null references "user" ("id") on delete cascade, "accessToken" text, "refreshToken" text, "idToken" text,
    "accessTokenExpiresAt" timestamptz, "refreshTokenExpiresAt" timestamptz, "scope" text, "password" text,
    "createdAt" timestamptz not null default now(), "updatedAt" timestamptz not null
);
create table "twoFactor" (
    "id" text primary key, "secret" text not null, "backupCodes" text not null,
    "userId" text not null references "user" ("id") on delete cascade, "verified" boolean
);
create table "passkey" (
    "id" text primary key, "name" text, "publicKey" text not null, "userId" text not null references "user" ("id"),
    "credentialID" text not null, "counter" integer not null, "deviceType" text not null, "backedUp" boolean not null,
    "transports" text, "createdAt" timestamptz, "aaguid" text
);
create table "apikey" (
    "id" text primary key, "configId" text not null, "name" text, "start" text, "referenceId" text not null, "prefix" text,
    "key" text not null, "refillInterval" integer, "refillAmount" integer, "lastRefillAt" timestamptz, "enabled" boolean,
    "rateLimitEnabled" boolean, "rateLimitTimeWindow" integer, "rateLimitMax" integer, "requestCount" integer,
    "remaining" integer, "lastRequest" timestamptz, "expiresAt" timestamptz, "createdAt" timestamptz not null,
    "updatedAt" timestamptz not null, "permissions" text, "metadata" text
);
create table "organization" (
    "id" text primary key, "name" text not null, "slug" text not null unique, "logo" text, "createdAt" timestamptz not null,
    "metadata" text
);
create table "member" (
    "id" text primary key, "organizationId" text not null references "organization" ("id"),
    "userId" text not null references "user" ("id"), "role" text not null, "createdAt" timestamptz not null
);
create table "invitation" (
    "id" text primary key, "organizationId" text not null references "organization" ("id"), "email" text not null,
    "role" text, "status" text not null, "expiresAt" timestamptz not null, "createdAt" timestamptz not null default now(),
    "inviterId" text not null references "user" ("id")
);

insert into "user" ("id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt", "twoFactorEnabled", "role",
    "banned", "banReason", "banExpires", "username", "displayUsername", "company", "seats")
values
    ('adaadaadaadaadaadaadaadaadaadaad', 'Ada', 'ada@example.com', true, 'https://example.com/ada.png',
     '2024-01-02T03:04:05.678Z', '2024-02-03T04:05:06.789Z', false, 'admin,editor', false, null, null, 'ada_l', 'Ada_L', 'Acme', 3),
    ('bobbobbobbobbobbobbobbobbobbobbo', 'بوب', 'Bob@Example.com', false, null,
     '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z', true, 'user', true, 'spam', null, null, null, null, null),
    ('auth0|eve', 'Eve', 'eve@example.com', true, null,
     '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z', null, null, null, null, null, null, null, null, null),
    ('nobodynobodynobodynobodynobodyno', 'Nobody', 'no-address', true, null,
     '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z', null, null, null, null, null, null, null, null, null);
insert into "account" ("id", "accountId", "providerId", "userId", "accessToken", "scope", "password", "createdAt", "updatedAt")
values
    ('a1', 'adaadaadaadaadaadaadaadaadaadaad', 'credential', 'adaadaadaadaadaadaadaadaadaadaad', null, null,
     'c13297ba188ac1b04969091ca81b6152:b67b786ddd4fabba1a07fdb61057408aa132cf1b8555c33534798fe84fadd574c79ef0ca358210f47d981194ac3a9ec40deb74ae607ef871095e23ff71455c4a',
     '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'),
    ('a2', '4711', 'google', 'adaadaadaadaadaadaadaadaadaadaad',
     '4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f627014a119755527aaedfa081ba95ed2861834ff278b8197901e82', 'openid,email',
     null, '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'),
    ('a3', 'auth0|eve', 'credential', 'auth0|eve', null, null, 'md5:nonsense', '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z');
insert into "session" ("id", "expiresAt", "token", "createdAt", "updatedAt", "ipAddress", "userAgent", "userId", "activeOrganizationId")
values
    ('s1', now() + interval '6 days', 'gFQ5u3KubakKeuW4DkCSgCULxCgeUevv', now() - interval '1 day', now() - interval '1 day',
     '203.0.113.7', 'Mozilla/5.0', 'adaadaadaadaadaadaadaadaadaadaad', 'org1'),
    ('s2', now() - interval '1 day', 'expiredexpiredexpiredexpiredexpi', now() - interval '8 days', now() - interval '8 days',
     null, null, 'adaadaadaadaadaadaadaadaadaadaad', null),
    ('s3', now() + interval '1 hour', 'briefbriefbriefbriefbriefbriefbr', now() - interval '23 hours', now() - interval '23 hours',
     null, null, 'adaadaadaadaadaadaadaadaadaadaad', null);
insert into "twoFactor" values
    ('t1', '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d497f2863d8017b7d72da954d4d9b8a7f7717302a3fdeeb6eb4dd4412a2ea194bb33182f523f3a874133daf84a535492455',
     'd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90dab0e6e1ba70d4997b503854f8eb217f5cea4a3113fb5d0784d3b88e38d02310681e21c9e9e09c472650be80ca37',
     'bobbobbobbobbobbobbobbobbobbobbo', true),
    ('t2', 'never-confirmed', '[]', 'adaadaadaadaadaadaadaadaadaadaad', false);
insert into "passkey" values
    ('p1', 'Phone', 'pQECAyYgASFYIA==', 'adaadaadaadaadaadaadaadaadaadaad', 'Y3JlZGVudGlhbA', 7, 'multiDevice', true, 'internal,hybrid',
     '2024-01-02T03:04:05Z', 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4');
insert into "apikey" ("id", "configId", "name", "start", "referenceId", "prefix", "key", "enabled", "rateLimitEnabled",
    "rateLimitTimeWindow", "rateLimitMax", "remaining", "createdAt", "updatedAt", "permissions", "metadata")
values
    ('k1', 'default', 'CI', 'sk_liv', 'adaadaadaadaadaadaadaadaadaadaad', 'sk_live_', 'CsdSNXMLTGkQ6gh6jDKjR8aOJU3v9tRINVGlAAkIYGg', true, true,
     86400000, 10, 90, '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z', '{"files":["read"]}', '"{\"team\":\"a\"}"');
insert into "organization" values ('org1', 'Acme', 'acme', null, '2024-01-02T03:04:05Z', '{"plan":"pro"}');
insert into "member" values
    ('m1', 'org1', 'adaadaadaadaadaadaadaadaadaadaad', 'owner', '2024-01-02T03:04:05Z'),
    ('m2', 'org1', 'auth0|eve', 'billing', '2024-01-02T03:04:05Z');
insert into "invitation" values
    ('i1', 'org1', 'guest@example.com', 'member', 'pending', now() + interval '1 day', now(), 'adaadaadaadaadaadaadaadaadaadaad'),
    ('i2', 'org1', 'late@example.com', 'member', 'pending', now() - interval '1 day', now() - interval '3 days', 'adaadaadaadaadaadaadaadaadaadaad');
