// Several accounts in one browser, by the client's own plugin.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { multiSessionClient } from "better-auth/client/plugins";

import { gateway } from "../harness/stand.js";
import { Visitor, expectSuccess, freshEmail } from "../harness/visitor.js";

function withPlugin(visitor) {
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins: [multiSessionClient()], fetchOptions: { customFetchImpl } });
  return visitor;
}

/** A visitor who is signed in to each of these accounts, the last of which is active. */
async function signedInTo(...names) {
  const visitor = withPlugin(new Visitor());
  const emails = [];
  for (const name of names) {
    const email = freshEmail(name);
    await new Visitor().signUp(email);
    await visitor.signIn(email);
    emails.push(email);
  }
  return { visitor, emails };
}

async function entries(visitor) {
  return expectSuccess(await visitor.client.multiSession.listDeviceSessions());
}

describe("several accounts in one browser", () => {
  test("are listed, and switched between", async () => {
    const { visitor, emails } = await signedInTo("ada", "bob");
    const list = await entries(visitor);
    assert.deepEqual(list.map(({ user }) => user.email), emails);
    assert.ok(list[0].session.expiresAt instanceof Date);
    assert.equal((await visitor.app()).id, list[1].user.id);
    const active = expectSuccess(await visitor.client.multiSession.setActive({ sessionToken: list[0].session.token }));
    assert.deepEqual([active.user.email, active.session.id], [emails[0], list[0].session.id]);
    const { user, session } = expectSuccess(await visitor.client.getSession());
    assert.deepEqual([user.email, session.token], [emails[0], active.session.token]);
    assert.equal((await visitor.app()).id, list[0].user.id);
  });

  test("end one by one, and with a sign-out all", async () => {
    const { visitor, emails } = await signedInTo("eve", "joe", "kim");
    const [first, , last] = await entries(visitor);
    assert.deepEqual(expectSuccess(await visitor.client.multiSession.revoke({ sessionToken: first.session.token })), { status: true });
    assert.equal(expectSuccess(await visitor.client.getSession()).user.email, emails[2]);
    expectSuccess(await visitor.client.multiSession.revoke({ sessionToken: last.session.token }));
    assert.equal(expectSuccess(await visitor.client.getSession()).user.email, emails[1]);
    const { error } = await visitor.client.multiSession.setActive({ sessionToken: last.session.token });
    assert.deepEqual([error.status, error.code], [401, "INVALID_SESSION_TOKEN"]);
    expectSuccess(await visitor.client.signOut());
    assert.deepEqual(await entries(visitor), []);
    assert.equal((await visitor.client.getSession()).data, null);
    assert.deepEqual((await visitor.jar.getCookies(gateway.origin)).filter(({ key }) => key.startsWith("authgate_multi-")), []);
  });
});
