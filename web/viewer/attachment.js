// Documents inside a record. What something is, its first bytes say, not its name or its declared type.
import { fromBase64, fromUTF8 } from './bytes.js';
import { obj, str } from './fhir.js';
import { h, narrative } from './dom.js';
import { tidy } from './link.js';

/**
 * @typedef {import('./fhir.js').Context} Context
 * @typedef {{title: string, type: string, data: string, url: string}} Attachment
 */

const maxText = 200_000; // characters shown
const maxPixels = 40e6; // 160 MB once decoded
const maxSide = 2400; // pixels of the copy

/**
 * Every attachment of a resource, wherever it hangs.
 * @param {any} r
 * @returns {Attachment[]}
 */
export function attachments(r) {
  /** @type {Attachment[]} */
  const out = [];
  const walk = (/** @type {any} */ o, /** @type {number} */ depth) => {
    if (!o || typeof o !== 'object' || depth > 12) return;
    if (!Array.isArray(o) && (typeof o.data === 'string' || typeof o.url === 'string') && ('contentType' in o || typeof o.data === 'string') && !('sequence' in o) && !o.origin) {
      out.push({ title: str(o.title), type: str(o.contentType).split(';')[0].toLowerCase(), data: str(o.data), url: str(o.url) });
      return;
    }
    for (const [k, v] of Object.entries(o)) if (k !== 'contained' && k !== 'text' && k !== 'signature') walk(v, depth + 1);
  };
  if (r.resourceType !== 'Bundle') walk(r, 0);
  return out;
}

/**
 * What bytes are. "" when they are nothing this page shows.
 * @param {Uint8Array<ArrayBuffer>} b
 */
export function sniff(b) {
  const at = (/** @type {number} */ i, /** @type {string} */ s) => [...s].every((c, j) => b[i + j] === c.charCodeAt(0));
  const start = at(0, '\xef\xbb\xbf') ? 3 : 0;
  if (at(start, '%PDF-')) return 'application/pdf';
  if (at(0, '\x89PNG\r\n\x1a\n')) return 'image/png';
  if (at(0, '\xff\xd8\xff')) return 'image/jpeg';
  if (at(0, 'RIFF') && at(8, 'WEBP')) return 'image/webp';
  return '';
}

/**
 * Width times height as the file claims them, before anything is decoded: a few bytes can ask for gigabytes.
 * @param {Uint8Array<ArrayBuffer>} b
 * @param {string} type
 */
export function pixels(b, type) {
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
  const u24 = (/** @type {number} */ i) => v.getUint16(i, true) + (b[i + 2] << 16);
  try {
    if (type === 'image/png') return v.getUint32(16) * v.getUint32(20);
    if (type === 'image/webp') {
      const form = String.fromCharCode(...b.subarray(12, 16));
      if (form === 'VP8X') return (u24(24) + 1) * (u24(27) + 1);
      if (form === 'VP8L') return ((v.getUint32(21, true) & 0x3fff) + 1) * (((v.getUint32(21, true) >> 14) & 0x3fff) + 1);
      return (v.getUint16(26, true) & 0x3fff) * (v.getUint16(28, true) & 0x3fff);
    }
    for (let i = 2; i < b.length; ) {
      if (b[i] !== 0xff) return Infinity;
      const m = b[i + 1];
      if (m === 0xff) i++;
      else if (m >= 0xc0 && m <= 0xcf && m !== 0xc4 && m !== 0xc8 && m !== 0xcc) return v.getUint16(i + 5) * v.getUint16(i + 7);
      else i += 2 + v.getUint16(i + 2);
    }
  } catch {
    // shorter than its own header
  }
  return Infinity;
}

/** @param {string} data  base64; some systems encode twice */
function decode(data) {
  let b = fromBase64(data);
  if (sniff(b) || b.length < 8 || b[0] > 127) return b;
  try {
    const again = fromBase64(fromUTF8(b.subarray(0, 1 << 12)).slice(0, 4000).replace(/\s/g, '').slice(0, 400));
    if (sniff(again)) b = fromBase64(fromUTF8(b));
  } catch {
    // encoded once
  }
  return b;
}

/** Addresses of blobs in use, so that clearing the screen lets go of the bytes. @type {Set<string>} */
const held = new Set();

/** @param {Blob} blob */
export function hold(blob) {
  const url = URL.createObjectURL(blob);
  held.add(url);
  return url;
}

export function releaseAll() {
  for (const url of held) URL.revokeObjectURL(url);
  held.clear();
}

/** @param {string} title @param {string} ext  a file name that cannot be anything but a file name */
export const fileName = (title, ext) => `${tidy(title.replace(/\.\w{1,5}$/, '').replace(/[^\p{L}\p{M}\p{N} _-]+/gu, ' '), 60).trim() || 'document'}.${ext}`;

/**
 * @param {Context} c
 * @param {Attachment} a
 * @param {any} from
 */
export function show(c, a, from) {
  const title = tidy(a.title, 120) || c.t('file.untitled');
  const box = (/** @type {any[]} */ ...kids) => h('div', { class: 'attachment' }, h('p', { class: 'file', dir: 'auto' }, title), ...kids);
  const note = (/** @type {string} */ key, args = {}) => box(h('p', { class: 'note' }, c.t(key, args)));
  let { data } = a;
  if (!data && a.url) {
    const binary = obj(c.resolve(a.url, from));
    data = str(binary.data) || str(obj(binary.content).data);
    if (!data) return note('file.elsewhere', { url: a.url.slice(0, 200) });
  }
  let b;
  try {
    b = decode(data);
  } catch {
    return note('file.damaged');
  }
  return box(inside(c, b, a.type, title));
}

/**
 * What is in a file, whatever it says of itself.
 * @param {Context} c
 * @param {Uint8Array<ArrayBuffer>} b
 * @param {string} said  its type, as its sender has it
 * @param {string} title
 * @returns {Node[]}
 */
export function inside(c, b, said, title) {
  const note = (/** @type {string} */ key, args = {}) => [h('p', { class: 'note' }, c.t(key, args))];
  if (!b.length) return note('file.empty');
  const type = sniff(b);
  if (type === 'application/pdf') return [pdf(c, b, title)];
  if (type) return [picture(c, b, type, title)];
  let text;
  try {
    text = fromUTF8(b);
  } catch {
    text = '\0';
  }
  if (text.includes('\0')) return note('file.unknown', { type: said || '?', size: size(b.length) });
  const cut = text.length > maxText ? [h('p', { class: 'note' }, c.t('cut'))] : [];
  if (/html/.test(said)) return [narrative(text.slice(0, maxText), c.t('cut')), ...cut];
  return [h('pre', { class: 'text', dir: 'auto', tabindex: '0' }, text.slice(0, maxText)), ...cut];
}

/** @param {number} n */
export const size = (n) => (n < 1e6 ? `${Math.ceil(n / 1000)} kB` : `${(n / 1e6).toFixed(1)} MB`);

/**
 * A PDF opens in a tab of its own, in the browser's viewer: it cannot be shown in a sandboxed frame, and in a frame
 * without sandbox it would be inside this page. Its type is set here, so it can be nothing but a PDF.
 * @param {Context} c
 * @param {Uint8Array<ArrayBuffer>} b
 * @param {string} title
 */
function pdf(c, b, title) {
  const url = hold(new Blob([b], { type: 'application/pdf' }));
  return h('p', { class: 'actions' },
    navigator.pdfViewerEnabled !== false && h('a', { class: 'button', href: url, target: '_blank', rel: 'noopener' }, c.t('file.open'), h('span', { class: 'sr' }, ` ${title}`)),
    !c.view && h('a', { class: 'button quiet', href: url, download: fileName(title, 'pdf') }, c.t('file.save', { size: size(b.length) }), h('span', { class: 'sr' }, ` ${title}`)));
}

/** Pictures take turns: a small file may unfold to 160 MB, and there may be a hundred of them. @type {Promise<unknown>} */
let turn = Promise.resolve();

/**
 * A picture is decoded and drawn anew: what is shown is our own file, without anything that hid in the original.
 * @param {Context} c
 * @param {Uint8Array<ArrayBuffer>} b
 * @param {string} type
 * @param {string} title
 */
function picture(c, b, type, title) {
  const holder = h('div', { class: 'picture' }, h('p', { class: 'note' }, c.t('file.wait')));
  turn = turn.then(() => redraw(b, type)).then((blob) => {
    if (holder.isConnected) holder.replaceChildren(h('img', { src: hold(blob), alt: title }));
  }).catch(() => holder.replaceChildren(h('p', { class: 'note' }, c.t('file.damaged'))));
  return holder;
}

/** @param {Uint8Array<ArrayBuffer>} b @param {string} type @returns {Promise<Blob>} */
async function redraw(b, type) {
  if (pixels(b, type) > maxPixels) throw new Error('too large');
  const bitmap = await createImageBitmap(new Blob([b], { type }));
  const scale = Math.min(1, maxSide / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((ok, no) => canvas.toBlob((x) => (x ? ok(x) : no(new Error('no copy'))), type === 'image/jpeg' ? type : 'image/png', 0.9));
}

