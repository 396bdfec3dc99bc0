// Mail as people receive it, from the directory that the gateway writes it to.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import PostalMime from "postal-mime";

import { eventually } from "./eventually.js";

/** How the mails' subjects begin. */
export const VERIFY = /^Confirm your e-mail address/;
export const RESET = /^Set a new password/;
export const PASSWORD_CHANGED = /^Your password for .* was changed/;
export const CHANGE_ADDRESS = /^Confirm your new e-mail address/;
export const ADDRESS_CHANGED = /^Your e-mail address for .* was changed/;

export class Mailbox {
  #directory;

  constructor(directory) {
    this.#directory = directory;
  }

  /** Waits for a message to the address, after its first `skip` ones, whose subject matches; of several the newest. */
  async find(address, subject, skip = 0) {
    return eventually(`mail to ${address} with the subject ${subject}`, async () => {
      const matching = (await this.all(address)).slice(skip).filter((mail) => subject.test(mail.subject));
      return matching.at(-1);
    });
  }

  /** Waits for such a message and takes the link out of it. */
  async link(address, subject, skip) {
    const { text } = await this.find(address, subject, skip);
    return new URL(text.match(/https?:\/\/\S+/)[0]);
  }

  /** The one-time token that the link of such a message carries. */
  async token(address, subject, skip) {
    return (await this.link(address, subject, skip)).searchParams.get("token");
  }

  /** Every message to the address so far, oldest first. */
  async all(address) {
    const names = await readdir(this.#directory).catch(() => []);
    // A name begins with the time of the message.
    const files = names.filter((name) => name.endsWith(".eml")).sort().map((name) => join(this.#directory, name));
    const mails = await Promise.all(files.map(async (file) => PostalMime.parse(await readFile(file))));
    return mails.filter((mail) => mail.to.some((to) => to.address === address));
  }
}
