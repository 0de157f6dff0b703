// What the files are that somebody at the counter chose, by their bytes alone: what the wallet keeps goes, and for the rest
// there is a word on what to do instead. The wallet decides by the same rules (app/record, Sniff); a test holds the two
// against each other.
import { maxBytes } from './message.js';

/**
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 * @typedef {{type: string, why?: undefined} | {type?: undefined, why: string}} Kind  why: a key below "drop.file."
 */

const latin = (/** @type {Bytes} */ b) => new TextDecoder('latin1').decode(b);
const damaged = { why: 'damaged' };

/** @param {Bytes} b @returns {Kind} */
export function kind(b) {
  if (!b.length) return { why: 'empty' };
  if (b.length > maxBytes) return { why: 'big' };
  const head = latin(b.subarray(0, 1024));
  if (/^(age-encryption\.org\/v1\n|-----BEGIN AGE ENCRYPTED FILE-----)/.test(head)) return { why: 'backup' };
  if (head.startsWith('\xff\xd8\xff')) return jpeg(b) ? { type: 'image/jpeg' } : damaged;
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return png(b) ? { type: 'image/png' } : damaged;
  if (/^RIFF[^]{4}WEBP/.test(head)) return webp(b) ? { type: 'image/webp' } : damaged;
  if (/^(\xef\xbb\xbf)?[ \t\r\n\0]*%PDF-/.test(head)) return has(b.subarray(-2048), '%%EOF') && has(b, 'startxref') ? { type: 'application/pdf' } : damaged;
  const looks = binary(head, latin(b.subarray(0, 4096)), b);
  return looks === 'utf16' ? wide(b) : looks ? { why: looks } : text(b);
}

/** Whether the ASCII text stands somewhere in b. @param {Bytes} b @param {string} ascii */
function has(b, ascii) {
  const first = ascii.charCodeAt(0);
  for (let i = b.indexOf(first); i >= 0; i = b.indexOf(first, i + 1)) {
    if ([...ascii].every((c, k) => b[i + k] === c.charCodeAt(0))) return true;
  }
  return false;
}

/** No picture of a few bytes unfolds into gigabytes. @param {number} w @param {number} h */
const sized = (w, h) => w > 0 && h > 0 && w * h <= 100 << 20;

/** From the first segment to the first scan, and an end behind it. @param {Bytes} b */
function jpeg(b) {
  let [w, h] = [0, 0];
  for (let p = 2; p + 4 <= b.length; ) {
    const m = b[p + 1];
    if (b[p] !== 0xff) return false;
    if (m === 0xff) p++;
    else if (m === 0x01 || (m >= 0xd0 && m <= 0xd7)) p += 2;
    else {
      const n = (b[p + 2] << 8) | b[p + 3];
      if (n < 2 || p + 2 + n > b.length) return false;
      if (m === 0xda) return has(b.subarray(p + 2 + n), '\xff\xd9') && sized(w, h);
      if (m >= 0xc0 && m <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(m)) {
        if (n < 8) return false;
        [h, w] = [(b[p + 5] << 8) | b[p + 6], (b[p + 7] << 8) | b[p + 8]];
      }
      p += 2 + n;
    }
  }
  return false;
}

/** The chunks from IHDR to IEND. @param {Bytes} b */
function png(b) {
  const v = new DataView(b.buffer, b.byteOffset, b.length);
  if (b.length < 33 || latin(b.subarray(12, 16)) !== 'IHDR' || v.getUint32(8) !== 13) return false;
  let data = false;
  for (let p = 8; p + 12 <= b.length; p += 12 + v.getUint32(p)) {
    if (v.getUint32(p) > b.length - p - 12) return false;
    const name = latin(b.subarray(p + 4, p + 8));
    if (name === 'IEND') return data && sized(v.getUint32(16), v.getUint32(20));
    data ||= name === 'IDAT';
  }
  return false;
}

/** @param {Bytes} b */
function webp(b) {
  if (b.length < 30) return false;
  const v = new DataView(b.buffer, b.byteOffset, b.length);
  if (v.getUint32(4, true) + 8 > b.length + 1) return false;
  switch (latin(b.subarray(12, 16))) {
    case 'VP8 ':
      return v.getUint32(22) % 0x1000000 === 0x9d012a && sized(v.getUint16(26, true) & 0x3fff, v.getUint16(28, true) & 0x3fff);
    case 'VP8L': {
      const bits = v.getUint32(21, true);
      return b[20] === 0x2f && sized((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return sized((v.getUint32(24, true) & 0xffffff) + 1, (v.getUint32(26, true) >>> 8) + 1);
  }
  return false;
}

/** Names what is not kept, by its first bytes. @param {string} s @param {string} more @param {Bytes} b */
function binary(s, more, b) {
  if (/^(\xff\xfe|\xfe\xff|\0[{<]|[{<]\0)/.test(s) && b.length >= 2) return 'utf16';
  if (s.startsWith('PK\x03\x04')) return /word\/|\[Content_Types\]\.xml/.test(more) ? 'docx' : 'zip';
  for (const [looks, sign] of signs) if (sign.test(s)) return looks;
  return '';
}

/** @type {[string, RegExp][]} */
const signs = [['gzip', /^\x1f\x8b/], ['gif', /^GIF8/], ['tiff', /^(II\*\0|MM\0\*)/], ['heic', /^[^]{4}ftyp(hei|hev|mif1|avif)/], ['video', /^[^]{4}ftyp/],
  ['dicom', /^[^]{128}DICM/], ['exe', /^(MZ|\x7fELF)/], ['rtf', /^\{\\rtf/], ['doc', /^\xd0\xcf\x11\xe0/]];

/** Text in UTF-16, of that which comes in it: notes and pages of Windows. @param {Bytes} b @returns {Kind} */
function wide(b) {
  const big = b[0] === 0xfe || b[0] === 0;
  const k = letters(new TextDecoder(big ? 'utf-16be' : 'utf-16le').decode(b), b);
  return k.type === undefined || ['text/plain', 'text/html', 'application/cda+xml'].includes(k.type) ? k : { why: 'utf16' };
}

/** @param {Bytes} b @returns {Kind} */
function text(b) {
  try {
    return letters(new TextDecoder('utf-8', { fatal: true }).decode(b), b);
  } catch {
    const s = new TextDecoder('windows-1252').decode(b); // where most of it is plain letters, and enough of them to tell
    const high = s.replace(/[\0-\x7f]/g, '').length;
    return b.length >= 12 && high <= b.length / 4 && !/^\s*[{[]/.test(s) ? letters(s, b) : { why: 'unknown' };
  }
}

/** @param {string} s @param {Bytes} b @returns {Kind} */
function letters(s, b) {
  const t = s.replace(/^[\ufeff\s]+/, '');
  if (!t) return { why: 'empty' };
  if (/potli-pair-|age-secret-key-|-----begin age encrypted file-----/i.test(t.slice(0, 65536))) return { why: 'secret' };
  if (/^(\{|\[(?![A-Z]))/.test(t)) return json(t);
  if (t[0] === '<') return markup(t);
  if (t.includes('shlink:/') && t.length < 65536) return { why: 'link' };
  if (/shc:\/|\/SMARTHealthCard\/#/i.test(t) && b.length < 1 << 20) return { type: 'text/x-shc' };
  if (/[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffd]/.test(t)) return { why: 'unknown' }; // what only machines write
  return b.length > 4 << 20 ? { why: 'big' } : { type: 'text/plain' };
}

/** @param {string} t @returns {Kind} */
function json(t) {
  let x;
  try {
    x = JSON.parse(t);
  } catch {
    return damaged;
  }
  if (typeof x?.resourceType === 'string' && x.resourceType) return { type: 'application/fhir+json' };
  if (Array.isArray(x?.verifiableCredential)) return { type: 'application/smart-health-card' };
  return { why: t.includes('shlink:/') && t.length < 65536 ? 'link' : 'json' };
}

/** Tells apart what begins with "<". @param {string} t @returns {Kind} */
function markup(t) {
  const low = t.slice(0, 4096).toLowerCase();
  const root = /^(?:<\?[^]*?\?>|<!--[^]*?-->|<!doctype[^>[]*(?:\[[^\]]*\]\s*)?>|\s)*<([\w.-]+:)?([\w.-]+)/i.exec(t.slice(0, 16384));
  if (root?.[2] === 'ClinicalDocument') return /<\/([\w.-]+:)?ClinicalDocument\s*>(\s|<!--[^]*?-->)*$/.test(t) ? { type: 'application/cda+xml' } : damaged;
  if (low.includes('http://hl7.org/fhir')) return { why: 'fhirxml' };
  if (low.includes('<svg') && !low.includes('<html')) return { why: 'svg' };
  return /^<!doctype html|<html|<body|<script/.test(low) ? { type: 'text/html' } : { why: 'xml' };
}

/**
 * A photo of a phone that only some browsers can read, as one that all can: null where this one cannot.
 * @param {Blob} file
 * @returns {Promise<Bytes | null>}
 */
export async function asJPEG(file) {
  try {
    const picture = await createImageBitmap(file);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext('2d')?.drawImage(picture, 0, 0);
    picture.close();
    const blob = await new Promise((/** @type {BlobCallback} */ ok) => canvas.toBlob(ok, 'image/jpeg', 0.9));
    return blob && new Uint8Array(await blob.arrayBuffer());
  } catch {
    return null;
  }
}
