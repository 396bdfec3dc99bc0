// The code blocks of a page in docs/: what its readers copy is what is run here.

import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "../../..");
const STAND_INS = join(import.meta.dirname, "stand_ins");
const BLOCK = /^```(\w+)\n([\s\S]*?)^```$/gm;

/** What a page shows: its scripts by the file name in their first line, and its settings in their order. */
export function readPage(name) {
  const text = readFileSync(join(ROOT, "docs", name), "utf8");
  const blocks = [...text.matchAll(BLOCK)].map(([, language, code]) => ({ language, code }));
  const scripts = blocks.filter(({ language }) => ["js", "jsx"].includes(language));
  return {
    scripts: new Map(scripts.map(({ language, code }) => [code.match(/^\/\/ (\S+)/)?.[1], { language, code }])),
    loaded: new Set(),
    settings: blocks.filter(({ language }) => language === "yaml").map(({ code }) => parse(code)),
  };
}

/** What only a framework's server or a device has, by the module that scripts import it from. */
const HOSTS = /^(next\/\w+|expo-secure-store|@capacitor\/preferences)$/;

/** Has a bundler find a page's scripts by their names, and what is only elsewhere in the stand-ins. */
function resolver(page) {
  return {
    name: "page",
    setup(bundler) {
      const file = (path) => (page.scripts.has(path) ? { path, namespace: "page" } : undefined);
      bundler.onResolve({ filter: /./ }, ({ path, importer, kind }) => {
        if (kind === "entry-point") return file(path);
        if (path.startsWith(".")) return file(posix.join(posix.dirname(importer), path));
        // These are not bundled, so that the test has the same instance.
        if (HOSTS.test(path)) return { path: pathToFileURL(join(STAND_INS, `${path.replace(/\W/g, "_")}.js`)).href, external: true };
        return { path, external: true };
      });
      bundler.onLoad({ filter: /./, namespace: "page" }, ({ path }) => {
        const { code, language } = page.scripts.get(path);
        return { contents: code, loader: language };
      });
    },
  };
}

/** Loads one script of a page, with those of the same page that it imports. */
export async function load(page, name, define = {}) {
  page.loaded.add(name);
  const { outputFiles } = await build({
    entryPoints: [name],
    bundle: true,
    format: "esm",
    platform: "node",
    jsx: "automatic",
    define,
    write: false,
    logLevel: "error",
    plugins: [resolver(page)],
  });
  // Packages are found here.
  const directory = await mkdtemp(join(import.meta.dirname, "../node_modules/.snippet-"));
  try {
    const file = join(directory, "script.mjs");
    await writeFile(file, outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(directory, { recursive: true });
  }
}
