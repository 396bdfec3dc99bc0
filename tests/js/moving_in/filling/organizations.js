// Organizations with members, teams, and invitations in every status.

import { signIn, signUp } from "./people.js";

export async function fillOrganizations(filler, people) {
  people.olga = await signUp(filler, "olga");
  const owner = await signIn(filler, people.olga);
  const metadata = { plan: "gold", seats: 3 };
  const details = { name: "Acme & Söhne", slug: "acme", logo: "https://cdn.example.com/acme.png", metadata };
  const { id, name, slug, logo, createdAt } = await owner.post("/organization/create", details);
  const organization = { id, name, slug, logo, createdAt, metadata };

  const join = async (person, role) => {
    const { id } = await owner.post("/organization/invite-member", { email: person.email, role, organizationId: organization.id });
    const visitor = await signIn(filler, person);
    const { member } = await visitor.post("/organization/accept-invitation", { invitationId: id });
    return { member: { id: member.id, userId: person.id, role, createdAt: member.createdAt }, invitation: id, visitor };
  };
  const ada = await join(people.ada, "admin");
  const kai = await join(people.kai, "member");
  const invite = async (email, more = {}) => {
    const body = { email, role: "member", organizationId: organization.id, ...more };
    return (await owner.post("/organization/invite-member", body)).id;
  };

  const { id: teamId, name: teamName } = await owner.post("/organization/create-team", { name: "Rockets", organizationId: organization.id });
  await owner.post("/organization/add-team-member", { teamId, userId: people.ada.id });

  people.ivy = await signUp(filler, "ivy");
  const invitations = {
    accepted: ada.invitation,
    pending: await invite(people.ivy.email, { teamId }),
    toNobody: await invite("nobody.yet@example.com", { role: "admin" }),
    rejected: await invite(people.mixed.email),
    canceled: await invite("canceled@example.com"),
    expired: await invite("expired@example.com"),
  };
  await (await signIn(filler, people.mixed)).post("/organization/reject-invitation", { invitationId: invitations.rejected });
  await owner.post("/organization/cancel-invitation", { invitationId: invitations.canceled });
  await filler.database.set("invitation", { expiresAt: new Date(Date.now() - 3_600_000) }, "id", invitations.expired);

  const { session } = await ada.visitor.get("/get-session");
  const { members } = await owner.get(`/organization/get-full-organization?organizationId=${organization.id}`);
  return {
    organization: {
      ...organization,
      members: members.map(({ id, userId, role, createdAt }) => ({ id, userId, role, createdAt })),
      invitations,
      team: { id: teamId, name: teamName, members: [people.ada.id] },
      // The session in which they accepted the invitation has it active.
      active: { userId: people.ada.id, organizationId: session.activeOrganizationId, cookies: { ...ada.visitor.cookies } },
      member: kai.member,
    },
  };
}
