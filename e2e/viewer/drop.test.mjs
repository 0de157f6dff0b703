// Unit tests of what the clinic's page gives back: messages, seals, signatures, drop codes. node --test e2e/viewer
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';

const page = new URL('../../web/viewer/', import.meta.url);
const load = (name) => import(new URL(name, page));
const message = await load('message.js');
const { seal, unseal, pad, trim, sizeClass, strictBase64url, toBase64url, utf8, maxPlain } = await load('seal.js');
const { sign, signer, readKey, parseJWS, signedBy } = await load('sign.js');
const { parseCode } = await load('drop-code.js');
const code = (want) => (err) => assert.equal(err.code, want) ?? true;
const data = (name) => readFileSync(new URL(`../../app/message/testdata/${name}`, import.meta.url), 'latin1');
const mailbox = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const goldenKey = new Uint8Array(createHash('sha256').update('potli golden drop key').digest());
const from = { name: 'Sample Clinic, Pune', ids: [{ system: 'https://facility.abdm.gov.in', value: 'IN2710000000' }], origin: 'https://clinic.example' };

/** A key pair of either kind, as a desk has it. */
async function desk(kind = 'Ed25519') {
  const algorithm = kind === 'Ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  return signer(key, await webcrypto.subtle.exportKey('jwk', key.publicKey));
}
async function sample(type = 'documents') {
  const m = await message.create(type, mailbox, from, 1772620200);
  m.documents.push({ name: 'रोगी <1>.json', type: 'application/fhir+json', body: utf8('{"resourceType":"Patient"}') });
  m.text = 'Take after food.\nतीन दिन बाद फिर आइए।';
  return m;
}
const plainOf = async (m) => new TextDecoder().decode(trim(await message.pack(m)));

test('golden: what a release of the wallet sealed opens here', async () => {
  for (const [file, signed] of [['unsigned.jwe', false], ['signed.jwe', true]]) {
    const m = await message.parse(await unseal(data(file), goldenKey));
    assert.deepEqual([m.type, m.to, m.at, m.from.name, m.from.origin, m.from.ids], ['documents', await message.address(mailbox), 1772620200, from.name, from.origin, from.ids]);
    assert.deepEqual(m.documents.map((d) => [d.name, d.type, Buffer.from(d.body).toString()]), [
      ['report.pdf', 'application/pdf', '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n0\n%%EOF\n'],
      ['रोगी <1>.json', 'application/fhir+json', '{"resourceType":"Patient","name":[{"text":"Synthetic"}]}']]);
    assert.equal(m.text, 'Take after food.\nतीन दिन बाद फिर आइए।');
    assert.equal(m.id, Buffer.from('sixteen bytes id').toString('base64url'));
    assert.deepEqual([m.signer.length, m.from.jwk === undefined], signed ? [43, false] : [0, true]);
    await assert.rejects(unseal(data(file), new Uint8Array(32)), code('sealed'));
  }
});

test('what is made here is read here, signed by either kind of key or not', async () => {
  const key = webcrypto.getRandomValues(new Uint8Array(32));
  for (const by of [null, await desk(), await desk('P-256')]) {
    const m = await sample();
    const packed = await message.pack(m, by);
    assert.equal(packed.length, sizeClass(packed.length));
    const back = await message.parse(await unseal(await seal(packed, key), key));
    assert.equal(back.signer, by ? by.public.thumbprint : '');
    assert.deepEqual({ ...back, from, documents: back.documents.map((d) => ({ ...d, body: Buffer.from(d.body).toString() })) },
      { ...m, signer: back.signer, documents: m.documents.map((d) => ({ ...d, body: Buffer.from(d.body).toString() })) });
  }
});

test('each character of a seal, and of a signed message, changed once: refused', async () => {
  const key = new Uint8Array(32).fill(7);
  const m = await sample();
  m.documents = [];
  m.text = 'x';
  const by = await desk('P-256');
  const packed = await message.pack(m, by);
  const other = (c) => (c === 'A' ? 'B' : 'A');
  const sealed = await seal(packed, key);
  for (let i = 0; i < sealed.length; i += i < 100 || i > sealed.length - 30 ? 1 : 61) {
    const bad = sealed.slice(0, i) + other(sealed[i]) + sealed.slice(i + 1);
    await assert.rejects(unseal(bad, key), (e) => ['sealed', 'malformed'].includes(e.code), `character ${i}`);
  }
  const text = trim(packed);
  for (let i = 0; i < text.length; i++) {
    const bad = text.slice();
    bad[i] = bad[i] === 0x7e ? 0x21 : bad[i] + 1;
    await assert.rejects(message.parse(bad), (e) => ['forged', 'malformed', 'newer', 'empty', 'too-big'].includes(e.code), `byte ${i}`);
  }
});

test('a signature says who wrote: with another\'s key beside it, or under another kind of thing, nothing', async () => {
  const [a, b] = [await desk(), await desk()];
  const m = await sample();
  const signed = new TextDecoder().decode(trim(await message.pack(m, a)));
  const payload = strictBase64url(signed.split('.')[1]);
  const parse = (s) => message.parse(utf8(s));
  await assert.rejects(parse(await sign(b, 'potli-message+jws', payload)), code('forged'));
  await assert.rejects(parse(await sign(a, 'potli-receipt+jws', payload)), code('forged'));
  await assert.rejects(parse(await sign(a, 'potli-message+jws', trim(await message.pack(m)))), code('forged')); // no key in it
  const [, body, signature] = signed.split('.');
  for (const head of [{ alg: 'none', typ: 'potli-message+jws' }, { alg: 'ES256', kid: a.public.thumbprint, typ: 'potli-message+jws' }, { alg: 'EdDSA', typ: 'potli-message+jws' },
    { alg: 'EdDSA', kid: b.public.thumbprint, typ: 'potli-message+jws' }]) {
    await assert.rejects(parse(`${toBase64url(utf8(JSON.stringify(head)))}.${body}.${signature}`), code('forged'), JSON.stringify(head));
  }
  for (const bad of [`${signed}.x`, signed.slice(1), `${signed}=`, '', 'x', '[]']) await assert.rejects(parse(bad), (e) => ['malformed', 'forged'].includes(e.code), bad.slice(0, 9));
});

test('keys: the thumbprint of RFC 7638 as RFC 8037 computes it, and keys that are none', async () => {
  const of = (jwk) => readKey(utf8(typeof jwk === 'string' ? jwk : JSON.stringify(jwk)));
  const good = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  assert.equal((await of(good)).thumbprint, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  assert.equal((await of({ ...good, alg: 'Ed25519', use: 'sig', key_ops: ['verify'], kid: 'x' })).alg, 'EdDSA');
  const small = (hex) => Buffer.from(hex, 'hex').toString('base64url');
  for (const [why, bad] of Object.entries({
    secret: { ...good, d: good.x }, 'for sealing': { ...good, use: 'enc' }, 'another algorithm': { ...good, alg: 'ES256' }, 'may not verify': { ...good, key_ops: ['sign'] },
    'another curve': { ...good, crv: 'X25519' }, short: { ...good, x: good.x.slice(1) }, 'a second spelling': { ...good, x: good.x.slice(0, -1) + 'p' }, 'a number': { ...good, x: 1 },
    'of small order': { ...good, x: small('01' + '00'.repeat(31)) }, 'of small order too': { ...good, x: small('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05') },
    'not of the curve': { ...good, x: small('02' + '00'.repeat(31)) }, 'beyond the field': { ...good, x: small('ed' + 'ff'.repeat(30) + '7f') },
    'not of P-256': { kty: 'EC', crv: 'P-256', x: good.x, y: good.x }, twice: JSON.stringify(good).replace('{', '{"x":"' + good.x + '",'), text: 'x', null: null, list: [],
  })) await assert.rejects(of(bad), code('bad-key'), why);
  const p = await desk('P-256');
  assert.equal((await of(p.public.text)).thumbprint, p.public.thumbprint);
  const j = parseJWS(await sign(p, 'x', utf8('y')));
  assert.deepEqual([await signedBy(j, p.public, 'x'), await signedBy(j, p.public, 'z'), await signedBy(j, (await desk('P-256')).public, 'x')], [true, false, false]);
});

test('messages that break one rule', async () => {
  const good = await plainOf(await sample());
  const change = (old, to) => {
    assert.ok(good.includes(old), old);
    return good.replace(old, () => to);
  };
  const id = JSON.parse(good).id;
  const cases = {
    'not JSON': [good.slice(1) + '}', 'malformed'], 'cut short': [good.slice(0, -1), 'malformed'], 'two of them': [good + good, 'malformed'],
    'of a later version': [change('potli-message/1', 'potli-message/2'), 'newer'], 'of another kind': [change('potli-message/1', 'other/1'), 'malformed'],
    'of a type to come': [change('"documents"', '"greeting"'), 'newer'], 'without a type': [change('"type":"documents"', '"type":""'), 'malformed'],
    'a member twice': [change('"v":', '"type":"receipt","v":'), 'malformed'], 'twice in other letters': [change('"v":', '"TYPE":"receipt","v":'), ''],
    'twice by an escape': [change('"v":', '"t\\u0079pe":"receipt","v":'), 'malformed'],
    'a short id': [change(id, id.slice(1)), 'malformed'], 'an id with an escape': [change(id, '\\u0041' + id.slice(1)), 'malformed'],
    'no address': [change('"to":', '"too":'), 'malformed'], 'a null': [change('"text":', '"text":null,"x":'), 'malformed'], 'null for documents': [change('"documents":[', '"documents":null,"x":['), 'malformed'],
    'a time in words': [change('"at":1772620200', '"at":"now"'), 'malformed'], 'a time with a fraction': [change('1772620200', '1772620200.0'), 'malformed'],
    'at the beginning of time': [change('1772620200', '0'), 'malformed'], 'in the year 10000': [change('1772620200', '253402300800'), 'malformed'],
    'a plain origin': [change('https://clinic', 'http://clinic'), 'malformed'], 'an origin with a path': [change('clinic.example', 'clinic.example/'), 'malformed'],
    'a number without a register': [change('https://facility.abdm.gov.in', ''), 'malformed'], 'a number for a name': [change('"Sample Clinic, Pune"', '7'), 'malformed'],
    'a body with padding': [change('"body":"', '"body":"=' ), 'malformed'], 'no body': [change('"body"', '"corps"'), 'malformed'],
    'a list for an object': [change('"from":{', '"from":[],"x":{'), 'malformed'], 'too deep': [change('"v":', '"x":' + '['.repeat(20) + ']'.repeat(20) + ',"v":'), 'malformed'],
    'deep, but not too deep': [change('"v":', '"x":' + '['.repeat(16) + ']'.repeat(16) + ',"v":'), ''],
    'a long name of a member': [change('"v":', `"${'x'.repeat(63)}":1,"v":`), 'malformed'],
    '21 documents': [change('"documents":[', '"documents":[' + '{"type":"","body":""},'.repeat(20)), 'too-big'],
    'a long note': [change('Take after', 'x'.repeat(66000)), 'too-big'], 'an answer to nothing': [change('"documents","id"', '"answer","id"'), 'empty'],
    'nothing in it': [change(/"documents":\[.*\],/.exec(good)[0], '').replace(/"text":".*"/, '"x":1'), 'empty'],
    'a byte order mark': ['\ufeff' + good, 'malformed'],
  };
  for (const [name, [text, want]] of Object.entries(cases)) {
    if (want) await assert.rejects(message.parse(utf8(text)), code(want), name);
    else assert.equal((await message.parse(utf8(text))).type, 'documents', name);
  }
  await assert.rejects(message.parse(Uint8Array.from([...utf8(good.slice(0, -2)), 0xff, 0x22, 0x7d])), code('malformed'));
  await assert.rejects(message.parse(new Uint8Array(maxPlain + 1)), code('too-big'));
  const shown = await message.parse(utf8(change('Sample Clinic, Pune', 'City\\u0000 \\u202eClinic\\n\\ud800evil ' + 'x'.repeat(200)).replace('Take after food.', 'a\\r\\nb\\u0007c\\u2066d')));
  assert.match(shown.from.name, /^City Clinic evil x{101,}$/);
  assert.equal([...shown.from.name].length, 120);
  assert.match(shown.text, /^a\nbcd\n/);
});

test('what cannot be a message is not written', async () => {
  const m = await sample();
  for (const [want, edit] of [['empty', { documents: [], text: '' }], ['too-big', { text: 'x'.repeat(66000) }], ['too-big', { documents: [{ name: '', type: '', body: new Uint8Array(11 << 20) }] }],
    ['malformed', { from: { ...from, origin: 'http://clinic.example' } }], ['malformed', { from: { ...from, ids: [{ system: '', value: '1' }] } }], ['malformed', { id: 'x' }], ['newer', { type: 'greeting' }]]) {
    await assert.rejects(message.pack({ ...m, ...edit }), code(want), want);
  }
  // The most that may be, signed, is taken by the relay.
  const most = { ...m, text: 'x'.repeat(64 << 10), documents: Array.from({ length: 20 }, (_, i) => ({ name: 'n'.repeat(120), type: 'application/pdf', body: new Uint8Array((10 << 20) / 20).fill(i) })) };
  const sealed = await seal(await message.pack(most, await desk()), goldenKey);
  assert.ok(sealed.length <= 25 << 20, String(sealed.length));
  assert.equal((await message.parse(await unseal(sealed, goldenKey))).documents.length, 20);
});

test('padding is that of the relay', () => {
  for (const [n, want] of [[0, 1024], [1024, 1024], [1025, 1088], [5000, 5120], [100_000, 100_352], [19_398_656, 19_398_656]]) assert.equal(sizeClass(n), want, String(n));
  assert.throws(() => pad(new Uint8Array(maxPlain + 1)), code('too-big'));
  for (const b of ['A', 'AB', 'AAB', 'A=', 'AA==', 'A+', 'AA\n', ' AA']) assert.throws(() => strictBase64url(b), code('malformed'), b);
  for (const n of [0, 1, 2, 3, 4, 5, 65_534, 65_535, 65_536]) {
    const b = webcrypto.getRandomValues(new Uint8Array(n));
    assert.equal(toBase64url(b), Buffer.from(b).toString('base64url'));
    assert.deepEqual(strictBase64url(toBase64url(b)), b);
  }
});

const coded = (json) => 'https://view.example/drop#' + Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)).toString('base64url');

test('drop codes: one that was written by the wallet, and those that are none', () => {
  const key = 'A'.repeat(43);
  const c = parseCode('Please open https://view.example/drop#eyJ2IjoxLCJyZWxheSI6Imh0dHBzOi8vcmVsYXkuZXhhbXBsZSIsImlkIjoiQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSIsImtleSI6IkFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEiLCJuYW1lIjoiQSIsImV4cCI6MTgwMDAwMDAwMCwibiI6NSwibWF4IjoxMDAwfQ now');
  assert.deepEqual(c, { relay: 'https://relay.example', id: key, key: new Uint8Array(32), to: '', name: 'A', exp: 1800000000, n: 5, max: 1000 });
  const good = `{"v":1,"relay":"https://relay.example","id":"${key}","key":"${key}","name":"A","exp":1800000000,"n":5,"max":1000}`;
  const change = (old, to) => {
    assert.ok(good.includes(old), old);
    return coded(good.replace(old, to));
  };
  for (const [name, [text, want]] of Object.entries({
    good: [coded(good), ''], 'behind it a dot': [coded(good) + '.', ''], 'a member more': [change('"v":1', '"v":1,"x":[{}]'), ''], 'for a system': [change('"key"', '"to"'), ''],
    nothing: ['', 'drop-none'], 'a health link': ['https://view.example/#shlink:/eyJ1cmwiOiJodHRwczovL2EifQ', 'drop-none'], 'without an address': ['/drop#e30', 'drop-none'],
    cut: [coded(good).slice(0, 200), 'drop-damaged'], empty: ['https://view.example/drop#', 'drop-damaged'], 'no JSON': [coded('hello'), 'drop-damaged'], null: [coded('null'), 'drop-damaged'],
    long: [coded(good + ' '.repeat(3000)), 'drop-damaged'], 'version 2': [change('"v":1', '"v":2'), 'drop-newer'], 'no version': [change('"v":1', '"x":1'), 'drop-damaged'],
    'version in quotes': [change('"v":1', '"v":"1"'), 'drop-damaged'], 'version 1.0': [change('"v":1', '"v":1.0'), 'drop-damaged'], 'a plain relay': [change('https://relay', 'http://relay'), 'drop-damaged'],
    'a relay with a path': [change('relay.example', 'relay.example/x'), 'drop-damaged'], 'a relay with a name': [change('relay.example', 'a@relay.example'), 'drop-damaged'],
    'a long relay': [change('relay.example', 'r'.repeat(200)), 'drop-damaged'], 'no id': [change('"id"', '"ID"'), 'drop-damaged'], 'a short id': [change('"id":"AA', '"id":"'), 'drop-damaged'],
    'no key': [change('"key"', '"kei"'), 'drop-damaged'], both: [change('"key"', `"to":"${key}","key"`), 'drop-damaged'], 'a bad second': [change('"key"', '"to":"A","key"'), 'drop-damaged'],
    'a number for a name': [change('"name":"A"', '"name":7'), 'drop-damaged'], 'null for a name': [change('"name":"A"', '"name":null'), 'drop-damaged'],
    'no end': [change('"exp":1800000000,', ''), 'drop-damaged'], 'an end in 30000': [change('1800000000', '900000000000'), 'drop-damaged'], 'no documents': [change('"n":5', '"n":0'), 'drop-damaged'],
    'a million': [change('"n":5', '"n":1000000'), 'drop-damaged'], 'half a one': [change('"n":5', '"n":5.5'), 'drop-damaged'], 'no bytes': [change('"max":1000', '"max":-1'), 'drop-damaged'],
  })) {
    if (want) assert.throws(() => parseCode(text), code(want), name);
    else assert.equal(parseCode(text).name, 'A', name);
  }
  assert.equal(parseCode(change('"name":"A"', '"name":"A\\u202e\\n' + 'x'.repeat(60) + '"')).name.length, 40);
});

// --- sending ---

const { divide, send } = await load('drop-send.js');
const paper = (size, name = `${size}.pdf`) => ({ name, type: 'application/pdf', body: new Uint8Array(size), size });
const place = { relay: 'https://relay.example', id: mailbox, key: goldenKey, to: '', name: 'A', exp: 1800000000, n: 100, max: 100 << 20 };
const sender = { from: { name: 'Dr Rao' }, by: null };

/** A relay that answers in order, and what it was brought; a number is a status, a word a Fault. */
function relay(...answers) {
  const brought = [];
  const paused = [];
  let time = 1772620200000;
  return { brought, paused, world: {
    now: () => (time += 1000),
    post: async (url, body, { progress, signal }) => {
      brought.push({ url, ...JSON.parse(body) });
      progress(0.5);
      const a = answers.shift() ?? 201;
      if (typeof a === 'function') a();
      if (signal.aborted) throw Object.assign(new (await load('bytes.js')).Fault('cancelled'));
      if (a === 'offline') throw new TypeError('network');
      return typeof a === 'object' ? a : { status: typeof a === 'number' ? a : 201, retryAfter: 0 };
    },
    pause: async (ms) => { paused.push(ms); },
  } };
}
const watched = () => {
  const stop = new AbortController();
  const w = { signal: stop.signal, stop, moves: [], why: [], moved: (n) => w.moves.push(n), waits: (why) => w.why.push(why) };
  return w;
};

test('sending: papers are divided among few messages, each within its limits', () => {
  const shape = (sizes, text = '') => divide(sizes.map((n) => paper(n)), text).map((p) => [p.papers.length, p.text]);
  assert.deepEqual(shape([], 'a note'), [[0, 'a note']]);
  assert.deepEqual(shape([1, 2, 3], 'n'), [[3, 'n']]);
  assert.deepEqual(shape(Array(21).fill(10)), [[20, ''], [1, '']]);
  assert.deepEqual(shape([1 << 20, 2 << 20, 1 << 20, 1 << 20]), [[1, ''], [1, ''], [2, '']]);
  assert.deepEqual(shape([10 << 20, 10 << 20, 1]), [[1, ''], [1, ''], [1, '']]);
  const many = divide(Array.from({ length: 100 }, () => paper(1 << 20)), '');
  assert.ok(many.length <= 10, String(many.length)); // a person decides about each
  assert.ok(many.every((p) => p.weight <= 10 << 20 && p.papers.length <= 20));
  assert.equal(new Set(many.map((p) => p.entry)).size, many.length);
});

test('sending: a line that breaks brings the same entry again, and what arrived is not sent again', async () => {
  const parts = divide([paper(3 << 20), paper(1000), paper(2000)], 'note');
  assert.equal(parts.length, 2);
  const r = relay('offline', 503, { status: 429, retryAfter: 7 }, 201, 'offline', 404);
  const w = watched();
  await assert.rejects(send(place, parts, sender, w, r.world), code('drop-gone'));
  assert.deepEqual(r.paused, [2000, 4000, 7000, 2000]);
  assert.deepEqual(w.why, ['offline', 'busy', 'busy', '', 'offline']);
  assert.equal(new Set(r.brought.slice(0, 4).map((b) => b.id + b.sealed)).size, 1, 'the same bytes under the same id');
  assert.ok(r.brought.every((b) => b.url === `https://relay.example/m/${mailbox}`));
  assert.ok(parts[0].at && parts[0].papers[0].at && parts[0].body === '' && !parts[1].at && parts[1].body);
  assert.ok(w.moves.every((n, i) => n >= (i && Math.min(w.moves[i - 1], n))), String(w.moves));

  const again = relay();
  await send(place, parts, sender, watched(), again.world);
  assert.deepEqual(again.brought.map((b) => b.id + b.sealed), [r.brought.at(-1).id + r.brought.at(-1).sealed], 'only what was missing, as it was');
  const texts = await Promise.all([r.brought[0], again.brought[0]].map(async (b) => (await message.parse(await unseal(b.sealed, goldenKey))).text));
  assert.deepEqual(texts, ['note', '']);
});

test('sending: when it ends without having arrived', async () => {
  for (const [status, want] of [[404, 'drop-gone'], [507, 'drop-full'], [413, 'drop-big'], [400, 'drop-refused'], [409, 'drop-refused']]) {
    const r = relay(status);
    await assert.rejects(send(place, divide([paper(10)], ''), sender, watched(), r.world), code(want));
    assert.equal(r.brought.length, 1);
  }
  const r = relay(...Array(20).fill('offline'));
  await assert.rejects(send(place, divide([paper(10)], ''), sender, watched(), r.world), code('offline'));
  assert.equal(r.brought.length, 9);
  await assert.rejects(send(place, divide([paper(10)], ''), sender, watched(), relay({ status: 503, retryAfter: 3600 }).world), code('busy'));
  const w = watched();
  const stopped = relay(() => w.stop.abort());
  await assert.rejects(send(place, divide([paper(10)], ''), sender, w, stopped.world), code('cancelled'));
  assert.equal(stopped.brought.length, 1);
});
