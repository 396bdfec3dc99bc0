// Redirects as a browser follows them.

import assert from "node:assert/strict";

/** Where a browser comes out that follows redirects until it is back at the gateway's application. */
export async function follow(visitor, url) {
  for (let hops = 0; hops < 12; hops += 1) {
    const answer = await visitor.fetch(url, { headers: { accept: "text/html" } });
    const location = answer.headers.get("location");
    assert.ok(location, `${answer.status} at ${url}: ${await answer.text()}`);
    const next = new URL(location, url);
    if (next.origin === visitor.gateway.origin && !next.pathname.startsWith("/api/auth/callback/")) return next;
    url = next.href;
  }
  throw new Error(`no end of redirects at ${url}`);
}
