// JSON Web Tokens, as the client's jwt plugin asks for them and as a backend verifies them.

import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { jwtClient } from "better-auth/client/plugins";

import { gateway } from "../harness/stand.js";
import { expectSuccess, signedIn } from "../harness/visitor.js";

/** The official client with its plugin, signed in by a bearer token; `seen` holds what `set-auth-jwt` brought. */
function clientOf(token) {
  const seen = [];
  const client = createAuthClient({
    baseURL: gateway.origin,
    plugins: [jwtClient()],
    fetchOptions: {
      auth: { type: "Bearer", token: () => token },
      onSuccess: ({ response }) => {
        const jwt = response.headers.get("set-auth-jwt");
        if (jwt) seen.push(jwt);
      },
    },
  });
  return { client, seen };
}

async function tokenOf(visitor) {
  return expectSuccess(await visitor.client.getSession()).session.token;
}

function claimsOf(jwt) {
  return JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));
}

const orders = (bearer) => fetch(`${gateway.origin}/orders`, { headers: { authorization: `Bearer ${bearer}` } });

describe("JSON Web Tokens", () => {
  test("the plugin gets one, and the key set verifies it", async () => {
    const visitor = await signedIn("jwt");
    const { client } = clientOf(await tokenOf(visitor));
    const { token } = expectSuccess(await client.token());
    const [header, claims, signature] = token.split(".");
    const { kid } = JSON.parse(Buffer.from(header, "base64url"));
    const { keys } = expectSuccess(await client.jwks());
    const key = createPublicKey({ key: keys.find((one) => one.kid === kid), format: "jwk" });
    assert.ok(verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url")));
    const told = claimsOf(token);
    assert.deepEqual([told.sub, told.email, told.iss], [visitor.user.id, visitor.email, gateway.origin]);
  });

  test("one that get-session brings opens routes until the session ends", async () => {
    const visitor = await signedIn("set-auth-jwt");
    const { client, seen } = clientOf(await tokenOf(visitor));
    expectSuccess(await client.getSession());
    const [jwt] = seen;
    assert.equal((await (await orders(jwt)).json()).authorization, `Bearer ${jwt}`);
    expectSuccess(await client.signOut());
    assert.equal((await orders(jwt)).status, 401);
  });
});
