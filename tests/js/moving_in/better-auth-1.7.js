// The release that the client of these tests is of.
// usage: DATABASE_URL=… node moving_in/better-auth-1.7.js [SCHEMA [--renamed]]

import { apiKey } from "@better-auth/api-key";
import { passkey } from "@better-auth/passkey";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import * as plugins from "better-auth/plugins";

import { main } from "./filling/fill.js";
import { ADDITIONAL_FIELDS, JSON_FIELDS } from "./filling/options.js";

await main({
  release: "1.7",
  betterAuth,
  getMigrations,
  plugins: { ...plugins, apiKey, passkey },
  additionalFields: { ...ADDITIONAL_FIELDS, ...JSON_FIELDS },
  encryptsTokens: true,
  oauth: { signIn: { path: "/sign-in/social", body: { provider: "acme" } }, callback: "/callback/acme" },
});
