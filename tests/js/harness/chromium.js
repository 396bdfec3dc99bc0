// A Chromium of the machine, without a window. It ends with this process, since they talk through a pipe.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

/** `scripts/setup --tests` installs one where none of these is on `PATH`. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

function find() {
  const paths = process.env.PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = [process.env.CHROMIUM, ...paths].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error(`none of ${NAMES.join(", ")} on PATH; run scripts/setup --tests`);
  return found;
}

/** Root may start it only without its sandbox; the pages it sees are ours alone. */
export async function launchChromium() {
  const args = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-dev-shm-usage"];
  return chromium.launch({ executablePath: find(), args });
}
