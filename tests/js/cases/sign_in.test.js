// From sign-up to sign-out.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { VERIFY } from "../harness/mailbox.js";
import { gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail, signedIn } from "../harness/visitor.js";

describe("sign-up, sign-in, sign-out", () => {
  test("the whole way, through the mailed page", async () => {
    const visitor = new Visitor();
    const email = freshEmail("ada");
    const signedUp = expectSuccess(await visitor.client.signUp.email({ name: "Ada", email, password: PASSWORD }));
    assert.equal(signedUp.token, null);
    assert.equal(signedUp.user.email, email);
    assert.equal(signedUp.user.emailVerified, false);

    const link = await gateway.mail.link(email, VERIFY);
    assert.equal(link.origin, gateway.origin);
    const form = await (await fetch(link)).text();
    const action = new URL(form.match(/action="([^"]+)"/)[1], link);
    const body = new URLSearchParams({ token: link.searchParams.get("token") });
    assert.equal((await visitor.fetch(action, { method: "POST", body })).status, 200);

    const { user, token, redirect } = await visitor.signIn(email);
    assert.equal(user.emailVerified, true);
    assert.equal(typeof token, "string");
    assert.equal(redirect, false);
    const session = expectSuccess(await visitor.client.getSession());
    assert.equal(session.user.id, user.id);
    assert.equal(session.session.userId, user.id);

    assert.deepEqual(await visitor.app("/orders?of=me"), { path: "/orders?of=me", id: user.id, email, authorization: null });

    assert.deepEqual(expectSuccess(await visitor.client.signOut()), { success: true });
    assert.equal(await visitor.sessionCookie(), undefined);
    assert.equal(expectSuccess(await visitor.client.getSession()), null);
    assert.equal(await visitor.app(), 401);
  });

  test("a cookie kept by somebody else is worth nothing after sign-out", async () => {
    const visitor = await signedIn("kept");
    const copy = new Visitor();
    copy.jar = visitor.jar.cloneSync();
    assert.equal((await copy.app()).id, visitor.user.id);
    await visitor.client.signOut();
    assert.equal(await copy.app(), 401);
    assert.equal(expectSuccess(await copy.client.getSession()), null);
  });

  test("an address is verified by the client's own call, once", async () => {
    const visitor = new Visitor();
    const email = freshEmail("once");
    await visitor.client.signUp.email({ name: "", email, password: PASSWORD });
    const token = await gateway.mail.token(email, VERIFY);
    assert.deepEqual(expectSuccess(await visitor.client.verifyEmail({ query: { token } })), { status: true, user: null });
    const { error } = await visitor.client.verifyEmail({ query: { token } });
    assert.deepEqual([error.status, error.code], [401, "INVALID_TOKEN"]);
  });

  test("another verification mail replaces the first one", async () => {
    const visitor = new Visitor();
    const email = freshEmail("again");
    await visitor.client.signUp.email({ name: "Again", email, password: PASSWORD });
    const first = await gateway.mail.token(email, VERIFY);
    assert.deepEqual(expectSuccess(await visitor.client.sendVerificationEmail({ email })), { status: true });
    const second = await gateway.mail.token(email, VERIFY, 1);
    assert.equal((await visitor.client.verifyEmail({ query: { token: first } })).error.code, "TOKEN_EXPIRED");
    expectSuccess(await visitor.client.verifyEmail({ query: { token: second } }));
    await visitor.signIn(email);
  });

  test("a remembered session has a lasting cookie, another one has not", async () => {
    const visitor = await signedIn("remembered");
    assert.equal((await visitor.sessionCookie()).maxAge, 7 * 24 * 60 * 60);
    const lasting = expectSuccess(await visitor.client.getSession()).session;

    await visitor.signIn(visitor.email, { rememberMe: false });
    assert.equal((await visitor.sessionCookie()).maxAge, null);
    const passing = expectSuccess(await visitor.client.getSession()).session;
    const hours = ({ createdAt, expiresAt }) => Math.round((expiresAt - createdAt) / 3_600_000);
    assert.deepEqual([hours(lasting), hours(passing)], [7 * 24, 24]);
  });

  test("dates arrive as dates, to the millisecond", async () => {
    const before = Date.now();
    const visitor = await signedIn("dated");
    const answer = await visitor.fetch("/api/auth/get-session");
    const wire = await answer.json();
    const { session, user } = expectSuccess(await visitor.client.getSession());
    for (const [object, text] of [[session, wire.session], [user, wire.user]]) {
      for (const key of ["createdAt", "updatedAt", "expiresAt"].filter((key) => key in object)) {
        assert.ok(object[key] instanceof Date, key);
        assert.equal(object[key].toISOString(), text[key], key);
      }
    }
    for (const date of [session.createdAt, user.createdAt]) assert.ok(date >= before && date <= Date.now());
  });
});
