// Takes the pictures of the documentation, in the folder that SCREENSHOTS names: see scripts/screenshots.

import { launchChromium } from "./harness/chromium.js";
import { gateway, stop } from "./harness/stand.js";
import { openTab } from "./harness/page_checks.js";
import { PASSWORD, Visitor } from "./harness/visitor.js";

const folder = process.env.SCREENSHOTS;
const WIDE = { viewport: { width: 1000, height: 720 }, colorScheme: "light" };
const NARROW = { viewport: { width: 400, height: 720 }, colorScheme: "dark" };

const chromium = await launchChromium();
const visitor = new Visitor({ userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1" });
const email = "ada@example.com";
await visitor.signUp(email);
await visitor.signIn(email);
await gateway.command("users", "set-role", email, "admin");
for (const name of ["grace", "alan", "margaret", "edsger"]) await new Visitor().signUp(`${name}@example.com`);

/** Opens a page and takes its picture. */
async function shoot(tab, path, name) {
  await tab.page.goto(`${gateway.origin}${path}`);
  await tab.page.evaluate(() => document.activeElement?.blur());
  await tab.page.screenshot({ path: `${folder}/${name}.png` });
}

const phone = await openTab(chromium, { screen: NARROW });
await shoot(phone, "/auth/sign-up", "sign-up");
const desktop = await openTab(chromium, { screen: WIDE });
await shoot(desktop, "/auth/sign-in", "sign-in");
await desktop.page.getByLabel("E-mail address").fill(email);
await desktop.page.getByLabel("Password").fill(PASSWORD);
await desktop.page.getByRole("button", { name: "Sign in", exact: true }).click();
await desktop.page.waitForURL(`${gateway.origin}/`);
await shoot(desktop, "/account/security", "security");
await shoot(desktop, "/auth/admin/users", "administration");
await chromium.close();
await stop();
