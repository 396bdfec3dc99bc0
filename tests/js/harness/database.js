// The suite's own PostgreSQL, for what only time brings about.

import { execFile, execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const BINARIES = execFileSync(resolve(import.meta.dirname, "../../../scripts/pg-bindir"), { encoding: "utf8" }).trim();

async function run(sql, values) {
  const variables = Object.entries(values).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
  const psql = promisify(execFile)(join(BINARIES, "psql"), [process.env.DATABASE_URL, "-qX", "-v", "ON_ERROR_STOP=1", ...variables]);
  psql.child.stdin.end(sql);
  await psql;
}

/** Makes all sessions of a user so many minutes older than they are. */
export async function ageSessions(userId, minutes) {
  const sql = `update auth.sessions
    set created_at = created_at - :minutes * interval '1 minute', updated_at = updated_at - :minutes * interval '1 minute', proved_at = null
    where user_id = :'user'`;
  await run(sql, { user: userId, minutes });
}

/** Copies a session of a user so many times: they open nothing, and are listed. */
export async function addSessions(userId, count) {
  const sql = `insert into auth.sessions
    select (jsonb_populate_record(null::auth.sessions, to_jsonb(s) || jsonb_build_object(
      'id', gen_random_uuid(), 'token_hash', '\\x' || encode(sha256(convert_to(s.id || ' ' || n, 'UTF8')), 'hex')))).*
    from (select * from auth.sessions where user_id = :'user' limit 1) s, generate_series(1, :count) n`;
  await run(sql, { user: userId, count });
}
