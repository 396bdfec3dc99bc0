// A certified OpenID provider (oidc-provider) on loopback. Whoever comes is signed in as the person that the test names,
// or refused; keys can be replaced while it runs.

import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";

import Provider from "oidc-provider";
import { CookieJar } from "tough-cookie";

export const CLIENT = { id: "authgate", secret: "a secret that the provider gave" };

function newKeys() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { keys: [{ ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg: "ES256", use: "sig" }] };
}

export class OpenIdProvider {
  /** Who is signed in next: `{ sub, email, emailVerified, name }`, or `null` for somebody who presses "Cancel". */
  person = null;
  #people = new Map();
  #server = createServer((request, response) => this.#answer(request, response));

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.issuer = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** From now on codes come back to these, and tokens are signed with a new key. */
  open(redirectUris) {
    this.redirectUris = redirectUris;
    this.provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: redirectUris,
          token_endpoint_auth_method: "client_secret_post",
          id_token_signed_response_alg: "ES256",
        },
      ],
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
      cookies: { keys: [randomUUID()] },
      features: { devInteractions: { enabled: false } },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => this.#people.get(sub) }),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      jwks: newKeys(),
      pkce: { required: () => true },
      ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 300, IdToken: 300, Interaction: 300, Session: 300 },
    });
    this.callback = this.provider.callback();
  }

  /** Keys that nobody has seen yet. */
  replaceKeys() {
    this.open(this.redirectUris);
  }

  /** The id token and access token of this person, as an app gets them that signs in at the provider by itself. */
  async tokens(person, nonce) {
    this.person = person;
    const verifier = randomUUID() + randomUUID();
    const redirect_uri = this.redirectUris[0];
    const query = new URLSearchParams({
      client_id: CLIENT.id,
      response_type: "code",
      redirect_uri,
      scope: "openid email profile",
      nonce,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    const jar = new CookieJar();
    let url = `${this.issuer}/auth?${query}`;
    while (!url.startsWith(redirect_uri)) {
      const answer = await fetch(url, { redirect: "manual", headers: { cookie: await jar.getCookieString(url) } });
      for (const cookie of answer.headers.getSetCookie()) await jar.setCookie(cookie, url);
      url = new URL(answer.headers.get("location"), url).href;
    }
    const form = { grant_type: "authorization_code", code: new URL(url).searchParams.get("code"), redirect_uri, code_verifier: verifier };
    const client = { client_id: CLIENT.id, client_secret: CLIENT.secret };
    const answer = await fetch(`${this.issuer}/token`, { method: "POST", body: new URLSearchParams({ ...form, ...client }) });
    const { id_token: token, access_token: accessToken } = await answer.json();
    return { token, accessToken };
  }

  stop() {
    this.#server.close().closeAllConnections();
  }

  async #answer(request, response) {
    if (!request.url.startsWith("/interaction/")) return this.callback(request, response);
    const { provider, person } = this;
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (!person) return provider.interactionFinished(request, response, { error: "access_denied" });
    if (prompt.name === "login") {
      const { sub, email, emailVerified, name } = person;
      this.#people.set(sub, { sub, email, email_verified: emailVerified, name });
      return provider.interactionFinished(request, response, { login: { accountId: sub, remember: false } });
    }
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  }
}
