// One device of a person: a browser profile of its own, with the frontend open.

import { frontend, gateway } from "../harness/stand.js";
import { PATIENCE } from "../harness/eventually.js";

export class Device {
  /** Opens the frontend, or the same at another origin. */
  static async open(chromium, { origin = frontend.origin, ...options } = {}) {
    const context = await chromium.newContext(options);
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    await page.goto(origin);
    await page.evaluate((baseURL) => globalThis.connect(baseURL), gateway.origin);
    return Object.assign(new Device(), { context, page });
  }

  /** Has the frontend call the client: `call("signIn.email", {…})`. */
  async call(name, argument) {
    return this.page.evaluate(
      async ([path, argument]) => {
        // The client is a proxy, in which every step of the way is one too.
        const method = path.split(".").reduce((object, key) => object[key], globalThis.client);
        const { data, error } = await method(argument);
        return { data, error };
      },
      [name, argument],
    );
  }

  /** Has the frontend call the client, which sends the browser elsewhere; returns once that leads back to `url`. */
  async roundTrip(name, argument, url) {
    await this.page.evaluate(
      ([path, argument]) => {
        const method = path.split(".").reduce((object, key) => object[key], globalThis.client);
        void method(argument);
      },
      [name, argument],
    );
    await this.page.waitForURL(url);
    await this.page.evaluate((baseURL) => globalThis.connect(baseURL), gateway.origin);
  }

  /** Whom the frontend's session store tells of, once it has asked. */
  async shownUser() {
    return this.page.evaluate(
      () =>
        new Promise((resolve) => {
          const stop = globalThis.client.useSession.subscribe(({ data, isPending, isRefetching }) => {
            if (isPending || isRefetching) return;
            setTimeout(() => stop());
            resolve(data?.user.email ?? null);
          });
        }),
    );
  }

  /** Opens a page of the application behind the gateway: what it shows, or 401 where the page to sign in at comes instead. */
  async app() {
    const page = await this.context.newPage();
    const answer = await page.goto(`${gateway.origin}/orders`);
    const isSentToSignIn = new URL(page.url()).pathname === "/auth/sign-in";
    const shown = isSentToSignIn ? 401 : answer.ok() ? await answer.json() : answer.status();
    await page.close();
    return shown;
  }

  /** Opens a mailed link, does something there, presses the button; returns the heading of the page that comes. */
  async followLink(link, button, fill = async () => {}) {
    const page = await this.context.newPage();
    await page.goto(link.href);
    await fill(page);
    const before = await page.getByRole("heading").innerText();
    await page.getByRole("button", { name: button }).click();
    const after = page.getByRole("heading").filter({ hasNotText: before });
    const text = await after.innerText();
    await page.close();
    return text;
  }

  /** Opens a mailed link and presses the button, which leads to `url`. */
  async pressOn(link, button, url) {
    const page = await this.context.newPage();
    await page.goto(link.href);
    await page.getByRole("button", { name: button }).click();
    await page.waitForURL(url);
    await page.close();
  }
}
