// Serves the built frontend, as any server of static files with pages of one script does.

import { readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";

import { BASE, buildFrontend } from "./build.js";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const directory = await buildFrontend();
const files = new Map(
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [`${BASE}${file.slice(directory.length)}`, { type: TYPES[extname(file)], content: readFileSync(file) }]),
);

/** Answers a request for the frontend; returns whether it was one. */
export function serveFrontend(request, response) {
  const [path] = request.url.split("?");
  if (!path.startsWith(`${BASE}/`)) return false;
  // All pages are the one document; a file that is missing is not.
  const file = files.get(path) ?? (path.startsWith(`${BASE}/assets/`) ? null : files.get(`${BASE}/index.html`));
  if (!file) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": file.type }).end(file.content);
  return true;
}
