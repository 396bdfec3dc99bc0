// A second factor, by the client's own plugin. Codes are made by the library that better-auth itself uses.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { twoFactorClient } from "better-auth/client/plugins";

import { gateway } from "../harness/stand.js";
import { appCode } from "../harness/totp.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail } from "../harness/visitor.js";

/** A visitor whose client has the plugin; `asked` tells what the plugin was told to redirect for. */
function visitorWithPlugin() {
  const visitor = new Visitor();
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  visitor.asked = [];
  const onTwoFactorRedirect = (context) => visitor.asked.push(context?.twoFactorMethods);
  const plugins = [twoFactorClient({ onTwoFactorRedirect })];
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins, fetchOptions: { customFetchImpl } });
  return visitor;
}

/** The authenticator app that read this address. */
function app(totpURI) {
  return { code: (steps) => appCode(totpURI, steps) };
}

async function mailedCode(email) {
  const { text } = await gateway.mail.find(email, /^Your code for/);
  return text.match(/^\d{6}$/m)[0];
}

describe("a second factor", () => {
  test("from setting it up to disabling it", async () => {
    const visitor = visitorWithPlugin();
    const email = freshEmail("factor");
    await visitor.signUp(email);
    await visitor.signIn(email);
    const { totpURI, backupCodes, qrCode } = expectSuccess(await visitor.client.twoFactor.enable({ password: PASSWORD }));
    assert.equal(backupCodes.length, 10);
    assert.match(qrCode, /^data:image\/svg\+xml;base64,/);
    const authenticator = app(totpURI);
    expectSuccess(await visitor.client.twoFactor.verifyTotp({ code: await authenticator.code(0) }));
    const session = expectSuccess(await visitor.client.getSession());
    assert.equal(session.user.twoFactorEnabled, true);
    expectSuccess(await visitor.client.signOut());

    const asked = expectSuccess(await visitor.client.signIn.email({ email, password: PASSWORD }));
    assert.equal(asked.twoFactorRedirect, true);
    assert.equal(visitor.asked.length, 1, "the plugin was told to redirect");
    assert.equal(await visitor.app(), 401, "the password alone opens nothing");
    const wrong = await visitor.client.twoFactor.verifyTotp({ code: "000000" });
    assert.deepEqual([wrong.error.status, wrong.error.code], [401, "INVALID_CODE"]);
    const code = await authenticator.code(1);
    const proved = expectSuccess(await visitor.client.twoFactor.verifyTotp({ code, trustDevice: true }));
    assert.equal((await visitor.app()).id, proved.user.id);

    // The browser is trusted now.
    expectSuccess(await visitor.client.signOut());
    const trusted = expectSuccess(await visitor.client.signIn.email({ email, password: PASSWORD }));
    assert.equal(trusted.twoFactorRedirect, undefined);

    const other = visitorWithPlugin();
    expectSuccess(await other.client.signIn.email({ email, password: PASSWORD }));
    expectSuccess(await other.client.twoFactor.verifyBackupCode({ code: backupCodes[0] }));
    const renewed = expectSuccess(await other.client.twoFactor.generateBackupCodes({ password: PASSWORD }));
    assert.equal(renewed.backupCodes.length, 10);
    expectSuccess(await other.client.twoFactor.disable({ password: PASSWORD }));
    expectSuccess(await other.client.signOut());
    const { user } = expectSuccess(await other.client.signIn.email({ email, password: PASSWORD }));
    assert.equal(user.twoFactorEnabled, false);
  });

  test("a route that requires it says how to prove it", async () => {
    const visitor = visitorWithPlugin();
    const email = freshEmail("payments");
    await visitor.signUp(email);
    const { user } = await visitor.signIn(email);
    const payments = async () => {
      const answer = await visitor.fetch("/payments/1");
      const { id, code, stepUp } = await answer.json();
      return answer.ok ? id : [answer.status, code, stepUp];
    };
    assert.deepEqual(await payments(), [403, "TWO_FACTOR_REQUIRED", "two_factor_setup"]);
    const { totpURI, backupCodes } = expectSuccess(await visitor.client.twoFactor.enable({ password: PASSWORD }));
    expectSuccess(await visitor.client.twoFactor.verifyTotp({ code: await app(totpURI).code(0) }));
    assert.equal(await payments(), user.id);

    // A trusted browser is asked for no second factor at sign-in, and has proved none.
    expectSuccess(await visitor.client.signOut());
    expectSuccess(await visitor.client.signIn.email({ email, password: PASSWORD }));
    expectSuccess(await visitor.client.twoFactor.verifyBackupCode({ code: backupCodes[0], trustDevice: true }));
    expectSuccess(await visitor.client.signOut());
    await visitor.signIn(email);
    assert.equal((await visitor.app()).id, user.id);
    assert.deepEqual(await payments(), [403, "TWO_FACTOR_REQUIRED", "two_factor"]);
    expectSuccess(await visitor.client.twoFactor.verifyBackupCode({ code: backupCodes[1] }));
    assert.equal(await payments(), user.id);
  });

  test("a mailed code in place of the app's", async () => {
    const visitor = visitorWithPlugin();
    const email = freshEmail("mailed");
    await visitor.signUp(email);
    await visitor.signIn(email);
    const { totpURI } = expectSuccess(await visitor.client.twoFactor.enable({ password: PASSWORD }));
    expectSuccess(await visitor.client.twoFactor.verifyTotp({ code: await app(totpURI).code(0) }));
    const other = visitorWithPlugin();
    expectSuccess(await other.client.signIn.email({ email, password: PASSWORD }));
    assert.deepEqual(expectSuccess(await other.client.twoFactor.sendOtp()), { status: true });
    const code = await mailedCode(email);
    expectSuccess(await other.client.twoFactor.verifyOtp({ code }));
    assert.equal(typeof (await other.app()).id, "string");
  });
});
