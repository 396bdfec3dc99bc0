// User names, by the client's own plugin.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { usernameClient } from "better-auth/client/plugins";

import { VERIFY } from "../harness/mailbox.js";
import { gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail } from "../harness/visitor.js";

/** A visitor whose client has the plugin. */
function visitorWithPlugin() {
  const visitor = new Visitor();
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins: [usernameClient()], fetchOptions: { customFetchImpl } });
  return visitor;
}

describe("user names", () => {
  test("from the question whether one is free to signing in with it", async () => {
    const visitor = visitorWithPlugin();
    const email = freshEmail("named");
    const username = `Ada_${process.pid}`;
    assert.deepEqual(expectSuccess(await visitor.client.isUsernameAvailable({ username })), { available: true });
    const { user } = expectSuccess(await visitor.client.signUp.email({ name: "Ada", email, password: PASSWORD, username }));
    assert.deepEqual([user.username, user.displayUsername], [username.toLowerCase(), username]);
    const { error } = await visitor.client.signIn.username({ username, password: PASSWORD });
    assert.deepEqual([error.status, error.code], [403, "EMAIL_NOT_VERIFIED"]);

    expectSuccess(await visitor.client.verifyEmail({ query: { token: await gateway.mail.token(email, VERIFY) } }));
    assert.deepEqual(expectSuccess(await visitor.client.isUsernameAvailable({ username })), { available: false });
    const signedIn = expectSuccess(await visitor.client.signIn.username({ username: username.toUpperCase(), password: PASSWORD }));
    assert.equal(signedIn.user.email, email);
    assert.equal((await visitor.app()).id, signedIn.user.id);

    expectSuccess(await visitor.client.updateUser({ username: `${username}_l` }));
    const session = expectSuccess(await visitor.client.getSession());
    assert.equal(session.user.displayUsername, `${username}_l`);
  });

  test("what is wrong has the codes that the client knows", async () => {
    const { client } = visitorWithPlugin();
    const codes = client.$ERROR_CODES ?? {};
    for (const [username, status, code] of [
      ["ab", 422, "USERNAME_TOO_SHORT"],
      ["a b c", 422, "INVALID_USERNAME"],
      ["a".repeat(31), 422, "USERNAME_TOO_LONG"],
      ["nobody_at_all", 401, "INVALID_USERNAME_OR_PASSWORD"],
    ]) {
      const { error } = await client.signIn.username({ username, password: PASSWORD });
      assert.deepEqual([error.status, error.code], [status, code]);
      assert.ok(Object.keys(codes).length === 0 || code in codes, code);
    }
    const { error } = await client.signUp.email({ name: "", email: freshEmail("root"), password: PASSWORD, username: "r00t" });
    assert.deepEqual([error.status, error.code], [400, "USERNAME_IS_ALREADY_TAKEN"]);
  });
});
