// Sign-in through a certified OpenID provider, as the official client begins it and a browser follows it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { follow } from "../harness/redirects.js";
import { gateway, provider } from "../harness/stand.js";
import { Visitor, expectSuccess, freshEmail, signedIn } from "../harness/visitor.js";

const TARGETS = { callbackURL: "/home", newUserCallbackURL: "/welcome", errorCallbackURL: "/oops" };

let people = 0;

/** Somebody with an account at the provider. */
function person(email, { emailVerified = true } = {}) {
  people += 1;
  return { sub: `person-${people}`, email, emailVerified, name: "Grace" };
}

/** The provider's page that the client would send a browser to. */
async function begin(visitor, options = {}) {
  const answer = await visitor.client.signIn.social({ provider: "acme", ...TARGETS, disableRedirect: true, ...options });
  return expectSuccess(answer).url;
}

async function signInAs(visitor, who) {
  provider.person = who;
  return follow(visitor, await begin(visitor));
}

const user = async (visitor) => expectSuccess(await visitor.client.getSession())?.user ?? null;

describe("a sign-in at an OpenID provider", () => {
  test("makes an account the first time and finds it the next", async () => {
    const who = person(freshEmail("grace"));
    const first = new Visitor();
    assert.equal((await signInAs(first, who)).pathname, "/welcome");
    const made = await user(first);
    assert.deepEqual([made.email, made.emailVerified, made.name], [who.email, true, "Grace"]);
    assert.equal((await first.app()).id, made.id);

    const second = new Visitor();
    assert.equal((await signInAs(second, who)).pathname, "/home");
    assert.equal((await user(second)).id, made.id);
    const [account] = expectSuccess(await second.client.listAccounts());
    assert.deepEqual([account.providerId, account.accountId], ["acme", who.sub]);
  });

  test("finds somebody by subject, whatever their address is by now", async () => {
    const who = person(freshEmail("before"));
    const visitor = new Visitor();
    await signInAs(visitor, who);
    const { id } = await user(visitor);
    const moved = new Visitor();
    await signInAs(moved, { ...who, email: freshEmail("after") });
    assert.equal((await user(moved)).id, id);
  });

  test("opens the account of an address that both sides have proved", async () => {
    const ada = await signedIn("linked");
    const visitor = new Visitor();
    assert.equal((await signInAs(visitor, person(ada.email))).pathname, "/home");
    assert.equal((await user(visitor)).id, ada.user.id);
    const providers = expectSuccess(await visitor.client.listAccounts()).map((account) => account.providerId);
    assert.deepEqual(providers.sort(), ["acme", "credential"]);
  });

  test("opens nothing for an address that the provider does not vouch for", async () => {
    const ada = await signedIn("unproved");
    const visitor = new Visitor();
    const end = await signInAs(visitor, person(ada.email, { emailVerified: false }));
    assert.equal(end.pathname, "/oops");
    assert.ok(end.searchParams.get("error"));
    assert.equal(await user(visitor), null);
  });

  test("gives an address to its owner without what a stranger put into the account", async () => {
    const email = freshEmail("victim");
    const stranger = new Visitor();
    expectSuccess(await stranger.client.signUp.email({ name: "Mallory", email, password: "a stranger's own words" }));
    const owner = new Visitor();
    await signInAs(owner, person(email));
    assert.equal((await user(owner)).name, "Grace");
    const { error } = await stranger.client.signIn.email({ email, password: "a stranger's own words" });
    assert.equal(error.code, "INVALID_EMAIL_OR_PASSWORD");
  });

  test("comes back with an error when it is cancelled", async () => {
    const visitor = new Visitor();
    const end = await signInAs(visitor, null);
    assert.deepEqual([end.pathname, end.searchParams.get("error")], ["/oops", "access_denied"]);
    assert.equal(await user(visitor), null);
  });

  test("is good for one browser and one time", async () => {
    provider.person = person(freshEmail("once"));
    const visitor = new Visitor();
    const url = await begin(visitor);
    const stranger = new Visitor();
    // The stranger is sent the link and follows it in another browser.
    await follow(stranger, url);
    assert.equal(await user(stranger), null);

    const again = new Visitor();
    await signInAs(again, provider.person);
    const back = again.answers.findLast(({ path }) => path === "/api/auth/callback/acme");
    assert.equal(back.status, 302);
    const replayed = await again.fetch(back.url);
    assert.match(replayed.headers.get("location") ?? "", /error=state_mismatch/);
  });

  test("goes on when the provider has new keys", async () => {
    const who = person(freshEmail("rotated"));
    await signInAs(new Visitor(), who);
    provider.replaceKeys();
    const visitor = new Visitor();
    await signInAs(visitor, who);
    assert.equal((await user(visitor)).email, who.email);
  });
});

describe("linking", () => {
  test("adds a way to sign in, which can be given up again", async () => {
    const ada = await signedIn("linking");
    provider.person = person(ada.email);
    const { url } = expectSuccess(await ada.client.linkSocial({ provider: "acme", callbackURL: "/home", disableRedirect: true }));
    assert.equal((await follow(ada, url)).pathname, "/home");
    const accounts = expectSuccess(await ada.client.listAccounts());
    const acme = accounts.find((account) => account.providerId === "acme");
    assert.equal(accounts.length, 2);
    expectSuccess(await ada.client.unlinkAccount({ accountId: acme.id }));
    const { error } = await ada.client.unlinkAccount({ accountId: accounts.find((account) => account !== acme).id });
    assert.equal(error.code, "FAILED_TO_UNLINK_LAST_ACCOUNT");
  });

  test("takes nobody else's account", async () => {
    const who = person(freshEmail("taken"));
    await signInAs(new Visitor(), who);
    const ada = await signedIn("greedy");
    provider.person = who;
    const body = { provider: "acme", callbackURL: "/home", errorCallbackURL: "/oops", disableRedirect: true };
    const end = await follow(ada, expectSuccess(await ada.client.linkSocial(body)).url);
    assert.equal(end.searchParams.get("error"), "account_already_linked_to_different_user");
  });
});
