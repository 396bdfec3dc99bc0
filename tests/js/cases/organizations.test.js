// Organizations by the client's own plugin: founded, joined by invitation, changed, left, and told to the application.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAuthClient } from "better-auth/client";
import { organizationClient } from "better-auth/client/plugins";

import { gateway } from "../harness/stand.js";
import { expectSuccess, signedIn } from "../harness/visitor.js";

const INVITED = /^You are invited to/;

let organizations = 0;

/** A slug that no other test uses. */
function freshSlug() {
  organizations += 1;
  return `org-${organizations}-${process.pid}`;
}

/** Somebody signed in, with the plugin in their client. */
async function member(name) {
  const visitor = await signedIn(name);
  const customFetchImpl = (url, init) => visitor.fetch(url, init);
  visitor.client = createAuthClient({ baseURL: gateway.origin, plugins: [organizationClient({ teams: { enabled: true } })], fetchOptions: { customFetchImpl } });
  visitor.organization = visitor.client.organization;
  return visitor;
}

async function activeId(visitor) {
  return expectSuccess(await visitor.client.getSession()).session.activeOrganizationId;
}

/** Returns what the application was told of the organization. */
async function told(visitor) {
  const { "x-org-id": id, "x-org-slug": slug, "x-org-role": role } = await visitor.app("/headers");
  return { id, slug, role };
}

function expectRefusal({ data, error }, status, code) {
  assert.deepEqual([data, error?.status, error?.code], [null, status, code]);
}

describe("organizations", () => {
  test("are founded, changed, switched between and deleted", async () => {
    const ada = await member("ada");
    const [first, second] = [freshSlug(), freshSlug()];
    assert.deepEqual(expectSuccess(await ada.organization.checkSlug({ slug: first })), { status: true });
    const made = expectSuccess(await ada.organization.create({ name: "Acme", slug: first, metadata: { plan: "x" } }));
    assert.deepEqual([made.members[0].userId, made.members[0].role, made.metadata], [ada.user.id, "owner", { plan: "x" }]);
    assert.ok(made.createdAt instanceof Date);
    assert.equal(await activeId(ada), made.id);
    assert.deepEqual(await told(ada), { id: made.id, slug: first, role: "owner" });
    expectRefusal(await ada.organization.checkSlug({ slug: first }), 400, "ORGANIZATION_SLUG_ALREADY_TAKEN");
    expectRefusal(await ada.organization.create({ name: "Acme", slug: first }), 400, "ORGANIZATION_ALREADY_EXISTS");

    const other = expectSuccess(await ada.organization.create({ name: "Other", slug: second, keepCurrentActiveOrganization: true }));
    assert.equal(await activeId(ada), made.id);
    const { data: listed } = await ada.organization.list();
    assert.deepEqual(listed.map(({ slug }) => slug), [first, second]);
    const active = expectSuccess(await ada.organization.setActive({ organizationSlug: second }));
    assert.deepEqual([active.id, await activeId(ada)], [other.id, other.id]);
    const renamed = expectSuccess(await ada.organization.update({ organizationId: made.id, data: { name: "Acme Ltd", logo: "https://acme.example/a.png" } }));
    assert.deepEqual([renamed.name, renamed.logo], ["Acme Ltd", "https://acme.example/a.png"]);
    const full = expectSuccess(await ada.organization.getFullOrganization({ query: { organizationId: made.id } }));
    assert.deepEqual([full.name, full.members.length, full.invitations], ["Acme Ltd", 1, []]);
    assert.equal(expectSuccess(await ada.organization.setActive({ organizationId: null })), null);
    assert.deepEqual(await told(ada), { id: undefined, slug: undefined, role: undefined });
    assert.equal(expectSuccess(await ada.organization.getFullOrganization()), null);
    expectSuccess(await ada.organization.delete({ organizationId: made.id }));
    assert.deepEqual(expectSuccess(await ada.organization.list()).map(({ id }) => id), [other.id]);
  });

  test("grow by invitations that are accepted, rejected and taken back", async () => {
    const [ada, bob, eve] = [await member("ada"), await member("bob"), await member("eve")];
    const slug = freshSlug();
    const { id: organizationId } = expectSuccess(await ada.organization.create({ name: "Acme", slug }));
    const invited = expectSuccess(await ada.organization.inviteMember({ email: bob.email, role: "admin" }));
    assert.deepEqual([invited.email, invited.role, invited.status, invited.inviterId], [bob.email, "admin", "pending", ada.user.id]);
    assert.ok(invited.expiresAt instanceof Date);
    expectRefusal(await ada.organization.inviteMember({ email: bob.email, role: "admin" }), 400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION");
    const link = await gateway.mail.link(bob.email, INVITED);
    assert.match(await (await bob.fetch(link.href)).text(), /<button type="submit">Join Acme/);

    const [own] = expectSuccess(await bob.organization.listUserInvitations());
    assert.deepEqual([own.id, own.organizationName], [invited.id, "Acme"]);
    const details = expectSuccess(await bob.organization.getInvitation({ query: { id: invited.id } }));
    assert.deepEqual([details.organizationSlug, details.inviterEmail], [slug, ada.email]);
    expectRefusal(await eve.organization.getInvitation({ query: { id: invited.id } }), 403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION");
    expectRefusal(await eve.organization.acceptInvitation({ invitationId: invited.id }), 403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION");
    const accepted = expectSuccess(await bob.organization.acceptInvitation({ invitationId: invited.id }));
    assert.deepEqual([accepted.invitation.status, accepted.member.role, accepted.member.userId], ["accepted", "admin", bob.user.id]);
    assert.equal(await activeId(bob), organizationId);
    assert.deepEqual(await told(bob), { id: organizationId, slug, role: "admin" });

    const second = expectSuccess(await bob.organization.inviteMember({ email: eve.email, role: "member" }));
    const rejected = expectSuccess(await eve.organization.rejectInvitation({ invitationId: second.id }));
    assert.deepEqual([rejected.invitation.status, rejected.member], ["rejected", null]);
    const third = expectSuccess(await bob.organization.inviteMember({ email: eve.email, role: ["member"] }));
    assert.equal(expectSuccess(await bob.organization.cancelInvitation({ invitationId: third.id })).status, "canceled");
    expectRefusal(await eve.organization.acceptInvitation({ invitationId: third.id }), 400, "INVITATION_NOT_FOUND");
    const statuses = expectSuccess(await ada.organization.listInvitations({ query: { organizationId } })).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), ["accepted", "canceled", "rejected"]);
  });

  test("keep their members in the roles that they have", async () => {
    const [ada, bob] = [await member("ada"), await member("bob")];
    const { id: organizationId } = expectSuccess(await ada.organization.create({ name: "Acme", slug: freshSlug() }));
    const invited = expectSuccess(await ada.organization.inviteMember({ email: bob.email, role: "member" }));
    const { member: joined } = expectSuccess(await bob.organization.acceptInvitation({ invitationId: invited.id }));
    assert.equal(expectSuccess(await bob.organization.getActiveMember()).user.email, bob.email);
    assert.deepEqual(expectSuccess(await bob.organization.getActiveMemberRole()), { role: "member" });
    const { members, total } = expectSuccess(await bob.organization.listMembers({ query: { limit: 1, sortBy: "createdAt", sortDirection: "desc" } }));
    assert.deepEqual([members[0].id, total], [joined.id, 2]);
    const permissions = { invitation: ["create"] };
    assert.equal(expectSuccess(await bob.organization.hasPermission({ permissions })).success, false);
    assert.equal(bob.organization.checkRolePermission({ role: "member", permissions }), false);
    expectRefusal(await bob.organization.inviteMember({ email: "x@example.com", role: "member" }), 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION");
    expectRefusal(await bob.organization.updateMemberRole({ memberId: joined.id, role: "owner" }), 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER");
    assert.equal(expectSuccess(await ada.organization.updateMemberRole({ memberId: joined.id, role: "admin" })).role, "admin");
    assert.equal((await told(bob)).role, "admin");
    assert.equal(expectSuccess(await bob.organization.hasPermission({ permissions })).success, true);
    expectRefusal(await ada.organization.leave({ organizationId }), 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER");
    expectSuccess(await ada.organization.removeMember({ memberIdOrEmail: bob.email }));
    assert.deepEqual([(await told(bob)).id, await activeId(bob)], [undefined, null]);
    expectRefusal(await bob.organization.getActiveMember(), 400, "NO_ACTIVE_ORGANIZATION");
    expectRefusal(await bob.organization.setActive({ organizationId }), 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
  });

  test("have teams, which members come into, work in and leave", async () => {
    const [ada, bob] = [await member("ada"), await member("bob")];
    const { id: organizationId } = expectSuccess(await ada.organization.create({ name: "Acme", slug: freshSlug() }));
    const [first] = expectSuccess(await ada.organization.listTeams());
    assert.deepEqual([first.name, first.organizationId], ["Acme", organizationId]);
    assert.equal(expectSuccess(await ada.client.getSession()).session.activeTeamId, first.id);
    const made = expectSuccess(await ada.organization.createTeam({ name: "Design" }));
    assert.deepEqual([made.name, made.organizationId, made.createdAt instanceof Date], ["Design", organizationId, true]);
    const renamed = expectSuccess(await ada.organization.updateTeam({ teamId: made.id, data: { name: "Art" } }));
    assert.deepEqual([renamed.id, renamed.name], [made.id, "Art"]);

    // The invitation leads into the team, and the session works in it at once.
    const invited = expectSuccess(await ada.organization.inviteMember({ email: bob.email, role: "member", teamId: made.id }));
    assert.equal(invited.teamId, made.id);
    expectSuccess(await bob.organization.acceptInvitation({ invitationId: invited.id }));
    assert.equal(expectSuccess(await bob.client.getSession()).session.activeTeamId, made.id);
    assert.deepEqual(expectSuccess(await bob.organization.listTeamMembers()).map(({ userId, teamId }) => [userId, teamId]), [[bob.user.id, made.id]]);
    assert.deepEqual(expectSuccess(await bob.organization.listUserTeams()).map(({ name }) => name), ["Art"]);
    const full = expectSuccess(await bob.organization.getFullOrganization());
    assert.deepEqual(full.teams.map(({ name }) => name), ["Acme", "Art"]);
    expectRefusal(await bob.organization.createTeam({ name: "Mine" }), 403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION");
    expectRefusal(await bob.organization.setActiveTeam({ teamId: first.id }), 403, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");

    const added = expectSuccess(await ada.organization.addTeamMember({ teamId: first.id, userId: bob.user.id }));
    assert.deepEqual([added.teamId, added.userId], [first.id, bob.user.id]);
    assert.equal(expectSuccess(await bob.organization.setActiveTeam({ teamId: first.id })).name, "Acme");
    assert.equal(expectSuccess(await bob.organization.setActiveTeam({ teamId: null })), null);
    assert.deepEqual(expectSuccess(await ada.organization.removeTeamMember({ teamId: first.id, userId: bob.user.id })), { message: "Team member removed successfully." });
    assert.deepEqual(expectSuccess(await ada.organization.listUserTeams({ query: { userId: bob.user.id } })).map(({ name }) => name), ["Art"]);
    assert.deepEqual(expectSuccess(await ada.organization.removeTeam({ teamId: made.id })), { message: "Team removed successfully." });
    assert.deepEqual(expectSuccess(await bob.organization.listUserTeams()), []);
  });
});
