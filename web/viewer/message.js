// What passes between a clinic and a wallet, one message for one mailbox: made, signed, packed, and read. What it is stands
// in the wallet's app/message, and tests hold the two against each other, both ways. Sealing is in seal.js.
import { Fault, fromUTF8 } from './bytes.js';
import { bare, elements, members, text, valid } from './message-json.js';
import { pad, maxPlain, sha256, strictBase64url, toBase64url, trim, utf8 } from './seal.js';
import { parseJWS, readKey, sign, signedBy } from './sign.js';

/**
 * @typedef {import('./seal.js').Bytes} Bytes
 * @typedef {{system: string, value: string}} Identifier  a number in a registry
 * @typedef {{name: string, ids?: Identifier[], origin?: string, jwk?: Bytes}} Sender
 * @typedef {{name: string, type: string, body: Bytes}} Document  type is what the sender says
 * @typedef {'documents' | 'request' | 'answer' | 'delivery' | 'receipt' | 'revoked'} Type
 * @typedef {object} Message
 * @property {Type} type
 * @property {string} id
 * @property {string} to  address() of the mailbox
 * @property {number} at  unix seconds, by the sender's clock
 * @property {Sender} from  a claim, also of a message that is signed: a key says who holds it, not whose it is
 * @property {Document[]} documents
 * @property {string} text
 * @property {string} request
 * @property {string} receipt
 * @property {string} re  the id of the message that it answers
 * @property {string} reply  of an answer: the drop code where its receiver puts a countersignature, "" for none
 * @property {string} signer  thumbprint of the key that signed it, "" when none did
 */

const version = 'potli-message/1';
const signedType = 'potli-message+jws';
export const maxBytes = 10 << 20; // of the documents of a message together
export const maxDocuments = 20;
export const maxText = 64 << 10; // bytes of the note, of the request, of the receipt
export const maxName = 120; // characters
export const maxIDs = 8;
const maxSystem = 200;
const maxValue = 64;
const maxJWK = 2 << 10;
const maxReply = 2 << 10; // bytes of a drop code
const maxType = 100;
const maxWord = 64;
const year10000 = 253402300800;
const types = ['documents', 'request', 'answer', 'delivery', 'receipt', 'revoked'];

/** One line of at most n characters of what a stranger wrote. @param {string} s @param {number} n */
export function line(s, n) {
  const tidy = (/** @type {string} */ x) => x.toWellFormed().replace(/\p{White_Space}/gu, ' ').replace(/[\p{Cc}\p{Bidi_Control}\ufffd]/gu, '').replace(/ +/g, ' ').replace(/^ | $/g, '');
  return tidy([...tidy(s)].slice(0, n).join(''));
}

/** A note without what is not to be seen. @param {string} s */
export const paragraphs = (s) => s.toWellFormed().replace(/\r\n/g, '\n').replace(/[\r\u2028\u2029]/g, '\n')
  .replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}\ufeff\ufffd]/gu, '').replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '');

/** Whether s is an origin as browsers write it, of https or of this machine. @param {string} s */
const isOrigin = (s) => s.length <= maxSystem && s === s.toLowerCase() && /^(https:\/\/[^\s\0-\x20\x7f/?#@\\^`{|}%:[\]]+|https:\/\/\[[0-9a-f:.]+\]|http:\/\/(localhost|127\.0\.0\.1))(:\d*)?$/.test(s);

/** The "to" of messages for a mailbox. @param {string} mailbox */
export const address = async (mailbox) => toBase64url(await sha256(utf8(mailbox)));

/** Sixteen fresh random bytes, as ids are written. */
export const freshID = () => toBase64url(crypto.getRandomValues(new Uint8Array(16)));

/** A message for a mailbox, with nothing in it yet. @param {Type} type @param {string} mailbox @param {Sender} from @param {number} at @returns {Promise<Message>} */
export const create = async (type, mailbox, from, at) =>
  ({ type, id: freshID(), to: await address(mailbox), at, from, documents: [], text: '', request: '', receipt: '', re: '', reply: '', signer: '' });

/**
 * Writes a message, ready to be sealed: signed where there is a key, and padded. What leaves here has been read as every reader does.
 * Throws "empty", "too-big", "malformed".
 * @param {Message} m @param {import('./sign.js').Signer | null} [by]
 */
export async function pack(m, by) {
  check(m);
  const some = (/** @type {string} */ s) => s || undefined;
  const { name, ids, origin } = m.from;
  const from = { name: line(name, maxName), ids: ids?.length ? ids : undefined, origin: origin || undefined, jwk: by ? JSON.parse(by.public.text) : undefined };
  const { type, id, to, at } = m;
  const write = (/** @type {(body: Bytes) => string} */ encode) => utf8(JSON.stringify({
    v: version, type, id, to, at, from, documents: m.documents.length ? m.documents.map((d) => ({ name: some(d.name), type: d.type, body: encode(d.body) })) : undefined,
    text: some(m.text), request: some(m.request), receipt: some(m.receipt), re: some(m.re), reply: some(m.reply) }));
  read(write(() => '')); // the bodies, which are megabytes, cannot be written wrongly
  const b = write(toBase64url);
  return pad(by ? utf8(await sign(by, signedType, b)) : b);
}

/**
 * Reads a message that was unsealed. What is signed and does not verify is no message. Throws "malformed", "newer" (of a
 * later version), "forged", "too-big", "empty", "no-ed25519".
 * @param {Bytes} plain
 * @returns {Promise<Message>}
 */
export async function parse(plain) {
  if (plain.length > maxPlain) throw new Fault('too-big');
  const b = trim(plain);
  if (b[0] === 0x7b) {
    const m = read(b);
    delete m.from.jwk; // of a key that signed nothing
    return m;
  }
  let s;
  try {
    s = fromUTF8(b);
  } catch {
    throw new Fault('malformed');
  }
  const j = parseJWS(s);
  const m = read(j.payload);
  const key = await readKey(m.from.jwk ?? utf8('')).catch(() => null);
  if (!key || !(await signedBy(j, key, signedType))) throw new Fault('forged');
  m.signer = key.thumbprint;
  return m;
}

/** @param {boolean} ok */
function must(ok) {
  if (!ok) throw new Fault('malformed');
}

/** @param {Bytes} b @returns {Message} */
function read(b) {
  must(valid(b));
  const f = members(b);
  const v = text(f.get('v'), maxWord);
  must(v.startsWith('potli-message/'));
  if (v !== version) throw new Fault('newer');
  const type = /** @type {Type} */ (text(f.get('type'), maxWord));
  const at = fromUTF8(f.get('at') ?? utf8(''));
  must(type.length > 0 && /^\d{1,12}$/.test(at) && Number(at) > 0 && Number(at) < year10000);
  const m = {
    type, id: id(f.get('id'), 16), to: id(f.get('to'), 32), at: Number(at), from: sender(f.get('from')),
    re: f.has('re') ? id(f.get('re'), 16) : '', text: paragraphs(text(f.get('text'), maxText)), request: text(f.get('request'), maxText),
    receipt: text(f.get('receipt'), maxText), reply: text(f.get('reply'), maxReply), documents: documents(f.get('documents')), signer: '',
  };
  check(m);
  return m;
}

/** n bytes in base64url. @param {Bytes | undefined} raw @param {number} n */
function id(raw, n) {
  const s = bare(raw);
  must(strictBase64url(s).length === n);
  return s;
}

/** @param {Bytes | undefined} raw @returns {Sender} */
function sender(raw) {
  const f = members(raw);
  const name = line(text(f.get('name'), 8 * maxName), maxName);
  const origin = text(f.get('origin'), maxSystem);
  const jwk = f.get('jwk');
  must((!origin || isOrigin(origin)) && (jwk?.length ?? 0) <= maxJWK);
  const list = f.get('ids');
  return { name, origin, jwk, ids: list ? elements(list, maxIDs).map(identifier) : [] };
}

/** @param {Bytes} raw @returns {Identifier} */
function identifier(raw) {
  const f = members(raw);
  const system = text(f.get('system'), maxSystem);
  const value = line(text(f.get('value'), 8 * maxValue), maxValue);
  must(/^[!-~]+$/.test(system) && value !== '');
  return { system, value };
}

/** @param {Bytes | undefined} raw @returns {Document[]} */
function documents(raw) {
  return raw ? elements(raw, maxDocuments).map((one) => {
    const f = members(one);
    const name = text(f.get('name'), 8 * maxName);
    const type = text(f.get('type'), 2 * maxType).split(';')[0].toLowerCase();
    const body = bare(f.get('body'));
    if (Math.floor((body.length * 3) / 4) > maxBytes) throw new Fault('too-big');
    return { name: label(name), type: line(type, maxType), body: strictBase64url(body) };
  }) : [];
}

/** The name of a file, without folders. @param {string} name */
export const label = (name) => line(name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1), maxName);

/** Whether there is in a message what its type is for, and no more than may be. @param {Message} m */
function check(m) {
  if (!types.includes(m.type)) throw new Fault('newer');
  const given = { documents: m.documents.length > 0 || m.text, delivery: m.documents.length > 0 || m.text, request: m.request, receipt: m.receipt, answer: m.re, revoked: m.re }[m.type];
  if (!given) throw new Fault('empty');
  const size = m.documents.reduce((n, d) => n + d.body.length, 0);
  const longest = Math.max(...[m.text, m.request, m.receipt].map((s) => utf8(s).length));
  if (size > maxBytes || m.documents.length > maxDocuments || longest > maxText || utf8(m.reply).length > maxReply) throw new Fault('too-big');
}
