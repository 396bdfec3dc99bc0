// Without cookies: the token from `set-auth-token`, sent as a bearer token.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";

import { gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, signedIn } from "../harness/visitor.js";

/** A client as the bearer plugin's manual sets it up; it has no cookies at all. */
function bearerClient() {
  const store = { token: "" };
  const client = createAuthClient({
    baseURL: gateway.origin,
    fetchOptions: {
      customFetchImpl: (url, init) => {
        const headers = new Headers(init.headers);
        headers.set("origin", gateway.origin);
        return fetch(url, { ...init, headers });
      },
      auth: { type: "Bearer", token: () => store.token },
      onSuccess: ({ response }) => {
        store.token = response.headers.get("set-auth-token") ?? store.token;
      },
    },
  });
  return { client, store };
}

describe("bearer tokens", () => {
  test("sign in, ask, sign out", async () => {
    const { email, user } = await signedIn("bearer");
    const { client, store } = bearerClient();
    const { token } = expectSuccess(await client.signIn.email({ email, password: PASSWORD }));
    assert.notEqual(store.token, "");
    assert.equal(expectSuccess(await client.getSession()).user.id, user.id);

    const orders = (bearer) => fetch(`${gateway.origin}/orders`, { headers: { authorization: `Bearer ${bearer}` } });
    for (const bearer of [store.token, token]) {
      const seen = await (await orders(bearer)).json();
      assert.deepEqual([seen.id, seen.authorization], [user.id, null]);
    }

    expectSuccess(await client.signOut());
    assert.equal(expectSuccess(await client.getSession()), null);
    for (const bearer of [store.token, token]) assert.equal((await orders(bearer)).status, 401);
  });

  test("the header comes with every answer that sets the cookie, and may be read by frontends", async () => {
    const { email } = await signedIn("exposed");
    const visitor = new Visitor();
    await visitor.signIn(email);
    const { headers } = visitor.answers.at(-1);
    assert.ok(headers.get("set-auth-token"));
    assert.match(headers.get("access-control-expose-headers") ?? "", /set-auth-token/i);
  });

  test("a wrong one is nobody, even beside a good cookie", async () => {
    const visitor = await signedIn("beside");
    const headers = { authorization: "Bearer made-up" };
    assert.equal(await visitor.app("/orders", { headers }), 401);
    assert.equal(await (await visitor.fetch("/api/auth/get-session", { headers })).json(), null);
    assert.equal((await visitor.app()).id, visitor.user.id);
  });
});
