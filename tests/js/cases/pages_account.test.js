// The pages on which people look after their account, in Chromium by labels and roles, as a person would.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launchChromium } from "../harness/chromium.js";
import { addSessions, ageSessions } from "../harness/database.js";
import { startGateway } from "../harness/gateway.js";
import { CHANGE_ADDRESS } from "../harness/mailbox.js";
import { SCREENS, checkPage, openTab } from "../harness/page_checks.js";
import { frontend, gateway, provider, upstream } from "../harness/stand.js";
import { appCode } from "../harness/totp.js";
import { PASSWORD, Visitor, freshEmail, otherDevice, signedIn } from "../harness/visitor.js";

const NEW_PASSWORD = "a swim across the lake";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/** Two by two, blue. */
const PICTURE = {
  name: "me.bin",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGNgYPgPRhAKABX2A/0ZsTJ6AAAAAElFTkSuQmCC",
    "base64",
  ),
};
const [PHONE, DESKTOP] = SCREENS;
/** Every page once on each screen, and once without scripts. */
const RUNS = [
  { screen: PHONE, scripts: true },
  { screen: DESKTOP, scripts: true },
  { screen: DESKTOP, scripts: false },
];

let chromium;
before(async () => {
  chromium = await launchChromium();
});
after(() => chromium.close());

/** A tab of somebody who is signed in, with what tests do in it again and again. */
async function tabOf(visitor, { screen = DESKTOP, scripts = true, origin = gateway.origin, ...options } = {}) {
  const tab = await openTab(chromium, { screen, javaScriptEnabled: scripts, userAgent: FIREFOX, ...options });
  const cookies = await visitor.jar.getCookies(gateway.origin);
  await tab.context.addCookies(cookies.map(({ key, value }) => ({ name: key, value, url: origin })));
  const { page } = tab;
  return Object.assign(tab, {
    open: (path) => page.goto(`${origin}/account/${path}`),
    check: (name) => checkPage(tab, `account-${name}`, { scripts }),
    section: (heading) => page.locator("section").filter({ has: page.getByRole("heading", { name: heading }) }),
    press: (name) => page.getByRole("main").getByRole("button", { name, exact: true }).click(),
    follow: (name) => page.getByRole("main").getByRole("link", { name, exact: true }).click(),
    says: (text) => page.getByRole("status").getByText(text).waitFor(),
    warns: (text) => page.getByRole("alert").getByText(text).waitFor(),
  });
}

for (const { screen, scripts } of RUNS) {
  const how = `on a ${screen.name} ${scripts ? "with" : "without"} scripts`;

  test(`the profile ${how}`, async () => {
    const visitor = await signedIn("profile");
    const tab = await tabOf(visitor, { screen, scripts });
    const { page, open, check, press, says } = tab;
    await open("");
    assert.equal(new URL(page.url()).pathname, "/account/settings");
    // Somebody with a name in Arabic, a user name, and what the configuration adds.
    await page.getByLabel(/^Name/).fill("ليلى");
    await page.getByLabel("User name").fill("a");
    await page.getByLabel("Company").fill("Eckert–Mauchly");
    await press("Save");
    assert.equal(await page.getByLabel("User name").getAttribute("aria-invalid"), "true");
    assert.equal(await page.getByLabel("Company").inputValue(), "Eckert–Mauchly");
    await check("settings-error");
    await page.getByLabel("User name").fill(`layla_${process.pid}_${Date.now() % 1e6}`);
    await press("Save");
    await says("Saved.");
    assert.equal(await page.getByLabel(/^Name/).inputValue(), "ليلى");
    assert.equal((await visitor.client.getSession()).data.user.company, "Eckert–Mauchly");

    await page.getByLabel("New picture").setInputFiles({ ...PICTURE, buffer: Buffer.from("no picture") });
    await press("Use this picture");
    await tab.warns("This file is not a PNG");
    await page.getByLabel("New picture").setInputFiles(PICTURE);
    await press("Use this picture");
    await says("Saved.");
    if (scripts) {
      const width = await page.getByRole("img", { name: "Your picture" }).evaluate((image) => image.naturalWidth);
      assert.equal(width, 2);
    }
    await check("settings");
    await press("Remove the picture");
    await says("Saved.");
    assert.equal((await visitor.client.getSession()).data.user.image, null);
    await tab.context.close();
  });

  test(`sessions and the password ${how}`, async () => {
    const visitor = await signedIn("safe", { userAgent: FIREFOX });
    const phone = await otherDevice(visitor, { userAgent: "curl/8.0" });
    const tablet = await otherDevice(visitor, { userAgent: "Wget/1.2" });
    const tab = await tabOf(visitor, { screen, scripts });
    const { page, open, check, press, says } = tab;
    await open("security");
    const sessions = tab.section("Where you are signed in");
    await sessions.getByText("Firefox on Linux").waitFor();
    assert.equal(await sessions.getByText("this device").count(), 1);
    assert.equal(await sessions.getByText("127.0.0.1").count(), 3);
    await check("security");
    // The own token opens the session: it stands in no page.
    const { value } = await visitor.sessionCookie();
    assert.ok(!(await page.content()).includes(value));
    await press("Sign out: curl");
    await says("That device is signed out.");
    assert.equal((await phone.client.getSession()).data, null);
    await press("Sign out everywhere else");
    await says("You are signed out everywhere else.");
    assert.equal((await tablet.client.getSession()).data, null);

    await page.getByLabel("Current password").fill("not my password");
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await press("Change the password");
    assert.equal(await page.getByLabel("Current password").getAttribute("aria-invalid"), "true");
    await check("security-error");
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await press("Change the password");
    await says("Your new password is set.");
    await new Visitor().signIn(visitor.email, { password: NEW_PASSWORD });
    await tab.context.close();
  });

  test(`a second factor ${how}`, async () => {
    const visitor = await signedIn("factors");
    const tab = await tabOf(visitor, { screen, scripts });
    const { page, open, check, press, follow, says } = tab;
    await open("security");
    await follow("Set up two-factor authentication");
    await page.getByLabel("Where codes come from").selectOption("An authenticator app");
    await page.getByLabel("Current password").fill("not my password");
    await check("two-factor-begin");
    await press("Continue");
    assert.equal(await page.getByLabel("Current password").getAttribute("aria-invalid"), "true");
    await page.getByLabel("Current password").fill(PASSWORD);
    await press("Continue");
    await page.getByRole("img", { name: "QR code for your authenticator app" }).waitFor();
    assert.equal(await page.locator(".codes li").count(), 10);
    await check("two-factor-set-up");
    const secret = (await page.locator("section code").first().textContent()).replaceAll(" ", "");
    const uri = `otpauth://totp/App?secret=${secret}`;
    await page.getByLabel("Code").fill("000000");
    await press("Switch on");
    assert.equal(await page.getByLabel("Code").getAttribute("aria-invalid"), "true");
    await check("two-factor-error");
    await page.getByLabel("Code").fill(await appCode(uri, 0));
    await press("Switch on");
    await says("Two-factor authentication is on.");
    await check("security-two-factor");

    await follow("New backup codes");
    await page.getByLabel("Current password").fill(PASSWORD);
    await press("New backup codes");
    assert.equal(await page.locator(".codes li").count(), 10);
    await check("backup-codes");

    // Another browser is trusted, which its owner sees here and ends.
    const cookies = await tab.context.cookies();
    const other = new Visitor({ userAgent: "curl/8.0" });
    await other.signIn(visitor.email);
    const code = await appCode(uri, 1);
    const trusted = await other.fetch("/api/auth/two-factor/verify-totp", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code, trustDevice: true }),
    });
    assert.equal(trusted.status, 200);
    assert.ok(cookies.length > 0);
    await open("security");
    await check("trusted-devices");
    await press("Ask for a code again: curl");
    await says("The next sign-in there asks for a code again.");

    await follow("Switch off two-factor authentication");
    await check("two-factor-off");
    await page.getByLabel("Current password").fill(PASSWORD);
    await press("Switch off two-factor authentication");
    await says("Two-factor authentication is off.");
    await tab.context.close();
  });

  test(`linked accounts and other addresses ${how}`, async () => {
    const visitor = await signedIn("linked");
    const tab = await tabOf(visitor, { screen, scripts });
    const { page, open, check, press, follow, says } = tab;
    await open("settings");
    await page.getByLabel("New e-mail address").fill(visitor.email);
    await press("Change the address");
    assert.equal(await page.getByLabel("New e-mail address").getAttribute("aria-invalid"), "true");
    const email = freshEmail("another");
    await page.getByLabel("New e-mail address").fill(email);
    await press("Change the address");
    await says("An e-mail is on its way.");
    await open("settings");
    await page.getByText(`You asked to change your address to ${email}. To confirm it, open the link`).waitFor();
    await check("email-asked");
    await page.goto((await gateway.mail.link(email, CHANGE_ADDRESS)).href);
    await page.getByRole("button").last().click();
    await page.waitForURL(/\/account\/settings/);
    await page.getByRole("main").getByText(email).waitFor();

    provider.person = { sub: `pages ${screen.name} ${scripts}`, email, emailVerified: true, name: "Grace" };
    await open("security");
    await press("Link: acme");
    // Without scripts the page in between leads on all the same.
    await page.waitForURL(/\/account\/security/);
    await says("Linked.");
    await check("linked");
    await follow("Remove: acme");
    await check("unlink");
    await press("Remove");
    await says("The link is removed.");
    await tab.context.close();
  });

  test(`API keys ${how}`, async () => {
    const visitor = await signedIn("keys");
    const tab = await tabOf(visitor, { screen, scripts });
    const { page, open, check, press, follow, says } = tab;
    await open("api-keys");
    await check("api-keys-none");
    await page.getByLabel("Name of the key").fill("Backup script");
    await page.getByLabel("How long it works").selectOption("90 days");
    await press("Create the key");
    const key = await page.locator(".key").textContent();
    await check("api-key-made");
    const orders = { headers: { "x-api-key": key } };
    assert.equal((await fetch(`${gateway.origin}/orders`, orders)).status, 200);
    if (scripts) await press("Copy");
    await follow("API keys");
    await check("api-keys");
    assert.ok(!(await page.content()).includes(key));
    await press("Switch off: Backup script");
    await says("Saved.");
    assert.equal((await fetch(`${gateway.origin}/orders`, orders)).status, 401);
    await press("Switch on: Backup script");
    await follow("Delete: Backup script");
    await check("api-key-delete");
    await press("Delete");
    await says("The key is deleted.");
    await tab.context.close();
  });

  test(`organizations ${how}`, async () => {
    const [owner, guest] = [await signedIn("owner"), await signedIn("guest")];
    const tab = await tabOf(owner, { screen, scripts });
    const { page, open, check, press, follow, says } = tab;
    await open("organizations");
    const name = `Ada’s Laboratory ${screen.name} ${scripts}`;
    await page.getByLabel("Name", { exact: true }).fill(name);
    await press("Create the organization");
    await says("The organization is created.");
    await page.getByLabel("E-mail address").fill(guest.email);
    await page.getByLabel("Role").selectOption("Administrator");
    await press("Send the invitation");
    await says("The invitation is on its way.");
    await check("organization");

    const guests = await tabOf(guest, { screen, scripts });
    await guests.open("organizations");
    await guests.check("organizations-invited");
    await guests.press(`Accept: ${name}`);
    await guests.says("You are a member now.");
    await guests.check("organizations");
    await guests.follow(`Open: ${name}`);
    assert.equal(await guests.page.getByRole("link", { name: "Delete the organization" }).count(), 0);
    await guests.context.close();

    await page.reload();
    await page.getByRole("listitem").filter({ hasText: guest.email }).getByRole("link", { name: /^Change/ }).click();
    await check("member");
    assert.ok(await page.getByLabel("Administrator").isChecked());
    await page.getByLabel("Administrator").uncheck();
    await page.getByLabel("Member", { exact: true }).check();
    await press("Save");
    await says("Saved.");
    await page.getByRole("listitem").filter({ hasText: guest.email }).getByRole("link", { name: /^Change/ }).click();
    await press("Remove from the organization");
    await says("The member is removed.");
    await follow("Leave the organization");
    await check("organization-leave");
    await press("Leave the organization");
    await tab.warns(/./);
    await follow(name);
    await follow("Delete the organization");
    await press("Delete the organization");
    await says("The organization is deleted.");
    await tab.context.close();
  });

  test(`a copy of the data, and the end of the account ${how}`, async () => {
    const visitor = await signedIn("leaving");
    const tab = await tabOf(visitor, { screen, scripts });
    const { page, open, check, press, follow } = tab;
    await open("data");
    await check("data");
    const [download] = await Promise.all([page.waitForEvent("download"), press("Download")]);
    assert.equal(download.suggestedFilename(), "personal-data.json");
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    assert.equal(JSON.parse(Buffer.concat(chunks)).user.email, visitor.email);
    await follow("Delete the account");
    await page.getByLabel("Current password").fill("not my password");
    await press("Delete the account");
    assert.equal(await page.getByLabel("Current password").getAttribute("aria-invalid"), "true");
    await check("delete");
    await page.getByLabel("Current password").fill(PASSWORD);
    await press("Delete the account");
    await page.getByText("Your account is deleted.").waitFor();
    await page.goto(`${gateway.origin}/account/security`);
    assert.equal(new URL(page.url()).pathname, "/auth/sign-in");
    await tab.context.close();
  });
}

test("passkeys are added by the browser, renamed and removed", async () => {
  const visitor = await signedIn("passkeys");
  const tab = await tabOf(visitor, { screen: PHONE });
  const { page, open, check, press, follow, says } = tab;
  const cdp = await tab.context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true };
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await open("security");
  await press("Add a passkey");
  await says("The passkey is added.");
  await page.getByText("Passkey without a name").waitFor();
  await follow("Manage: Passkey without a name");
  await page.getByLabel("Name of the passkey").fill("Laptop");
  await check("passkey");
  await press("Save");
  await says("Saved.");
  await check("passkeys");

  // An old session proves the password first, and comes back.
  await ageSessions(visitor.user.id, 30);
  await press("Add a passkey");
  await page.waitForURL(/\/auth\/step-up/);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("main").getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(/\/account\/security/);
  await follow("Manage: Laptop");
  await press("Remove the passkey");
  await says("The passkey is removed.");
  await tab.context.close();
});

test("what takes a fresh proof asks for the password in between, and keeps what was typed", async () => {
  const visitor = await signedIn("stale");
  const tab = await tabOf(visitor, { screen: PHONE });
  const { page, open, check, press } = tab;
  await ageSessions(visitor.user.id, 30);
  await open("api-keys");
  await page.getByLabel("Name of the key").fill("Kept");
  await press("Create the key");
  await page.getByLabel("Current password").fill("not my password");
  await press("Continue");
  assert.equal(await page.getByLabel("Current password").getAttribute("aria-invalid"), "true");
  await check("prove");
  await page.getByLabel("Current password").fill(PASSWORD);
  await press("Continue");
  await page.locator(".key").waitFor();
  await open("api-keys");
  await page.getByText("Kept").first().waitFor();

  // A day later the list of sessions takes it too.
  await ageSessions(visitor.user.id, 2 * 24 * 60);
  await open("security");
  await tab.follow("Type the password");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("main").getByRole("button", { name: "Continue" }).click();
  await tab.section("Where you are signed in").getByText("this device").waitFor();
  await tab.context.close();
});

test("three hundred sessions are listed when they are asked for", async () => {
  const visitor = await signedIn("many");
  await addSessions(visitor.user.id, 299);
  const tab = await tabOf(visitor, { screen: PHONE });
  const rows = tab.section("Where you are signed in").getByRole("listitem");
  await tab.open("security");
  assert.equal(await rows.count(), 10);
  await tab.follow("Show 290 more");
  // It stands behind the list.
  await tab.page.waitForURL(/sessions=all/);
  await tab.page.getByRole("button", { name: "Sign out everywhere else" }).waitFor();
  assert.equal(await rows.count(), 300);
  await tab.check("sessions");
  await tab.context.close();
});

test("an administrator in another's place sees whose it is, and changes nothing for good", async () => {
  const [root, guest] = [await signedIn("root"), await signedIn("visited")];
  await gateway.command("users", "set-role", root.email, "admin");
  const taken = await root.fetch("/api/auth/admin/impersonate-user", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ userId: guest.user.id }),
  });
  assert.equal(taken.status, 200, await taken.text());
  const tab = await tabOf(root, { screen: PHONE });
  await tab.open("organizations");
  await tab.page.getByText(`You are acting as ${guest.email}.`).waitFor();
  await tab.page.getByLabel("Name", { exact: true }).fill("Not theirs");
  const [response] = await Promise.all([tab.page.waitForResponse((r) => r.request().method() === "POST"), tab.press("Create the organization")]);
  assert.equal(response.status(), 403);
  await tab.warns(/for the user alone/);
  await tab.check("impersonating");
  await tab.context.close();
});

test("forms of other sites change nothing", async () => {
  const visitor = await signedIn("target");
  const send = async (path, body, headers) => (await visitor.fetch(`/account/${path}`, { method: "POST", body, headers })).status;
  const page = await visitor.fetch("/account/settings");
  const token = (await page.text()).match(/name="form_token" value="([^"]+)"/)[1];
  const form = (fields) => new URLSearchParams({ name: "Mallory", ...fields });
  const picture = (fields) => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    data.set("file", new Blob([PICTURE.buffer]), "x.png");
    return data;
  };
  for (const [path, body] of [["settings", form], ["settings/picture", picture]]) {
    assert.equal(await send(path, body({}), {}), 403, path);
    assert.equal(await send(path, body({ form_token: token }), { "sec-fetch-site": "cross-site" }), 403, path);
    assert.equal(await send(path, body({ form_token: "x".repeat(43) }), {}), 403, path);
    assert.equal(await send(path, body({ form_token: token }), {}), 303, path);
  }
});

test("further languages, what keys may, and a mailed end of the account", async (run) => {
  const settings = {
    pages: { languages: ["en", "de", "fr", "es"] },
    auth: { api_keys: { permissions: ["orders:read"] }, delete_user: { mailed_confirmation: true } },
  };
  const other = await startGateway({ upstream: upstream.url, trustedOrigins: [frontend.origin], issuer: provider.issuer, settings });
  run.after(() => other.stop());
  const visitor = await signedIn("polyglot");
  const tab = await tabOf(visitor, { origin: other.origin, screen: PHONE, locale: "de-DE" });
  const { page, open, check, press } = tab;
  await open("settings");
  await page.getByRole("heading", { name: "Über Sie" }).waitFor();
  await check("settings-de");
  await open("api-keys");
  await page.getByText("Neue Schlüssel erlauben: orders:read").waitFor();
  await open("security");
  await check("security-de");
  await open("settings");
  await page.getByRole("main").getByLabel("Sprache").selectOption("Français");
  await tab.section("Sprache").getByRole("button", { name: "Speichern" }).click();
  await page.getByRole("heading", { name: "À propos de vous" }).waitFor();
  const known = await visitor.fetch(`${other.origin}/api/auth/get-session`);
  assert.equal((await known.json()).user.language, "fr");
  await open("delete");
  await page.getByLabel("Mot de passe actuel").fill(PASSWORD);
  await press("Supprimer le compte");
  await tab.says("Un e-mail avec un lien est en route.");
  await tab.context.close();
});
