// API keys, by the client's own plugin.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { apiKeyClient } from "@better-auth/api-key/client";
import { createAuthClient } from "better-auth/client";
import { organizationClient } from "better-auth/client/plugins";

import { gateway } from "../harness/stand.js";
import { Visitor, expectSuccess, freshEmail } from "../harness/visitor.js";

function visitorWithPlugin() {
  const visitor = new Visitor();
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins: [apiKeyClient(), organizationClient()], fetchOptions: { customFetchImpl } });
  return visitor;
}

describe("API keys", () => {
  test("from the first request with one to the last", async () => {
    const visitor = visitorWithPlugin();
    const { client } = visitor;
    const email = freshEmail("keys");
    const early = await client.apiKey.create({ name: "ci" });
    assert.deepEqual([early.error.status, early.error.code], [401, "UNAUTHORIZED"]);
    await visitor.signUp(email);
    const { user } = await visitor.signIn(email);

    const made = expectSuccess(await client.apiKey.create({ name: "ci", expiresIn: 86400, metadata: { team: "ops" } }));
    assert.match(made.key, /^ag_[0-9A-Za-z]{49}$/);
    assert.deepEqual([made.referenceId, made.enabled, made.metadata], [user.id, true, { team: "ops" }]);
    assert.ok(made.expiresAt > new Date() && made.key.startsWith(made.start));
    const withKey = async () => {
      const answer = await fetch(`${gateway.origin}/items`, { headers: { "X-API-Key": made.key } });
      return [answer.status, (await answer.json().catch(() => ({}))).code];
    };
    assert.equal((await withKey())[0], 200);

    const other = expectSuccess(await client.apiKey.create({}));
    const listed = expectSuccess(await client.apiKey.list({ query: { sortBy: "createdAt", sortDirection: "desc", limit: 1 } }));
    assert.deepEqual([listed.total, listed.apiKeys.length, listed.apiKeys[0].id], [2, 1, other.id]);
    assert.ok(listed.apiKeys.every((key) => !("key" in key)));
    const got = expectSuccess(await client.apiKey.get({ query: { id: made.id } }));
    assert.deepEqual([got.name, got.start, got.key], ["ci", made.start, undefined]);

    const renamed = expectSuccess(await client.apiKey.update({ keyId: made.id, name: "night", enabled: false }));
    assert.deepEqual([renamed.name, renamed.enabled], ["night", false]);
    assert.deepEqual(await withKey(), [401, "KEY_DISABLED"]);
    expectSuccess(await client.apiKey.update({ keyId: made.id, enabled: true }));
    const verified = expectSuccess(await client.$fetch("/api-key/verify", { method: "POST", body: { key: made.key } }));
    assert.deepEqual([verified.valid, verified.key.id], [true, made.id]);
    assert.deepEqual(expectSuccess(await client.apiKey.delete({ keyId: made.id })), { success: true });
    assert.deepEqual(await withKey(), [401, "INVALID_API_KEY"]);
  });

  test("those of an organization stand for it and for nobody", async () => {
    const [owner, stranger] = [visitorWithPlugin(), visitorWithPlugin()];
    for (const [visitor, name] of [[owner, "key-owner"], [stranger, "key-stranger"]]) {
      const email = freshEmail(name);
      await visitor.signUp(email);
      await visitor.signIn(email);
    }
    const { client } = owner;
    const slug = `keys-${process.pid}`;
    const { id: organizationId } = expectSuccess(await client.organization.create({ name: "Keys", slug }));
    const made = expectSuccess(await client.apiKey.create({ configId: "org-keys", organizationId, name: "sync" }));
    assert.deepEqual([made.referenceId, made.name], [organizationId, "sync"]);
    const answer = await fetch(`${gateway.origin}/headers`, { headers: { "X-API-Key": made.key } });
    const seen = await answer.json();
    assert.deepEqual(
      [answer.status, seen["x-org-id"], seen["x-org-slug"], seen["x-api-key-id"], seen["x-user-id"], seen["x-org-role"]],
      [200, organizationId, slug, made.id, undefined, undefined],
    );
    const listed = expectSuccess(await client.apiKey.list({ query: { organizationId } }));
    assert.deepEqual([listed.total, listed.apiKeys[0].id], [1, made.id]);
    assert.equal(expectSuccess(await client.apiKey.list({ query: {} })).total, 0);
    const foreign = await stranger.client.apiKey.create({ organizationId });
    assert.deepEqual([foreign.error.status, foreign.error.code], [403, "USER_NOT_MEMBER_OF_ORGANIZATION"]);
    const unknown = await stranger.client.apiKey.delete({ keyId: made.id });
    assert.deepEqual([unknown.error.status, unknown.error.code], [404, "KEY_NOT_FOUND"]);
    expectSuccess(await client.apiKey.update({ keyId: made.id, name: "night" }));
    expectSuccess(await client.organization.delete({ organizationId }));
    const after = await fetch(`${gateway.origin}/headers`, { headers: { "X-API-Key": made.key } });
    assert.equal(after.status, 401);
  });

  test("what is wrong has the codes that the client knows", async () => {
    const visitor = visitorWithPlugin();
    const email = freshEmail("keys-codes");
    await visitor.signUp(email);
    await visitor.signIn(email);
    const { client } = visitor;
    for (const [body, code] of [
      [{ permissions: { reports: ["read"] } }, "SERVER_ONLY_PROPERTY"],
      [{ remaining: 5 }, "SERVER_ONLY_PROPERTY"],
      [{ expiresIn: 1 }, "EXPIRES_IN_IS_TOO_SMALL"],
      [{ name: "x".repeat(33) }, "INVALID_NAME_LENGTH"],
      [{ metadata: "text" }, "INVALID_METADATA_TYPE"],
    ]) {
      const { error } = await client.apiKey.create(body);
      assert.deepEqual([error.status, error.code], [400, code]);
    }
    const missing = await client.apiKey.get({ query: { id: "key_0190b3c57a3b7c008000000000000000" } });
    assert.deepEqual([missing.error.status, missing.error.code], [404, "KEY_NOT_FOUND"]);
  });
});
