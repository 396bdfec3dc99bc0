// The built-in pages of administrators, in Chromium by labels and roles, as a person would.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { organizationClient } from "better-auth/client/plugins";

import { launchChromium } from "../harness/chromium.js";
import { eventually } from "../harness/eventually.js";
import { SCREENS, checkPage, openTab } from "../harness/page_checks.js";
import { sql } from "../harness/sql.js";
import { gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail, otherDevice, signedIn } from "../harness/visitor.js";

const PAGES = "/auth/admin";
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

async function administrator(name) {
  const visitor = await signedIn(name);
  await gateway.command("users", "set-role", visitor.email, "admin");
  return visitor;
}

/** A tab of somebody who is signed in, with what tests do in it again and again. */
async function tabOf(visitor, { screen = DESKTOP, scripts = true, ...options } = {}) {
  const tab = await openTab(chromium, { screen, javaScriptEnabled: scripts, ...options });
  const cookies = await visitor.jar.getCookies(gateway.origin);
  await tab.context.addCookies(cookies.map(({ key, value }) => ({ name: key, value, url: gateway.origin })));
  const { page } = tab;
  const main = page.getByRole("main");
  return Object.assign(tab, {
    main,
    open: (path) => page.goto(`${gateway.origin}${PAGES}${path}`),
    at: () => new URL(page.url()).pathname.replace(PAGES, ""),
    check: (name) => checkPage(tab, `admin-${name}`, { scripts }),
    section: (heading) => page.locator("section").filter({ has: page.getByRole("heading", { name: heading, exact: true }) }),
    press: (name) => main.getByRole("button", { name, exact: true }).click(),
    follow: (name) => main.getByRole("link", { name, exact: true }).click(),
    says: (text) => page.getByRole("status").getByText(text).waitFor(),
  });
}

test("nobody else learns that there are such pages", async () => {
  const tab = await tabOf(await signedIn("outsider"));
  for (const path of ["", "/users", "/users/create", "/audit", "/audit/export?format=csv", "/outbox", "/health", "/organizations"]) {
    const answer = await tab.open(path);
    assert.equal(answer.status(), 404, path);
  }
  await tab.main.getByRole("heading", { name: "There is no such page" }).waitFor();
  const stranger = await tabOf(new Visitor());
  await stranger.open("/users?q=ada");
  const url = new URL(stranger.page.url());
  assert.deepEqual([url.pathname, url.searchParams.get("redirect")], ["/auth/sign-in", `${PAGES}/users?q=ada`]);
  await tab.context.close();
  await stranger.context.close();
});

for (const { screen, scripts } of RUNS) {
  const how = `on a ${screen.name} ${scripts ? "with" : "without"} scripts`;

  test(`a user is made, found, changed, banned and removed ${how}`, async () => {
    const tab = await tabOf(await administrator("root"), { screen, scripts });
    const { page, main, open, at, check, section, press, follow, says } = tab;
    const email = freshEmail("made");
    await open("");
    assert.equal(at(), "/users");
    await follow("Create a user");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Name", { exact: true }).fill("ليلى");
    await page.getByLabel("Roles").fill("Not A Role");
    await press("Create a user");
    assert.equal(await page.getByLabel("Roles").getAttribute("aria-invalid"), "true");
    assert.equal(await page.getByLabel("E-mail address").inputValue(), email);
    await check("create-user");
    await page.getByLabel("Roles").fill("editor");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByLabel("The address is known to be theirs").check();
    await press("Create a user");
    await says("The user is created.");

    // Found by part of the address, and by name, role, ban and state of the address together.
    await open("/users");
    await page.getByLabel("Search", { exact: true }).fill(email.slice(0, -6).toUpperCase());
    await press("Search");
    await main.getByText("1 user", { exact: true }).waitFor();
    await page.getByLabel("Search", { exact: true }).fill("ليلى");
    await page.getByLabel("Search in").selectOption("Name");
    await page.getByLabel("Role", { exact: true }).fill("editor");
    await page.getByLabel("Ban").selectOption("Not banned");
    await page.getByLabel("Address", { exact: true }).selectOption("Address confirmed");
    await press("Search");
    assert.equal(await page.getByLabel("Ban").inputValue(), "false");
    await main.getByText(email).waitFor();
    await check("users");
    await page.getByLabel("Ban").selectOption("Banned");
    await press("Search");
    await main.getByText("0 users").waitFor();

    const guest = new Visitor();
    await guest.signIn(email);
    const phone = await otherDevice({ email });
    await open(`/users?q=${encodeURIComponent(email)}`);
    await follow("ليلى");
    await section("Ways to sign in").getByText("Password").waitFor();
    await check("user");
    await section("Roles").getByLabel("Roles").fill("editor, support");
    await section("Roles").getByRole("button", { name: "Save" }).click();
    await says("The roles are changed.");
    await section("About").getByText("editor, support").waitFor();

    const sessions = section("Sessions").getByRole("listitem");
    assert.equal(await sessions.count(), 2);
    await sessions.first().getByRole("button", { name: "End" }).click();
    await says("The session is ended.");
    assert.equal(await sessions.count(), 1);
    assert.deepEqual([await phone.app(), (await guest.app()).email], [401, email]);
    await press("End all sessions");
    await says("All sessions are ended.");
    assert.equal(await guest.app(), 401);

    await section("Password").getByLabel("New password").fill("12345678");
    await press("Set password");
    assert.equal(await page.getByLabel("New password").getAttribute("aria-invalid"), "true");
    await section("Password").getByLabel("New password").fill("a swim across the lake");
    await press("Set password");
    await says("The password is set.");
    await guest.signIn(email, { password: "a swim across the lake" });

    await page.getByLabel("Reason").fill("spam");
    await page.getByLabel("Until").fill("2020-01-01");
    await press("Ban the user");
    await main.getByText("Choose a day in the future.").waitFor();
    assert.equal(await page.getByLabel("Reason").inputValue(), "spam");
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel("Until").fill(tomorrow);
    await press("Ban the user");
    await says("The user is banned.");
    await section("About").getByText("spam").waitFor();
    assert.equal(await guest.app(), 401);
    await check("user-banned");
    await press("Lift the ban");
    await says("The ban is lifted.");
    await guest.signIn(email, { password: "a swim across the lake" });

    await follow("Their events in the audit log");
    await main.getByRole("link", { name: "user_unbanned" }).waitFor();
    await page.goBack();
    await follow("Remove the user");
    await main.getByRole("heading", { name: "Remove this user?" }).waitFor();
    await check("remove-user");
    await press("Remove the user");
    await says("The user is removed.");
    assert.equal(await guest.app(), 401);
    await tab.context.close();
  });

  test(`audit log, organizations, mail and health ${how}`, async () => {
    const root = await administrator("auditor");
    const guest = await signedIn("founder");
    const customFetchImpl = (url, init) => guest.fetch(url, init);
    const { organization } = createAuthClient({ baseURL: gateway.origin, plugins: [organizationClient()], fetchOptions: { customFetchImpl } });
    const slug = `acme-${screen.name}-${scripts}-${process.pid}`;
    expectSuccess(await organization.create({ name: "Acme & Söhne", slug }));
    const tab = await tabOf(root, { screen, scripts });
    const { page, main, open, check, press, follow, says } = tab;

    await open("/audit");
    await page.getByLabel("User (address or ID)").fill(guest.email);
    const today = new Date().toISOString().slice(0, 10);
    await page.getByLabel("From").fill(today);
    await page.getByLabel("To").fill(today);
    await press("Search");
    await main.getByRole("link", { name: "organization_created" }).waitFor();
    await check("audit");
    await page.getByLabel("Event").fill("sign_in");
    await press("Search");
    assert.deepEqual(await main.locator("code").allTextContents().then((events) => [...new Set(events.filter((text) => !text.startsWith("{")))]), ["sign_in"]);
    const [download] = await Promise.all([page.waitForEvent("download"), follow("Download as a table (CSV)")]);
    const table = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
    assert.ok(table[0].startsWith("id,occurredAt,event") && table.length >= 2 && table.slice(1).every((line) => line.includes(guest.user.id)), table.join("\n"));
    const [lines] = await Promise.all([page.waitForEvent("download"), follow("Download as JSON lines")]);
    const [event] = (await readFile(await lines.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual([event.event, event.userId], ["sign_in", guest.user.id]);
    await open("/audit");
    assert.equal(await main.getByRole("listitem").count(), 25);
    await follow("Next");
    await follow("To the start");

    await open("/organizations");
    await page.getByLabel("Search").fill(slug);
    await press("Search");
    await check("organizations");
    await follow("Acme & Söhne");
    await main.getByText(guest.email).waitFor();
    await check("organization");

    const recipient = freshEmail("bounced");
    await sql(`insert into auth.mail_outbox (kind, recipient, payload, created_at, next_attempt_at, attempts, last_error, failed_at)
      values ('reset_password', '${recipient}', '\\x00', now() - interval '2 days', now(), 9, '550 no such mailbox', now() + interval '1 minute')`);
    await open("/outbox?state=failed");
    const mail = main.getByRole("listitem").filter({ hasText: recipient });
    await mail.getByText("Reason: 550 no such mailbox").waitFor();
    await check("outbox");
    await mail.getByRole("button", { name: "Send again" }).click();
    await says("It is being sent again.");
    // Nobody can read it, so that it is given up once more, with another reason.
    await eventually("the mail to be given up again", async () => {
      const error = `select last_error from auth.mail_outbox where recipient = '${recipient}' and failed_at is not null`;
      return /sealed/.test(await sql(error));
    });
    await sql(`delete from auth.mail_outbox where recipient = '${recipient}'`);

    await open("/health");
    await main.getByText("All is well").waitFor();
    await main.getByText(/^PostgreSQL \d+/).waitFor();
    await main.getByText("In service", { exact: true }).waitFor();
    await main.getByText(/gateway\.json$/).waitFor();
    const configuration = await main.locator("pre").textContent();
    assert.match(configuration, /public_url: "http:\/\/localhost/);
    assert.match(configuration, /secret: \{ env: AUTHGATE_SECRET \}/);
    assert.ok(!configuration.includes("js-suite-secret"), "no secret is shown");
    await check("health");
    await tab.context.close();
  });
}

test("an administrator acts in a user's place, and a banner leads back", async () => {
  const root = await administrator("actor");
  const guest = await signedIn("acted");
  const tab = await tabOf(root, { screen: PHONE, scripts: false });
  const { page, main, open, press } = tab;
  await open(`/users/${guest.user.id}`);
  await press("Act as this user");
  await page.getByText(`You are acting as ${guest.email}.`).waitFor();
  assert.equal(new URL(page.url()).pathname, "/account/settings");
  await tab.check("impersonating");
  assert.equal((await open("/users")).status(), 404, "the user's own permissions hold");
  await page.goto(`${gateway.origin}/account/settings`);
  await page.getByRole("button", { name: "Back to your own account" }).click();
  await main.getByRole("heading", { name: "Users", exact: true }).waitFor();
  assert.equal(await page.getByText("You are acting as").count(), 0);
  // Another administrator's place is nobody's.
  const other = await administrator("peer");
  await open(`/users/${other.user.id}`);
  await press("Act as this user");
  await page.getByRole("alert").waitFor();
  await tab.context.close();
});

test("five thousand users are quickly leafed through", async () => {
  const tab = await tabOf(await administrator("many"));
  const { main, open, follow } = tab;
  await sql(`insert into auth.users (id, email, name, created_at, updated_at)
    select 'many-' || n, 'many' || n || '@many.example', 'Many ' || n, '2020-01-01'::timestamptz + n * interval '1 minute', now()
    from generate_series(1, 5000) n on conflict do nothing`);
  const began = performance.now();
  await open("/users?q=many.example");
  const took = performance.now() - began;
  assert.ok(took < 2000, `${took} ms`);
  assert.equal(await main.getByRole("heading").first().textContent(), "Users");
  await main.getByText("5,000 users").waitFor();
  assert.equal(await main.getByRole("listitem").count(), 25);
  await follow("Next");
  await main.getByText("26–50 of 5,000").waitFor();
  await follow("Previous");
  await main.getByText("1–25 of 5,000").waitFor();
  await open("/users?q=many.example&page=200");
  await main.getByText("Many 1", { exact: true }).waitFor();
  await sql("delete from auth.users where id like 'many-%'");
  await tab.context.close();
});
