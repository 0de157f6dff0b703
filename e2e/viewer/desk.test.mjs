// Unit tests of the clinic's desk, without a browser: node --test e2e/viewer
import { deflateRawSync } from 'node:zlib';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';

const page = new URL('../../web/viewer/', import.meta.url);
const load = (name) => import(new URL(name, page));
const golden = (name) => readFileSync(new URL(`../../app/consent/testdata/${name}`, import.meta.url), 'utf8').trim();
const { verify, find, canonical } = await load('verify.js');
const { hash32, work } = await load('mailbox-work.js');
const { Mailbox } = await load('mailbox.js');
const code = (want) => (err) => assert.equal(err.code, want) ?? true;

test('a receipt that the wallet wrote is verified with nothing but itself', async () => {
  const jws = golden('receipt-1.jws');
  const r = await verify(jws);
  assert.deepEqual([r.state, r.principal, r.actor.name, r.actor.authority, r.terms.to.name, r.epoch, r.documents.length], ['granted', 'Asha Sample', 'Meera Sample', 'guardian', 'Sample Clinic', 3, 2]);
  assert.equal(r.hash, 'Rl51v9vCXWazhdz2UYZTRC8xRsI8B7pOyw9b_4aeBdc'); // as the countersignature beside it names it
  assert.equal(find(`Here it is:\n${jws}\nThanks.`), jws);
});

test('every byte of a receipt that is changed is noticed', async () => {
  const jws = golden('receipt-1.jws');
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
  const faults = await Promise.all([...jws].map(async (c, i) => {
    const other = digits[(digits.indexOf(c) + 1) % digits.length];
    return verify(jws.slice(0, i) + other + jws.slice(i + 1)).then(() => `byte ${i} was not noticed`, (err) => err.code);
  }));
  assert.deepEqual([...new Set(faults)].sort(), ['receipt-damaged', 'receipt-forged', 'receipt-newer']);
  for (const odd of ['', ' ', jws + '\n', jws.slice(0, -1), jws + '.', jws.split('.').slice(0, 2).join('.'), 'x'.repeat(70_000)]) {
    await assert.rejects(verify(odd), (err) => /^receipt-(damaged|forged|too-big)$/.test(err.code), odd.slice(0, 20));
  }
});

/** Signs what the test changed in the golden receipt by keys of its own. */
async function forge(change, certify = (c) => c) {
  const pairs = await Promise.all([0, 1].map(() => webcrypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])));
  const [device, user] = await Promise.all(pairs.map(async (pair) => {
    const { crv, kty, x } = await webcrypto.subtle.exportKey('jwk', pair.publicKey);
    const jwk = { crv, kty, x };
    const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
    const sign = async (typ, text) => {
      const head = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid, typ })).toString('base64url');
      const signed = `${head}.${Buffer.from(text).toString('base64url')}`;
      return `${signed}.${Buffer.from(await webcrypto.subtle.sign('Ed25519', pair.privateKey, Buffer.from(signed))).toString('base64url')}`;
    };
    return { jwk, kid, sign };
  }));
  const d = JSON.parse(Buffer.from(golden('receipt-1.jws').split('.')[1], 'base64url'));
  d.potli.jwk = device.jwk;
  d.potli.certificate = await user.sign('potli-device+jws', canonical(certify({ v: 'potli-device/1', user: 'mother', device: 'phone', key: device.kid, epoch: 3, at: 1, jwk: user.jwk })));
  const text = change(d) ?? canonical(d);
  return device.sign('potli-receipt+jws', typeof text === 'function' ? text(device.jwk, d.potli.certificate) : text);
}

test('what is signed and contradicts itself is no receipt', async () => {
  await verify(await forge(() => {})); // what the cases below change is otherwise good
  const cases = {
    'another state for readers of the standard': (d) => { d.event[0].event_state = 'revoked'; },
    'another name': (d) => { d.party_identification[0].party_name = 'Somebody'; },
    'a member beside': (d) => { d.potli.more = 1; },
    'a member beside, in the terms': (d) => { d.potli.terms.more = 1; },
    'another hash of the terms': (d) => { d.potli.terms_hash = d.potli.notice_hash; },
    'terms that end before they begin': (d) => { d.potli.terms.until = d.potli.terms.begin; },
    'no day': (d) => { d.potli.terms.until = '2026-02-30T00:00:00Z'; },
    'a document without a hash': (d) => { d.potli.documents[0].sha256 = 'x'; },
    'a name that turns the direction of writing': (d) => { d.potli.principal = d.party_identification[0].party_name = 'a\u202eb'; },
    'white space': (d) => JSON.stringify(d, null, 1),
    'a name twice': (d) => canonical(d).replace('"language":"hi"', '"language":"hi","language":"hi"'),
    'kinds that are none': (d) => { d.potli.terms.kinds = null; },
    'no object': () => '[]',
  };
  for (const [name, change] of Object.entries(cases)) await assert.rejects(forge(change).then(verify), code('receipt-damaged'), name);
  await assert.rejects(forge((d) => { d.schema_version = 'potli-receipt/2'; }).then(verify), code('receipt-newer'));
  for (const certify of [(c) => ({ ...c, user: 'other' }), (c) => ({ ...c, device: 'other' }), (c) => ({ ...c, key: golden('receipt-1.jws').slice(0, 43) }), (c) => ({ ...c, epoch: 0 }), (c) => ({ ...c, v: 'x' })]) {
    await assert.rejects(forge(() => {}, certify).then(verify), code('receipt-uncertified'));
  }
  await assert.rejects(forge((d) => { d.potli.certificate = 'x'; }).then(verify), code('receipt-uncertified'));
});

test('work: the hash is SHA-256, and the counter that is found is good', async () => {
  for (const text of ['', 'abc', 'a'.repeat(55), 'a'.repeat(56), 'x'.repeat(64), 'y'.repeat(200)]) assert.equal(hash32(text), createHash('sha256').update(text).digest().readUInt32BE(0), text.length);
  const done = await work({ challenge: 'c.1', bits: 12 }, 'id');
  const counter = done.slice('c.1.'.length);
  assert.ok(createHash('sha256').update(`c.1.id.${counter}`).digest().readUInt32BE(0) < 2 ** 20);
  for (const odd of [{ challenge: 'c', bits: 18 }, { challenge: 5, bits: 1 }, { challenge: 'a b', bits: 1 }, { challenge: 'c' }]) await assert.rejects(work(odd, 'id'), code('refused'));
});

/** A relay with one mailbox. stream: what …/live answers. */
function relay(entries, stream) {
  const asked = [];
  const box = { acked: [], asked, entries, work: 0, down: 0 };
  box.fetch = async (url, init) => {
    const path = url.replace(/^https:\/\/r\.example\/v1\/mailboxes\/[\w-]{43}/, '');
    asked.push(`${init.method ?? 'GET'} ${path}`);
    if (init.signal?.aborted) throw new DOMException('', 'AbortError');
    if (box.down-- > 0) throw new TypeError('network');
    if (init.method === 'PUT') {
      if (box.work-- > 0) return new Response(JSON.stringify({ work: { challenge: 'c', bits: 12 } }), { status: 428 });
      return new Response('{}', { status: 201 });
    }
    if (path.startsWith('/entries')) {
      const after = Number(/after=(\d+)/.exec(path)[1]);
      return new Response(JSON.stringify({ entries: box.entries.filter((e) => e.seq > after).map((e) => (e.sealed.length > 9 ? { ...e, sealed: undefined } : e)), more: false }));
    }
    if (path.startsWith('/entry')) return new Response(box.entries.find((e) => e.seq === Number(path.split('=')[1])).sealed);
    if (path === '/ack') return box.acked.push(...JSON.parse(init.body).seqs), new Response(null, { status: 204 });
    if (path === '/live') return stream(box);
    return new Response('{}', { status: 404 });
  };
  return box;
}

test('a mailbox hands on what arrives, in order and once, by a stream or without', async () => {
  const sent = new ReadableStream({
    start(c) {
      const put = (s) => c.enqueue(Buffer.from(s));
      put('event: seq\nda');
      put('ta: 3\n\n:\n\n');
    },
  });
  for (const stream of [() => new Response(sent, { headers: { 'content-type': 'text/event-stream' } }), () => new Response(null, { status: 204 })]) {
    const r = relay([{ seq: 1, sealed: 'one' }, { seq: 2, sealed: 'two, and long' }], (box) => (box.entries.push({ seq: 3, sealed: 'three' }), stream()));
    r.work = 1;
    const box = new Mailbox('https://r.example', { fetch: r.fetch, sleep: () => new Promise((ok) => setTimeout(ok, 1)) });
    await box.open(3600);
    const got = [];
    const line = new Set();
    r.down = 1;
    await box.listen(async (sealed) => {
      if (got.push(sealed) === 3) box.close();
    }, () => true, (l) => line.add(l));
    assert.deepEqual(got, ['one', 'two, and long', 'three']);
    assert.deepEqual(r.acked.slice(0, 2), [1, 2]);
    assert.ok(line.has('offline') && line.has('live'));
    assert.equal(r.asked.filter((a) => a === 'DELETE ').length, 1);
  }
});

const { groups, presets, compose, link, read } = await load('request.js');
const { signer } = await load('sign.js');
const message = await load('message.js');

/** A desk with a key of its own. */
async function desk(alg = { name: 'Ed25519' }) {
  const key = await webcrypto.subtle.generateKey(alg, false, ['sign', 'verify']);
  return { name: 'सिटी Clinic', ids: [{ system: 'https://facility.abdm.gov.in', value: 'IN2710000000' }], origin: 'https://clinic.example', made: 0, signer: await signer(key, await webcrypto.subtle.exportKey('jwk', key.publicKey)) };
}
const draft = (more) => ({ why: '', from: '', to: '', notice: 'We read your records today and keep nothing.', about: 'Token 12', ...presets.today, ...more });
const reply = { relay: 'https://relay.example', id: 'A'.repeat(43), key: 'A'.repeat(43) };

test('a request fits a code, whatever is asked for most', async () => {
  const known = ['OPConsultation', 'Prescription', 'DiagnosticReport', 'DischargeSummary', 'ImmunizationRecord', 'HealthDocumentRecord', 'WellnessRecord', 'Invoice', 'allergy', 'condition', 'medicine', 'immunization', 'result', 'vital', 'procedure', 'visit', 'careplan', 'appointment', 'device', 'bill', 'document', 'photo', 'other'];
  for (const k of Object.values(groups)) assert.ok(known.includes(k), k);
  const now = Date.parse('2026-06-01T10:00:00Z');
  for (const alg of [{ name: 'Ed25519' }, { name: 'ECDSA', namedCurve: 'P-256' }]) {
    const by = await desk(alg);
    for (const [name, preset] of Object.entries(presets)) {
      const { request, text } = await compose(draft(preset), by, reply, 'hi', now);
      const l = await link('https://viewer.potli.example', text);
      assert.deepEqual([(await read(`Please open ${l}.`)).name, (await read(text)).link, (await read(l)).text], [by.name, text, text], name);
      assert.ok(l.length < 1000, `${name}: ${l.length} characters are hard to read for a poor camera`);
      assert.ok(request.expires <= request.until && request.expires <= request.issued + 86400 && request.until > request.issued, name);
    }
    const long = await compose(draft({ notice: Buffer.from(webcrypto.getRandomValues(new Uint8Array(1000))).toString('base64') }), by, reply, 'en', now);
    await assert.rejects(link('https://viewer.potli.example', long.text), code('ask-long'));
    await assert.rejects(compose(draft({ groups: [] }), by, reply, 'en', now), code('ask-nothing'));
    await assert.rejects(compose(draft({ from: '2026-02-02', to: '2026-02-01' }), by, reply, 'en', now), code('ask-dates'));
    await assert.rejects(compose(draft({ why: 'x'.repeat(501) }), by, reply, 'en', now), code('ask-words'));
  }
});

test('what is no request is refused by name', async () => {
  const golden1 = golden('ask-1.txt');
  assert.equal((await read(golden1)).name, 'Sample Clinic');
  assert.equal((await read(golden('ask-2.txt'))).text, (await read(golden1)).text); // deflated by Go
  const bare = (x) => `https://v.example/ask#${Buffer.from(JSON.stringify(x)).toString('base64url')}`;
  const z = (s, more = '') => `https://v.example/ask#z.${deflateRawSync(Buffer.from(s)).toString('base64url')}${more}`;
  assert.equal((await read(bare({ v: 'potli-consent-request/1', from: { name: 'a\u202eb' }, expires: 5, until: 3 }))).name, 'ab');
  assert.equal((await read(z('{"v":"potli-consent-request/1","from":{"name":"c"},"expires":5}'))).name, 'c');
  for (const s of ['', 'hello there', 'https://v.example/drop#abc', 'https://v.example/ask#']) await assert.rejects(read(s), code('ask-none'), s);
  for (const s of [golden1.slice(0, -1).replace('.', ''), bare([]), bare(null), bare({ v: 'x' }), bare({ v: 'potli-consent-request/1', from: {} }), 'https://v.example/ask#e30', 'abc',
    golden('ask-2.txt').slice(0, -200), z('{}', '.sig'), z('{}\n{}', '.a.b'), z(' '.repeat(1e6)), 'https://v.example/ask#z.', 'https://v.example/ask#z.AAAA']) await assert.rejects(read(s), code('ask-damaged'), s);
  await assert.rejects(read(bare({ v: 'potli-consent-request/2' })), code('ask-newer'));
});

test('an answer says where its countersignature goes', async () => {
  const m = await message.create('answer', 'A'.repeat(43), { name: 'x' }, 5);
  m.re = message.freshID();
  m.reply = 'https://v.example/drop#e30';
  assert.equal((await message.parse(await message.pack(m))).reply, m.reply);
  m.reply = 'x'.repeat(2049);
  await assert.rejects(message.pack(m), code('too-big'));
});

const answers = await load('desk-answers.js');
const sum = (b) => createHash('sha256').update(b).digest('base64url');

/** A person's wallet, in the words of its Go: made here a second time, so that the page is held against something. */
async function wallet(a, more = {}) {
  const q = a.request;
  const at = (s) => new Date(s * 1000).toISOString().replace('.000Z', 'Z');
  const terms = { id: 'B'.repeat(21) + 'A', request: q.id, asked: a.hash, profile: 'asha', to: { ...q.from, jwk: undefined, key: a.key }, purpose: q.purpose, kinds: q.kinds, dates: q.dates,
    begin: at(q.issued), until: at(q.until), repeat: q.repeat, after: q.after, ...more };
  const receipt = (state, documents = [], change = (x) => x) => forge(() => {
    const t = change(JSON.parse(JSON.stringify(terms)));
    const actor = { user: 'mother', device: 'phone', name: 'Meera', authority: 'guardian' };
    return (device, certificate) => canonical({
      schema_version: 'potli-receipt/1', record_id: t.id, pii_principal_id: t.profile, privacy_notice: q.notice.text, language: q.notice.language,
      purposes: [{ purpose: t.purpose.text ?? '', purpose_type: t.purpose.code, lawful_basis: 'consent', pii_information: t.kinds.map((k) => ({ pii_type: k, sensitive_pii_category: 'health' })), pii_controllers: [t.to.key],
        collection_method: t.repeat, retention_period: t.after, recipient_third_parties: [], withdrawal_method: 'in the wallet, at any time', privacy_rights: 'to see what was given, to narrow it, to withdraw', jurisdiction: 'IN' }],
      party_identification: [{ party_id: t.profile, party_name: 'Asha', party_role: 'pii_principal', party_contact: '' }, { party_id: 'mother', party_name: 'Meera', party_role: 'guardian', party_contact: '' },
        { party_id: t.to.key, party_name: t.to.name, party_role: 'pii_controller', party_contact: t.to.origin ?? '' }],
      event: [{ event_time: at(q.issued + 5), validity_duration: `PT${Date.parse(t.until) / 1000 - q.issued - 5}S`, event_type: 'explicit', event_state: state, entity_id: 'mother' }],
      potli: { state, issued: q.issued + 5, terms: t, terms_hash: sum(canonical(t)), notice_hash: sum(q.notice.text), actor, principal: 'Asha', place: 'IN', documents, previous: '', link: '', jwk: device, certificate },
    });
  });
  const tell = async (type, fill) => answers.take(a, { ...(await message.create(type, a.mailbox, { name: 'x' }, 5)), re: message.freshID(), ...fill });
  return { receipt, tell };
}
const given = (body) => ({ sha256: sum(body), bytes: body.length, type: 'text/plain' });
const paper = (s) => ({ name: s, type: 'text/plain', body: new Uint8Array(Buffer.from(s)) });

async function begun(more) {
  const by = await desk();
  const made = await compose(draft(more), by, reply, 'hi', Date.parse('2026-06-01T10:00:00Z'));
  return answers.begun(made, 'https://x', by.signer.public.thumbprint, 'M'.repeat(43));
}

test('only a receipt of this very request counts, and only documents that one names are shown', async () => {
  const a = await begun();
  const w = await wallet(a);
  const odd = async (want, type, fill) => {
    const before = JSON.stringify([a.state, a.papers.length, a.receipt]);
    assert.equal(await w.tell(type, fill), 'odd', want);
    assert.deepEqual([a.odd.at(-1), JSON.stringify([a.state, a.papers.length, a.receipt])], [want, before]);
  };
  await odd('receipt-damaged', 'delivery', { documents: [paper('x')] });
  await odd('receipt-damaged', 'revoked', {});
  await odd('odd-address', 'answer', { to: 'A'.repeat(43) });
  await odd('odd-kind', 'documents', { documents: [paper('x')] });
  await odd('odd-kind', 'revoked', { receipt: await w.receipt('granted') });
  await odd('odd-kind', 'answer', { receipt: await w.receipt('revoked') });
  await odd('odd-kind', 'delivery', { receipt: await w.receipt('granted'), documents: [paper('x')] });
  for (const change of [(t) => ({ ...t, request: 'C'.repeat(21) + 'A' }), (t) => ({ ...t, asked: sum('other') }), (t) => ({ ...t, to: { ...t.to, key: sum('other') } })]) {
    await odd('odd-request', 'answer', { receipt: await (await wallet(a)).receipt('granted', [], change) });
  }
  const later = new Date((a.request.until + 1) * 1000).toISOString().replace('.000Z', 'Z');
  for (const change of [(t) => ({ ...t, kinds: [...t.kinds, 'bill'] }), (t) => ({ ...t, until: later }), (t) => ({ ...t, after: 'keep' }), (t) => ({ ...t, repeat: 'follow' }), (t) => ({ ...t, purpose: { code: 'DSRCH' } })]) {
    await odd('odd-wider', 'answer', { receipt: await w.receipt('granted', [], change) });
  }
  assert.equal(await w.tell('answer', {}), 'refused');
  assert.equal(await w.tell('answer', { receipt: await w.receipt('granted') }), 'granted'); // somebody else's no
  await odd('odd-second', 'answer', {});
  await odd('odd-second', 'answer', { receipt: await (await wallet(a, { id: 'D'.repeat(21) + 'A' })).receipt('granted') });
  const delivered = await w.receipt('delivered', [given(Buffer.from('blood')), given(Buffer.from('scan'))]);
  assert.equal(await w.tell('delivery', { receipt: delivered, documents: [paper('blood'), paper('slipped in')] }), 'delivered');
  assert.deepEqual([a.papers.map((p) => p.name), a.odd.at(-1), answers.missing(a), answers.keeps(a)], [['blood'], 'odd-document', 1, false]);
  const again = { id: message.freshID(), receipt: delivered, documents: [paper('blood'), paper('scan')] };
  assert.deepEqual([await w.tell('delivery', again), await w.tell('delivery', again)], ['delivered', 'again']);
  assert.deepEqual([a.papers.map((p) => p.name), answers.missing(a)], [['blood', 'scan'], 0]);
  assert.equal(await w.tell('answer', { receipt: await w.receipt('narrowed', [], (t) => ({ ...t, kinds: t.kinds.slice(0, 2) })) }), 'narrowed');
  const [{ body }] = a.papers;
  assert.equal(await w.tell('revoked', { receipt: await w.receipt('revoked') }), 'revoked');
  assert.deepEqual([a.state, a.papers.length, a.gone, Buffer.from(body).toString('hex')], ['revoked', 0, 2, '0000000000']);
  await odd('odd-late', 'delivery', { receipt: delivered, documents: [paper('blood')] });
  assert.equal(await w.tell('answer', { receipt: await w.receipt('granted') }), 'again'); // an end is an end
  assert.equal(a.state, 'revoked');
});

test('a countersignature is signed twice over, as a message and in it', async () => {
  const by = await desk();
  const m = await message.parse(await answers.countersigned('a.b.c', by, 'M'.repeat(43), message.freshID(), 5));
  assert.deepEqual([m.type, m.signer], ['receipt', by.signer.public.thumbprint]);
  const [head, payload] = m.receipt.split('.').slice(0, 2).map((x) => JSON.parse(Buffer.from(x, 'base64url')));
  assert.deepEqual([head.typ, head.kid, payload.receipt, payload.from.name], ['potli-countersignature+jws', m.signer, sum('a.b.c'), by.name]);
});
