// The frontend's script: it hands the client to the page, where the test drives it.

import { passkeyClient } from "@better-auth/passkey/client";
import { createAuthClient } from "better-auth/client";

globalThis.connect = (baseURL) => {
  globalThis.client = createAuthClient({ baseURL, plugins: [passkeyClient()] });
};
