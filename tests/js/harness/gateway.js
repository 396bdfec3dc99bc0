// The real binary with a configuration of its own, in the database that DATABASE_URL names (see with_postgres.py).

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { eventually } from "./eventually.js";
import { Mailbox } from "./mailbox.js";
import { CLIENT } from "./provider.js";

const BINARY = resolve(process.env.AUTHGATE_BIN ?? join(import.meta.dirname, "../../../target/debug/authgate"));
const SECRET = "js-suite-secret-js-suite-secret-0123456789";
/** More than all tests together need, who share one address. */
const PLENTY = { limit: 10_000, window: "1m" };
const SHARED_LIMITS = ["sign_in_address", "sign_up", "verify_email", "send_verification", "password_reset_request", "social_sign_in", "passkey"];

/** What the gateway calls the one OpenID provider: a name of our own, and one that ready-made frontends have a button for. */
export const PROVIDERS = ["acme", "gitlab"];

/** A loopback port that is free now. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

function configuration({ port, ops, upstream, trustedOrigins, issuer, mail }) {
  const social = { type: "oidc", issuer, client_id: CLIENT.id, client_secret: { env: "ACME_SECRET" } };
  const route = (name, path, access) => ({ name, match: { path }, upstream: "app", access });
  return {
    server: {
      listen: [`127.0.0.1:${port}`],
      public_url: `http://localhost:${port}`,
      ops_listen: `127.0.0.1:${ops}`,
    },
    database: { url: { env: "DATABASE_URL" }, max_connections: 8 },
    secret: { env: "AUTHGATE_SECRET" },
    upstreams: { app: { servers: [upstream] } },
    routes: [
      route("public", "/public/**", "public"),
      { ...route("payments", "/payments/**", "required"), require: { two_factor: true } },
      route("app", "/**", "required"),
    ],
    auth: {
      trusted_origins: trustedOrigins,
      social: Object.fromEntries(PROVIDERS.map((name) => [name, social])),
      user: { additional_fields: { company: { type: "string", max_length: 100, header: "X-User-Company" } } },
      username: { enabled: true },
      email_otp: { enabled: true },
      magic_link: { enabled: true },
      multi_session: { enabled: true },
      organizations: { enabled: true, teams: { enabled: true } },
      api_keys: { enabled: true },
      last_login_method: { enabled: true },
      admin: { enabled: true, impersonation: { enabled: true }, set_passwords: true },
      rate_limits: Object.fromEntries(SHARED_LIMITS.map((name) => [name, PLENTY])),
    },
    mail: { from: "App <no-reply@example.com>", transport: { directory: mail } },
    log: { format: "text", level: "info" },
  };
}

/** The configuration with further settings, which win. */
function merged(base, more) {
  const isMapping = (value) => value && typeof value === "object" && !Array.isArray(value);
  if (!isMapping(base) || !isMapping(more)) return more === undefined ? base : more;
  return Object.fromEntries([...new Set([...Object.keys(base), ...Object.keys(more)])].map((key) => [key, merged(base[key], more[key])]));
}

/** What `authgate check` says about settings that are added to the configuration; of upstreams, routes and mail theirs are all. */
export async function checkSettings(settings) {
  const directory = await mkdtemp(join(tmpdir(), "authgate-js-check-"));
  const file = join(directory, "gateway.json");
  const addresses = { port: 8080, ops: 9090, upstream: "http://127.0.0.1:8000", trustedOrigins: [], issuer: "http://127.0.0.1:8001" };
  const base = configuration({ ...addresses, mail: directory });
  for (const whole of ["upstreams", "mail"]) if (settings[whole]) delete base[whole];
  await writeFile(file, JSON.stringify(merged(base, settings)));
  const { PATH, HOME, DATABASE_URL } = process.env;
  const env = { PATH, HOME, DATABASE_URL, AUTHGATE_SECRET: SECRET, ACME_SECRET: CLIENT.secret };
  const check = spawn(BINARY, ["check", "--config", file], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [check.stdout, check.stderr]) stream.on("data", (chunk) => (said += chunk));
  const [code] = await once(check, "close");
  await rm(directory, { recursive: true });
  return { code, said };
}

/**
 * Returns when the gateway is ready; what it logged is shown when it fails. `settings` are added to the configuration, and
 * `environment` to the environment. `prepare` is called before it starts, with a function that runs a command of the
 * operator's and returns its exit code and what it printed.
 */
export async function startGateway({ upstream, trustedOrigins, issuer, settings = {}, environment = {}, prepare }) {
  const directory = await mkdtemp(join(tmpdir(), "authgate-js-gateway-"));
  const [port, ops, mail] = [await freePort(), await freePort(), join(directory, "mail")];
  const file = join(directory, "gateway.json");
  // JSON is YAML.
  const base = configuration({ port, ops, upstream, trustedOrigins, issuer, mail });
  await writeFile(file, JSON.stringify(merged(base, settings)));
  const { PATH, HOME, DATABASE_URL } = process.env;
  const env = { PATH, HOME, DATABASE_URL, AUTHGATE_SECRET: SECRET, ACME_SECRET: CLIENT.secret, ...environment };
  /** Runs a command of the operator's on the same database. */
  async function run(...words) {
    const stdio = ["ignore", "pipe", "pipe"];
    const command = spawn(BINARY, [...words, "--config", file], { cwd: directory, env, stdio });
    let [printed, said] = ["", ""];
    command.stdout.on("data", (chunk) => (printed += chunk));
    command.stderr.on("data", (chunk) => (said += chunk));
    const [code] = await once(command, "close");
    return { code, printed, said };
  }
  await prepare?.(run);
  const gateway = spawn(BINARY, ["serve", "--migrate", "--config", file], {
    cwd: directory,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [gateway.stdout, gateway.stderr]) stream.on("data", (chunk) => (log += chunk));
  const ended = once(gateway, "exit");

  await eventually("the gateway to be ready", async () => {
    if (gateway.exitCode !== null) throw new Error(`the gateway ended before it was ready:\n${log}`);
    const answer = await fetch(`http://127.0.0.1:${ops}/readyz`).catch(() => null);
    return answer?.ok;
  });
  return {
    origin: `http://localhost:${port}`,
    directory,
    mail: new Mailbox(mail),
    log: () => log,
    run,
    /** Runs such a command that has to succeed. */
    async command(...words) {
      const { code, said } = await run(...words);
      if (code !== 0) throw new Error(`authgate ${words.join(" ")} ended with ${code}:\n${said}`);
    },
    async stop() {
      gateway.kill("SIGTERM");
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}
