// What all tests share: one gateway, one application behind it, one frontend beside it. Every test uses e-mail addresses
// of its own.

import { startFrontend } from "../browser/frontend.js";
import { startGateway } from "./gateway.js";
import { startUpstream } from "./upstream.js";

const upstream = await startUpstream();
export const frontend = await startFrontend();
export const gateway = await startGateway({ upstream: upstream.url, trustedOrigins: [frontend.origin] });

/** Ends all of it. */
export async function stop() {
  await gateway.stop();
  frontend.stop();
  upstream.stop();
}
