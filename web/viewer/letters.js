// What the wallet has done at a stranger's host beside fetching a link: looking up the keys that a provider publishes, and
// putting a sealed letter into a mailbox of another relay. All of it is ciphertext or public; nothing of it is kept here.
import { Fault } from './bytes.js';
import { address } from './link.js';
import { ask } from './receive.js';

const maxAnswer = 64 << 10; // characters: a set of keys, what a relay says of a mailbox
const maxSealed = 26 << 20; // characters of a sealed letter
const mailbox = /^[\w-]{43}$/;
const entry = /^[\w-]{22}$/;

/** @typedef {import('./receive.js').World} World */

/** The place of a path at an origin, which has to be nothing more than an origin. @param {unknown} origin @param {string} path */
function at(origin, path) {
  const url = address(origin);
  if (origin !== url.origin) throw new Fault('refused');
  return new URL(path, url);
}

/** Where a provider publishes its keys. @param {unknown} origin */
export const keysAt = (origin) => at(origin, '/.well-known/jwks.json');

/** Where letters for a mailbox go. @param {unknown} relay @param {unknown} id */
export function mailboxAt(relay, id) {
  if (typeof id !== 'string' || !mailbox.test(id)) throw new Fault('refused');
  return at(relay, `/m/${id}`);
}

/**
 * Fetches public text: keys, or what there is to know of a mailbox. Nobody may answer for a host by sending us on to another.
 * Throws Fault: gone, busy, refused, offline, too-big, cancelled.
 * @param {URL} url
 * @param {World} io
 */
export const look = async (url, io) => (await ask(io, url.href, { redirect: 'error' }, maxAnswer)).text;

/**
 * Puts a letter into a mailbox, and returns what the relay says. Repeating it with the same entry stores it once, also where
 * the same letter was sealed again. Throws Fault as look does; "full" where there is no room.
 * @param {URL} url
 * @param {unknown} id  of the entry
 * @param {unknown} sealed
 * @param {World} io
 */
export async function put(url, id, sealed, io) {
  if (typeof id !== 'string' || !entry.test(id) || typeof sealed !== 'string' || !sealed || sealed.length > maxSealed) throw new Fault('refused');
  const body = JSON.stringify({ id, sealed });
  try {
    return (await ask(io, url.href, { method: 'POST', headers: { 'content-type': 'application/json' }, body, redirect: 'error' }, maxAnswer)).text;
  } catch (err) {
    const status = err instanceof Fault ? err.detail.status : 0;
    if (status === 409) return JSON.stringify({ id }); // it is there: the wallet names entries by what is in them
    throw status === 507 ? new Fault('full') : err;
  }
}
