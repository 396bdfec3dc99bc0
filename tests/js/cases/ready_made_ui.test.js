// The ready-made components of `@daveyplate/better-auth-ui`, unmodified, in Chromium: a whole life on the gateway's own origin, and the
// part that cookies and CORS decide from another. Nothing may fail on the way, seen or unseen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Tab } from "../browser/tab.js";
import { launchChromium } from "../harness/chromium.js";
import { CHANGE_ADDRESS, RESET, VERIFY } from "../harness/mailbox.js";
import { frontend, gateway, provider } from "../harness/stand.js";
import { PASSWORD, freshEmail, signedIn } from "../harness/visitor.js";

const NEW_PASSWORD = "a swim across the lake";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
/** Two by two, blue. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGNgYPgPRhAKABX2A/0ZsTJ6AAAAAElFTkSuQmCC",
  "base64",
);

test("ready-made pages through a whole life", async (life) => {
  const chromium = await launchChromium();
  life.after(() => chromium.close());
  const desktop = await Tab.open(chromium, gateway.origin);
  const { page } = desktop;
  const email = freshEmail("ready");

  await life.test("sign up, and verify the address on the mailed page", async () => {
    await desktop.visit("/auth/sign-up");
    await page.getByLabel("Name").fill("Grace");
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByLabel("Company").fill("Eckert–Mauchly");
    await desktop.shot("sign-up");
    await page.getByRole("button", { name: "Create an account" }).click();
    await desktop.toast("Check your email for the verification link.");
    await page.goto((await gateway.mail.link(email, VERIFY)).href);
    await desktop.shot("mailed-page");
    await page.getByRole("button", { name: "Confirm my address" }).click();
    await desktop.at("/auth/sign-in");
  });

  await life.test("sign in", async () => {
    await desktop.signIn(email, PASSWORD);
    await desktop.at("/account/settings");
    await desktop.shot("settings");
  });

  await life.test("take another name", async () => {
    await desktop.card("Name").getByRole("textbox").fill("Grace Hopper");
    await desktop.card("Name").getByRole("button", { name: "Save" }).click();
    await desktop.toast("Name updated successfully");
    assert.equal((await desktop.user()).name, "Grace Hopper");
  });

  await life.test("change a field of the application's own", async () => {
    const company = desktop.card("Company");
    assert.equal(await company.getByRole("textbox").inputValue(), "Eckert–Mauchly");
    await company.getByRole("textbox").fill("Remington Rand");
    await company.getByRole("button", { name: "Save" }).click();
    await desktop.toast("Company updated successfully");
    assert.equal((await desktop.user()).company, "Remington Rand");
    const told = await desktop.context.request.get(`${gateway.origin}/headers`);
    assert.equal((await told.json())["x-user-company"], "Remington Rand");
  });

  await life.test("send a picture, which the gateway serves", async () => {
    await desktop.takePicture(PICTURE);
    const { src, width } = await desktop.shownPicture("Grace Hopper");
    assert.match(src, new RegExp(`^${gateway.origin}/api/auth/avatars/[0-9a-f]{64}\\.png$`));
    assert.equal(width, 128);
    assert.equal((await desktop.user()).image, src);
    await desktop.shot("picture");
  });

  await life.test("change the password", async () => {
    await desktop.visit("/account/security");
    await page.getByPlaceholder("Current Password").fill(PASSWORD);
    await page.getByPlaceholder("New Password").fill(NEW_PASSWORD);
    await desktop.card("Change Password").getByRole("button", { name: "Save" }).click();
    await desktop.toast("Your password has been changed.");
  });

  await life.test("see another session, and end it", async () => {
    const phone = await Tab.open(chromium, gateway.origin, { userAgent: IPHONE });
    await phone.visit("/auth/sign-in");
    await phone.signIn(email, NEW_PASSWORD);
    await phone.at("/account/settings");

    await page.reload();
    const sessions = desktop.card("Sessions");
    await sessions.getByText("iOS, Safari").waitFor();
    assert.equal(await sessions.getByText("Current Session").count(), 1);
    assert.equal(await sessions.getByRole("button", { name: "Sign Out" }).count(), 1);
    await desktop.shot("security");
    await sessions.getByRole("button", { name: "Revoke" }).click();
    await sessions.getByText("iOS, Safari").waitFor({ state: "detached" });
    assert.equal(await phone.user(), null);
    await phone.visit("/account/settings");
    await phone.at("/auth/sign-in");
    await phone.close();
  });

  await life.test("link a provider, and unlink it", async () => {
    provider.person = { sub: "a person of ready-made pages", email, emailVerified: true, name: "Grace" };
    const providers = desktop.card("Providers");
    await providers.getByRole("button", { name: "Link", exact: true }).click();
    await providers.getByRole("button", { name: "Unlink" }).waitFor();
    await providers.getByText(email).waitFor();
    await desktop.shot("linked");
    await providers.getByRole("button", { name: "Unlink" }).click();
    await providers.getByRole("button", { name: "Link", exact: true }).waitFor();
  });

  await life.test("delete the account", async () => {
    await desktop.card("Delete Account").getByRole("button", { name: "Delete Account" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Password").fill(NEW_PASSWORD);
    await desktop.shot("delete");
    await dialog.getByRole("button", { name: "Delete Account" }).click();
    await desktop.at("/auth/sign-in");
    assert.equal(await desktop.user(), null);
    await desktop.shot("deleted");
  });

  await desktop.close();
});

test("ready-made pages on another origin", async (life) => {
  const chromium = await launchChromium();
  life.after(() => chromium.close());
  const tab = await Tab.open(chromium, frontend.origin);
  const { page } = tab;
  const { email } = await signedIn("elsewhere");

  await life.test("forget the password, and set a new one", async () => {
    await tab.visit("/auth/forgot-password");
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send reset link" }).click();
    await tab.toast("Check your email for the password reset link.");
    await page.goto((await gateway.mail.link(email, RESET)).href);
    await tab.at("/auth/reset-password");
    await page.getByLabel("New Password").fill(NEW_PASSWORD);
    await tab.shot("reset-password");
    await page.getByRole("button", { name: "Save new password" }).click();
    await tab.at("/auth/sign-in");
  });

  await life.test("sign in", async () => {
    await tab.signIn(email, NEW_PASSWORD);
    await tab.at("/account/settings");
  });

  await life.test("show a picture of the gateway's", async () => {
    await tab.takePicture(PICTURE);
    const { src, width } = await tab.shownPicture("Ada");
    assert.ok(src.startsWith(`${gateway.origin}/api/auth/avatars/`), src);
    assert.equal(width, 128);
    await tab.shot("picture-elsewhere");
  });

  await life.test("move to another address", async () => {
    const newEmail = freshEmail("moved");
    await tab.card("Email").getByRole("textbox").fill(newEmail);
    await tab.card("Email").getByRole("button", { name: "Save" }).click();
    await tab.toast("Please check your email to verify the change.");
    await page.goto((await gateway.mail.link(newEmail, CHANGE_ADDRESS)).href);
    await page.getByRole("button", { name: "Confirm my address" }).click();
    await tab.at("/account/settings");
    assert.equal((await tab.user()).email, newEmail);
  });

  await life.test("sign out, and in at a provider", async () => {
    await page.getByRole("banner").getByRole("button").click();
    await tab.shot("menu");
    await page.getByRole("menuitem", { name: "Sign Out" }).click();
    await tab.at("/auth/sign-in");
    assert.equal(await tab.user(), null);

    const grace = freshEmail("provided");
    provider.person = { sub: "another person of ready-made pages", email: grace, emailVerified: true, name: "Grace" };
    await page.getByRole("button", { name: "Sign in with GitLab" }).click();
    await tab.at("/account/settings");
    assert.equal((await tab.user()).email, grace);
  });

  await life.test("keep the only way to sign in, and set a password", async () => {
    const { email: grace } = await tab.user();
    await tab.visit("/account/security");
    tab.expect(/^POST .*\/unlink-account: 400$/);
    await tab.card("Providers").getByRole("button", { name: "Unlink" }).click();
    await tab.toast("You can't unlink your last account");
    await tab.card("Set Password").getByRole("button", { name: "Set Password" }).click();
    await tab.toast("Check your email for the password reset link.");
    await page.goto((await gateway.mail.link(grace, RESET)).href);
    await page.getByLabel("New Password").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Save new password" }).click();
    await tab.at("/auth/sign-in");
    await tab.toast("Password reset successfully");

    tab.expect(/^POST .*\/sign-in\/email: 401$/);
    await tab.signIn(grace, PASSWORD);
    await tab.toast("Invalid email or password");
    await tab.shot("wrong-password");
    await tab.signIn(grace, NEW_PASSWORD);
    await tab.at("/account/settings");
  });

  await tab.close();
});
