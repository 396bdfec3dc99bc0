// Passwords forgotten and changed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { PASSWORD_CHANGED, RESET } from "../harness/mailbox.js";
import { frontend, gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail, otherDevice, signedIn } from "../harness/visitor.js";

const NEW_PASSWORD = "a swim across the lake";

/** Status and code of a refusal. */
function refusal({ data, error }) {
  assert.equal(data, null);
  return [error.status, error.code];
}

describe("a forgotten password", () => {
  test("is replaced by the mailed token, once, and everybody is signed out", async () => {
    const desktop = await signedIn("forgot");
    const phone = await otherDevice(desktop);
    const { client } = new Visitor();
    expectSuccess(await client.requestPasswordReset({ email: desktop.email }));
    const token = await gateway.mail.token(desktop.email, RESET);
    // The mail alone ends nothing.
    assert.equal((await desktop.app()).id, desktop.user.id);

    const short = await client.resetPassword({ newPassword: "seven77", token });
    assert.deepEqual(refusal(short), [400, "PASSWORD_TOO_SHORT"]);
    assert.deepEqual(expectSuccess(await client.resetPassword({ newPassword: NEW_PASSWORD, token })), { status: true });
    const again = await client.resetPassword({ newPassword: "a third walk in the hills", token });
    assert.deepEqual(refusal(again), [400, "INVALID_TOKEN"]);

    assert.deepEqual([await desktop.app(), await phone.app()], [401, 401]);
    const old = await client.signIn.email({ email: desktop.email, password: PASSWORD });
    assert.deepEqual(refusal(old), [401, "INVALID_EMAIL_OR_PASSWORD"]);
    await desktop.signIn(desktop.email, { password: NEW_PASSWORD });
    assert.equal((await desktop.app()).id, desktop.user.id);
    await gateway.mail.find(desktop.email, PASSWORD_CHANGED);
  });

  test("is asked for with the same answer for every address", async () => {
    const { email } = await signedIn("same");
    const { client } = new Visitor();
    const known = expectSuccess(await client.requestPasswordReset({ email }));
    const unknown = expectSuccess(await client.requestPasswordReset({ email: freshEmail("nobody") }));
    const message = "If this email exists in our system, check your email for the reset link";
    assert.deepEqual([known, unknown], [{ status: true, message }, { status: true, message }]);
  });

  test("leads to the frontend's own page where it has one", async () => {
    const { email } = await signedIn("page");
    const visitor = new Visitor();
    const redirectTo = `${frontend.origin}/new-password`;
    expectSuccess(await visitor.client.requestPasswordReset({ email, redirectTo }));
    const link = await gateway.mail.link(email, RESET);
    const answer = await visitor.fetch(link);
    assert.equal(answer.status, 302);
    const page = new URL(answer.headers.get("location"));
    assert.equal(page.origin + page.pathname, redirectTo);
    const token = page.searchParams.get("token");
    expectSuccess(await visitor.client.resetPassword({ newPassword: NEW_PASSWORD, token }));

    const used = new URL((await visitor.fetch(link)).headers.get("location"));
    assert.equal(used.searchParams.get("error"), "INVALID_TOKEN");
    const foreign = await visitor.client.requestPasswordReset({ email, redirectTo: "https://evil.example/" });
    assert.deepEqual(refusal(foreign), [403, "INVALID_REDIRECT_URL"]);
  });

  test("is replaced by no made-up token", async () => {
    const { client } = new Visitor();
    const madeUp = await client.resetPassword({ newPassword: NEW_PASSWORD, token: "made-up" });
    assert.deepEqual(refusal(madeUp), [400, "INVALID_TOKEN"]);
    const none = await client.resetPassword({ newPassword: NEW_PASSWORD });
    assert.deepEqual(refusal(none), [400, "INVALID_TOKEN"]);
  });
});

describe("a known password", () => {
  test("is changed, and the others are signed out where asked", async () => {
    const desktop = await signedIn("changes");
    const phone = await otherDevice(desktop);
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, revokeOtherSessions: true };
    const { token, user } = expectSuccess(await desktop.client.changePassword(change));
    assert.equal(typeof token, "string");
    assert.equal(user.id, desktop.user.id);
    assert.equal(await phone.app(), 401);
    assert.equal((await desktop.app()).id, desktop.user.id);
    await phone.signIn(desktop.email, { password: NEW_PASSWORD });
    await gateway.mail.find(desktop.email, PASSWORD_CHANGED);
  });

  test("is changed while the others stay", async () => {
    const desktop = await signedIn("stays");
    const phone = await otherDevice(desktop);
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, revokeOtherSessions: false };
    assert.equal(expectSuccess(await desktop.client.changePassword(change)).token, null);
    assert.equal((await phone.app()).id, desktop.user.id);
  });

  test("is changed by nobody who does not know it", async () => {
    const visitor = await signedIn("guesses");
    const change = (more) => visitor.client.changePassword({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD, ...more });
    assert.deepEqual(refusal(await change({ currentPassword: "not the right one" })), [400, "INVALID_PASSWORD"]);
    assert.deepEqual(refusal(await change({ newPassword: "seven77" })), [400, "PASSWORD_TOO_SHORT"]);
    const stranger = new Visitor();
    const attempt = await stranger.client.changePassword({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD });
    assert.deepEqual(refusal(attempt), [401, "UNAUTHORIZED"]);
    await visitor.signIn(visitor.email);
  });
});
