// What all tests share: one gateway, one application behind it, one frontend beside it, one OpenID provider. Every test uses e-mail addresses
// of its own.

import { startFrontend } from "../browser/frontend.js";
import { PROVIDERS, startGateway } from "./gateway.js";
import { OpenIdProvider } from "./provider.js";
import { startUpstream } from "./upstream.js";

export const upstream = await startUpstream();
export const frontend = await startFrontend();
export const provider = new OpenIdProvider();
await provider.start();
export const gateway = await startGateway({
  upstream: upstream.url,
  trustedOrigins: [frontend.origin],
  issuer: provider.issuer,
});
provider.open(PROVIDERS.map((name) => `${gateway.origin}/api/auth/callback/${name}`));

/** Ends all of it. */
export async function stop() {
  await gateway.stop();
  provider.stop();
  frontend.stop();
  upstream.stop();
}
