// Builds the frontend of ready-made components, once for what the lock file and the sources here are.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import tailwindcss from "@tailwindcss/vite";
import { build } from "vite";

/** Where the pages are served, at whatever origin. */
export const BASE = "/public/ui";
const CACHE = join(import.meta.dirname, "../node_modules/.cache");

async function fingerprint() {
  const sources = (await readdir(import.meta.dirname)).sort().map((name) => join(import.meta.dirname, name));
  const hash = createHash("sha256");
  for (const file of [...sources, join(import.meta.dirname, "../package-lock.json")]) hash.update(await readFile(file));
  return hash.digest("hex").slice(0, 16);
}

/** The directory of the built frontend. */
export async function buildFrontend() {
  const directory = join(CACHE, `ui-${await fingerprint()}`);
  if (existsSync(directory)) return directory;
  // Written elsewhere first, so that a build that was interrupted is not taken for one that is complete.
  const unfinished = `${directory}.${process.pid}`;
  await build({
    root: import.meta.dirname,
    base: `${BASE}/`,
    configFile: false,
    logLevel: "error",
    plugins: [tailwindcss()],
    build: { outDir: unfinished, emptyOutDir: true, chunkSizeWarningLimit: 4096 },
  });
  await rename(unfinished, directory).catch(() => rm(unfinished, { recursive: true }));
  return directory;
}
