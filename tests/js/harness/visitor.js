// Somebody with a browser: the official client, unmodified, over a `fetch` that keeps cookies and names an origin as
// browsers do.

import { createAuthClient } from "better-auth/client";
import { CookieJar } from "tough-cookie";

import { PATIENCE } from "./eventually.js";
import { VERIFY } from "./mailbox.js";
import { gateway } from "./stand.js";

export const PASSWORD = "a walk along the river";

let people = 0;

/** An address that no other test uses. */
export function freshEmail(name) {
  people += 1;
  return `${name}.${people}.${process.pid}@example.com`;
}

export class Visitor {
  /** Of all this visitor's answers, newest last: url, method, path, status, headers. */
  answers = [];
  jar = new CookieJar();

  /** `fetchOptions` and `plugins` are the client's; `userAgent` tells devices apart; `at` is another gateway than the shared one. */
  constructor({ fetchOptions = {}, plugins = [], userAgent = "js-suite", at = gateway, origin = at.origin } = {}) {
    this.userAgent = userAgent;
    this.gateway = at;
    this.origin = origin;
    const customFetchImpl = (url, init) => this.fetch(url, init);
    this.client = createAuthClient({ baseURL: at.origin, plugins, fetchOptions: { customFetchImpl, ...fetchOptions } });
  }

  /** A request with this visitor's cookies; redirects are not followed. */
  fetch = async (target, init = {}) => {
    const url = new URL(target, this.gateway.origin).href;
    const headers = new Headers(init.headers);
    headers.set("origin", this.origin);
    headers.set("user-agent", this.userAgent);
    const cookies = await this.jar.getCookieString(url);
    if (cookies) headers.set("cookie", cookies);
    const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(init.signal ? [init.signal] : [])]);
    const answer = await fetch(url, { redirect: "manual", ...init, headers, signal });
    for (const cookie of answer.headers.getSetCookie()) await this.jar.setCookie(cookie, url);
    const { pathname } = new URL(url);
    this.answers.push({ url, method: init.method ?? "GET", path: pathname, status: answer.status, headers: answer.headers });
    return answer;
  };

  /** Asks the application behind the gateway: its answer, or just the status when refused. */
  async app(path = "/orders", init = {}) {
    const answer = await this.fetch(path, init);
    return answer.ok ? answer.json() : answer.status;
  }

  /** The session cookie as the jar has it, if any. */
  async sessionCookie() {
    const cookies = await this.jar.getCookies(this.gateway.origin);
    return cookies.find((cookie) => cookie.key === "authgate_session");
  }

  /** Signs up and verifies the address. */
  async signUp(email, { password = PASSWORD, name = "Ada" } = {}) {
    const earlier = await gateway.mail.all(email);
    expectSuccess(await this.client.signUp.email({ name, email, password }));
    const token = await gateway.mail.token(email, VERIFY, earlier.length);
    expectSuccess(await this.client.verifyEmail({ query: { token } }));
  }

  /** Signs in; returns the answer's data. */
  async signIn(email, { password = PASSWORD, ...more } = {}) {
    return expectSuccess(await this.client.signIn.email({ email, password, ...more }));
  }
}

/** A new account, signed in. */
export async function signedIn(name, options) {
  const visitor = new Visitor(options);
  const email = freshEmail(name);
  await visitor.signUp(email);
  const { user } = await visitor.signIn(email);
  return Object.assign(visitor, { email, user });
}

/** Another device of the same person, signed in. */
export async function otherDevice(visitor, options) {
  const other = new Visitor(options);
  const { user } = await other.signIn(visitor.email);
  return Object.assign(other, { email: visitor.email, user });
}

/** The data of an answer that is no error. */
export function expectSuccess({ data, error }) {
  if (error) throw new Error(`the client reports ${JSON.stringify(error)}`);
  return data;
}
