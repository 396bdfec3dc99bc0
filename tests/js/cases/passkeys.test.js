// Passkeys, by the client's own plugin: in Node with an authenticator in memory, and in Chromium with its virtual one.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { passkeyClient } from "@better-auth/passkey/client";
import { createAuthClient } from "better-auth/client";

import { Device } from "../browser/device.js";
import { Authenticator } from "../harness/authenticator.js";
import { launchChromium } from "../harness/chromium.js";
import { VERIFY } from "../harness/mailbox.js";
import { frontend, gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail } from "../harness/visitor.js";

function visitorWithPlugin() {
  const visitor = new Visitor();
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  const plugins = [passkeyClient()];
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins, fetchOptions: { customFetchImpl } });
  return visitor;
}

describe("passkeys", () => {
  test("from the first to the last, in Node", async (life) => {
    const authenticator = new Authenticator(gateway.origin);
    authenticator.install();
    life.after(() => authenticator.remove());
    const visitor = visitorWithPlugin();
    const email = freshEmail("passkey");
    const early = await visitor.client.passkey.addPasskey();
    assert.deepEqual([early.error.status, early.error.code], [401, "SESSION_REQUIRED"]);
    await visitor.signUp(email);
    const { user } = await visitor.signIn(email);

    const added = expectSuccess(await visitor.client.passkey.addPasskey({ name: "Laptop" }));
    assert.deepEqual([added.name, added.deviceType, added.backedUp, added.transports], ["Laptop", "singleDevice", false, "internal"]);
    assert.ok(new Date(added.createdAt) <= new Date());
    const { text } = await gateway.mail.find(email, /^A passkey was added/);
    assert.match(text, /If it was not you/);
    const renamed = expectSuccess(await visitor.client.passkey.updatePasskey({ id: added.id, name: "Phone" }));
    assert.equal(renamed.passkey.name, "Phone");
    expectSuccess(await visitor.client.signOut());

    const other = visitorWithPlugin();
    const signedIn = expectSuccess(await other.client.signIn.passkey());
    assert.equal(signedIn.user.email, email);
    assert.equal((await other.app()).id, user.id);
    assert.equal(expectSuccess(await other.client.getSession()).session.id, signedIn.session.id);
    const [listed] = expectSuccess(await other.client.passkey.listUserPasskeys());
    assert.deepEqual([listed.id, listed.name, listed.counter], [added.id, "Phone", 1]);
    const again = await other.client.passkey.addPasskey({ createSession: true });
    assert.equal(expectSuccess(again).session.id, signedIn.session.id);
    const strange = await other.client.passkey.deletePasskey({ id: "0190b3c5-7a3b-7c00-8000-000000000000" });
    assert.deepEqual([strange.error.status, strange.error.code], [404, "PASSKEY_NOT_FOUND"]);
    assert.deepEqual(expectSuccess(await other.client.passkey.deletePasskey({ id: added.id })), { status: true });
    const removed = await visitorWithPlugin().client.signIn.passkey();
    assert.deepEqual([removed.error.status, removed.error.code], [401, "PASSKEY_NOT_FOUND"]);
  });

  test("in Chromium, from another origin, with and without its autofill", async (life) => {
    const chromium = await launchChromium();
    life.after(() => chromium.close());
    const device = await Device.open(chromium);
    const cdp = await device.context.newCDPSession(device.page);
    await cdp.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true };
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
    });
    const email = freshEmail("chromium-passkey");
    expectSuccess(await device.call("signUp.email", { name: "Grace", email, password: PASSWORD }));
    await device.followLink(await gateway.mail.link(email, VERIFY), "Confirm my address");
    expectSuccess(await device.call("signIn.email", { email, password: PASSWORD }));
    const added = expectSuccess(await device.call("passkey.addPasskey", { name: "Virtual" }));
    const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
    assert.equal(credentials.length, 1);
    assert.equal(Buffer.from(credentials[0].credentialId, "base64").toString("base64url"), added.credentialID);
    assert.deepEqual([credentials[0].isResidentCredential, credentials[0].rpId], [true, "localhost"]);
    const twice = await device.call("passkey.addPasskey", { name: "Once more" });
    assert.equal(twice.error.code, "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED");

    expectSuccess(await device.call("signOut"));
    assert.equal(await device.app(), 401);
    const signedIn = expectSuccess(await device.call("signIn.passkey"));
    assert.equal(signedIn.user.email, email);
    assert.equal((await device.app()).email, email);
    assert.equal(await device.shownUser(), email);

    // Conditional UI: the browser offers the passkey in the field, and the virtual authenticator takes it.
    expectSuccess(await device.call("signOut"));
    await device.page.evaluate(() => {
      document.body.innerHTML = '<input name="email" autocomplete="username webauthn">';
    });
    const filled = expectSuccess(await device.call("signIn.passkey", { autoFill: true }));
    assert.equal(filled.user.email, email);
    assert.equal((await device.app()).email, email);

    // A device whose user is not verified proves nothing.
    expectSuccess(await device.call("signOut"));
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    const unverified = await device.call("signIn.passkey");
    assert.equal(unverified.data, null);
    assert.equal(await device.app(), 401);
    assert.equal(frontend.origin === gateway.origin, false);
  });
});
