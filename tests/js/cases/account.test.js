// One's own account: name, address, ways to sign in, and its end.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { ADDRESS_CHANGED, CHANGE_ADDRESS } from "../harness/mailbox.js";
import { gateway } from "../harness/stand.js";
import { PASSWORD, Visitor, expectSuccess, freshEmail, otherDevice, signedIn } from "../harness/visitor.js";

/** Status and code of a refusal. */
function refusal({ data, error }) {
  assert.equal(data, null);
  return [error.status, error.code];
}

async function user(visitor) {
  return expectSuccess(await visitor.client.getSession()).user;
}

describe("the account", () => {
  test("gets another name and picture, and loses the picture again", async () => {
    const visitor = await signedIn("renamed");
    const image = "https://example.com/ada.png";
    assert.deepEqual(expectSuccess(await visitor.client.updateUser({ name: "Ada Lovelace", image })), { status: true });
    const changed = await user(visitor);
    assert.deepEqual([changed.name, changed.image], ["Ada Lovelace", image]);
    assert.ok(changed.updatedAt > visitor.user.updatedAt);
    expectSuccess(await visitor.client.updateUser({ image: null }));
    assert.equal((await user(visitor)).image, null);
  });

  test("gets no other address, role or proof that way", async () => {
    const visitor = await signedIn("sneaky");
    const address = await visitor.client.updateUser({ email: freshEmail("other") });
    assert.deepEqual(refusal(address), [400, "EMAIL_CAN_NOT_BE_UPDATED"]);
    const nothing = await visitor.client.updateUser({ role: "admin" });
    assert.equal(nothing.error?.status, 400);
    assert.equal((await user(visitor)).email, visitor.email);
    assert.deepEqual(refusal(await new Visitor().client.updateUser({ name: "Nobody" })), [401, "UNAUTHORIZED"]);
  });

  test("gets another address once that one is confirmed, and the old one is told", async () => {
    const visitor = await signedIn("moves");
    const phone = await otherDevice(visitor);
    const newEmail = freshEmail("moved");
    assert.deepEqual(expectSuccess(await visitor.client.changeEmail({ newEmail })), { status: true });
    assert.equal((await user(visitor)).email, visitor.email);
    const token = await gateway.mail.token(newEmail, CHANGE_ADDRESS);
    const answer = expectSuccess(await visitor.client.verifyEmail({ query: { token } }));
    assert.equal(answer.user.email, newEmail);
    const changed = await user(visitor);
    assert.deepEqual([changed.email, changed.emailVerified, changed.id], [newEmail, true, visitor.user.id]);
    assert.equal((await visitor.app()).email, newEmail);
    assert.equal(await phone.app(), 401);
    await gateway.mail.find(visitor.email, ADDRESS_CHANGED);

    const again = await visitor.client.verifyEmail({ query: { token } });
    assert.deepEqual(refusal(again), [401, "INVALID_TOKEN"]);
    const old = await new Visitor().client.signIn.email({ email: visitor.email, password: PASSWORD });
    assert.deepEqual(refusal(old), [401, "INVALID_EMAIL_OR_PASSWORD"]);
    await visitor.signIn(newEmail);
  });

  test("gets nobody else's address, and does not learn that it is taken", async () => {
    const visitor = await signedIn("takes");
    const owner = await signedIn("taken");
    assert.deepEqual(expectSuccess(await visitor.client.changeEmail({ newEmail: owner.email })), { status: true });
    const free = freshEmail("free");
    expectSuccess(await visitor.client.changeEmail({ newEmail: free }));
    await gateway.mail.find(free, CHANGE_ADDRESS);
    const mails = await gateway.mail.all(owner.email);
    assert.ok(mails.every(({ subject }) => !CHANGE_ADDRESS.test(subject)));
    const same = await visitor.client.changeEmail({ newEmail: visitor.email });
    assert.deepEqual(refusal(same), [400, "EMAIL_IS_THE_SAME"]);
  });

  test("lists its ways to sign in, the last of which stays", async () => {
    const visitor = await signedIn("ways");
    const [account, ...more] = expectSuccess(await visitor.client.listAccounts());
    assert.equal(more.length, 0);
    const { providerId, accountId, userId, scopes, createdAt } = account;
    assert.deepEqual([providerId, accountId, userId, scopes], ["credential", visitor.user.id, visitor.user.id, []]);
    assert.ok(createdAt instanceof Date);
    assert.ok(!("password" in account));
    const last = await visitor.client.unlinkAccount({ accountId: account.id });
    assert.deepEqual(refusal(last), [400, "FAILED_TO_UNLINK_LAST_ACCOUNT"]);
  });

  test("is deleted with the password, with all its sessions at once", async () => {
    const visitor = await signedIn("leaves");
    const phone = await otherDevice(visitor);
    const wrong = await visitor.client.deleteUser({ password: "not the right one" });
    assert.deepEqual(refusal(wrong), [400, "INVALID_PASSWORD"]);
    assert.equal((await visitor.app()).id, visitor.user.id);
    const gone = expectSuccess(await visitor.client.deleteUser({ password: PASSWORD }));
    assert.deepEqual(gone, { success: true, message: "User deleted" });
    assert.equal(await visitor.sessionCookie(), undefined);
    assert.deepEqual([await visitor.app(), await phone.app()], [401, 401]);
    const later = await visitor.client.signIn.email({ email: visitor.email, password: PASSWORD });
    assert.deepEqual(refusal(later), [401, "INVALID_EMAIL_OR_PASSWORD"]);
    // The address is free again.
    await visitor.signUp(visitor.email);
    assert.notEqual((await visitor.signIn(visitor.email)).user.id, visitor.user.id);
  });
});
