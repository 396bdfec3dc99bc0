// Mailed codes, by the client's own plugin.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { emailOTPClient } from "better-auth/client/plugins";

import { gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail, signedIn } from "../harness/visitor.js";

const CODE = /^Your code to/;

/** The same visitor with a client that has the plugin. */
function withPlugin(visitor) {
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins: [emailOTPClient()], fetchOptions: { customFetchImpl } });
  return visitor;
}

async function mailedCode(email, skip) {
  const { text } = await gateway.mail.find(email, CODE, skip);
  return text.match(/^\d{6}$/m)[0];
}

describe("mailed codes", () => {
  test("sign in, and up", async () => {
    const visitor = withPlugin(new Visitor());
    const email = freshEmail("coded");
    for (const name of ["Ada", undefined]) {
      const skip = (await gateway.mail.all(email)).length;
      assert.deepEqual(expectSuccess(await visitor.client.emailOtp.sendVerificationOtp({ email, type: "sign-in" })), { success: true });
      const otp = await mailedCode(email, skip);
      assert.deepEqual(expectSuccess(await visitor.client.emailOtp.checkVerificationOtp({ email, type: "sign-in", otp })), { success: true });
      const { user, token } = expectSuccess(await visitor.client.signIn.emailOtp({ email, otp, name }));
      assert.deepEqual([user.email, user.emailVerified, user.name, typeof token], [email, true, "Ada", "string"]);
      assert.equal((await visitor.app()).id, user.id);
      const { error } = await visitor.client.signIn.emailOtp({ email, otp });
      assert.deepEqual([error.status, error.code], [400, "INVALID_OTP"]);
    }
  });

  test("prove an address", async () => {
    const visitor = withPlugin(new Visitor());
    const email = freshEmail("proved");
    expectSuccess(await visitor.client.signUp.email({ name: "Ada", email, password: PASSWORD }));
    expectSuccess(await visitor.client.emailOtp.sendVerificationOtp({ email, type: "email-verification" }));
    const otp = await mailedCode(email);
    const { status, token, user } = expectSuccess(await visitor.client.emailOtp.verifyEmail({ email, otp }));
    assert.deepEqual([status, token, user.emailVerified], [true, null, true]);
    await visitor.signIn(email);
  });

  test("set a new password", async () => {
    const visitor = withPlugin(await signedIn("forgetful"));
    const { email } = visitor;
    const skip = (await gateway.mail.all(email)).length;
    expectSuccess(await visitor.client.emailOtp.requestPasswordReset({ email }));
    const [otp, password] = [await mailedCode(email, skip), "another walk along the river"];
    assert.deepEqual(expectSuccess(await visitor.client.emailOtp.resetPassword({ email, otp, password })), { success: true });
    assert.equal(await visitor.app(), 401);
    await visitor.signIn(email, { password });
    const asked = await visitor.client.forgetPassword.emailOtp({ email });
    assert.deepEqual(expectSuccess(asked), { success: true });
  });

  test("take another address", async () => {
    const visitor = withPlugin(await signedIn("moving"));
    const newEmail = freshEmail("moved");
    expectSuccess(await visitor.client.emailOtp.requestEmailChange({ newEmail }));
    const otp = await mailedCode(newEmail);
    const { error } = await visitor.client.emailOtp.changeEmail({ newEmail, otp: `${otp}0` });
    assert.deepEqual([error.status, error.code], [400, "INVALID_OTP"]);
    assert.deepEqual(expectSuccess(await visitor.client.emailOtp.changeEmail({ newEmail, otp })), { success: true });
    assert.equal(expectSuccess(await visitor.client.getSession()).user.email, newEmail);
  });
});
