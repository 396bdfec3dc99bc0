// The built-in pages on which people come in, in Chromium by labels and roles, as a person would.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launchChromium } from "../harness/chromium.js";
import { RESET, VERIFY } from "../harness/mailbox.js";
import { SCREENS, checkPage, openTab } from "../harness/page_checks.js";
import { gateway, provider } from "../harness/stand.js";
import { appCode } from "../harness/totp.js";
import { PASSWORD, freshEmail, signedIn } from "../harness/visitor.js";

const NEW_PASSWORD = "a swim across the lake";
let chromium;

before(async () => {
  chromium = await launchChromium();
});
after(() => chromium.close());

for (const screen of SCREENS) {
  for (const scripts of [true, false]) {
    test(`sign-up, verification, sign-in and sign-out on a ${screen.name} ${scripts ? "with" : "without"} scripts`, async () => {
      const tab = await openTab(chromium, { screen, javaScriptEnabled: scripts });
      const { page } = tab;
      const check = (name) => checkPage(tab, name, { scripts });
      const email = freshEmail("pages");
      // A page of the app leads to sign-in, and all steps lead back to it.
      await page.goto(`${gateway.origin}/orders?of=mine`);
      assert.equal(new URL(page.url()).pathname, "/auth/sign-in");
      await check("sign-in");
      await page.getByRole("link", { name: "No account yet? Create one" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Grace");
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Password").fill("12345678");
      await page.getByRole("button", { name: "Create account" }).click();
      // The password is too easy to guess: what was typed is kept but for it.
      assert.equal(await page.getByLabel("E-mail address").inputValue(), email);
      assert.equal(await page.getByLabel("Password").getAttribute("aria-invalid"), "true");
      await check("sign-up-error");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Create account" }).click();
      await page.getByRole("heading", { name: "Check your inbox" }).waitFor();
      await check("verify-email");
      await page.goto((await gateway.mail.link(email, VERIFY)).href);
      await page.getByRole("button", { name: "Confirm my address" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Password").fill("not my password");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByText('The e-mail address or the password is wrong.').waitFor();
      await check("sign-in-error");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.waitForURL(`${gateway.origin}/orders?of=mine`);
      assert.equal(JSON.parse(await page.textContent("body")).email, email);
      await page.goto(`${gateway.origin}/auth/sign-out`);
      await check("sign-out");
      await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
      await page.getByText("You are signed out.").waitFor();
      await page.goto(`${gateway.origin}/orders`);
      assert.equal(new URL(page.url()).pathname, "/auth/sign-in");
      await tab.context.close();
    });
  }
}

test("a forgotten password is set anew", async () => {
  const tab = await openTab(chromium, { screen: SCREENS[0] });
  const { page } = tab;
  const { email } = await signedIn("forgetful");
  await page.goto(`${gateway.origin}/auth/sign-in`);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await checkPage(tab, "forgot-password");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByRole("heading", { name: "Check your inbox" }).waitFor();
  await page.goto((await gateway.mail.link(email, RESET)).href);
  await checkPage(tab, "reset-password");
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("Your new password is set.").waitFor();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${gateway.origin}/`);
  await tab.context.close();
});

test("forms of other sites and of other browsers do nothing", async () => {
  const body = new URLSearchParams({ email: "a@example.com", password: PASSWORD, form_token: "x".repeat(43) });
  const send = (headers) => fetch(`${gateway.origin}/auth/sign-in`, { method: "POST", body, headers, redirect: "manual" });
  for (const headers of [{}, { origin: gateway.origin }, { origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }]) {
    const response = await send(headers);
    assert.equal(response.status, 403, JSON.stringify(headers));
    assert.match(await response.text(), /This form is out of date/);
  }
  // Even with the browser's own token, another site's form is refused.
  const page = await fetch(`${gateway.origin}/auth/sign-in`);
  const cookie = page.headers.getSetCookie()[0].split(";")[0];
  body.set("form_token", (await page.text()).match(/name="form_token" value="([^"]+)"/)[1]);
  assert.equal((await send({ cookie, origin: "https://evil.example" })).status, 403);
  assert.equal((await send({ cookie, origin: gateway.origin, "sec-fetch-site": "same-site" })).status, 403);
  assert.equal((await send({ cookie, origin: gateway.origin })).status, 401);
});

test("pages are kept to themselves", async () => {
  const response = await fetch(`${gateway.origin}/auth/sign-in`);
  const policy = response.headers.get("content-security-policy");
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; /);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("referrer-policy"), "same-origin");
  assert.equal(response.headers.get("x-frame-options"), "DENY");
  assert.equal((await fetch(`${gateway.origin}/auth/no-such-page`)).status, 404);
});

test("a way back that leads elsewhere is forgotten", async () => {
  for (const redirect of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    const page = await fetch(`${gateway.origin}/auth/sign-in?redirect=${encodeURIComponent(redirect)}`);
    const html = await page.text();
    const actions = [...html.matchAll(/action="([^"]+)"/g)].map(([, action]) => action);
    assert.ok(actions.length > 0 && actions.every((action) => !action.includes("redirect=")), `${redirect}: ${actions}`);
  }
});

test("a second factor by keyboard alone, and a route that asks for one", async () => {
  const tab = await openTab(chromium, { screen: SCREENS[0] });
  const { page } = tab;
  const person = await signedIn("factor");
  const enabled = await person.fetch("/api/auth/two-factor/enable", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password: PASSWORD }),
  });
  const { backupCodes, totpURI } = await enabled.json();
  const verified = await person.fetch("/api/auth/two-factor/verify-totp", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: await appCode(totpURI, -1) }),
  });
  assert.equal(verified.status, 200);

  await page.goto(`${gateway.origin}/payments/1`);
  assert.equal(await page.evaluate(() => document.activeElement.name), "email");
  await page.keyboard.type(person.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "One more step" }).waitFor();
  await checkPage(tab, "two-factor");
  assert.equal(await page.evaluate(() => document.activeElement.autocomplete), "one-time-code");
  await page.keyboard.type("000 000");
  await page.keyboard.press("Enter");
  await page.locator("#code[aria-invalid]").waitFor();
  await checkPage(tab, "two-factor-error");
  await page.getByRole("link", { name: "Use a backup code" }).click();
  await page.getByLabel("Backup code").fill(backupCodes[0]);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${gateway.origin}/payments/1`);
  assert.equal(JSON.parse(await page.textContent("body")).email, person.email);
  await tab.context.close();
});

test("a code by mail, a link by mail, a provider, and an account among several", async () => {
  const tab = await openTab(chromium, { screen: SCREENS[0] });
  const { page } = tab;
  const first = await signedIn("coded");
  await page.goto(`${gateway.origin}/auth/sign-in?redirect=/orders`);
  await page.getByRole("link", { name: "Sign in with a code by e-mail" }).click();
  await checkPage(tab, "email-code");
  await page.getByLabel("E-mail address").fill(first.email);
  await page.getByRole("button", { name: "Send the code" }).click();
  await page.getByRole("heading", { name: "Type the code" }).waitFor();
  await checkPage(tab, "email-code-sent");
  const { text } = await gateway.mail.find(first.email, /^Your code/);
  await page.getByLabel("Code from the e-mail").fill(text.match(/^\d{6}$/m)[0]);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${gateway.origin}/orders`);

  // A second account in the same browser, through a provider.
  const email = freshEmail("provided");
  provider.person = { sub: email, email, emailVerified: true, name: "Katherine" };
  await page.goto(`${gateway.origin}/auth/sign-in?redirect=/orders`);
  await page.getByRole("button", { name: "Continue with acme" }).click();
  await page.waitForURL(`${gateway.origin}/orders`);
  assert.equal(JSON.parse(await page.textContent("body")).email, email);

  await page.goto(`${gateway.origin}/auth/accounts?redirect=/orders`);
  await checkPage(tab, "accounts");
  await page.getByRole("button", { name: `Continue as ${first.email}` }).click();
  await page.waitForURL(`${gateway.origin}/orders`);
  assert.equal(JSON.parse(await page.textContent("body")).email, first.email);
  await page.goto(`${gateway.origin}/auth/accounts`);
  await page.getByRole("button", { name: `Sign ${email} out` }).click();
  await page.getByRole("button", { name: `Sign ${first.email} out` }).waitFor();
  assert.equal(await page.getByRole("button", { name: `Sign ${email} out` }).count(), 0);

  await page.goto(`${gateway.origin}/auth/magic-link?redirect=/orders`);
  await checkPage(tab, "magic-link");
  await page.getByLabel("E-mail address").fill(first.email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByRole("heading", { name: "Check your inbox" }).waitFor();
  await page.goto((await gateway.mail.link(first.email, /^Sign in/)).href);
  await checkPage(tab, "magic-link-mailed");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${gateway.origin}/orders`);
  await tab.context.close();
});

test("a stranger's sign-in through a provider that comes to nothing is told on the page", async () => {
  const tab = await openTab(chromium);
  const { page } = tab;
  const known = await signedIn("known");
  provider.person = { sub: known.email, email: known.email, emailVerified: false, name: "Mallory" };
  await page.goto(`${gateway.origin}/auth/sign-in?redirect=/orders`);
  await page.getByRole("button", { name: "Continue with acme" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(new URL(page.url()).pathname, "/auth/sign-in");
  assert.equal(new URL(page.url()).searchParams.get("redirect"), "/orders");
  await checkPage(tab, "provider-failed");
  await tab.context.close();
});

test("password managers find what they look for", async () => {
  const tokens = async (path) => {
    const html = await (await fetch(`${gateway.origin}${path}`)).text();
    const forms = html.split("<form").slice(1).filter((form) => form.includes('type="password"'));
    assert.equal(forms.length, 1, `${path} has one form with a password`);
    return Object.fromEntries([...forms[0].matchAll(/<input id="([^"]+)"[^>]* autocomplete="([^"]+)"/g)].map(([, id, token]) => [id, token]));
  };
  assert.deepEqual(await tokens("/auth/sign-in"), { email: "username webauthn", password: "current-password" });
  const { email, password } = await tokens("/auth/sign-up");
  assert.deepEqual({ email, password }, { email: "username", password: "new-password" });
  assert.equal((await tokens("/auth/reset-password?token=x")).password, "new-password");
});

test("an account is opened by keyboard alone", async () => {
  const tab = await openTab(chromium, { screen: SCREENS[1] });
  const { page } = tab;
  const email = freshEmail("keys");
  await page.goto(`${gateway.origin}/auth/sign-up`);
  const { keyboard } = page;
  assert.equal(await page.evaluate(() => document.activeElement.name), "name");
  for (const typed of ["Grace", email, `grace_${process.pid}`, PASSWORD, "Eckert–Mauchly"]) {
    await keyboard.type(typed);
    await keyboard.press("Tab");
  }
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "BUTTON");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Check your inbox" }).waitFor();
  await gateway.mail.link(email, VERIFY);
  await tab.context.close();
});

test("a passkey signs in, by its button and out of the field", async () => {
  const person = await signedIn("keyed");
  const tab = await openTab(chromium, { screen: SCREENS[0] });
  const { page } = tab;
  const cdp = await tab.context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, automaticPresenceSimulation: true } });
  const cookies = await person.jar.getCookies(gateway.origin);
  await tab.context.addCookies(cookies.map(({ key, value }) => ({ name: key, value, url: gateway.origin })));
  await page.goto(`${gateway.origin}/account/security`);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("The passkey is added.").waitFor();

  // An authenticator that nobody touches offers nothing by itself: the button asks.
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: false });
  await tab.context.clearCookies();
  await page.goto(`${gateway.origin}/auth/sign-in?redirect=/orders`);
  await checkPage(tab, "sign-in-passkey");
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: true });
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL(`${gateway.origin}/orders`);
  assert.equal(JSON.parse(await page.textContent("body")).email, person.email);

  // The field offers it as it offers passwords; the virtual authenticator takes it at once.
  await tab.context.clearCookies();
  await page.goto(`${gateway.origin}/auth/sign-in?redirect=/orders`);
  await page.waitForURL(`${gateway.origin}/orders`);
  assert.equal(JSON.parse(await page.textContent("body")).email, person.email);
  await tab.context.close();
});

test("names and addresses of any kind, and what people type, are text", async () => {
  const tab = await openTab(chromium, { screen: SCREENS[0] });
  const { page } = tab;
  const name = "عبد الرحمن <b>&\"'";
  const email = `${"a".repeat(64)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(59)}.example`;
  assert.equal(email.length, 254);
  await page.goto(`${gateway.origin}/auth/sign-up`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("12345678");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.locator("[aria-invalid]").first().waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), name);
  assert.equal(await page.getByLabel("E-mail address").inputValue(), email);
  await checkPage(tab, "sign-up-odd");
  await tab.context.close();
});
