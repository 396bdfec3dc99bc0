// Fills a schema of a PostgreSQL through better-auth's own API, and prints what a test has to know of it as JSON.

import pg from "pg";

import { Browser } from "./browser.js";
import { options, SECRET } from "./options.js";
import { fillOrganizations } from "./organizations.js";
import { Database, fillPeople } from "./people.js";
import { Provider } from "./provider.js";
import { fillSecrets } from "./secrets.js";

/** Is called by the fillers of the releases: `library` holds what they import of theirs. */
export async function main(library) {
  const [schema = "public", naming = ""] = process.argv.slice(2);
  const isRenamed = naming === "--renamed";
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, options: `-c search_path=${schema}` });
  const provider = new Provider();
  await provider.start();
  await pool.query(`create schema if not exists ${schema}`);
  const mails = [];
  const configured = (more) => options({ library, pool, provider, mails, isRenamed, ...more });
  // The migrator of releases before 1.4 makes tables of teams before the organizations that they refer to.
  if (library.migratesTeamsLast) await migrate(library, configured({ withTeams: false }));
  await migrate(library, configured());
  const auth = library.betterAuth(configured());

  const filler = {
    auth,
    library,
    provider,
    database: new Database(pool, isRenamed),
    browser: (settings) => new Browser(auth, settings),
    /** Returns what was mailed to an address last. */
    mailed(kind, email) {
      const mail = mails.findLast((mail) => mail.kind === kind && mail.email === email);
      if (!mail) throw new Error(`no ${kind} was mailed to ${email}`);
      return mail;
    },
  };
  const people = await fillPeople(filler);
  const secrets = await fillSecrets(filler, people);
  const organizations = await fillOrganizations(filler, people);
  const manifest = { release: library.release, schema, isRenamed, secret: SECRET, people, ...secrets, ...organizations };
  await new Promise((written) => process.stdout.write(`${JSON.stringify(manifest, null, 1)}\n`, written));
  provider.stop();
  await pool.end();
}

async function migrate({ getMigrations }, settings) {
  const { runMigrations } = await getMigrations(settings);
  await runMigrations();
}
