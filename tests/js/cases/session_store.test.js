// `useSession`: the store that frontends show the user from.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "../harness/eventually.js";
import { Visitor, expectSuccess, signedIn } from "../harness/visitor.js";

/** Everything the store has told since, newest last. */
function follow(client) {
  const values = [];
  const stop = client.useSession.subscribe((value) => values.push(value));
  const settled = (what, holds) =>
    eventually(what, () => {
      const value = values.at(-1);
      return value && !value.isPending && !value.isRefetching && holds(value) && value;
    });
  return { settled, stop };
}

describe("the session store", () => {
  test("follows sign-in and sign-out", async () => {
    const { email, user } = await signedIn("stored");
    const visitor = new Visitor();
    const store = follow(visitor.client);
    // Outside of browsers the store does not ask by itself before something has happened.
    await visitor.client.useSession.get().refetch();
    const first = await store.settled("nobody", ({ data }) => data === null);
    assert.equal(first.error, null);

    await visitor.signIn(email);
    const { data } = await store.settled("somebody", ({ data }) => data !== null);
    assert.equal(data.user.id, user.id);
    assert.ok(data.session.expiresAt instanceof Date);

    expectSuccess(await visitor.client.signOut());
    await store.settled("nobody again", ({ data }) => data === null);
    store.stop();
  });

  test("keeps somebody while a sign-in of somebody else fails", async () => {
    const visitor = await signedIn("staying");
    const store = follow(visitor.client);
    await store.settled("somebody", ({ data }) => data?.user.id === visitor.user.id);
    const { error } = await visitor.client.signIn.email({ email: visitor.email, password: "not the right one" });
    assert.equal(error.code, "INVALID_EMAIL_OR_PASSWORD");
    expectSuccess(await visitor.client.getSession());
    await store.settled("still somebody", ({ data }) => data?.user.id === visitor.user.id);
    store.stop();
  });
});
