// An auth server as AuthGate replaces it: better-auth in one Node process, asked by nginx' auth_request.
//
//   node server.js prepare COUNT     makes the tables, COUNT users with a session each, and prints their cookies
//   node server.js serve PORT        answers whether the request's cookie is that of a session, and whose
//
// PostgreSQL is named by PGHOST, PGPORT, PGUSER and PGDATABASE, the secret by BETTER_AUTH_SECRET.
import http from "node:http";
import { betterAuth } from "better-auth";
import { makeSignature } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";

const secret = process.env.BETTER_AUTH_SECRET;
const pool = new pg.Pool({ max: 16 });
// The cookie cache stays off, as it is by default: AuthGate asks the database for each request too.
const auth = betterAuth({
  baseURL: "http://127.0.0.1",
  secret,
  database: pool,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});

async function prepare(count) {
  await (await getMigrations(auth.options)).runMigrations();
  await pool.query(`
    insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
      select 'u' || i, 'User ' || i, 'u' || i || '@example.com', true, now(), now() from generate_series(1, ${count}) i`);
  await pool.query(`
    insert into session (id, token, "userId", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent")
      select 's' || i, md5('bench ' || i), 'u' || i, now() + interval '7 days', now(), now(), '203.0.113.77',
             'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
      from generate_series(1, ${count}) i`);
  await pool.query("vacuum analyze");
  const { rows } = await pool.query("select token from session order by random() limit 50000");
  const name = (await auth.$context).authCookies.sessionToken.name;
  const lines = [];
  for (const { token } of rows) {
    lines.push(`${name}=${encodeURIComponent(`${token}.${await makeSignature(token, secret)}`)}\n`);
  }
  process.stdout.write(lines.join(""));
  await pool.end();
}

async function answer(request, response) {
  const headers = new Headers({ cookie: request.headers.cookie ?? "" });
  const found = await auth.api.getSession({ headers });
  if (found) {
    response.writeHead(200, { "X-User-Id": found.user.id, "X-User-Email": found.user.email, "Content-Length": 0 });
  } else {
    response.writeHead(401, { "Content-Length": 0 });
  }
  response.end();
}

function serve(port) {
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500, { "Content-Length": 0 }).end();
    });
  });
  server.keepAliveTimeout = 600_000;
  server.listen(port, "127.0.0.1", 4096);
}

const [, , command, argument] = process.argv;
await (command === "prepare" ? prepare(Number(argument)) : serve(Number(argument)));
