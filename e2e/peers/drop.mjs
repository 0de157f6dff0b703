// What the clinic's page makes of what Go made, and what it makes itself, for a test that holds both against each other.
// Reads {open, codes, kinds, make} from standard input and prints the answers in the same order.
//
//   node drop.mjs < FILE
import { readFileSync } from 'node:fs';

const load = (name) => import(new URL(`../../web/viewer/${name}`, import.meta.url));
const message = await load('message.js');
const { seal, unseal } = await load('seal.js');
const { signer } = await load('sign.js');
const { parseCode } = await load('drop-code.js');
const { kind } = await load('drop-files.js');

const bytes = (b64) => new Uint8Array(Buffer.from(b64 ?? '', 'base64'));
const base64 = (b) => Buffer.from(b).toString('base64');
const tried = async (f) => {
  try {
    return await f();
  } catch (err) {
    return { error: err.code ?? String(err) };
  }
};

async function open({ sealed, key }) {
  const m = await message.parse(await unseal(sealed, bytes(key)));
  const { jwk, ...from } = m.from;
  return { ...m, from: { ...from, jwk: jwk && new TextDecoder().decode(jwk) }, documents: m.documents.map((d) => ({ ...d, body: base64(d.body) })) };
}

async function make({ by, key, mailbox, from, text, documents }) {
  let desk = null;
  if (by) {
    const pair = await crypto.subtle.generateKey(by === 'EdDSA' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    desk = await signer(pair, await crypto.subtle.exportKey('jwk', pair.publicKey));
  }
  const m = await message.create('documents', mailbox, from, 1772620200);
  m.text = text;
  m.documents = documents.map((d) => ({ ...d, body: bytes(d.body) }));
  return { sealed: await seal(await message.pack(m, desk), bytes(key)), id: m.id, signer: desk?.public.thumbprint ?? '' };
}

const asked = JSON.parse(readFileSync(0, 'utf8'));
const q = { open: asked.open ?? [], codes: asked.codes ?? [], kinds: asked.kinds ?? [], make: asked.make ?? [] };
console.log(JSON.stringify({
  open: await Promise.all(q.open.map((x) => tried(() => open(x)))),
  codes: await Promise.all(q.codes.map((x) => tried(() => { const c = parseCode(x); return { ...c, key: c.key && base64(c.key) }; }))),
  kinds: q.kinds.map((x) => kind(bytes(x))),
  make: await Promise.all(q.make.map((x) => tried(() => make(x)))),
}));
