// Runs what docs/nextjs.md, docs/react.md and docs/mobile.md show against the real gateway with the official client. Only what belongs to a
// framework's server or to a device is a stand-in.

import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";

import { renderToString } from "react-dom/server";
import { createElement } from "react";
import { CookieJar } from "tough-cookie";

import { load, readPage } from "../docs/snippets.js";
import { answering } from "../docs/stand_ins/next_headers.js";
import { NextRequest } from "../docs/stand_ins/next_server.js";
import { getItem } from "../docs/stand_ins/expo_secure_store.js";
import { checkSettings, startGateway } from "../harness/gateway.js";
import { VERIFY } from "../harness/mailbox.js";
import { frontend, gateway, provider, upstream } from "../harness/stand.js";
import { PASSWORD, expectSuccess, freshEmail, signedIn } from "../harness/visitor.js";

const nextjs = readPage("nextjs.md");
const react = readPage("react.md");
const mobile = readPage("mobile.md");

/** A request for another host than the one that it goes to, as a proxy in between makes it; `fetch` cannot. */
function requestAs(origin, cookie, url, body) {
  return new Promise((resolve, reject) => {
    const headers = { host: new URL(origin).host, origin, cookie, "content-type": "application/json" };
    request(url, { method: body ? "POST" : "GET", headers }, (answer) => {
      answer.resume().on("end", () => resolve({ status: answer.statusCode, cookies: answer.headers["set-cookie"] ?? [] }));
    })
      .on("error", reject)
      .end(body && JSON.stringify(body));
  });
}

/** Cookies as a browser at `public_url` would have them, from a gateway that is configured as a page says. */
async function cookiesOf({ server: { public_url, hosts }, auth }, run) {
  const settings = { server: { public_url, hosts }, auth };
  const own = await startGateway({ upstream: upstream.url, trustedOrigins: [], issuer: provider.issuer, settings });
  try {
    const jar = new CookieJar();
    const call = async (path, body) => {
      const cookie = await jar.getCookieString(public_url);
      const { status, cookies } = await requestAs(public_url, cookie, `${own.origin}/api/auth${path}`, body);
      assert.equal(status, 200, path);
      for (const cookie of cookies) await jar.setCookie(cookie, public_url);
    };
    const email = freshEmail("named");
    await call("/sign-up/email", { name: "Ada", email, password: PASSWORD });
    await call(`/verify-email?token=${await own.mail.token(email, VERIFY)}`);
    const before = await jar.getCookieString(public_url);
    await call("/sign-in/email", { email, password: PASSWORD });
    await run({ before, after: await jar.getCookieString(public_url), origin: public_url });
  } finally {
    await own.stop();
  }
}

describe("docs/nextjs.md", () => {
  const named = nextjs.settings.filter(({ auth }) => auth?.session?.cookie_name);

  for (const settings of named) {
    test(`the proxy finds the cookie of ${settings.server.public_url}`, async () => {
      const { proxy, config } = await load(nextjs, "proxy.js");
      assert.deepEqual(config.matcher, ["/dashboard/:path*"]);
      await cookiesOf(settings, ({ before, after, origin }) => {
        const pass = (cookie) => proxy(new NextRequest(`${origin}/dashboard`, { headers: { cookie } }));
        assert.equal(pass(before).headers.get("location"), `${origin}/sign-in?redirectTo=%2Fdashboard`);
        assert.equal(pass(after).headers.get("x-middleware-next"), "1");
      });
    });
  }

  test("both names are there, that of https and that of http", () => {
    assert.deepEqual(named.map(({ server }) => new URL(server.public_url).protocol), ["https:", "http:"]);
  });

  test("a page asks for the session and the backend with what the browser sent", async () => {
    process.env.GATEWAY_URL = gateway.origin;
    const ada = await signedIn("server");
    const cookie = await ada.jar.getCookieString(gateway.origin);
    const { getSession, callApi } = await load(nextjs, "lib/session.js");
    const { default: Dashboard } = await load(nextjs, "app/dashboard/page.jsx");

    answering({ cookie, origin: gateway.origin, "user-agent": "a browser" });
    assert.equal((await getSession()).user.email, ada.email);
    assert.match(renderToString(await Dashboard()), /Ada/);
    assert.equal((await (await callApi("/orders", { method: "POST" })).json()).id, ada.user.id);
    answering({ cookie });
    assert.equal((await callApi("/orders", { method: "POST" })).status, 403);

    answering({});
    assert.equal(await getSession(), null);
    await assert.rejects(Dashboard(), { path: "/sign-in?redirectTo=/dashboard" });
  });

  test("a page behind the gateway knows the user by the headers", async () => {
    const { currentUser } = await load(nextjs, "lib/user.js");
    const ada = await signedIn("behind");
    expectSuccess(await ada.client.updateUser({ name: "Zoë" }));
    answering(await ada.app("/headers"));
    assert.deepEqual(await currentUser(), { id: ada.user.id, email: ada.email, name: "Zoë" });
    answering({});
    assert.equal(await currentUser(), null);
  });

  test("its other files say what they are for", async () => {
    process.env.GATEWAY_URL = "http://auth.internal:8080";
    const { default: config } = await load(nextjs, "next.config.js");
    assert.deepEqual(await config.rewrites(), [{ source: "/api/:path*", destination: "http://auth.internal:8080/api/:path*" }]);
    const { authClient } = await load(nextjs, "lib/auth-client.js");
    assert.equal(typeof authClient.useSession, "function");
  });
});

describe("docs/react.md", () => {
  const define = { "import.meta.env.VITE_GATEWAY": JSON.stringify(gateway.origin) };

  test("the client and its first component", async () => {
    const { callApi } = await load(react, "src/auth-client.js", define);
    assert.equal((await callApi("/orders", { headers: { origin: frontend.origin } })).status, 401);
    const { Account } = await load(react, "src/account.jsx", define);
    assert.equal(renderToString(createElement(Account)), "<p>…</p>");
  });

  test("the ready-made pages and the development server", async () => {
    const { App } = await load(react, "src/main.jsx", define);
    assert.equal(typeof App, "function");
    const { default: config } = await load(react, "vite.config.js");
    assert.deepEqual(config.server.proxy, { "/api": "http://127.0.0.1:8080" });
  });
});

/** A device: its own cookie store unless a call leaves it out, no origin, and the gateway under the name that the page gives it. */
function onDevice(device) {
  const jar = new CookieJar();
  const own = globalThis.fetch;
  const sent = [];
  globalThis.fetch = async (target, init = {}) => {
    const url = new URL(String(target).replace("https://api.example.com", gateway.origin));
    const headers = new Headers(init.headers);
    const keepsCookies = init.credentials !== "omit";
    const cookies = keepsCookies && (await jar.getCookieString(url.href));
    if (cookies) headers.set("cookie", cookies);
    sent.push(headers);
    const answer = await own(url, { ...init, headers });
    if (keepsCookies) for (const cookie of answer.headers.getSetCookie()) await jar.setCookie(cookie, url.href);
    return answer;
  };
  device.after(() => {
    globalThis.fetch = own;
  });
  return sent;
}

describe("docs/mobile.md", () => {
  test("an Expo app signs in, calls the backend and signs out", async (device) => {
    const { email, user } = await signedIn("expo");
    const sent = onDevice(device);
    const { authClient, callApi, signOut } = await load(mobile, "auth-client.js");
    expectSuccess(await authClient.signIn.email({ email, password: PASSWORD }));
    assert.ok(getItem("session"));
    assert.equal(expectSuccess(await authClient.getSession()).user.id, user.id);
    expectSuccess(await authClient.updateUser({ name: "Ada of the telephone" }));
    assert.equal((await (await callApi("/orders")).json()).id, user.id);
    const token = getItem("session");
    await signOut();
    assert.equal(getItem("session"), null);
    assert.equal((await fetch("https://api.example.com/orders", { headers: { authorization: `Bearer ${token}` } })).status, 401);
    for (const name of ["cookie", "origin"]) assert.ok(sent.every((headers) => !headers.has(name)), name);
  });

  test("with the device's cookies and no origin it would be refused", async (device) => {
    const { email } = await signedIn("cookies");
    onDevice(device);
    const call = (path, body) =>
      fetch(`https://api.example.com/api/auth${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    assert.equal((await call("/sign-in/email", { email, password: PASSWORD })).status, 200);
    const refused = await call("/update-user", { name: "Ada" });
    const { code, message } = await refused.json();
    assert.deepEqual([refused.status, code], [403, "MISSING_OR_NULL_ORIGIN"]);
    assert.match(message, /Authorization: Bearer/, "it says what to send instead");
  });

  test("a Capacitor app keeps its token over a restart", async (device) => {
    const { email, user } = await signedIn("capacitor");
    onDevice(device);
    const started = async () => (await load(mobile, "capacitor-auth-client.js")).authClient;
    expectSuccess(await (await started()).signIn.email({ email, password: PASSWORD }));
    assert.equal(expectSuccess(await (await started()).getSession()).user.id, user.id);
  });

  test("an id token that the app brings signs in, another does not", async (device) => {
    const email = freshEmail("native");
    const person = { sub: "a person with an app", email, emailVerified: true, name: "Ada" };
    const tokens = await provider.tokens(person, "of this sign-in");
    onDevice(device);
    const { signInWith } = await load(mobile, "native-sign-in.js");
    assert.ok(await signInWith("acme", { token: "made up", nonce: "of this sign-in" }));
    assert.ok(await signInWith("acme", { ...tokens, nonce: "of another sign-in" }));
    assert.equal(getItem("session"), null);
    assert.equal(await signInWith("acme", { ...tokens, nonce: "of this sign-in" }), null);
    const answer = await fetch("https://api.example.com/orders", { headers: { authorization: `Bearer ${getItem("session")}` } });
    assert.equal((await answer.json()).email, email);
  });
});

test("the settings on these pages are valid", async () => {
  const settings = [nextjs, react, mobile].flatMap((page) => page.settings);
  assert.ok(settings.length > 4);
  for (const shown of settings) {
    const { code, said } = await checkSettings(shown);
    assert.equal(code, 0, `${JSON.stringify(shown)}\n${said}`);
  }
});

test("every script on these pages has a file name and is run", () => {
  for (const page of [nextjs, react, mobile]) {
    assert.deepEqual([...page.scripts.keys()].sort(), [...page.loaded].sort());
  }
});
