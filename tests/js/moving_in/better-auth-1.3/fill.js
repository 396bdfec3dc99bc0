// A release with passkeys and API keys of its own, whose tables differ from today's.
// usage: DATABASE_URL=… node moving_in/better-auth-1.3/fill.js [SCHEMA]

import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db";
import * as plugins from "better-auth/plugins";
import { passkey } from "better-auth/plugins/passkey";

import { main } from "../filling/fill.js";
import { ADDITIONAL_FIELDS } from "../filling/options.js";

await main({
  release: "1.3",
  betterAuth,
  getMigrations,
  plugins: { ...plugins, passkey },
  additionalFields: ADDITIONAL_FIELDS,
  encryptsTokens: false,
  migratesTeamsLast: true,
  oauth: { signIn: { path: "/sign-in/oauth2", body: { providerId: "acme" } }, callback: "/oauth2/callback/acme" },
});
