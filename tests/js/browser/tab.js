// A browser profile of its own with the ready-made frontend open, which notices whatever goes wrong in it.

import assert from "node:assert/strict";
import { join } from "node:path";

import { PATIENCE } from "../harness/eventually.js";
import { gateway } from "../harness/stand.js";
import { BASE } from "../ui/build.js";

/** Of a request that the page itself gave up: the client had begun a newer one, or another page took its place. */
const GIVEN_UP = /net::ERR_ABORTED$/;

export class Tab {
  /** What the console, the page and the network complained of. */
  complaints = [];
  /** What is no fault. */
  #expected = [GIVEN_UP];

  static async open(chromium, origin, options = {}) {
    const context = await chromium.newContext(options);
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const tab = Object.assign(new Tab(), { context, page, origin });
    const complain = (text) => {
      if (!tab.#expected.some((pattern) => pattern.test(text))) tab.complaints.push(text);
    };
    page.on("console", (message) => {
      // The browser's line about an answer's status is told with that answer.
      const isTold = /^Failed to load resource: the server responded with a status of /.test(message.text());
      if (["error", "warning"].includes(message.type()) && !isTold) complain(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => complain(`page: ${error.stack}`));
    page.on("requestfailed", (request) => complain(`${request.method()} ${request.url()}: ${request.failure().errorText}`));
    page.on("response", (response) => {
      if (response.status() >= 400) complain(`${response.request().method()} ${response.url()}: ${response.status()}`);
    });
    return tab;
  }

  /** From here on such a complaint is what a step is about: a refusal that the page is to show. */
  expect(pattern) {
    this.#expected.push(pattern);
  }

  /** Opens a page of the frontend: `/auth/sign-in`. */
  async visit(path) {
    const query = this.origin === gateway.origin ? "" : `?gateway=${encodeURIComponent(gateway.origin)}`;
    await this.page.goto(`${this.origin}${BASE}${path}${query}`);
  }

  /** Waits until the frontend shows this page. */
  async at(path) {
    await this.page.waitForURL((url) => url.origin === this.origin && url.pathname === `${BASE}${path}`);
  }

  async signIn(email, password) {
    await this.page.getByLabel("Email").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Login" }).click();
  }

  /** Chooses a file in the card for the picture, as its menu does. */
  async takePicture(buffer) {
    await this.page.locator("input[type=file]").setInputFiles({ name: "me.png", mimeType: "image/png", buffer });
  }

  /** The address and width of this person's picture, once the page shows it as the gateway serves it: at first it shows what it sent. */
  async shownPicture(name) {
    const pictures = this.page.getByRole("main").getByRole("img", { name });
    const picture = pictures.and(this.page.locator(`[src^="${gateway.origin}"]`));
    await picture.waitFor();
    return picture.evaluate((image) => ({ src: image.src, width: image.naturalWidth }));
  }

  /** The settings card with this title. */
  card(title) {
    return this.page.locator('[data-slot="card"]').filter({ has: this.page.locator('[data-slot="card-title"]').getByText(title, { exact: true }) });
  }

  /** Waits for a passing message. */
  async toast(text) {
    await this.page.locator("[data-sonner-toast]").getByText(text).waitFor();
  }

  /** The user of this profile's session, as the gateway tells them. */
  async user() {
    const answer = await this.context.request.get(`${gateway.origin}/api/auth/get-session`);
    return (await answer.json())?.user ?? null;
  }

  /** Keeps a picture of the page where SCREENSHOTS names a directory, for whoever wants to look. */
  async shot(name) {
    const { SCREENSHOTS } = process.env;
    if (SCREENSHOTS) await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }

  /** Ends it; nothing may have gone wrong. */
  async close() {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
  }
}
