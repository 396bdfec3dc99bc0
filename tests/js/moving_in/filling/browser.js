// One browser at a better-auth server in this process: it keeps cookies as the server writes them.

import { BASE_URL } from "./options.js";

export class Browser {
  /** Holds values by name, exactly as they came: still percent-encoded. */
  cookies = {};
  /** Is the token that the bearer plugin gave last. */
  bearer = null;

  constructor(auth, { userAgent = "Filler/1.0", address = "203.0.113.7" } = {}) {
    this.auth = auth;
    this.headers = { origin: new URL(BASE_URL).origin, "user-agent": userAgent, "x-forwarded-for": address };
  }

  /** Sends a request; returns the JSON, or throws when the server refuses. Redirects are returned as `{ location }`. */
  async send(method, path, body) {
    const headers = new Headers(this.headers);
    const cookie = Object.entries(this.cookies).map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookie) headers.set("cookie", cookie);
    if (body) headers.set("content-type", "application/json");
    const url = new URL(path, BASE_URL).href;
    const answer = await this.auth.handler(new Request(url, { method, headers, body: body && JSON.stringify(body) }));
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    this.bearer = answer.headers.get("set-auth-token") ?? this.bearer;
    const text = await answer.text();
    if (answer.status >= 300 && answer.status < 400) return { location: answer.headers.get("location") };
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  get(path) {
    return this.send("GET", `/api/auth${path}`);
  }

  post(path, body = {}) {
    return this.send("POST", `/api/auth${path}`, body);
  }

  /** Returns the token of the session without its signature. */
  get token() {
    return decodeURIComponent(this.cookies["better-auth.session_token"]).split(".")[0];
  }

  #keep(line) {
    const [pair, ...attributes] = line.split("; ");
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const isOver = value === "" || attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (isOver) delete this.cookies[name];
    else this.cookies[name] = value;
  }
}
