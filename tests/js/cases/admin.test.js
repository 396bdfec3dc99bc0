// Administration by the client's own plugin.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { adminClient } from "better-auth/client/plugins";

import { gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail, otherDevice, signedIn } from "../harness/visitor.js";

function withPlugin(visitor) {
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins: [adminClient()], fetchOptions: { customFetchImpl } });
  return visitor;
}

async function administrator(name) {
  const visitor = await signedIn(name);
  await gateway.command("users", "set-role", visitor.email, "admin");
  const { admin } = withPlugin(visitor).client;
  return Object.assign(visitor, { admin });
}

function refusal({ data, error }) {
  assert.equal(data, null);
  return [error.status, error.code];
}

describe("an administrator", () => {
  test("lists, finds, makes, changes and removes users", async () => {
    const { admin, user } = await administrator("root");
    const email = freshEmail("made");
    const made = expectSuccess(await admin.createUser({ email, name: "Made Up", password: PASSWORD, role: ["editor", "ops"], data: { company: "Acme" } })).user;
    assert.deepEqual([made.email, made.name, made.role, made.banned, made.company], [email, "Made Up", "editor,ops", false, "Acme"]);
    const again = await admin.createUser({ email, name: "x", password: PASSWORD });
    assert.deepEqual(refusal(again), [400, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"]);

    const page = expectSuccess(await admin.listUsers({ query: { searchValue: "MADE", searchField: "email", searchOperator: "starts_with", limit: 5 } }));
    assert.deepEqual([page.users.map(({ id }) => id), page.total, page.limit], [[made.id], 1, 5]);
    assert.ok(page.users[0].createdAt instanceof Date);
    const newest = expectSuccess(await admin.listUsers({ query: { sortBy: "createdAt", sortDirection: "desc", limit: 1, offset: 1 } }));
    assert.deepEqual([newest.users.map(({ id }) => id), newest.offset], [[user.id], 1]);
    const editors = expectSuccess(await admin.listUsers({ query: { filterField: "role", filterValue: "editor" } }));
    assert.deepEqual(editors.users.map(({ id }) => id), [made.id]);
    assert.equal(expectSuccess(await admin.getUser({ query: { id: made.id } })).email, email);

    const changed = expectSuccess(await admin.updateUser({ userId: made.id, data: { name: "Renamed", company: "Other" } }));
    assert.deepEqual([changed.name, changed.company], ["Renamed", "Other"]);
    assert.equal(expectSuccess(await admin.setRole({ userId: made.id, role: "admin" })).user.role, "admin");
    assert.deepEqual(expectSuccess(await admin.setUserPassword({ userId: made.id, newPassword: `${PASSWORD}!` })), { status: true });
    assert.deepEqual(expectSuccess(await admin.removeUser({ userId: made.id })), { success: true });
    assert.deepEqual(refusal(await admin.getUser({ query: { id: made.id } })), [404, "USER_NOT_FOUND"]);
  });

  test("bans somebody, whose next request is refused, and ends sessions", async () => {
    const { admin, user } = await administrator("warden");
    const guest = await signedIn("guest");
    const phone = await otherDevice(guest);
    const { sessions } = expectSuccess(await admin.listUserSessions({ userId: guest.user.id }));
    assert.equal(sessions.length, 2);
    assert.deepEqual(expectSuccess(await admin.revokeUserSession({ sessionToken: sessions[0].token })), { success: true });
    assert.deepEqual([await phone.app(), (await guest.app()).id], [401, guest.user.id]);
    expectSuccess(await admin.revokeUserSessions({ userId: guest.user.id }));
    assert.equal(await guest.app(), 401);

    await guest.signIn(guest.email);
    const { user: banned } = expectSuccess(await admin.banUser({ userId: guest.user.id, banReason: "spam", banExpiresIn: 3600 }));
    assert.deepEqual([banned.banned, banned.banReason, banned.banExpires instanceof Date], [true, "spam", true]);
    assert.equal(await guest.app(), 401);
    assert.equal(expectSuccess(await admin.unbanUser({ userId: guest.user.id })).user.banned, false);
    await guest.signIn(guest.email);
    assert.deepEqual(refusal(await admin.banUser({ userId: user.id })), [400, "YOU_CANNOT_BAN_YOURSELF"]);
    assert.deepEqual(refusal(await admin.removeUser({ userId: user.id })), [400, "YOU_CANNOT_REMOVE_YOURSELF"]);
  });

  test("acts in a user's place and comes back", async () => {
    const root = await administrator("actor");
    const guest = await signedIn("acted");
    const { session, user } = expectSuccess(await root.admin.impersonateUser({ userId: guest.user.id }));
    assert.deepEqual([user.id, session.impersonatedBy], [guest.user.id, root.user.id]);
    const lasts = session.expiresAt - session.createdAt;
    assert.ok(lasts > 0 && lasts <= 3_600_000, `${lasts}`);
    assert.equal((await root.app()).id, guest.user.id);
    assert.equal(expectSuccess(await root.client.getSession()).session.impersonatedBy, root.user.id);
    assert.equal((await root.sessionCookie()).maxAge, null);
    const own = expectSuccess(await guest.client.listSessions());
    assert.ok(own.every(({ id }) => id !== session.id), "it is not one of the user's");
    assert.deepEqual(refusal(await root.admin.listUsers({ query: {} })), [403, "NOT_ALLOWED_WHILE_IMPERSONATING"]);

    const back = expectSuccess(await root.admin.stopImpersonating());
    assert.equal(back.user.id, root.user.id);
    assert.equal((await root.app()).id, root.user.id);
    assert.equal((await root.client.getSession()).data.session.impersonatedBy, undefined);
    const not = await root.admin.stopImpersonating();
    assert.equal(not.error.status, 400);
    const other = await administrator("other");
    assert.deepEqual(refusal(await root.admin.impersonateUser({ userId: other.user.id })), [403, "YOU_CANNOT_IMPERSONATE_ADMINS"]);
  });

  test("is told what is permitted, and nobody else is let in", async () => {
    const { admin } = await administrator("asks");
    const may = async (of, permissions) => expectSuccess(await of.hasPermission({ permissions })).success;
    assert.deepEqual([await may(admin, { user: ["ban", "list"] }), await may(admin, { user: ["fly"] })], [true, false]);
    const guest = withPlugin(await signedIn("nobody"));
    assert.equal(await may(guest.client.admin, { user: ["list"] }), false);
    assert.deepEqual(refusal(await guest.client.admin.listUsers({ query: {} })), [403, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS"]);
    assert.deepEqual(refusal(await guest.client.admin.setRole({ userId: guest.user.id, role: "admin" })), [403, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"]);
    const stranger = withPlugin(new Visitor());
    assert.equal((await stranger.client.admin.listUsers({ query: {} })).error.status, 401);
  });
});
