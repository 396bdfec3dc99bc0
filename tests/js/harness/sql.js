// The suite's own PostgreSQL, for rows that no client could make.

import { execFile, execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const BINARIES = execFileSync(resolve(import.meta.dirname, "../../../scripts/pg-bindir"), { encoding: "utf8" }).trim();

/** Runs statements; returns what the last one selects, a line a row. */
export async function sql(statements) {
  const psql = promisify(execFile)(join(BINARIES, "psql"), [process.env.DATABASE_URL, "-qXAt", "-v", "ON_ERROR_STOP=1"]);
  psql.child.stdin.end(statements);
  return (await psql).stdout.trim();
}
