// People with passwords, sessions, names, roles and bans.

export const PASSWORD = "a walk along the river";

/** Is `a walk along the river` as an application keeps it that replaced the library's hash by bcrypt. */
const BCRYPT = "$2b$10$1hQQy1tibdGT/ovpFhglV.SWawYjd.9turVJcK0zPaGNI9P2ZVoXa";

/** Changes what only time, or an operator, changes. */
export class Database {
  constructor(pool, isRenamed) {
    this.pool = pool;
    const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const plurals = { user: "users", session: "sessions", account: "accounts", apikey: "api_keys", invitation: "invitations" };
    this.table = (name) => `"${isRenamed ? plurals[name] : name}"`;
    this.column = (name) => `"${isRenamed ? snake(name) : name}"`;
  }

  /** Sets columns of the rows where a column has a value. */
  async set(table, values, where, value) {
    const sets = Object.keys(values).map((name, at) => `${this.column(name)} = $${at + 2}`);
    const sql = `update ${this.table(table)} set ${sets.join(", ")} where ${this.column(where)} = $1`;
    const { rowCount } = await this.pool.query(sql, [value, ...Object.values(values)]);
    if (rowCount === 0) throw new Error(`${table} has no row whose ${where} is ${value}`);
  }
}

/** Signs somebody up; returns `{ id, email, name, password, createdAt }`. */
async function signUp({ browser, database }, name, { email = `${name}@example.com`, isVerified = true, ...more } = {}) {
  const visitor = browser();
  const { user } = await visitor.post("/sign-up/email", { email, password: PASSWORD, name, ...more });
  if (isVerified) await database.set("user", { emailVerified: true }, "id", user.id);
  return { id: user.id, email: user.email, name: user.name, password: PASSWORD, createdAt: user.createdAt };
}

/** Signs somebody in on a new browser. */
export async function signIn({ browser }, { email, password }, { rememberMe = true, ...device } = {}) {
  const visitor = browser(device);
  await visitor.post("/sign-in/email", { email, password, rememberMe });
  return visitor;
}

/** Returns the session that a browser has, as the library shows it, with the browser's cookies. */
async function session(visitor) {
  const { session } = await visitor.get("/get-session");
  return { ...session, cookies: { ...visitor.cookies }, bearer: visitor.bearer };
}

export async function fillPeople(filler) {
  const { browser, database, provider, library } = filler;
  const people = {};
  const fields = {
    company: "Analytical Engines",
    seats: 12,
    newsletter: true,
    birthday: "1815-12-10T00:00:00.000Z",
    plan: "pro",
    ...(library.additionalFields.tags && { tags: ["maths", "poetry"], scores: [1, 2.5], settings: { theme: "dark", sizes: [1, 2] } }),
  };
  people.ada = await signUp(filler, "ada", {
    name: "آدا لوفلايس",
    image: "https://cdn.example.com/ada.png",
    username: "Ada.Lovelace",
    ...fields,
  });
  people.ada.fields = { ...fields, credits: 5 };
  people.ada.username = "ada.lovelace";
  people.ada.displayUsername = "Ada.Lovelace";
  people.ada.image = "https://cdn.example.com/ada.png";
  people.ada.remembered = await session(await signIn(filler, people.ada, { userAgent: "Laptop/1.0", address: "198.51.100.1" }));
  people.ada.forgotten = await session(await signIn(filler, people.ada, { rememberMe: false }));
  people.ada.expired = await session(await signIn(filler, people.ada));
  const hourAgo = new Date(Date.now() - 3_600_000);
  await database.set("session", { expiresAt: hourAgo }, "token", people.ada.expired.token);

  people.ulf = await signUp(filler, "ulf", { isVerified: false });
  await browser().post("/send-verification-email", { email: people.ulf.email });
  people.ulf.verificationToken = filler.mailed("verification", people.ulf.email).token;

  people.mixed = await signUp(filler, "mixed", { email: "MiXed.Case@Example.com" });
  // Nobody signs up like this; rows of before, or of a script, have it.
  people.loud = await signUp(filler, "loud");
  people.loud.email = "LOUD@Example.com";
  await database.set("user", { email: people.loud.email }, "id", people.loud.id);

  people.bcrypt = await signUp(filler, "bcrypt");
  await database.set("account", { password: BCRYPT }, "userId", people.bcrypt.id);

  people.alan = await signUp(filler, "alan");
  await database.set("user", { role: "admin" }, "id", people.alan.id);
  people.alan.role = "admin";
  people.roles = await signUp(filler, "roles");
  await database.set("user", { role: "user,admin" }, "id", people.roles.id);
  people.roles.role = "user,admin";

  const admin = await signIn(filler, people.alan);
  people.bea = await signUp(filler, "bea");
  await admin.post("/admin/ban-user", { userId: people.bea.id, banReason: "spam", banExpiresIn: 7 * 86_400 });
  people.bob = await signUp(filler, "bob");
  await admin.post("/admin/ban-user", { userId: people.bob.id, banReason: "fraud" });
  people.bert = await signUp(filler, "bert");
  await admin.post("/admin/ban-user", { userId: people.bert.id, banReason: "was rude", banExpiresIn: 60 });
  await database.set("user", { banExpires: hourAgo }, "id", people.bert.id);
  await admin.post("/admin/impersonate-user", { userId: people.ada.id });
  people.alan.impersonating = await session(admin);

  // They came by the provider, and have no password.
  people.pia = await arrive(filler, { sub: "pia-at-acme", email: "pia@example.com", name: "Pia" });
  people.pia.tokens = provider.tokens;
  // They have both: the provider's address is that of a user who is verified.
  people.ben = await signUp(filler, "ben");
  await arrive(filler, { sub: "ben-at-acme", email: people.ben.email, name: "Ben" });
  people.ben.tokens = provider.tokens;
  people.ben.accountId = "ben-at-acme";
  return people;
}

/** Comes through the provider as this person. */
async function arrive({ browser, provider, library }, person) {
  provider.person = person;
  const visitor = browser();
  const { signIn, callback } = library.oauth;
  const { url } = await visitor.post(signIn.path, { ...signIn.body, callbackURL: "/" });
  const state = new URL(url).searchParams.get("state");
  await visitor.get(`${callback}?code=a-code&state=${encodeURIComponent(state)}`);
  const { user, session } = await visitor.get("/get-session");
  const { id, email, name, createdAt, image } = user;
  return { id, email, name, createdAt, image, accountId: person.sub, session: { ...session, cookies: { ...visitor.cookies } } };
}

export { signUp };
