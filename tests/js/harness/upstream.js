// The application behind the gateway: it answers with what it was told about the caller, `/headers` with all that came,
// and has the pages of the ready-made frontend.

import { createServer } from "node:http";
import { once } from "node:events";

import { serveFrontend } from "../ui/serve.js";

/** Listens on a free loopback port. */
export async function startUpstream() {
  const server = createServer((request, response) => {
    if (serveFrontend(request, response)) return;
    const { "x-user-id": id = null, "x-user-email": email = null, authorization = null } = request.headers;
    response.setHeader("content-type", "application/json");
    const told = request.url === "/headers" ? request.headers : { path: request.url, id, email, authorization };
    response.end(JSON.stringify(told));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => server.close().closeAllConnections(),
  };
}
