// All that the desk keeps in this browser: what the clinic is called, its numbers, and a key that signs in its name. The
// key is made here and cannot leave: WebCrypto signs with it and gives its bytes to nobody, also not to this page. Of
// patients, requests and answers nothing is ever written here.
import { Fault } from './bytes.js';
import { signer } from './sign.js';

const database = 'potli-desk';
const store = 'desk';
const only = 'this'; // the one record

/**
 * @typedef {import('./message.js').Identifier} Identifier
 * @typedef {import('./sign.js').Signer} Signer
 * @typedef {{name: string, ids: Identifier[], origin: string}} Party  origin "" where there is none
 * @typedef {Party & {signer: Signer, made: number}} Desk  made in milliseconds
 * @typedef {Party & {key: CryptoKeyPair, jwk: JsonWebKey, made: number}} Kept
 */

/**
 * A fresh key: Ed25519 where the browser has it, else P-256. Its private half cannot be read out.
 * @returns {Promise<{key: CryptoKeyPair, jwk: JsonWebKey}>}
 */
export async function generate(subtle = crypto.subtle) {
  const make = (/** @type {any} */ kind) => /** @type {Promise<CryptoKeyPair>} */ (subtle.generateKey(kind, false, ['sign', 'verify']));
  const key = await make({ name: 'Ed25519' }).catch(() => make({ name: 'ECDSA', namedCurve: 'P-256' }));
  return { key, jwk: await subtle.exportKey('jwk', key.publicKey) };
}

/** The set to publish under the clinic's own address (RFC 7517). @param {Signer} by */
export const jwks = ({ public: k }) => JSON.stringify({ keys: [{ ...JSON.parse(k.text), kid: k.thumbprint, use: 'sig', alg: k.alg }] }, null, 1);

/** A thumbprint as people read it out: in groups of four. @param {string} thumbprint */
export const fingerprint = (thumbprint) => thumbprint.match(/.{1,4}/g)?.join(' ') ?? '';

/** What this browser keeps, or null. Makes nothing. @returns {Promise<Desk | null>} */
export async function load() {
  const kept = await keptNow();
  return kept && desk(kept);
}

/**
 * Keeps a name, with the key that there is, or with a fresh one.
 * @param {Party} party @param {boolean} [fresh]  forgets the key of before
 * @returns {Promise<Desk>}
 */
export async function save({ name, ids, origin }, fresh) {
  const before = fresh ? null : await keptNow();
  const { key, jwk, made } = before ?? { ...(await generate()), made: Date.now() };
  const kept = { name, ids, origin, key, jwk, made };
  const db = await open(true);
  try {
    const write = /** @type {IDBDatabase} */ (db).transaction(store, 'readwrite', { durability: 'strict' });
    write.objectStore(store).put(kept, only);
    await new Promise((ok, no) => {
      write.oncomplete = ok;
      write.onerror = write.onabort = () => no(new Fault('not-kept'));
    });
  } finally {
    db?.close();
  }
  navigator.storage?.persist?.().catch(() => {}); // a browser may else drop the key when the disk is full
  return desk(kept);
}

/** @returns {Promise<Kept | null>} */
async function keptNow() {
  const db = await open(false);
  if (!db) return null;
  try {
    return /** @type {Kept | undefined} */ (await done(db.transaction(store).objectStore(store).get(only))) ?? null;
  } finally {
    db.close();
  }
}

/** Erases everything. The key is gone for good. */
export async function erase() {
  await done(indexedDB.deleteDatabase(database));
}

/** @param {Kept} kept @returns {Promise<Desk>} */
async function desk({ name, ids, origin, key, jwk, made }) {
  return { name, ids, origin, made, signer: await signer(key, jwk) };
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function done(request) {
  return new Promise((ok, no) => {
    request.onsuccess = () => ok(request.result);
    request.onerror = () => no(new Fault('not-kept'));
  });
}

/** Opens what is kept; where nothing is, null unless it is to be made. @param {boolean} make @returns {Promise<IDBDatabase | null>} */
async function open(make) {
  let request;
  try {
    request = indexedDB.open(database, 1);
  } catch {
    throw new Fault('not-kept');
  }
  let none = false;
  request.onupgradeneeded = () => {
    none = !make;
    if (make) request.result.createObjectStore(store);
    else request.transaction?.abort(); // then the browser makes none
  };
  try {
    return await done(request);
  } catch (err) {
    if (none) return null;
    throw err;
  }
}
