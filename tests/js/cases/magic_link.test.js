// Mailed links that sign in, and what a browser signed in with last, by the client's own plugins.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { emailOTPClient, magicLinkClient } from "better-auth/client/plugins";

import { gateway } from "../harness/stand.js";
import { Visitor, expectSuccess, freshEmail, signedIn } from "../harness/visitor.js";

const LINK = /^Sign in to/;

function withPlugins(visitor) {
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  const plugins = [magicLinkClient(), emailOTPClient()];
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins, fetchOptions: { customFetchImpl } });
  return visitor;
}

async function lastMethod(visitor) {
  const cookies = await visitor.jar.getCookies(gateway.origin);
  return cookies.find((cookie) => cookie.key === "better-auth.last_used_login_method");
}

describe("magic links", () => {
  test("sign in through the page, and up", async () => {
    const visitor = withPlugins(new Visitor());
    const email = freshEmail("linked");
    const asked = await visitor.client.signIn.magicLink({ email, name: "Ada", callbackURL: "/orders" });
    assert.deepEqual(expectSuccess(asked), { status: true });
    const link = await gateway.mail.link(email, LINK);
    const form = await (await fetch(link)).text();
    assert.ok(form.includes(email));
    const action = new URL(form.match(/action="([^"]+)"/)[1], link);
    const body = new URLSearchParams({ token: link.searchParams.get("token") });
    const pressed = await visitor.fetch(action, { method: "POST", body });
    assert.deepEqual([pressed.status, pressed.headers.get("location")], [303, "/orders"]);
    const { user } = expectSuccess(await visitor.client.getSession());
    assert.deepEqual([user.email, user.name, user.emailVerified], [email, "Ada", true]);
    assert.equal((await visitor.app()).id, user.id);
  });

  test("sign in by the client's own call, once", async () => {
    const visitor = withPlugins(new Visitor());
    const email = freshEmail("called");
    expectSuccess(await visitor.client.signIn.magicLink({ email }));
    const token = await gateway.mail.token(email, LINK);
    const verified = expectSuccess(await visitor.client.magicLink.verify({ query: { token } }));
    assert.deepEqual([verified.user.email, verified.session.userId], [email, verified.user.id]);
    assert.equal((await visitor.app()).id, verified.user.id);
    const again = await visitor.fetch(`/api/auth/magic-link/verify?token=${token}`);
    assert.equal(again.status, 302);
  });

  test("a cookie that scripts can read tells what was signed in with last", async () => {
    const visitor = withPlugins(await signedIn("last"));
    const cookie = await lastMethod(visitor);
    assert.deepEqual([cookie.value, cookie.httpOnly, cookie.maxAge], ["email", false, 30 * 24 * 60 * 60]);
    const skip = (await gateway.mail.all(visitor.email)).length;
    expectSuccess(await visitor.client.signIn.magicLink({ email: visitor.email }));
    const token = await gateway.mail.token(visitor.email, LINK, skip);
    expectSuccess(await visitor.client.magicLink.verify({ query: { token } }));
    assert.equal((await lastMethod(visitor)).value, "magic-link");
    const { error } = await visitor.client.signIn.emailOtp({ email: visitor.email, otp: "000000" });
    assert.equal(error.status, 400);
    assert.equal((await lastMethod(visitor)).value, "magic-link", "a failure says nothing");
  });
});
