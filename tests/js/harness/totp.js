// The authenticator app of a person, by the library that better-auth itself uses.

import { base32 } from "@better-auth/utils/base32";
import { createHMAC } from "@better-auth/utils/hmac";
import { createOTP } from "@better-auth/utils/otp";

/** The code that the app which read this address shows, so many half minutes from now. */
export async function appCode(totpURI, steps) {
  const secret = base32.decode(new URL(totpURI).searchParams.get("secret"));
  // The library takes bytes as a key only.
  const key = await createHMAC("SHA-1").importKey(secret, "sign");
  return createOTP(key).hotp(Math.floor(Date.now() / 30_000) + steps);
}
