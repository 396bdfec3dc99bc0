// Every page is held to the same: WCAG 2.2 A and AA by axe-core, valid HTML, nothing beyond the edge of the screen, no error in the console.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { HtmlValidate } from "html-validate";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const validator = new HtmlValidate({
  extends: ["html-validate:standard"],
  rules: {
    // Buttons of forms submit, which is what the standard says.
    "no-implicit-button-type": "off",
    // The style stands in the page under its hash.
    "require-csp-nonce": "off",
    "long-title": "off",
    "no-trailing-whitespace": "off",
    "valid-autocomplete": "error",
  },
});

/** A phone in the dark and a wide screen by day, each in a browser of its own. */
export const SCREENS = [
  { name: "phone", viewport: { width: 360, height: 740 }, colorScheme: "dark" },
  { name: "desktop", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
];

/** Opens a tab that notes what goes wrong in it, and keeps the response that brought the page. */
export async function openTab(chromium, { screen = SCREENS[1], ...options } = {}) {
  const { viewport, colorScheme } = screen;
  const context = await chromium.newContext({ viewport, colorScheme, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    // The status of a page with an error in its form is told here too.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) faults.push(message.text());
  });
  const tab = { context, page, faults, screen };
  page.on("response", (response) => {
    const isDocument = response.request().isNavigationRequest() && response.frame() === page.mainFrame();
    if (isDocument && !(response.status() >= 300 && response.status() < 400)) tab.document = response;
  });
  return tab;
}

/**
 * Checks the page that a tab shows. axe needs scripts: without, only the rest is checked. The HTML is what the gateway sent: browsers
 * repair what they show.
 */
export async function checkPage({ page, faults, screen, document: sent }, name, { scripts = true } = {}) {
  const report = await validator.validateString(await sent.text());
  const messages = report.results.flatMap((result) => result.messages.map((m) => `${m.ruleId}: ${m.message} (${m.line}:${m.column})`));
  assert.deepEqual(messages, [], `${name}: HTML`);
  const directory = process.env.SCREENSHOTS;
  if (directory) await page.screenshot({ path: `${directory}/${name}-${screen.name}.png`, fullPage: true });
  if (!scripts) return;
  // The policy forbids inline scripts; those of the protocol are none.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((rules) => axe.run(document, { runOnly: { type: "tag", values: rules } }), RULES);
  const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
  assert.deepEqual(found, [], `${name} on ${screen.name}: axe`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, `${name} on ${screen.name} is wider than the screen`);
  assert.deepEqual(faults, [], `${name}: console`);
}
