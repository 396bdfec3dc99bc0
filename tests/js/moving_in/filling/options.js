// How the servers of all releases are configured: with every plugin, and with tables that are called as the library
// calls them or as people call theirs.

export const BASE_URL = "http://localhost:3000";
export const SECRET = "secret-of-the-origin-0123456789abcdef";

/** Fields of the user that an application added. */
export const ADDITIONAL_FIELDS = {
  company: { type: "string", required: false },
  seats: { type: "number", required: false },
  credits: { type: "number", bigint: true, required: false, input: false, defaultValue: 5 },
  newsletter: { type: "boolean", required: false },
  birthday: { type: "date", required: false },
  plan: { type: ["free", "pro"], required: false },
};

/** Fields whose columns are `jsonb`, which releases before 1.4 cannot write lists to. */
export const JSON_FIELDS = {
  tags: { type: "string[]", required: false },
  scores: { type: "number[]", required: false },
  settings: { type: "json", required: false },
};

const FIELDS = {
  user: "emailVerified createdAt updatedAt",
  session: "userId expiresAt ipAddress userAgent createdAt updatedAt",
  account: "userId accountId providerId accessToken refreshToken idToken accessTokenExpiresAt refreshTokenExpiresAt createdAt updatedAt",
  verification: "expiresAt createdAt updatedAt",
  username: "displayUsername",
  admin: "banReason banExpires",
  impersonation: "impersonatedBy",
  twoFactorUser: "twoFactorEnabled",
  twoFactor: "backupCodes userId failedVerificationCount lockedUntil",
  passkey: "publicKey userId credentialID deviceType backedUp createdAt",
  apikey:
    "configId referenceId refillInterval refillAmount lastRefillAt rateLimitEnabled rateLimitTimeWindow rateLimitMax requestCount lastRequest expiresAt createdAt updatedAt",
  activeOrganization: "activeOrganizationId activeTeamId",
  organization: "createdAt",
  member: "organizationId userId createdAt",
  invitation: "organizationId teamId expiresAt createdAt inviterId",
  team: "organizationId createdAt updatedAt memberCount",
  teamMember: "teamId userId createdAt membershipKey",
};

const snake = (name) => name.replace("ID", "Id").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const fields = (of) => Object.fromEntries(FIELDS[of].split(" ").map((name) => [name, snake(name)]));
const table = (of, modelName) => ({ modelName, fields: fields(of) });

/** Plural tables and columns in snake case, as people who use Prisma or Drizzle have them. */
const RENAMED = {
  core: {
    user: table("user", "users"),
    session: table("session", "sessions"),
    account: table("account", "accounts"),
    verification: table("verification", "verifications"),
  },
  username: { user: { fields: fields("username") } },
  admin: { user: { fields: fields("admin") }, session: { fields: fields("impersonation") } },
  twoFactor: { user: { fields: fields("twoFactorUser") }, twoFactor: table("twoFactor", "two_factors") },
  passkey: { passkey: table("passkey", "passkeys") },
  apiKey: { apikey: table("apikey", "api_keys") },
  organization: {
    session: { fields: fields("activeOrganization") },
    organization: table("organization", "organizations"),
    member: table("member", "members"),
    invitation: table("invitation", "invitations"),
    team: table("team", "teams"),
    teamMember: table("teamMember", "team_members"),
  },
};

/** Returns the options; what would be mailed goes to `mails`, newest last, as `{ kind, email, … }`. */
export function options({ library, pool, provider, mails, isRenamed, withTeams = true }) {
  const { plugins } = library;
  const schema = (plugin) => (isRenamed ? { schema: RENAMED[plugin] } : {});
  const core = isRenamed ? RENAMED.core : {};
  const mailed = (kind, email, more) => void mails.push({ kind, email, ...more });
  return {
    database: pool,
    baseURL: BASE_URL,
    secret: SECRET,
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: "error" },
    ...core,
    user: { ...core.user, additionalFields: library.additionalFields },
    session: { ...core.session },
    account: {
      ...core.account,
      encryptOAuthTokens: library.encryptsTokens,
      accountLinking: { enabled: true, trustedProviders: ["acme"] },
    },
    emailAndPassword: {
      enabled: true,
      sendResetPassword: async ({ user, token }) => mailed("reset", user.email, { token }),
    },
    emailVerification: { sendVerificationEmail: async ({ user, token }) => mailed("verification", user.email, { token }) },
    plugins: [
      plugins.username(schema("username")),
      plugins.admin(schema("admin")),
      plugins.twoFactor({ issuer: "Old App", ...schema("twoFactor") }),
      plugins.passkey({ rpID: "localhost", rpName: "Old App", origin: new URL(BASE_URL).origin, ...schema("passkey") }),
      plugins.apiKey({ enableMetadata: true, ...schema("apiKey") }),
      plugins.organization({
        teams: { enabled: withTeams, defaultTeam: { enabled: false } },
        sendInvitationEmail: async ({ id, email }) => mailed("invitation", email, { id }),
        ...schema("organization"),
      }),
      plugins.magicLink({ expiresIn: 3600, sendMagicLink: async ({ email, token }) => mailed("magic link", email, { token }) }),
      plugins.emailOTP({
        expiresIn: 3600,
        sendVerificationOTP: async ({ email, otp, type }) => mailed("code", email, { code: otp, type }),
      }),
      plugins.genericOAuth({
        config: [
          {
            providerId: "acme",
            clientId: "old-app",
            clientSecret: "a secret that the provider gave",
            authorizationUrl: `${provider.origin}/authorize`,
            tokenUrl: `${provider.origin}/token`,
            userInfoUrl: `${provider.origin}/me`,
            scopes: ["openid", "profile", "email"],
          },
        ],
      }),
      plugins.multiSession(),
      plugins.bearer(),
    ],
  };
}
