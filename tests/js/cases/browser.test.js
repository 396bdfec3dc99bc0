// A whole life in Chromium, from a frontend on another origin: cookies, CORS and the mailed pages as browsers treat them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Device } from "../browser/device.js";
import { launchChromium } from "../harness/chromium.js";
import { CHANGE_ADDRESS, RESET, VERIFY } from "../harness/mailbox.js";
import { frontend, gateway, provider } from "../harness/stand.js";
import { PASSWORD, expectSuccess, freshEmail } from "../harness/visitor.js";

const NEW_PASSWORD = "a swim across the lake";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

test("a sign-in at an OpenID provider in a browser", async (visit) => {
  const chromium = await launchChromium();
  visit.after(() => chromium.close());
  const device = await Device.open(chromium);
  const email = freshEmail("social");
  provider.person = { sub: "a person in Chromium", email, emailVerified: true, name: "Grace" };
  const home = `${frontend.origin}/?home`;
  await device.roundTrip("signIn.social", { provider: "acme", callbackURL: home }, home);
  assert.equal(await device.shownUser(), email);
  assert.equal((await device.app()).email, email);
});

test("headers that are dropped on the way keep no page out", async (visit) => {
  const chromium = await launchChromium();
  visit.after(() => chromium.close());
  const device = await Device.open(chromium);
  const email = freshEmail("headers");
  expectSuccess(await device.call("signUp.email", { name: "Grace", email, password: PASSWORD }));
  await device.followLink(await gateway.mail.link(email, VERIFY), "Confirm my address");
  expectSuccess(await device.call("signIn.email", { email, password: PASSWORD }));
  const headers = { "x-request-id": "sent-by-a-page", "x-user-agent": "grpc-web-javascript/0.1", my_tenant: "of-a-page" };
  const seen = await device.page.evaluate(
    async ([url, headers]) => (await fetch(url, { credentials: "include", headers })).json(),
    [`${gateway.origin}/headers`, headers],
  );
  assert.equal(seen["x-user-email"], email);
  for (const value of Object.values(headers)) assert.ok(!Object.values(seen).includes(value), value);
});

test("mailed links without their target lead to the frontend that asked", async (visit) => {
  const chromium = await launchChromium();
  visit.after(() => chromium.close());
  const device = await Device.open(chromium);
  const [email, newEmail] = [freshEmail("cut"), freshEmail("off")];
  // A path is meant within the frontend, which is another origin than the gateway.
  const [callbackURL, arrived] = ["/?arrived", `${frontend.origin}/?arrived`];
  const cutOff = (link) => {
    const token = link.searchParams.get("token");
    link.search = token ? `?token=${token}` : "";
    return link;
  };

  expectSuccess(await device.call("signUp.email", { name: "Cut", email, password: PASSWORD, callbackURL }));
  const link = await gateway.mail.link(email, VERIFY);
  assert.equal(link.searchParams.get("callbackURL"), arrived);
  await device.pressOn(cutOff(link), "Confirm my address", arrived);

  expectSuccess(await device.call("signIn.email", { email, password: PASSWORD }));
  expectSuccess(await device.call("changeEmail", { newEmail, callbackURL }));
  await device.pressOn(cutOff(await gateway.mail.link(newEmail, CHANGE_ADDRESS)), "Confirm my address", arrived);

  expectSuccess(await device.call("requestPasswordReset", { email: newEmail, redirectTo: callbackURL }));
  const reset = cutOff(await gateway.mail.link(newEmail, RESET));
  const page = await device.context.newPage();
  await page.goto(reset.href);
  assert.equal(page.url(), `${arrived}&token=${reset.pathname.split("/").at(-1)}`);
});

test("a whole life in a browser", async (life) => {
  const chromium = await launchChromium();
  life.after(() => chromium.close());
  const desktop = await Device.open(chromium);
  const phone = await Device.open(chromium, { userAgent: IPHONE });
  const [email, newEmail] = [freshEmail("grace"), freshEmail("hopper")];

  await life.test("signs up and confirms the address on the mailed page", async () => {
    expectSuccess(await desktop.call("signUp.email", { name: "Grace", email, password: PASSWORD }));
    assert.equal(await desktop.app(), 401);
    const link = await gateway.mail.link(email, VERIFY);
    assert.equal(await desktop.followLink(link, "Confirm my address"), "Your address is confirmed");
  });

  await life.test("signs in on two devices", async () => {
    assert.equal(await desktop.shownUser(), null);
    for (const device of [desktop, phone]) {
      const { user } = expectSuccess(await device.call("signIn.email", { email, password: PASSWORD }));
      assert.equal((await device.app()).id, user.id);
    }
    const cookies = await desktop.context.cookies();
    const session = cookies.find(({ name }) => name === "authgate_session");
    assert.deepEqual([session.httpOnly, session.sameSite, session.path], [true, "Lax", "/"]);
  });

  await life.test("sees both and ends the other one", async () => {
    const sessions = expectSuccess(await desktop.call("listSessions"));
    assert.deepEqual(sessions.map(({ device }) => device.kind).sort(), ["desktop", "mobile"]);
    const other = sessions.find(({ current }) => !current);
    assert.equal(other.device.kind, "mobile");
    expectSuccess(await desktop.call("revokeSession", { token: other.token }));
    assert.equal(await phone.app(), 401);
    assert.equal((await desktop.app()).email, email);
  });

  await life.test("forgets the password and sets a new one on the mailed page, which signs everybody out", async () => {
    expectSuccess(await phone.call("requestPasswordReset", { email }));
    const link = await gateway.mail.link(email, RESET);
    const choose = (page) => page.getByLabel("Your new password").fill(NEW_PASSWORD);
    assert.equal(await phone.followLink(link, "Set my password", choose), "Your new password is set");
    assert.equal(await desktop.app(), 401);
    const { error } = await desktop.call("signIn.email", { email, password: PASSWORD });
    assert.equal(error.code, "INVALID_EMAIL_OR_PASSWORD");
    expectSuccess(await desktop.call("signIn.email", { email, password: NEW_PASSWORD }));
    assert.equal((await desktop.app()).email, email);
    assert.equal(await desktop.shownUser(), email);
  });

  await life.test("is not served on a page of an origin that is not trusted", async () => {
    const elsewhere = await Device.open(chromium, { origin: frontend.origin.replace("localhost", "127.0.0.1") });
    for (const [name, argument] of [["signIn.email", { email, password: NEW_PASSWORD }], ["getSession"]]) {
      await assert.rejects(elsewhere.call(name, argument), /Failed to fetch/, name);
    }
    assert.equal(await elsewhere.app(), 401);
  });

  await life.test("moves to another address, which it confirms on the mailed page", async () => {
    expectSuccess(await desktop.call("changeEmail", { newEmail }));
    assert.equal((await desktop.app()).email, email);
    const link = await gateway.mail.link(newEmail, CHANGE_ADDRESS);
    assert.equal(await desktop.followLink(link, "Confirm my address"), "Your new address is in force");
    assert.equal((await desktop.app()).email, newEmail);
    assert.equal(expectSuccess(await desktop.call("getSession")).user.email, newEmail);
  });

  await life.test("signs out and in again", async () => {
    expectSuccess(await desktop.call("signOut"));
    assert.equal(await desktop.app(), 401);
    assert.equal(expectSuccess(await desktop.call("getSession")), null);
    expectSuccess(await desktop.call("signIn.email", { email: newEmail, password: NEW_PASSWORD }));
  });

  await life.test("deletes the account, and is gone", async () => {
    expectSuccess(await desktop.call("deleteUser", { password: NEW_PASSWORD }));
    assert.equal(await desktop.app(), 401);
    const { error } = await desktop.call("signIn.email", { email: newEmail, password: NEW_PASSWORD });
    assert.equal(error.code, "INVALID_EMAIL_OR_PASSWORD");
  });
});
