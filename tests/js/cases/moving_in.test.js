// What people of a better-auth server find after its database was imported: the official client signs them in in every
// way they had, and shows the same objects.

import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { apiKeyClient } from "@better-auth/api-key/client";
import { passkeyClient } from "@better-auth/passkey/client";
import {
  adminClient,
  emailOTPClient,
  magicLinkClient,
  organizationClient,
  twoFactorClient,
  usernameClient,
} from "better-auth/client/plugins";

import { Authenticator } from "../harness/authenticator.js";
import { moveIn } from "../harness/moved.js";
import { follow } from "../harness/redirects.js";
import { appCode } from "../harness/totp.js";
import { PASSWORD, Visitor, expectSuccess } from "../harness/visitor.js";

const PLUGINS = [
  usernameClient(),
  twoFactorClient(),
  passkeyClient(),
  apiKeyClient(),
  organizationClient({ teams: { enabled: true } }),
  adminClient(),
  magicLinkClient(),
  emailOTPClient(),
];
const ORIGINS = [
  { name: "better_auth_1_7", filler: "better-auth-1.7.js" },
  { name: "better_auth_1_3", filler: "better-auth-1.3/fill.js" },
  { name: "better_auth_renamed", filler: "better-auth-1.7.js", flags: ["--renamed"] },
];

// They take long, and none waits for another.
let moves;
before(async () => {
  moves = await Promise.allSettled(ORIGINS.map(moveIn));
});
after(async () => {
  for (const { value } of moves) await value?.stop();
});

ORIGINS.forEach(({ name }, index) => {
  describe(`after moving in from ${name}`, () => {
    let moved, manifest, people;
    before(() => {
      if (moves[index].status === "rejected") throw moves[index].reason;
      moved = moves[index].value;
      ({ manifest } = moved);
      ({ people } = manifest);
    });

    const visitor = () => new Visitor({ at: moved.gateway, plugins: PLUGINS });
    const user = async (visitor) => expectSuccess(await visitor.client.getSession())?.user ?? null;

    /** Somebody who signs in with the password that they had. */
    async function signedIn({ email }) {
      const somebody = visitor();
      expectSuccess(await somebody.client.signIn.email({ email, password: PASSWORD }));
      return somebody;
    }

    /** A browser with the cookies that it had at the origin. */
    async function browser(cookies) {
      const somebody = visitor();
      for (const [name, value] of Object.entries(cookies)) {
        await somebody.jar.setCookie(`${name}=${value}; Path=/; HttpOnly; SameSite=Lax`, moved.gateway.origin);
      }
      return somebody;
    }

    const counts = ({ code, printed, said }) => {
      assert.equal(code, 0, said);
      return JSON.parse(printed).counts;
    };

    test("a dry run tells the same as the import, and writes nothing", async () => {
      const { dry, real, usersAfterDry } = moved.runs;
      assert.deepEqual(counts(dry), counts(real));
      assert.equal(usersAfterDry, 0);
      assert.equal(JSON.parse(dry.printed).dry_run, true);
      const findings = (lines) => lines.filter(({ effect }) => effect !== "summary");
      assert.deepEqual(findings(await moved.report("dry.jsonl")), findings(await moved.report("report.jsonl")));
    });

    test("a second run brings nothing twice", async () => {
      for (const [kind, { imported = 0, updated = 0 }] of Object.entries(counts(moved.runs.again))) {
        assert.deepEqual({ kind, imported, updated }, { kind, imported: 0, updated: 0 });
      }
    });

    test("everybody is there under the id that they had", async () => {
      const rows = await moved.query("select id, email, created_at from auth.users");
      const expected = Object.values(people).map(({ id, email, createdAt }) => [id, email.toLowerCase(), createdAt]);
      const found = rows.map(({ id, email, created_at: at }) => [id, email, at.toISOString()]);
      const byId = ([a], [b]) => (a < b ? -1 : 1);
      assert.deepEqual(found.sort(byId), expected.sort(byId));
      const { user } = counts(moved.runs.real);
      assert.deepEqual([user.read, user.imported, user.left_out], [expected.length, expected.length, 0]);
    });

    test("a password signs in, also one that the application hashed by itself", async () => {
      for (const person of [people.ada, people.mixed, people.bcrypt]) {
        const somebody = await signedIn(person);
        assert.equal((await somebody.app()).id, person.id);
        const wrong = await visitor().client.signIn.email({ email: person.email, password: "a walk along the rivers" });
        assert.deepEqual([wrong.error?.status, wrong.error?.code], [401, "INVALID_EMAIL_OR_PASSWORD"]);
      }
    });

    test("a hash becomes Argon2id at the next sign-in", async () => {
      for (const person of [people.ben, people.bcrypt]) {
        await signedIn(person);
        const statement = "select password_hash from auth.accounts where user_id = $1 and provider_id = 'credential'";
        const [{ password_hash: hash }] = await moved.query(statement, [person.id]);
        assert.match(hash, /^\$argon2id\$/);
      }
    });

    test("an address with capitals in it signs in, however it is typed", async () => {
      for (const email of [people.loud.email, people.loud.email.toLowerCase()]) {
        assert.equal((await user(await signedIn({ email }))).id, people.loud.id);
      }
    });

    test("a user name signs in", async () => {
      const somebody = visitor();
      const { username, displayUsername } = people.ada;
      expectSuccess(await somebody.client.signIn.username({ username, password: PASSWORD }));
      const shown = await user(somebody);
      assert.deepEqual([shown.id, shown.username, shown.displayUsername], [people.ada.id, username, displayUsername]);
    });

    test("a user is the same object", async () => {
      const { name, image, createdAt, email } = people.ada;
      const shown = await user(await signedIn(people.ada));
      assert.deepEqual(
        [shown.name, shown.image, shown.email, shown.emailVerified, shown.createdAt.toISOString()],
        [name, image, email, true, createdAt],
      );
    });

    test("additional fields have their values", async () => {
      const shown = await user(await signedIn(people.ada));
      const { settings, scores, ...fields } = people.ada.fields;
      for (const [field, value] of Object.entries(fields)) {
        const found = shown[field] instanceof Date ? shown[field].toISOString() : shown[field];
        assert.deepEqual({ field, found }, { field, found: value });
      }
      assert.deepEqual([shown.settings, shown.scores], [undefined, undefined], "the configuration has no such fields");
    });

    test("a session cookie opens what it opened, and is exchanged", async () => {
      const somebody = await browser(people.ada.remembered.cookies);
      assert.equal((await somebody.app()).id, people.ada.id);
      const { session } = expectSuccess(await somebody.client.getSession());
      assert.equal(session.userId, people.ada.id);
      assert.deepEqual(
        [session.userAgent, session.ipAddress, session.createdAt.toISOString()],
        [people.ada.remembered.userAgent, people.ada.remembered.ipAddress, people.ada.remembered.createdAt],
      );
      assert.ok(await somebody.sessionCookie(), "the browser has the gateway's own cookie now");
      expectSuccess(await somebody.client.signOut());
      assert.equal(await (await browser(people.ada.remembered.cookies)).app(), 401, "signed out is signed out");
    });

    test("a session that was not remembered stays one", async () => {
      const somebody = await browser(people.ada.forgotten.cookies);
      assert.equal((await somebody.app()).id, people.ada.id);
      const { expires, maxAge } = await somebody.sessionCookie();
      assert.deepEqual([expires, maxAge], ["Infinity", null]);
      const { session } = expectSuccess(await somebody.client.getSession());
      assert.equal(session.expiresAt.toISOString(), people.ada.forgotten.expiresAt);
    });

    test("cookies of sessions that are over open nothing", async () => {
      const { remembered, expired } = people.ada;
      assert.equal(await (await browser(expired.cookies)).app(), 401);
      const [name, value] = Object.entries(people.pia.session.cookies).find(([name]) => name.endsWith("session_token"));
      assert.equal(await (await browser({ [name]: value.replace(/^.{4}/, "AAAA") })).app(), 401, "a forged signature");
      assert.equal(await (await browser({ [name]: remembered.token })).app(), 401, "no signature");
    });

    test("nobody goes on impersonating", async () => {
      const { token, cookies } = people.alan.impersonating;
      const session = Object.entries(cookies).filter(([name]) => name.endsWith(".session_token"));
      assert.equal(await (await browser(Object.fromEntries(session))).app(), 401);
      const headers = { authorization: `Bearer ${token}` };
      assert.equal((await fetch(`${moved.gateway.origin}/orders`, { headers })).status, 401);
    });

    test("a bearer token opens what it opened", async () => {
      const { bearer, token, userId } = people.ada.forgotten;
      for (const text of [bearer, token]) {
        const headers = { authorization: `Bearer ${text}` };
        const answer = await fetch(`${moved.gateway.origin}/orders`, { headers });
        assert.equal(answer.status, 200);
        assert.equal((await answer.json()).id, userId);
      }
    });

    test("the code of an authenticator app is asked for and signs in", async () => {
      const somebody = await signedIn(people.tom);
      assert.equal(await somebody.app(), 401, "the password alone opens nothing");
      expectSuccess(await somebody.client.twoFactor.verifyTotp({ code: await appCode(manifest.twoFactor.totpURI, 0) }));
      const shown = await user(somebody);
      assert.deepEqual([shown.id, shown.twoFactorEnabled], [people.tom.id, true]);
    });

    test("a backup code signs in once, and one that was used before does not", async () => {
      const { backupCodes, usedBackupCode } = manifest.twoFactor;
      const attempt = async (code) => (await signedIn(people.tom)).client.twoFactor.verifyBackupCode({ code });
      assert.equal((await attempt(usedBackupCode)).error?.status, 401);
      expectSuccess(await attempt(backupCodes[0]));
      assert.equal((await attempt(backupCodes[0])).error?.status, 401);
      expectSuccess(await attempt(backupCodes.at(-1)));
    });

    test("a second factor that was never proved is not asked for", async () => {
      const somebody = await signedIn(people.tim);
      assert.deepEqual([(await user(somebody)).id, (await user(somebody)).twoFactorEnabled], [people.tim.id, false]);
    });

    test("a passkey signs in", async (step) => {
      const { credentialId, handle, privateKey, counter, rpId, id, name } = manifest.passkey;
      const authenticator = new Authenticator(moved.gateway.origin);
      authenticator.passkeys.push({
        id: Buffer.from(credentialId, "base64url"),
        rpId,
        handle: Buffer.from(handle, "base64url"),
        privateKey: createPrivateKey(privateKey),
        counter,
      });
      authenticator.install();
      step.after(() => authenticator.remove());
      const somebody = visitor();
      expectSuccess(await somebody.client.signIn.passkey());
      assert.equal((await user(somebody)).id, people.pam.id);
      const [listed] = expectSuccess(await somebody.client.passkey.listUserPasskeys());
      assert.deepEqual([listed.id, listed.name], [id, name]);
    });

    test("an API key opens what it opened, and is the same object", async () => {
      const { full, plain, refilled, disabled, expired } = manifest.apiKeys;
      const withKey = async (key) => {
        const answer = await fetch(`${moved.gateway.origin}/items`, { headers: { "X-API-Key": key } });
        const { id, code } = await answer.json();
        return [answer.status, id ?? code];
      };
      for (const { key } of [full, plain, refilled]) assert.deepEqual(await withKey(key), [200, people.kai.id]);
      assert.deepEqual(await withKey(disabled.key), [401, "KEY_DISABLED"]);
      assert.equal((await withKey(expired.key))[0], 401);

      const { client } = await signedIn(people.kai);
      const shown = expectSuccess(await client.apiKey.get({ query: { id: `key_${full.id}` } }));
      assert.deepEqual(
        [shown.name, shown.prefix, shown.start, shown.permissions, shown.metadata, shown.expiresAt.toISOString()],
        [full.name, full.prefix, full.start, full.permissions, full.metadata, full.expiresAt],
      );
      // Uses that a replica has leased count as used: an eighth of what is left at most (docs/api-keys.md).
      const used = full.remaining - shown.remaining;
      assert.ok(used >= 1 && used <= Math.ceil(full.remaining / 8), `${used} uses`);
      const { apiKeys } = expectSuccess(await client.apiKey.list());
      const ids = [full, plain, refilled, disabled].map(({ id }) => `key_${id}`).sort();
      assert.deepEqual(apiKeys.map(({ id }) => id).filter((id) => id !== `key_${expired.id}`).sort(), ids);
    });

    test("an organization is the same object with the same members and teams", async () => {
      const { id, name, slug, logo, metadata, createdAt, members, team } = manifest.organization;
      const { client } = await signedIn(people.olga);
      const shown = expectSuccess(await client.organization.getFullOrganization({ query: { organizationId: id } }));
      const parsed = typeof shown.metadata === "string" ? JSON.parse(shown.metadata) : shown.metadata;
      assert.deepEqual([shown.name, shown.slug, shown.logo, parsed], [name, slug, logo, metadata]);
      assert.equal(shown.createdAt.toISOString(), createdAt);
      const byId = (a, b) => (a.id < b.id ? -1 : 1);
      const found = shown.members.map(({ id, userId, role, createdAt }) => ({ id, userId, role, createdAt: createdAt.toISOString() }));
      assert.deepEqual(found.sort(byId), members.sort(byId));
      assert.deepEqual(shown.teams.map(({ id, name }) => [id, name]), [[team.id, team.name]]);
      const inTeam = expectSuccess(await (await signedIn(people.ada)).client.organization.listUserTeams());
      assert.deepEqual(inTeam.map(({ id }) => id), [team.id]);
    });

    test("a session keeps the organization that was active in it", async () => {
      const { active } = manifest.organization;
      const somebody = await browser(active.cookies);
      const { session } = expectSuccess(await somebody.client.getSession());
      assert.deepEqual([session.userId, session.activeOrganizationId], [active.userId, active.organizationId]);
      const { "x-org-id": told } = await somebody.app("/headers");
      assert.equal(told, active.organizationId);
    });

    test("an invitation that was open can be accepted, and others are as they were", async () => {
      const { id, invitations } = manifest.organization;
      const owner = await signedIn(people.olga);
      const listed = expectSuccess(await owner.client.organization.listInvitations({ query: { organizationId: id } }));
      const statuses = Object.fromEntries(listed.map(({ id, status }) => [id, status]));
      for (const [name, status] of [["pending", "pending"], ["toNobody", "pending"], ["accepted", "accepted"]]) {
        assert.deepEqual({ name, status: statuses[invitations[name]] }, { name, status });
      }
      const { client } = await signedIn(people.ivy);
      const accepted = expectSuccess(await client.organization.acceptInvitation({ invitationId: invitations.pending }));
      assert.deepEqual([accepted.member.userId, accepted.member.role], [people.ivy.id, "member"]);
    });

    test("an accepted invitation leads into the team that it named", async () => {
      const { team } = manifest.organization;
      const { client } = await signedIn(people.ivy);
      const teams = expectSuccess(await client.organization.listUserTeams());
      assert.deepEqual(teams.map(({ id }) => id), [team.id]);
    });

    test("administrators are ones, and who is banned stays out until the ban ends", async () => {
      for (const person of [people.alan, people.roles]) {
        const { client } = await signedIn(person);
        assert.equal(expectSuccess(await client.getSession()).user.role, person.role);
        const listed = expectSuccess(await client.admin.listUsers({ query: { limit: 100 } }));
        const bea = listed.users.find(({ id }) => id === people.bea.id);
        assert.deepEqual([bea.banned, bea.banReason], [true, "spam"]);
        assert.ok(bea.banExpires > new Date());
      }
      for (const { email } of [people.bea, people.bob]) {
        const { error } = await visitor().client.signIn.email({ email, password: PASSWORD });
        assert.deepEqual([error?.status, error?.code], [401, "INVALID_EMAIL_OR_PASSWORD"]);
      }
      assert.equal((await user(await signedIn(people.bert))).id, people.bert.id);
      const denied = await (await signedIn(people.ada)).client.admin.listUsers({ query: {} });
      assert.equal(denied.error?.status, 403);
    });

    test("tokens of providers come along", async () => {
      const { client } = await signedIn(people.ben);
      const accounts = expectSuccess(await client.listAccounts());
      const { id, accountId } = accounts.find(({ providerId }) => providerId === "acme");
      assert.equal(accountId, people.ben.accountId);
      const { accessToken } = expectSuccess(await client.getAccessToken({ accountId: id }));
      assert.equal(accessToken, people.ben.tokens.access_token);
    });

    // Comes after the tokens, since each sign-in brings new ones.
    test("who came by a provider comes by it again", async () => {
      for (const { id, email, name, accountId } of [people.pia, people.ben]) {
        const somebody = visitor();
        moved.provider.person = { sub: accountId, email, emailVerified: true, name };
        const options = { provider: "acme", callbackURL: "/home", newUserCallbackURL: "/welcome", disableRedirect: true };
        const { url } = expectSuccess(await somebody.client.signIn.social(options));
        assert.equal((await follow(somebody, url)).pathname, "/home", "nobody new");
        assert.equal((await user(somebody)).id, id);
      }
      const { error } = await visitor().client.signIn.email({ email: people.pia.email, password: PASSWORD });
      assert.equal(error?.code, "INVALID_EMAIL_OR_PASSWORD", "there is no password");
    });

    test("an unverified address stays unverified", async () => {
      const { error } = await visitor().client.signIn.email({ email: people.ulf.email, password: PASSWORD });
      assert.deepEqual([error?.status, error?.code], [403, "EMAIL_NOT_VERIFIED"]);
    });

    test("a link that was mailed before to set a password sets it once", async () => {
      const { email, token } = manifest.links.reset;
      const newPassword = "another walk along the river";
      const mailed = await visitor().fetch(`/api/auth/reset-password/${token}?callbackURL=%2Freset`);
      const { pathname, searchParams } = new URL(mailed.headers.get("location"), moved.gateway.origin);
      assert.deepEqual([pathname, searchParams.get("token")], ["/reset", token]);
      expectSuccess(await visitor().client.resetPassword({ token, newPassword }));
      const somebody = visitor();
      expectSuccess(await somebody.client.signIn.email({ email, password: newPassword }));
      assert.equal((await user(somebody)).id, people.rita.id);
      const again = await visitor().client.resetPassword({ token, newPassword });
      assert.equal(again.error?.code, "INVALID_TOKEN");
      await moved.importAgain();
      const afterwards = await visitor().client.resetPassword({ token, newPassword });
      assert.equal(afterwards.error?.code, "INVALID_TOKEN", "another run does not bring it back");
    });

    test("a link that was mailed before to prove an address proves it once", async () => {
      const { email, token } = manifest.links.verification;
      const [header, claims, signature] = token.split(".");
      const forged = `${header}.${claims}.${signature.replace(/^.{4}/, "AAAA")}`;
      const refused = await visitor().client.verifyEmail({ query: { token: forged } });
      assert.equal(refused.error?.code, "INVALID_TOKEN");
      expectSuccess(await visitor().client.verifyEmail({ query: { token } }));
      const [{ email_verified: isVerified }] = await moved.query("select email_verified from auth.users where email = $1", [email]);
      assert.equal(isVerified, true);
      const again = await visitor().client.verifyEmail({ query: { token } });
      assert.equal(again.error?.code, "INVALID_TOKEN");
    });

    test("a link and a code that were mailed before sign in once", async () => {
      const { magicLink, code } = manifest.links;
      const byLink = visitor();
      expectSuccess(await byLink.client.magicLink.verify({ query: { token: magicLink.token } }));
      assert.equal((await user(byLink)).id, people.mag.id);
      const again = visitor();
      await again.client.magicLink.verify({ query: { token: magicLink.token } }).catch(() => {});
      assert.equal(await user(again), null);
      const byCode = visitor();
      const wrong = await byCode.client.signIn.emailOtp({ email: code.email, otp: "0".repeat(code.code.length + 1) });
      assert.equal(wrong.error?.code, "INVALID_OTP");
      expectSuccess(await byCode.client.signIn.emailOtp({ email: code.email, otp: code.code }));
      assert.equal((await user(byCode)).id, people.otto.id);
      const spent = await visitor().client.signIn.emailOtp({ email: code.email, otp: code.code });
      assert.equal(spent.error?.code, "INVALID_OTP");
    });
  });
});
