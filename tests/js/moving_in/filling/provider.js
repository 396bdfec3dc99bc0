// A provider of accounts as small as one can be: better-auth gets tokens of it, and says with them who came.

import { once } from "node:events";
import { createServer } from "node:http";

export class Provider {
  /** Is who signs in next: `{ sub, email, name }`. */
  person = null;
  /** Are the tokens that were given last. */
  tokens = null;
  #server = createServer((request, response) => {
    const json = (body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    if (request.url.startsWith("/token")) json(this.#tokens());
    else json({ ...this.person, id: this.person.sub, email_verified: true, picture: "https://cdn.example.com/pia.png" });
  });

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #tokens() {
    const { sub } = this.person;
    this.tokens = { access_token: `access token of ${sub}`, refresh_token: `refresh token of ${sub}` };
    return { ...this.tokens, token_type: "Bearer", expires_in: 3600, scope: "openid profile email" };
  }
}
