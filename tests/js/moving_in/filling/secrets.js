// What people prove themselves with besides passwords: second factors, passkeys, API keys, links and codes that still live.

import { Authenticator } from "../../harness/authenticator.js";
import { appCode } from "../../harness/totp.js";
import { BASE_URL } from "./options.js";
import { signIn, signUp } from "./people.js";

export async function fillSecrets(filler, people) {
  return {
    twoFactor: await fillTwoFactor(filler, people),
    passkey: await fillPasskey(filler, people),
    apiKeys: await fillApiKeys(filler, people),
    links: await fillLinks(filler, people),
  };
}

async function fillTwoFactor(filler, people) {
  people.tom = await signUp(filler, "tom");
  const visitor = await signIn(filler, people.tom);
  const { totpURI, backupCodes } = await visitor.post("/two-factor/enable", { password: people.tom.password });
  await visitor.post("/two-factor/verify-totp", { code: await appCode(totpURI, 0) });
  const [used, ...codes] = backupCodes;
  const second = await signIn(filler, people.tom);
  await second.post("/two-factor/verify-backup-code", { code: used });
  const trusted = await signIn(filler, people.tom);
  await trusted.post("/two-factor/verify-totp", { code: await appCode(totpURI, 1), trustDevice: true });

  // They began, and never showed a code.
  people.tim = await signUp(filler, "tim");
  const begun = await signIn(filler, people.tim);
  await begun.post("/two-factor/enable", { password: people.tim.password });
  return { totpURI, backupCodes: codes, usedBackupCode: used, trustedDevice: { cookies: { ...trusted.cookies } } };
}

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64url")).buffer;
const text = (buffer) => Buffer.from(buffer).toString("base64url");

/** Registers a passkey; returns it with its private key, so that a test can put it into an authenticator. */
async function fillPasskey(filler, people) {
  people.pam = await signUp(filler, "pam");
  const visitor = await signIn(filler, people.pam);
  const authenticator = new Authenticator(new URL(BASE_URL).origin);
  const asked = await visitor.get("/passkey/generate-register-options");
  const publicKey = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) } };
  authenticator.install();
  const made = await navigator.credentials.create({ publicKey });
  authenticator.remove();
  const response = {
    id: made.id,
    rawId: made.id,
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: {},
    response: {
      attestationObject: text(made.response.attestationObject),
      clientDataJSON: text(made.response.clientDataJSON),
      transports: made.response.getTransports(),
    },
  };
  const { id, name } = await visitor.post("/passkey/verify-registration", { response, name: "Pam's phone" });
  const [{ id: credentialId, handle, privateKey, counter }] = authenticator.passkeys;
  return {
    id,
    name,
    userId: people.pam.id,
    credentialId: text(credentialId),
    handle: text(handle),
    rpId: "localhost",
    counter,
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }),
  };
}

async function fillApiKeys(filler, people) {
  people.kai = await signUp(filler, "kai");
  const create = async (name, settings) => {
    const made = await filler.auth.api.createApiKey({ body: { name, userId: people.kai.id, ...settings } });
    const { id, key, prefix, start, permissions, metadata, remaining, expiresAt, createdAt, enabled } = made;
    return { id, key, name, prefix, start, permissions, metadata, remaining, expiresAt, createdAt, enabled };
  };
  const week = 7 * 86_400;
  const keys = {
    full: await create("full", {
      prefix: "acme_",
      permissions: { files: ["read", "write"] },
      metadata: { purpose: "backup" },
      remaining: 100,
      expiresIn: week,
      rateLimitEnabled: true,
      rateLimitMax: 50,
      rateLimitTimeWindow: 60_000,
    }),
    plain: await create("plain", {}),
    refilled: await create("refilled", { remaining: 3, refillAmount: 10, refillInterval: 86_400_000 }),
    disabled: await create("disabled", {}),
    expired: await create("expired", { expiresIn: week }),
  };
  // Both are left to a test that uses the key: the library deletes expired keys now and then.
  await filler.database.set("apikey", { enabled: false }, "id", keys.disabled.id);
  await filler.database.set("apikey", { expiresAt: new Date(Date.now() - 3_600_000) }, "id", keys.expired.id);
  return { userId: people.kai.id, ...keys };
}

/** Links and codes that were mailed, and not used yet. */
async function fillLinks(filler, people) {
  const visitor = filler.browser();
  people.rita = await signUp(filler, "rita");
  await visitor.post("/request-password-reset", { email: people.rita.email, redirectTo: "/reset" });
  people.mag = await signUp(filler, "mag");
  await visitor.post("/sign-in/magic-link", { email: people.mag.email, callbackURL: "/" });
  people.otto = await signUp(filler, "otto");
  await visitor.post("/email-otp/send-verification-otp", { email: people.otto.email, type: "sign-in" });
  return {
    reset: { email: people.rita.email, token: filler.mailed("reset", people.rita.email).token },
    magicLink: { email: people.mag.email, token: filler.mailed("magic link", people.mag.email).token },
    code: { email: people.otto.email, code: filler.mailed("code", people.otto.email).code },
    verification: { email: people.ulf.email, token: people.ulf.verificationToken },
  };
}
