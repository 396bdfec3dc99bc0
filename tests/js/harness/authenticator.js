// Does in Node what a browser and its authenticator do for a page: `navigator.credentials` with passkeys in memory.

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const PRESENT = 0x01;
const VERIFIED = 0x04;
const HAS_KEY = 0x40;

const buffer = (bytes) => new Uint8Array(bytes).buffer;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

/** Head of a CBOR item: its major type and its length or number. */
function head(major, number) {
  if (number < 24) return Buffer.from([(major << 5) | number]);
  if (number < 256) return Buffer.from([(major << 5) | 24, number]);
  return Buffer.from([(major << 5) | 25, number >> 8, number & 255]);
}

function cbor(value) {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  const entries = [...value].flatMap(([key, item]) => [cbor(key), cbor(item)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

export class Authenticator {
  passkeys = [];

  constructor(origin) {
    this.origin = origin;
  }

  /** Is the browser's from here on, until `remove`. */
  install() {
    globalThis.PublicKeyCredential = function PublicKeyCredential() {};
    const credentials = { create: ({ publicKey }) => this.#create(publicKey), get: ({ publicKey }) => this.#get(publicKey) };
    // Node has none before its release 21.
    globalThis.navigator ??= {};
    Object.defineProperty(globalThis.navigator, "credentials", { value: credentials, configurable: true });
  }

  remove() {
    delete globalThis.PublicKeyCredential;
    delete globalThis.navigator.credentials;
  }

  #clientData(type, challenge) {
    const text = { type, challenge: Buffer.from(challenge).toString("base64url"), origin: this.origin, crossOrigin: false };
    return Buffer.from(JSON.stringify(text));
  }

  #data(rpId, flags, counter) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count]);
  }

  async #create({ rp, user, challenge, pubKeyCredParams }) {
    if (!pubKeyCredParams.some(({ alg }) => alg === -7)) throw new Error("ES256 is not asked for");
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = publicKey.export({ format: "jwk" });
    const key = new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, "base64url")], [-3, Buffer.from(y, "base64url")]]);
    const id = randomBytes(20);
    const length = Buffer.from([0, id.length]);
    const data = [this.#data(rp.id, PRESENT | VERIFIED | HAS_KEY, 0), Buffer.alloc(16), length, id, cbor(key)];
    const object = new Map([["fmt", "none"], ["attStmt", new Map()], ["authData", Buffer.concat(data)]]);
    this.passkeys.push({ id, rpId: rp.id, handle: Buffer.from(user.id), privateKey, counter: 0 });
    return {
      ...this.#credential(id),
      response: {
        attestationObject: buffer(cbor(object)),
        clientDataJSON: buffer(this.#clientData("webauthn.create", challenge)),
        getTransports: () => ["internal"],
      },
    };
  }

  async #get({ rpId, challenge }) {
    const passkey = this.passkeys.find((passkey) => passkey.rpId === rpId);
    passkey.counter += 1;
    const authenticatorData = this.#data(rpId, PRESENT | VERIFIED, passkey.counter);
    const clientData = this.#clientData("webauthn.get", challenge);
    const signature = sign("sha256", Buffer.concat([authenticatorData, sha256(clientData)]), passkey.privateKey);
    return {
      ...this.#credential(passkey.id),
      response: {
        authenticatorData: buffer(authenticatorData),
        clientDataJSON: buffer(clientData),
        signature: buffer(signature),
        userHandle: buffer(passkey.handle),
      },
    };
  }

  #credential(id) {
    return {
      id: id.toString("base64url"),
      rawId: buffer(id),
      type: "public-key",
      authenticatorAttachment: "platform",
      getClientExtensionResults: () => ({}),
    };
  }
}
