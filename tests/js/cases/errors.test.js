// Refusals, as the client reports them: status and code to the letter.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { PASSWORD, Visitor, expectSuccess, freshEmail, signedIn } from "../harness/visitor.js";

/** What the client makes of a refusal. */
function refusal({ data, error }) {
  assert.equal(data, null);
  assert.equal(typeof error.message, "string");
  assert.equal(typeof error.statusText, "string");
  return [error.status, error.code];
}

describe("errors", () => {
  test("of sign-in say nothing about who has an account", async () => {
    const { email } = await signedIn("known");
    const { client } = new Visitor();
    const wrong = await client.signIn.email({ email, password: "not the right one" });
    const unknown = await client.signIn.email({ email: freshEmail("unknown"), password: PASSWORD });
    assert.deepEqual(refusal(wrong), [401, "INVALID_EMAIL_OR_PASSWORD"]);
    assert.deepEqual(refusal(unknown), [401, "INVALID_EMAIL_OR_PASSWORD"]);
    assert.equal(wrong.error.message, "Invalid email or password");
    assert.equal(unknown.error.message, wrong.error.message);
  });

  test("of an unverified address come only after the right password", async () => {
    const { client } = new Visitor();
    const email = freshEmail("unverified");
    expectSuccess(await client.signUp.email({ name: "U", email, password: PASSWORD }));
    const right = await client.signIn.email({ email, password: PASSWORD });
    const wrong = await client.signIn.email({ email, password: "not the right one" });
    assert.deepEqual(refusal(right), [403, "EMAIL_NOT_VERIFIED"]);
    assert.deepEqual(refusal(wrong), [401, "INVALID_EMAIL_OR_PASSWORD"]);
  });

  test("of a second sign-up are none: the owner is told by mail", async () => {
    const owner = await signedIn("owner");
    const stranger = new Visitor();
    const answer = await stranger.client.signUp.email({ name: "S", email: owner.email, password: "another walk by the sea" });
    const { token, user } = expectSuccess(answer);
    assert.equal(token, null);
    assert.notEqual(user.id, owner.user.id);
    const refused = await stranger.client.signIn.email({ email: owner.email, password: "another walk by the sea" });
    assert.deepEqual(refusal(refused), [401, "INVALID_EMAIL_OR_PASSWORD"]);
    expectSuccess(await new Visitor().client.signIn.email({ email: owner.email, password: PASSWORD }));
  });

  const email = "somebody@example.com";
  const password = PASSWORD;
  for (const [what, call, status, code] of [
    ["a password too short", (c) => c.signUp.email({ name: "", email, password: "seven77" }), 400, "PASSWORD_TOO_SHORT"],
    ["a password too long", (c) => c.signUp.email({ name: "", email, password: "x".repeat(129) }), 400, "PASSWORD_TOO_LONG"],
    ["something else than an address", (c) => c.signUp.email({ name: "", email: "nobody", password }), 400, "INVALID_EMAIL"],
    ["no password", (c) => c.signUp.email({ name: "", email }), 400, "VALIDATION_ERROR"],
    ["no name", (c) => c.signUp.email({ email, password }), 400, "VALIDATION_ERROR"],
    ["a number for a password", (c) => c.signIn.email({ email, password: 12345678 }), 400, "VALIDATION_ERROR"],
    ["a foreign target", (c) => c.signIn.email({ email, password, callbackURL: "https://evil.example" }), 403, "INVALID_CALLBACK_URL"],
    ["a made-up token", (c) => c.verifyEmail({ query: { token: "made-up" } }), 401, "INVALID_TOKEN"],
    ["nobody's sessions", (c) => c.listSessions(), 401, "UNAUTHORIZED"],
    ["nobody's session", (c) => c.revokeSession({ token: "x" }), 401, "UNAUTHORIZED"],
  ]) {
    test(`of ${what}: ${status} ${code}`, async () => {
      assert.deepEqual(refusal(await call(new Visitor().client)), [status, code]);
    });
  }

  test("of a foreign origin stop a sign-in", async () => {
    const { email } = await signedIn("lured");
    const lured = new Visitor({ origin: "https://evil.example" });
    assert.deepEqual(refusal(await lured.client.signIn.email({ email, password })), [403, "INVALID_ORIGIN"]);
    assert.equal(await lured.sessionCookie(), undefined);
  });

  test("are thrown where the caller asks for that", async () => {
    const { client } = new Visitor();
    const attempt = client.signIn.email({ email, password: "wrong password" }, { throw: true });
    await assert.rejects(attempt, (thrown) => thrown.status === 401 && thrown.error.code === "INVALID_EMAIL_OR_PASSWORD");
  });
});
