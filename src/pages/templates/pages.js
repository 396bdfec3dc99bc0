// Adds to pages what HTML cannot do: passkeys, and buttons that copy a text. Every page works without.
(() => {
  "use strict";

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const withBytes = (list) => (list ?? []).map((item) => ({ ...item, id: toBytes(item.id) }));

  async function ask(url, body) {
    const method = body ? "POST" : "GET";
    const headers = body ? { "content-type": "application/json" } : {};
    const response = await fetch(url, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
    const told = await response.json();
    if (!response.ok) throw Object.assign(new Error(`${url} responded with ${response.status}`), { code: told.code });
    return told;
  }

  function described(credential) {
    const { id, type, rawId, response, authenticatorAttachment } = credential;
    const fields = {};
    for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]) {
      if (response[name]) fields[name] = toText(response[name]);
    }
    if (response.getTransports) fields.transports = response.getTransports();
    return {
      id, type, rawId: toText(rawId), authenticatorAttachment, response: fields,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  }

  let waiting;

  async function signIn(part, mediation) {
    waiting?.abort();
    waiting = new AbortController();
    const { signal } = waiting;
    const options = await ask(`${part.dataset.base}/passkey/generate-authenticate-options`);
    const publicKey = { ...options, challenge: toBytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) };
    const credential = await navigator.credentials.get({ publicKey, mediation, signal });
    await ask(`${part.dataset.base}/passkey/verify-authentication`, { response: described(credential) });
    location.assign(part.dataset.target);
  }

  async function register(part) {
    const name = part.querySelector("input")?.value.trim() || undefined;
    const query = name ? `?name=${encodeURIComponent(name)}` : "";
    const options = await ask(`${part.dataset.base}/passkey/generate-register-options${query}`);
    const publicKey = {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    };
    const credential = await navigator.credentials.create({ publicKey });
    await ask(`${part.dataset.base}/passkey/verify-registration`, { response: described(credential), name });
    location.assign(part.dataset.target);
  }

  function begin(part) {
    const failed = part.querySelector("[data-failed]");
    const act = part.dataset.passkey === "register" ? register : signIn;
    part.hidden = false;
    part.querySelector("button").addEventListener("click", async () => {
      failed.hidden = true;
      try {
        await act(part);
      } catch (error) {
        const proof = { SESSION_NOT_FRESH: part.dataset.prove, TWO_FACTOR_REQUIRED: part.dataset.code }[error.code];
        if (proof) return location.assign(proof);
        // Somebody who closes the dialog knows that nothing happened.
        failed.hidden = error.name === "AbortError" || error.name === "NotAllowedError";
        if (act === signIn) offer(part);
      }
    });
    if (act === signIn) offer(part);
  }

  // Offers passkeys beside the passwords that the browser keeps for the field.
  async function offer(part) {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    signIn(part, "conditional").catch(() => {});
  }

  if (window.PublicKeyCredential) document.querySelectorAll("[data-passkey]").forEach(begin);

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    });
  }
})();
