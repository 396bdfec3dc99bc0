// The list of one's own sessions, and ending them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Visitor, expectSuccess, otherDevice, signedIn } from "../harness/visitor.js";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

/** One account on two devices. */
async function twoDevices(name) {
  const desktop = await signedIn(name, { userAgent: FIREFOX });
  const phone = await otherDevice(desktop, { userAgent: IPHONE });
  const own = async (visitor) => expectSuccess(await visitor.client.getSession()).session.id;
  return { desktop, phone, ids: { desktop: await own(desktop), phone: await own(phone) } };
}

async function list(visitor) {
  return expectSuccess(await visitor.client.listSessions());
}

describe("sessions", () => {
  test("are listed with their devices, and with handles in place of the others' tokens", async () => {
    const { desktop, ids } = await twoDevices("lists");
    const sessions = await list(desktop);
    assert.deepEqual(sessions.map(({ id }) => id).sort(), Object.values(ids).sort());
    const { value: cookie } = await desktop.sessionCookie();
    for (const session of sessions) {
      assert.equal(session.userId, desktop.user.id);
      assert.equal(session.userAgent, session.id === ids.phone ? IPHONE : FIREFOX);
      assert.equal(session.ipAddress, "127.0.0.1");
      assert.equal(session.current, session.id === ids.desktop);
      assert.equal(session.device.kind, session.id === ids.phone ? "mobile" : "desktop");
      assert.ok(session.lastSeenAt instanceof Date);
      assert.ok(session.createdAt instanceof Date && session.expiresAt > session.createdAt);
      // Ready-made pages find the session that asks by its token; the handle of another opens nothing.
      assert.equal(decodeURIComponent(cookie).includes(session.token), session.current);
      const opened = await new Visitor().app("/orders", { headers: { authorization: `Bearer ${session.token}` } });
      assert.equal(opened.id ?? opened, session.current ? desktop.user.id : 401);
    }
    assert.equal(new Set(sessions.map(({ token }) => token)).size, 2);
  });

  test("one ends another, whose next request is refused", async () => {
    const { desktop, phone, ids } = await twoDevices("ends");
    assert.equal((await phone.app()).id, desktop.user.id);
    const { token } = (await list(desktop)).find(({ id }) => id === ids.phone);
    assert.deepEqual(expectSuccess(await desktop.client.revokeSession({ token })), { status: true });
    assert.equal(await phone.app(), 401);
    assert.equal(expectSuccess(await phone.client.getSession()), null);
    assert.equal((await desktop.app()).id, desktop.user.id);
    assert.deepEqual((await list(desktop)).map(({ id }) => id), [ids.desktop]);
  });

  test("one ends itself, and its cookie goes", async () => {
    const { desktop, phone, ids } = await twoDevices("itself");
    const { token } = (await list(desktop)).find(({ id }) => id === ids.desktop);
    expectSuccess(await desktop.client.revokeSession({ token }));
    assert.equal(await desktop.sessionCookie(), undefined);
    assert.equal(await desktop.app(), 401);
    assert.equal((await phone.app()).id, desktop.user.id);
  });

  test("nobody ends a stranger's", async () => {
    const { desktop, ids } = await twoDevices("victim");
    const stranger = await signedIn("stranger");
    const { token } = (await list(desktop)).find(({ id }) => id === ids.desktop);
    // The same answer as to a handle that never was.
    for (const handle of [token, "made-up"]) {
      assert.deepEqual(expectSuccess(await stranger.client.revokeSession({ token: handle })), { status: true });
    }
    assert.equal((await desktop.app()).id, desktop.user.id);
  });

  test("all others end, or all", async () => {
    const { desktop, phone } = await twoDevices("many");
    const third = await otherDevice(desktop);
    assert.deepEqual(expectSuccess(await desktop.client.revokeOtherSessions()), { status: true });
    assert.deepEqual([await phone.app(), await third.app()], [401, 401]);
    assert.equal((await desktop.app()).id, desktop.user.id);

    await phone.signIn(desktop.email);
    assert.deepEqual(expectSuccess(await phone.client.revokeSessions()), { status: true });
    assert.deepEqual([await phone.app(), await desktop.app()], [401, 401]);
    assert.equal(await phone.sessionCookie(), undefined);
  });
});
