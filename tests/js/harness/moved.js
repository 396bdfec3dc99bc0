// A gateway to which everything came from a database that better-auth itself filled.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import pg from "pg";

import { startGateway } from "./gateway.js";
import { OpenIdProvider } from "./provider.js";
import { upstream } from "./stand.js";

const FILLERS = join(import.meta.dirname, "../moving_in");

/** What the origin's application added to its users, as far as the gateway has types for it. */
const ADDITIONAL_FIELDS = {
  company: { type: "string" },
  seats: { type: "number" },
  credits: { type: "number" },
  newsletter: { type: "boolean" },
  birthday: { type: "date" },
  tags: { type: "strings" },
  plan: { type: "string" },
};

/** Makes a database on the suite's server; returns its URL. */
async function createDatabase(name) {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(process.env.DATABASE_URL);
  url.pathname = `/${name}`;
  return url.href;
}

async function query(url, statement, values) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(statement, values);
  await client.end();
  return rows;
}

/**
 * Fills a database with a release of better-auth, imports it twice, the first time without writing anything, and starts
 * the gateway. `filler` is a script of moving_in/, `flags` are the filler's.
 */
export async function moveIn({ name, filler, flags = [] }) {
  const [origin, database] = await Promise.all([createDatabase(`origin_${name}`), createDatabase(`moved_${name}`)]);
  const { stdout } = await promisify(execFile)(process.execPath, [join(FILLERS, filler), "public", ...flags], {
    env: { ...process.env, DATABASE_URL: origin },
  });
  const manifest = JSON.parse(stdout);
  const provider = new OpenIdProvider();
  await provider.start();
  try {
    return await importInto({ origin, database, manifest, provider });
  } catch (error) {
    provider.stop();
    throw error;
  }
}

async function importInto({ origin, database, manifest, provider }) {
  const runs = {};
  const words = ["import", "better-auth", "--from", origin, "--schema", "public", "--json"];
  const gateway = await startGateway({
    upstream: upstream.url,
    trustedOrigins: [],
    issuer: provider.issuer,
    environment: { DATABASE_URL: database, BETTER_AUTH_SECRET: manifest.secret },
    settings: {
      auth: {
        better_auth: { secret: { env: "BETTER_AUTH_SECRET" } },
        user: { additional_fields: { ...ADDITIONAL_FIELDS } },
      },
    },
    async prepare(run) {
      const migrated = await run("migrate");
      if (migrated.code !== 0) throw new Error(migrated.said);
      runs.dry = await run(...words, "--dry-run", "--report", "dry.jsonl");
      runs.usersAfterDry = (await query(database, "select id from auth.users")).length;
      runs.real = await run(...words, "--report", "report.jsonl");
      runs.again = await run(...words, "--report", "again.jsonl");
    },
  });
  provider.open([`${gateway.origin}/api/auth/callback/acme`]);
  return {
    manifest,
    gateway,
    provider,
    runs,
    query: (statement, values) => query(database, statement, values),
    /** Runs the import once more, as the gateway serves. */
    async importAgain() {
      const { code, said } = await gateway.run(...words);
      if (code !== 0) throw new Error(said);
    },
    /** Returns the records that a run wrote to its report. */
    async report(file) {
      const text = await readFile(join(gateway.directory, file), "utf8");
      return text.trim().split("\n").map((line) => JSON.parse(line));
    },
    async stop() {
      await gateway.stop();
      provider.stop();
    },
  };
}
