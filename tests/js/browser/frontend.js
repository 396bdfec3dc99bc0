// A frontend on another origin than the gateway: one static page with the official client, bundled as any frontend's
// is, and the pages of the ready-made one.

import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";

import { serveFrontend } from "../ui/serve.js";

const PAGE = `<!doctype html><meta charset="utf-8"><title>Frontend</title><script src="/app.js"></script>`;

/** Same site as the gateway (`localhost`), another origin (the port): what the cookie's SameSite=Lax is made for. */
export async function startFrontend() {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "app.js")],
    bundle: true,
    format: "iife",
    write: false,
  });
  const server = createServer((request, response) => {
    if (serveFrontend(request, response)) return;
    const isScript = request.url === "/app.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? outputFiles[0].text : PAGE);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${server.address().port}`,
    stop: () => server.close().closeAllConnections(),
  };
}
