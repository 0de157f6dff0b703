// Signatures over messages, requests and receipts: compact JWS (RFC 7515) by Ed25519 or P-256, each key known by its
// thumbprint (RFC 7638). The same rules as the wallet's crypto/jose; a test holds the two against each other.
import { Fault, fromUTF8 } from './bytes.js';
import { members, valid } from './message-json.js';
import { sha256, strictBase64url, toBase64url, utf8 } from './seal.js';

/**
 * @typedef {import('./seal.js').Bytes} Bytes
 * @typedef {object} Key  a public key
 * @property {'EdDSA' | 'ES256'} alg  never the header's to choose
 * @property {string} text  its JWK: only what the thumbprint is made of, always the same bytes
 * @property {string} thumbprint
 * @property {Bytes} raw  32 bytes; of P-256 a 4, x and y
 * @typedef {{key: CryptoKeyPair, public: Key}} Signer
 */

const maxJWK = 8 << 10;

/** @param {Bytes | undefined} b @returns {any} */
const value = (b) => (b ? JSON.parse(fromUTF8(b)) : undefined);

/**
 * Reads a public JWK as it stands in a text. Throws "bad-key": of another kind, meant for something else, not sound, or one
 * that holds a secret.
 * @param {Bytes} jwk
 * @returns {Promise<Key>}
 */
export async function readKey(jwk) {
  try {
    if (jwk.length > maxJWK || !valid(jwk)) throw 0;
    const m = members(jwk);
    if (m.has('d') || m.has('k')) throw 0;
    const key = await kind(value(m.get('kty')), value(m.get('crv')), m);
    const alg = value(m.get('alg'));
    const ops = value(m.get('key_ops'));
    if (m.has('use') && value(m.get('use')) !== 'sig') throw 0;
    if (m.has('alg') && !reads(key, alg)) throw 0;
    if (m.has('key_ops') && !(Array.isArray(ops) && ops.every((o) => typeof o === 'string') && ops.includes('verify'))) throw 0;
    return key;
  } catch {
    throw new Fault('bad-key');
  }
}

/** RFC 9864 calls "Ed25519" what RFC 8037 called "EdDSA". @param {Key} key @param {unknown} alg */
const reads = (key, alg) => alg === key.alg || (key.alg === 'EdDSA' && alg === 'Ed25519');

/** @param {unknown} kty @param {unknown} crv @param {Map<string, Bytes>} m @returns {Promise<Key>} */
async function kind(kty, crv, m) {
  const part = (/** @type {string} */ name) => {
    const b = strictBase64url(value(m.get(name)));
    if (b.length !== 32) throw 0;
    return b;
  };
  if (kty === 'OKP' && crv === 'Ed25519') {
    const x = part('x');
    if (!sound(x)) throw 0;
    return named('EdDSA', `{"crv":"Ed25519","kty":"OKP","x":"${toBase64url(x)}"}`, x);
  }
  if (kty !== 'EC' || crv !== 'P-256') throw 0;
  const [x, y] = [part('x'), part('y')];
  const raw = Uint8Array.of(4, ...x, ...y);
  await crypto.subtle.importKey('raw', raw, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']); // refuses what is not on the curve
  return named('ES256', `{"crv":"P-256","kty":"EC","x":"${toBase64url(x)}","y":"${toBase64url(y)}"}`, raw);
}

/** @param {'EdDSA' | 'ES256'} alg @param {string} text @param {Bytes} raw @returns {Promise<Key>} */
const named = async (alg, text, raw) => ({ alg, text, raw, thumbprint: toBase64url(await sha256(utf8(text))) });

const field = 2n ** 255n - 19n;
const curve = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
/** The y of the points whose order divides 8. */
const small = [1n, field - 1n, 0n, 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n, 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n];

/**
 * Whether 32 bytes are a point of Ed25519 in its one spelling, and not of small order: for such a one somebody can make a
 * signature that fits any text.
 * @param {Bytes} b
 */
function sound(b) {
  let y = 0n;
  for (let i = 31; i >= 0; i--) y = (y << 8n) | BigInt(i === 31 ? b[i] & 0x7f : b[i]);
  if (y >= field || small.includes(y)) return false;
  // x² = (y²-1)/(dy²+1): a square where the product of both is one, which is raised to (p-1)/2.
  const y2 = (y * y) % field;
  let base = ((y2 - 1n) * (curve * y2 + 1n)) % field;
  let out = 1n;
  for (let e = (field - 1n) / 2n; e; e >>= 1n) {
    if (e & 1n) out = (out * base) % field;
    base = (base * base) % field;
  }
  return (out + field) % field === 1n;
}

/** What signs, of a pair of WebCrypto and its public JWK. @param {CryptoKeyPair} key @param {JsonWebKey} jwk @returns {Promise<Signer>} */
export async function signer(key, jwk) {
  const { kty, crv, x, y } = jwk;
  return { key, public: await readKey(utf8(JSON.stringify({ kty, crv, x, y }))) };
}

/** The algorithm by its name in WebCrypto. @param {Key} key */
const algorithm = (key) => (key.alg === 'EdDSA' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' });

/**
 * A compact JWS over payload with the header {"alg","kid","typ"}. typ says what is signed, so that a signature under one
 * kind of thing is none under another (RFC 8725, section 3.11).
 * @param {Signer} by @param {string} typ @param {Bytes} payload
 */
export async function sign(by, typ, payload) {
  const header = JSON.stringify({ alg: by.public.alg, kid: by.public.thumbprint, typ });
  const text = `${toBase64url(utf8(header))}.${toBase64url(payload)}`;
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm(by.public), by.key.privateKey, utf8(text)));
  return `${text}.${toBase64url(signature)}`;
}

/**
 * Takes a compact JWS apart. Nothing in it is proven before signedBy says so. Throws "malformed".
 * @param {string} s
 */
export function parseJWS(s) {
  const parts = s.trim().split('.');
  if (parts.length !== 3 || parts[0].length > maxJWK) throw new Fault('malformed');
  const [head, payload, signature] = parts.map(strictBase64url);
  if (!valid(head)) throw new Fault('malformed');
  const m = members(head);
  const [alg, kid, typ] = ['alg', 'kid', 'typ'].map((name) => value(m.get(name)));
  if (m.has('crit') || m.has('zip')) throw new Fault('malformed'); // nothing of ours has either
  return { alg, kid, typ, payload, signature, signed: `${parts[0]}.${parts[1]}` };
}

/**
 * Whether key made the signature over something of kind typ. The header has to name the key; a key in the header is not
 * looked at. Throws "no-ed25519" where the browser cannot tell.
 * @param {ReturnType<typeof parseJWS>} j @param {Key} key @param {string} typ
 */
export async function signedBy(j, key, typ) {
  if (!typ || j.typ !== typ || !reads(key, j.alg) || j.kid !== key.thumbprint || j.signature.length !== 64) return false;
  let k;
  try {
    k = await crypto.subtle.importKey('raw', key.raw, algorithm(key), false, ['verify']);
  } catch {
    throw new Fault('no-ed25519');
  }
  return crypto.subtle.verify(algorithm(key), k, j.signature, utf8(j.signed));
}
