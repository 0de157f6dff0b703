// Makes frames of a sequence of codes from what the comment of app/fountain says, and from nothing of ours: node
// fountain.mjs <bytes of a frame> <number of the first frame> <how many> < payload
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { readFileSync } from 'node:fs';

const [size, from, count] = process.argv.slice(2).map(Number);
const payload = readFileSync(0);
const hash = createHash('sha256').update(payload).digest();
const message = Buffer.concat([payload, hash]);
const blocks = Math.ceil(message.length / (size - 16));
const block = Math.ceil(message.length / blocks);

// Multiplication in the field, bit by bit, without tables.
const times = (a, b) => {
  let sum = 0;
  for (let bit = 0; bit < 8; bit++) {
    if (b & (1 << bit)) {
      let x = a;
      for (let i = 0; i < bit; i++) x = x & 0x80 ? ((x << 1) ^ 0x11d) & 0xff : x << 1;
      sum ^= x;
    }
  }
  return sum;
};

const mask = 0xffffffffn;
function* generator(session, n) {
  let x = (BigInt(session) ^ ((BigInt(n) * 0x9e3779b1n) & mask)) & mask;
  if (x === 0n) x = 1n;
  for (;;) {
    x = (x ^ (x << 13n)) & mask;
    x ^= x >> 17n;
    x = (x ^ (x << 5n)) & mask;
    yield Number(((x * 0x2c9277b5n) & mask) >> 24n);
  }
}

const at = (i, k) => message[i * block + k] ?? 0;

function content(n) {
  if (n < blocks) return Uint8Array.from({ length: block }, (_, k) => at(n, k));
  const next = generator(hash.readUInt32BE(0), n);
  for (let i = 0; i < 4; i++) next.next();
  const out = new Uint8Array(block);
  for (let i = 0; i < blocks; i++) {
    const c = next.next().value;
    for (let k = 0; k < block; k++) out[k] ^= times(at(i, k), c);
  }
  return out;
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const base45 = (b) => {
  let out = '';
  for (let i = 0; i < b.length; i += 2) {
    let n = i + 1 < b.length ? b[i] * 256 + b[i + 1] : b[i];
    for (let k = 0; k < (i + 1 < b.length ? 3 : 2); k++) {
      out += letters[n % 45];
      n = Math.floor(n / 45);
    }
  }
  return out;
};

for (let n = from; n < from + count; n++) {
  const head = Buffer.alloc(12);
  hash.copy(head, 0, 0, 4);
  head.writeUIntBE(message.length, 4, 3);
  head.writeUInt16BE(block, 7);
  head.writeUIntBE(n, 9, 3);
  const body = Buffer.concat([head, content(n)]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  console.log('POTLI-FILM-1:' + base45(Buffer.concat([body, sum])));
}
