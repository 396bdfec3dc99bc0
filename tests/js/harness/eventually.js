// Waiting for what happens elsewhere, with an end.

import { setTimeout as pause } from "node:timers/promises";

/** In milliseconds; a busy machine included. */
export const PATIENCE = 20_000;

/** Polls until `look` returns something; fails after a while with what was waited for. */
export async function eventually(what, look) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(20);
  }
}
