// Unit tests of the clinic's page, without a browser: node --test e2e/viewer
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, webcrypto } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, deflateRawSync, deflateSync } from 'node:zlib';

const page = new URL('../../web/viewer/', import.meta.url);
const load = (name) => import(new URL(name, page));
const { fromBase64url, parseRecord } = await load('bytes.js');
const link = await load('link.js');
const { decrypt, inflate, look } = await load('open.js');
const { receive } = await load('receive.js');
const { reduce, plain } = await load('narrative.js');
const { speaker, choose, languages, direction } = await load('words.js');
const { formatter } = await load('calendar.js');
const { Film, framePrefix, mixture } = await load('film.js');
const hand = await load('hand.js');
const { expand } = await load('brief.js');
const fhir = await load('fhir.js');
const { view, person } = await load('views.js');
const { read } = await load('document.js');
const { fileName, sniff, pixels, attachments } = await load('attachment.js');

const json = (file) => JSON.parse(readFileSync(new URL(file, page)));
const spoken = (tag) => speaker(tag, { ...json(`messages/${tag}.json`), ...json(`messages/screen/${tag}.json`) });
const english = spoken('en');
const hindi = spoken('hi');
const c = { t: english, lang: 'en', now: Date.parse('2026-01-05T12:00:00Z'), resolve: () => undefined };
const b64 = (x) => Buffer.from(x).toString('base64url');
const shl = (payload) => 'shlink:/' + b64(JSON.stringify(payload));
const hex = (b) => createHash('sha256').update(b).digest('hex');
const code = (want) => (err) => assert.equal(err.code, want) ?? true;

// The vectors of HL7's guide; the key is theirs and public.
const key43 = 'rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q';
const tv1 = { url: 'https://ehr.example.org/qr/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM/m', flag: 'LP', key: key43, label: 'Back-to-school immunizations for Oliver Brown' };
const tv2 = 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoiYXBwbGljYXRpb24vc21hcnQtaGVhbHRoLWNhcmQifQ..B9Bd5AW751az-gEx.iah6mxLb5TQe2ZfCwEUs4R1t8WoP0mnFc-TUzN1NIyzUeDwJNOcxv4CY8wV6ys4Dicnr3IhqTvVU1RbR-4eq1GCd4g96faV8_0MbHwXzP246Tz9BDLhQ2zlAjYqvvCi_JuWdyWqGhKeWGX1XibNHFzzVT0FmYensfKF4o0uSeZWQDKVEEhzMSKuALMpUkfwHcmCRfLT-ctANSxq-Zj0IIeT66XbztOomStjlfi-F-FaqBGZfHOARCVvT143CTYELLJCUdD4qUVkrNuLmRZrNuqVpY0g5BjABswkIoDmyoRJAEohuZCamZNA--p-uRqJjRefED1eMrKSppabV2ugaqoFlieujTOE-a3VKib9aC-lFsmLalkwh9ctr_FZqS9H46rqGjGcOxtAXalo1jkMPGupVsE1W-xIH14wbPCYcgfldH9SH7X60462kxD8OFdHpvnnfAvjQnaE4QDqasT5ySpBRtck4GVxs2IRBt62-kOlzoI8lHapLdwIms-Gdt7z38E47ZE3afE4IIbobPGz7wGvjbi3z234ARvGQ4jREgPQb1NRYAEtZlrZNzR6N7ofXD8jF502tw-QWI_Ox0jFP5tynIiMp-hG25ecQ0s4MzPHFC0ZABPamgg3MS-UILl76gMDCHS5Te_JAXZoC1HnkETw5M217SaG5ISAU0F5qETMREfTjZR9E45MDhnw7uY1vo2lffRB3ei1QqGuLh0gUnVU7TUfFYwcOqV15sb0t1lMj0mmyG5v-_dE9H6dYtRKJARltmdfSmc1HisBewx75Xh5ChJQ1hiCEDaZ1wqFjsFJ6SrKgJ7C1N7vx6QKx8YXwFH7ePG2qG39leT5JKZnqAvi9fqc6x-YwfhSjbRKGZoj2o55Fd2fbwtK6CXpiW6AekT7PUcl_7ynTq-DaQ_Yc29WwtmgapcCRNpfcMsoqCD4giu1V3Sj5DQLglwuk1gAMcuV5fo8JpABu2_is83WZ_GJ1WWMUxyZGq6u-EGuZrP96Yewb7-zfnt2lao_LJg1ef5cqDTW7-0MS27wkmLiIi0e-PYvS-UfWVHg1oNbR-MHXMVEQ6gqNg08IgEyPDSFCUbf75HuMILN80bQNtSlFj6FR7uNKHr8sigvKI80k.5flOKKmeqYm0TamwROr8Nw';
const data = new URL('../../../shared/data/', import.meta.url);
const real = { skip: existsSync(data) ? false : 'the real documents are not here' };

async function seal(key, plaintext, header) {
  const head = b64(JSON.stringify(header));
  const iv = webcrypto.getRandomValues(new Uint8Array(12));
  const k = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  const sealed = new Uint8Array(await webcrypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: Buffer.from(head) }, k, plaintext));
  return [head, '', b64(iv), b64(sealed.slice(0, -16)), b64(sealed.slice(-16))].join('.');
}
const plainHeader = { alg: 'dir', enc: 'A256GCM' };

test('SHL-05 TV-1: payload and digest', () => {
  const uri = shl(tv1);
  assert.equal(uri.length, 278);
  assert.equal(hex(uri), 'f8fae2b4192239f9f0d0501297be714b17029bb7216ba06e8c92ee53868b0028');
  const l = link.parse(uri);
  assert.deepEqual([l.url, l.host, l.flag, l.label, l.exp, b64(l.key)], [tv1.url, 'ehr.example.org', 'LP', tv1.label, 0, key43]);
});

test('SHLX-07: carriers, with - and _ in payload and key', () => {
  const p = { url: 'https://h.example/a', key: b64(Buffer.alloc(32, 0xfb)), flag: 'U', label: '>>>???~~~\u00ff\u00fe' };
  const uri = shl(p);
  assert.match(uri, /-/);
  assert.match(uri, /_/);
  assert.match(p.key, /-/);
  for (const text of [uri, `https://v.example/ips#${uri}`, `Here: ${uri}, thanks`, encodeURIComponent(uri), uri.toUpperCase().slice(0, 8) + uri.slice(8), ` \n${uri}\n`]) {
    assert.equal(link.parse(text).label, p.label, text);
  }
  assert.deepEqual(link.parse(`${uri}==`).odd, ['padding']);
});

test('payloads that are odd, new or broken', () => {
  const good = { url: 'https://h.example/a', key: key43 };
  const of = (more) => link.parse(shl({ ...good, ...more }));
  assert.equal(of({ zz: 1, extension: { a: [1] }, _x: {} }).host, 'h.example'); // SHL-09, SHL-11
  assert.equal(of({ flag: 'UX' }).flag, 'U'); // SHL-10
  assert.equal(of({ flag: 'UL' }).flag, 'LU');
  assert.equal(of({ exp: 1700000000.7 }).exp, 1700000000);
  assert.equal(of({ exp: '1700000000' }).exp, 1700000000);
  assert.deepEqual([of({ exp: 1700000000000 }).exp, of({ exp: 1700000000000 }).odd], [1700000000, ['exp-ms']]);
  for (const exp of ['soon', -1, 0, 1e300, {}, [], true, '']) assert.deepEqual(of({ exp }).odd, ['exp-unusable'], JSON.stringify(exp));
  assert.equal(of({ exp: null }).odd.length, 0);
  assert.equal([...of({ label: '\u{1f600}'.repeat(99) }).label].length, 80); // SHL-06
  assert.equal(of({ label: 'a\u202eb\u0000c\u2066' }).label, 'a b c');
  assert.throws(() => of({ v: 2, label: 'L' }), (e) => e.code === 'version' && e.detail.label === 'L');
  assert.throws(() => of({ v: 'x' }), code('version'));
  for (const bad of [{ flag: 'UP' }, { url: undefined }, { url: 'http://h.example/a' }, { url: 'javascript:alert(1)' }, { url: 'https://u@h.example/' },
    { url: 7 }, { key: key43.slice(1) }, { key: key43 + 'AA' }, { key: 5 }, { key: key43.slice(0, -1) + '+' }]) assert.throws(() => of(bad), code('bad-link'), JSON.stringify(bad));
  for (const bad of ['shlink:/e30', 'shlink:/bnVsbA', 'shlink:/WzFd', 'shlink:/____', 'shlink:/a']) assert.throws(() => link.parse(bad), code('bad-link'), bad);
  for (const bad of ['', 'hello', 'shlink:', 'shlink:/', '%']) assert.throws(() => link.parse(bad), code('no-link'), bad);
});

test('SHLX-08 TV-2: the guide\'s own JWE', async () => {
  const key = fromBase64url(key43);
  assert.equal(tv2.length, 1260);
  const { bytes, type } = await decrypt(tv2, key);
  assert.equal(bytes.length, 846);
  assert.equal(hex(bytes), '7e581b1bb86949d849815bc6f653fa56ab342af9e550da671414c7d9830c48c6');
  assert.equal(type, 'application/smart-health-card');
  const parts = tv2.split('.');
  const flip = (i) => parts.map((p, j) => (j === i ? (p[5] === 'A' ? p.slice(0, 5) + 'B' + p.slice(6) : p.slice(0, 5) + 'A' + p.slice(6)) : p)).join('.');
  for (const i of [2, 3, 4]) await assert.rejects(decrypt(flip(i), key), code('decrypt'));
  await assert.rejects(decrypt(tv2, new Uint8Array(32)), code('decrypt'));
  for (const bad of [parts.slice(0, 4).join('.'), `${tv2}.x`, '', '....', `${parts[0]}.AA.${parts.slice(2).join('.')}`, tv2.replace(/-/g, '+'), 'x'.repeat(5000) + '....']) {
    await assert.rejects(decrypt(bad, key), code('bad-file'));
  }
  for (const more of [{ alg: 'A256KW' }, { enc: 'A128GCM' }, { crit: ['exp'] }, { zip: 'GZ' }, { alg: undefined }]) {
    await assert.rejects(decrypt(await seal(key, Buffer.from('{}'), { ...plainHeader, ...more }), key), code('bad-file'), JSON.stringify(more));
  }
  assert.equal((await decrypt(await seal(key, Buffer.from('{}'), { kid: 'x', enc: 'A256GCM', zz: [1], alg: 'dir' }), key)).type, '');
});

test('TV-3: an IPS, without cty', real, async () => {
  const { bytes } = await decrypt(readFileSync(new URL('ips/IPS_IG-bundle-01-enc.txt', data), 'utf8'), fromBase64url(key43));
  assert.deepEqual(Buffer.from(bytes), readFileSync(new URL('ips/IPS_IG-bundle-01.json', data)));
});

test('SHL-40: raw DEFLATE is read, with a cap', async () => {
  const key = webcrypto.getRandomValues(new Uint8Array(32));
  const body = Buffer.from(JSON.stringify(Array.from({ length: 4000 }, (_, i) => ({ resourceType: 'Observation', n: i }))));
  const zip = { ...plainHeader, zip: 'DEF' };
  assert.deepEqual(Buffer.from((await decrypt(await seal(key, deflateRawSync(body, { level: 9 }), zip), key)).bytes), body);
  await assert.rejects(decrypt(await seal(key, deflateSync(body), zip), key), code('bad-file')); // with a zlib header
  await assert.rejects(decrypt(await seal(key, Buffer.from('not deflate'), zip), key), code('bad-file'));
  const before = process.memoryUsage().rss;
  await assert.rejects(decrypt(await seal(key, deflateRawSync(Buffer.alloc(300e6)), zip), key), code('too-big'));
  assert.ok(process.memoryUsage().rss - before < 400e6);
  await assert.rejects(inflate(deflateRawSync(Buffer.alloc(101 * 1000))), code('too-big')); // over 100 times
});

/** A host: answers in order; remembers what it was asked. */
function host(...answers) {
  const asked = [];
  let time = 0;
  const fetch = async (url, init = {}) => {
    asked.push({ url, method: init.method ?? 'GET', ...(init.body ? { body: JSON.parse(init.body) } : {}), headers: init.headers, credentials: init.credentials });
    const [status, body, headers] = answers.shift() ?? [500, ''];
    if (status === 0) throw new TypeError('network');
    if (headers?.later) time += headers.later;
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: headers?.retry ? { 'retry-after': headers.retry } : {} });
  };
  return { asked, world: { fetch, now: () => time } };
}
const q = (flag = '', more = {}) => ({ url: 'https://h.example/l/1', flag, recipient: 'Dr Ä & Co', ...more });
const file = (more) => ({ contentType: 'application/fhir+json', ...more });

test('SHL-36, SHL-37: a direct file is a GET with recipient', async () => {
  const h = host([200, 'a.b.c.d.e'], [200, 'x']);
  assert.deepEqual((await receive(q('U'), h.world)).files, [{ contentType: '', jwe: 'a.b.c.d.e' }]);
  await receive(q('LU', { url: 'https://h.example/l/1?x=1#y' }), h.world);
  assert.deepEqual(h.asked.map((a) => `${a.method} ${a.url}`), ['GET https://h.example/l/1?recipient=Dr%20%C3%84%20%26%20Co', 'GET https://h.example/l/1?x=1&recipient=Dr%20%C3%84%20%26%20Co']);
  assert.equal(h.asked[0].credentials, 'omit');
});

test('SHL-13, SHL-15, SHL-16, SHL-17: a manifest is a POST', async () => {
  const h = host([200, { zz: 1, status: 'finalized', files: [file({ embedded: 'e', location: 'https://never.example' })], list: { extension: [{}] } }]);
  const got = await receive(q('P', { passcode: '123' }), h.world);
  assert.deepEqual([got.status, got.files], ['finalized', [{ contentType: 'application/fhir+json', jwe: 'e' }]]);
  const [a] = h.asked;
  assert.deepEqual([a.method, a.url, a.headers['content-type'], a.body.recipient, a.body.passcode], ['POST', 'https://h.example/l/1', 'application/json', 'Dr Ä & Co', '123']);
  assert.equal(h.asked.length, 1);
});

test('SHL-28, SHL-30: a dead location is renewed once', async () => {
  const m = (n) => [200, { files: [file({ location: `/f/${n}` }), file({ embedded: 'second' })] }];
  const h = host(m(1), [404, ''], m(2), [200, 'first']);
  assert.deepEqual((await receive(q(), h.world)).files.map((f) => f.jwe), ['first', 'second']);
  assert.deepEqual(h.asked.map((a) => a.url), ['https://h.example/l/1', 'https://h.example/f/1', 'https://h.example/l/1', 'https://h.example/f/2']);
  const dead = host(m(1), [404, ''], m(2), [404, '']);
  const got = await receive(q(), dead.world);
  assert.deepEqual(got.files.map((f) => f.fault?.code ?? f.jwe), ['gone', 'second']);
});

test('SHL-29: no location an hour after its manifest', async () => {
  const slow = [200, 'a', { later: 3_600_000 }];
  const m = [200, { files: [file({ location: 'https://h.example/a' }), file({ location: 'https://h.example/b' })] }];
  const h = host(m, slow, m, [200, 'b']);
  assert.deepEqual((await receive(q(), h.world)).files.map((f) => f.jwe), ['a', 'b']);
  assert.deepEqual(h.asked.map((a) => a.url.split('/').pop()), ['1', 'a', '1', 'b']);
});

test('files that fail leave the good ones', async () => {
  const h = host([200, { files: [file({ contentType: 'text/html', embedded: 'x' }), null, file({}), file({ location: 'ftp://x' }), file({ embedded: 'good' })] }]);
  assert.deepEqual((await receive(q(), h.world)).files.map((f) => f.fault?.code ?? f.jwe), ['unknown-type', 'bad-file', 'bad-file', 'bad-link', 'good']);
  await assert.rejects(receive(q(), host([200, { files: [file({ contentType: 'x/y', embedded: 'x' })] }]).world), code('unknown-type'));
});

test('refusals have names', async () => {
  const rejects = (answer, want, detail) => assert.rejects(receive(q(), host(answer).world), (e) => {
    assert.equal(e.code, want);
    for (const [k, v] of Object.entries(detail ?? {})) assert.equal(e.detail[k], v);
    return true;
  });
  await rejects([404, {}], 'gone');
  await rejects([410, {}], 'gone');
  await rejects([401, { remainingAttempts: 3 }], 'passcode', { remaining: 3 });
  await rejects([401, { remainingAttempts: 0 }], 'passcode', { remaining: 0 });
  for (const odd of ['prose', { remainingAttempts: '3' }, { remainingAttempts: -2 }, 'null']) await rejects([401, odd], 'passcode', { remaining: -1 });
  await rejects([429, {}, { retry: '7' }], 'busy', { retryAfter: 7 });
  await rejects([429, {}, { retry: 'Thu, 01 Jan 1970 00:00:09 GMT' }], 'busy', { retryAfter: 9 });
  await rejects([429, {}], 'busy', { retryAfter: 5 });
  await rejects([0], 'offline');
  for (const odd of [[500, ''], [403, ''], [200, 'not json'], [200, '[]'], [200, { files: {} }], [200, 'null']]) await rejects(odd, 'refused');
  await rejects([200, { files: Array(51).fill(file({ embedded: 'x' })) }], 'too-big');
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(receive(q(), { ...host([200, '']).world, signal: stop.signal }), code('cancelled'));
  assert.equal((await receive(q(), host([200, { files: [] }, { retry: '60' }]).world)).retryAfter, 60); // SHL-35
});

const tree = (x) => reduce(x).nodes;
const shape = (nodes) => nodes.map((n) => (n.tag ? `<${n.tag}>${shape(n.children)}</${n.tag}>` : n.text)).join('');

test('narratives are reduced to an allow-list', () => {
  for (const [xhtml, want] of [
    ['<div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b&#160;c &eacute; &lt;x&gt; &unknown;</p></div>', '<div><p>a & b\u00a0c é <x> &unknown;</p></div>'],
    ['<h1>T</h1><font color="red">r</font><a href="javascript:alert(1)">l</a>', '<h4>T</h4>rl'],
    ['a<script>alert(1)</script>b<style>x{}</style>c<svg><text>t</text></svg>d', 'abcd'],
    ['<p onclick="x" style="y" class="z" id="main">a</p>', '<p>a</p>'],
    ['<img src="https://x.example/i.png" alt="A &lt; B"/>', '[A < B]'],
    ['<p title="a > b">c</p>', '<p>c</p>'],
    ['<b>a<i>b</b>c</i>d', '<b>a<i>b</i></b>cd'],
    ['a</p>b</div>c', 'abc'],
    ['1 < 2 <3> <- x', '1 < 2 <3> <- x'],
    ['<p', '<p'], ['a<p title="', 'a<p title="'],
    ['<!-- x --><?pi?><!DOCTYPE x>a<![CDATA[<b>]]>', 'a<b>'],
    ['<xhtml:p>a</xhtml:p><o:p>b</o:p>', '<p>a</p><p>b</p>'],
    ['<script>alert(1)', 'alert(1)'],
    ['&#0;&#xD800;&#x110000;&#x1F600;', '\ufffd\ufffd\ufffd\u{1f600}'],
    ['<br/><br><hr/>', '<br></br><br></br><hr></hr>'],
  ]) assert.equal(shape(tree(xhtml)), want, xhtml);
  const td = tree('<table><tr><td colspan="3" rowspan=2 onclick=x>a</td><td colspan="9999">b</td></tr></table>')[0].children[0].children;
  assert.deepEqual([td[0].colspan, td[0].rowspan, td[1].colspan], [3, 2, undefined]);
  assert.equal(plain(tree('<div><p>a</p><p>b <b>c</b></p></div>')), 'a\nb c');
});

test('narratives cannot hold up the page', () => {
  const start = Date.now();
  for (const unit of ['<b>', '<script>', '<', '<p title="', '<!--', '&', '<a<', '</b>', '<td colspan="1"', '<![CDATA[', '<script>x</script>', 'a<b "']) {
    const { nodes } = reduce(unit.repeat(200_000));
    let depth = 0;
    for (let n = nodes; n?.length; n = n[n.length - 1].children) depth++;
    assert.ok(depth < 60, unit);
  }
  assert.ok(Date.now() - start < 6000, `${Date.now() - start} ms`);
  assert.equal(reduce('<p>x</p>'.repeat(60_000)).cut, true);
});

test('every payload of the corpus is reduced to allowed elements', () => {
  const allowed = /^(div|p|span|br|hr|b|strong|i|em|u|small|sub|sup|ul|ol|li|dl|dt|dd|table|caption|thead|tbody|tfoot|tr|th|td|pre|code|blockquote|h4|)$/;
  const walk = (n) => {
    assert.match(n.tag, allowed);
    assert.deepEqual(Object.keys(n).filter((k) => !['tag', 'text', 'children', 'colspan', 'rowspan'].includes(k)), []);
    n.children.forEach(walk);
  };
  const corpus = JSON.parse(readFileSync(new URL('testdata/xss.json', import.meta.url)));
  assert.ok(corpus.length >= 200);
  for (const x of corpus) tree(x).forEach(walk);
});

// The words of every visit, and those of the modes of the page, which come on top.
const folders = ['messages', ...readdirSync(new URL('messages/', page), { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => `messages/${e.name}`)];

// What the browsers that we know cannot say by themselves.
const calendars = 'messages/dates';

test('catalogues have the same keys, arguments and no markup, in every language that is offered', () => {
  for (const folder of folders.filter((f) => f !== calendars)) {
    const en = json(`${folder}/en.json`);
    const tags = readdirSync(new URL(folder, page)).filter((f) => f.endsWith('.json')).map((f) => f.slice(0, -5));
    assert.deepEqual(tags.sort(), [...languages.keys()].sort(), folder);
    const args = (s) => (s.match(/\{\w+\}/g) ?? []).sort().join();
    for (const tag of tags) {
      const words = json(`${folder}/${tag}.json`);
      assert.deepEqual(Object.keys(words).sort(), Object.keys(en).sort(), `${folder} ${tag}`);
      for (const k of Object.keys(en)) {
        assert.ok(words[k], `${tag} ${k}`);
        // "One" is said of nothing too, in half of these languages: then the number may stand there.
        const may = [args(en[k]), ...(k.endsWith('.one') ? [args(en[k.slice(0, -4) + '.other'] ?? '')] : [])];
        assert.ok(may.includes(args(words[k])), `${tag} ${k}`);
        assert.doesNotMatch(words[k], /[<>]/, `${tag} ${k}`);
      }
    }
  }
});

// Node knows the names in these languages, which Chromium does not.
test('dates in languages that the browser has none for', () => {
  for (const tag of ['pa', 'or', 'as']) {
    const names = json(`${calendars}/${tag}.json`);
    const written = formatter(names);
    for (let m = 0; m < 12; m++) {
      const at = Date.UTC(2026, m, 9, 14, 5);
      const month = new Intl.DateTimeFormat(tag, { month: 'long', timeZone: 'UTC' }).format(at);
      assert.equal(written({ timeZone: 'UTC', dateStyle: 'long', timeStyle: 'short' }).format(at), `9 ${month} 2026, 14:05`);
      assert.equal(written({ timeZone: 'UTC', year: 'numeric', month: 'long' }).format(at), `${month} 2026`);
    }
    for (let d = 1; d <= 7; d++) {
      const at = Date.UTC(2024, 0, d);
      assert.equal(written({ timeZone: 'UTC', weekday: 'long' }).format(at), new Intl.DateTimeFormat(tag, { weekday: 'long', timeZone: 'UTC' }).format(at));
    }
    assert.equal(written({ timeZone: 'UTC', timeStyle: 'short' }).format(0), '00:00');
  }
});

test('every key the modules name is in the catalogue', () => {
  const en = Object.assign({}, ...folders.filter((f) => f !== calendars).map((folder) => json(`${folder}/en.json`)));
  const has = (k) => k in en || `${k}.other` in en;
  for (const f of readdirSync(page).filter((f) => f.endsWith('.js'))) {
    for (const [, k] of readFileSync(new URL(f, page), 'utf8').matchAll(/\b(?:t|heading|note)\('([a-z][\w.-]*)'/g)) assert.ok(has(k), `${f}: ${k}`);
  }
  for (const k of ['no-link', 'bad-link', 'version', 'passcode', 'locked', 'gone', 'busy', 'refused', 'offline', 'too-big', 'decrypt', 'bad-file', 'unreadable', 'unknown-type', 'access', 'bad-card', 'nothing', 'stale']) assert.ok(has(`fault.${k}`), k);
});

test('plurals and languages', () => {
  assert.equal(english('attempts', { n: 1 }), '1 try left.');
  assert.equal(english('attempts', { n: 2 }), '2 tries left.');
  assert.equal(hindi('attempts', { n: 0 }), '0 कोशिश बाकी है।'); // CLDR: one is 0 and 1
  assert.equal(english('label', { label: '{host}' }), 'Label: {host}');
  assert.equal(english('status.constructor', {}, 'x'), 'x');
  assert.deepEqual([choose(['fr', 'hi-IN', 'en']), choose(['en-IN', 'hi']), choose([]), choose(['xx'])], ['hi', 'en', 'en', 'en']);
  assert.deepEqual([direction('en'), direction('ur')], ['ltr', 'rtl']);
});

test('doses in words', () => {
  const say = (d, lang = c) => fhir.dosage(lang, d);
  const repeat = (r, more) => ({ timing: { repeat: r }, ...more });
  assert.equal(say({ text: 'as the doctor said', route: { text: 'x' } }), 'as the doctor said');
  assert.equal(say(repeat({ frequency: 1, period: 1, periodUnit: 'd' }, { doseAndRate: [{ doseQuantity: { value: '0.50', unit: 'mg' } }], route: { text: 'by mouth' } })), '0.50 mg, by mouth, once a day');
  assert.equal(say(repeat({ frequency: 1, period: 8, periodUnit: 'h' })), 'once every 8 hours');
  assert.equal(say(repeat({ frequency: 3, period: 1, periodUnit: 'wk', dayOfWeek: ['mon', 'fri'], timeOfDay: ['08:00:00'], boundsDuration: { value: 2, code: 'wk' } })), '3 times a week, 08:00, Monday, Friday, for 2 weeks');
  assert.equal(say(repeat({ period: 1, periodMax: 2, periodUnit: 'd' })), 'once every 1–2 days');
  assert.equal(say({ timing: { code: { coding: [{ code: 'BID' }] } }, asNeededBoolean: true }), 'twice a day, as needed');
  assert.equal(say({ asNeededCodeableConcept: { text: 'pain' }, maxDosePerPeriod: { numerator: { value: 4, unit: 'g' }, denominator: { value: 1, unit: 'day' } } }), 'as needed for pain, at most 4 g / 1 day');
  assert.equal(say({ doseAndRate: [{ doseRange: { low: { value: 1, unit: 'tablet' }, high: { value: 2, unit: 'tablet' } } }] }), '1 – 2 tablet');
  assert.equal(say({ doseAndRate: [{ doseQuantity: { value: 5, unit: 'ml' } }] }, { ...c, lang: 'ur' }), '\u20685 ml\u2069');
  assert.equal(fhir.any({ ...c, lang: 'ur' }, { low: { value: 70 }, high: { value: 110 } }, 'x'), '\u206870 – 110\u2069');
  assert.equal(fhir.any({ ...c, lang: 'ur' }, { value: 7 }, 'x'), '7');
  assert.equal(say(repeat({ frequency: 2, period: 1, periodUnit: 'd', when: ['C'] }), { ...c, t: hindi, lang: 'hi' }), 'दिन में दो बार, खाने के साथ');
});

test('dates, ages, numbers as they were written', () => {
  assert.equal(fhir.date(c, '2026-06-12'), '12 June 2026');
  assert.equal(fhir.date(c, '2026-06'), 'June 2026');
  assert.equal(fhir.date(c, '1999'), '1999');
  assert.equal(fhir.date(c, '2026-02-30'), '2026-02-30');
  assert.equal(fhir.date(c, 'yesterday'), 'yesterday');
  assert.match(fhir.date(c, '2026-06-12T14:05:09.123-11:00'), /^12 June 2026, 14:05 UTC-11:00$/);
  const age = (birthDate, more) => person(c, { birthDate, ...more }).age;
  assert.deepEqual([age('2000-01-05'), age('2000-01-06'), age('2025-11-04'), age('2000'), age('2030-01-01'), age('1990-01-01', { deceasedBoolean: true }), age('1990-01-01', { deceasedBoolean: false })],
    ['26 years', '25 years', '2 months', '', '', '', '36 years']);
  const r = parseRecord('{"a":7.0,"b":1.50,"c":-0.10,"d":12345678901234567890,"e":3}');
  if (typeof r.a === 'string') assert.deepEqual(r, { a: '7.0', b: '1.50', c: '-0.10', d: '12345678901234567890', e: 3 });
});

test('facts that are none', () => {
  const v = (r) => view(c, r);
  const status = (code) => ({ coding: [{ code }] });
  assert.ok(v({ resourceType: 'AllergyIntolerance', code: { text: 'x' }, verificationStatus: status('entered-in-error'), criticality: 'high' }).void);
  assert.deepEqual(v({ resourceType: 'AllergyIntolerance', code: { text: 'x' }, verificationStatus: status('entered-in-error'), criticality: 'high' }).badges.map((b) => b.word), ['Entered in error']);
  assert.ok(v({ resourceType: 'Observation', status: 'entered-in-error' }).void);
  const none = v({ resourceType: 'AllergyIntolerance', code: { coding: [{ code: '716186003', display: 'No known allergy' }] }, clinicalStatus: status('active') });
  assert.deepEqual([none.negated, none.badges.map((b) => b.word)], [true, ['None known']]);
  assert.equal(v({ resourceType: 'Condition', code: { coding: [{ code: 'no-problem-info' }] } }).badges[0].word, 'No information');
  assert.ok(v({ resourceType: 'Immunization', status: 'not-done', vaccineCode: { text: 'Flu' } }).negated);
  assert.equal(v({ resourceType: 'Condition', code: { text: 'x' }, verificationStatus: status('refuted') }).badges[0].word, 'Ruled out');
  assert.equal(v({ resourceType: 'MedicationRequest', doNotPerform: true, medicationCodeableConcept: { text: 'x' } }).badges[0].word, 'Do not do this');
  assert.ok(v({ resourceType: 'Condition', clinicalStatus: status('resolved') }).inactive);
  assert.ok(v({ resourceType: 'MedicationStatement', status: 'stopped' }).inactive);
});

test('members of the wrong type break nothing', () => {
  const odd = [null, 0, '', 'x', true, [], {}, [null], [[]], { coding: 'x' }, { coding: [null, 7] }, { value: {} }, [{ text: [] }], { reference: { reference: {} } }, { repeat: [] }];
  const types = ['AllergyIntolerance', 'Condition', 'MedicationRequest', 'MedicationStatement', 'Immunization', 'Observation', 'DiagnosticReport', 'Procedure', 'Encounter', 'CarePlan', 'Goal', 'DocumentReference', 'Patient', 'Composition', 'Device', 'FamilyMemberHistory', 'Appointment', 'Binary', 'constructor', '__proto__', 'toString'];
  const keys = ['code', 'status', 'name', 'text', 'category', 'reaction', 'medicationCodeableConcept', 'dosage', 'dosageInstruction', 'valueQuantity', 'component', 'referenceRange', 'interpretation', 'result', 'content', 'note', 'subject', 'identifier', 'contained', 'extension', 'period', 'participant', 'section', 'entry', 'author', 'clinicalStatus', 'birthDate', 'hasMember', 'activity', 'target', 'protocolApplied'];
  for (const resourceType of types) for (const x of odd) {
    const r = { resourceType, ...Object.fromEntries(keys.map((k) => [k, x])) };
    for (const root of [r, { resourceType: 'Bundle', type: x, entry: [{ resource: r }, { resource: x }, x, { fullUrl: x, resource: r }] }, { resourceType: 'Bundle', entry: x }]) {
      for (const d of read(root)) {
        for (const s of d.sections) for (const e of s.entries) {
          const v = view({ ...c, resolve: d.resolve }, e);
          assert.equal(typeof v.name, 'string');
          fhir.fields({ ...c, resolve: d.resolve }, e, e);
          attachments(e);
        }
        for (const p of d.people) person(c, p);
      }
    }
  }
});

test('references find their entries, and nothing else', () => {
  const entry = (fullUrl, id, more) => ({ fullUrl, resource: { resourceType: 'Practitioner', id, ...more } });
  const [d] = read({ resourceType: 'Bundle', entry: [entry('http://a.example/Practitioner/1', '1', { n: 1 }), entry('http://b.example/Practitioner/1', '1', { n: 2 }), entry('urn:uuid:x', 'y', { n: 3 })] });
  const n = (ref) => d.resolve(ref)?.n;
  assert.deepEqual([n('http://a.example/Practitioner/1'), n('http://b.example/Practitioner/1/_history/2'), n('Practitioner/1'), n('urn:uuid:x'), n('Practitioner/y'), n('urn:uuid:y'), n('x'), n(''), n(null)],
    [1, 2, undefined, 3, 3, 3, undefined, undefined, undefined]);
});

test('a bundle inside a bundle inside itself ends', () => {
  let b = { resourceType: 'Bundle', entry: [] };
  for (let i = 0; i < 100; i++) b = { resourceType: 'Bundle', entry: [{ resource: b }, { resource: b }] };
  assert.ok(read(b).length <= 21);
});

test('files are what their bytes are, and are named harmlessly', () => {
  assert.deepEqual(['%PDF-1', '\xef\xbb\xbf%PDF-', ' %PDF-', 'GIF89a', '\x89PNG\r\n\x1a\n', '\xff\xd8\xff\xe0', 'RIFFxxxxWEBP', '<svg'].map((s) => sniff(Buffer.from(s, 'latin1'))),
    ['application/pdf', 'application/pdf', '', '', 'image/png', 'image/jpeg', 'image/webp', '']);
  assert.equal(pixels(Uint8Array.from([...Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 60, 0, 0, 0, 40]), 'image/png'), 2400);
  assert.equal(pixels(Uint8Array.from([0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0, 40, 0, 60]), 'image/jpeg'), 2400);
  for (const t of ['image/png', 'image/jpeg', 'image/webp']) assert.equal(pixels(Uint8Array.from([0xff, 0xd8]), t), Infinity);
  assert.deepEqual(['../../a.pdf', 'x.pdf.exe', '', '\u202efdp.exe', 'पर्चा 1', 'a'.repeat(99)].map((n) => fileName(n, 'pdf')), ['a.pdf', 'x pdf.pdf', 'document.pdf', 'fdp.pdf', 'पर्चा 1.pdf', 'a'.repeat(60) + '.pdf']);
});

test('a health card\'s bundle is read', real, async () => {
  const got = await look(readFileSync(new URL('shc/example-00-e-file.smart-health-card', data)));
  assert.equal(got.contents[0].root.resourceType, 'Bundle');
  assert.equal(got.contents[0].issuer, 'https://spec.smarthealth.cards/examples/issuer');
  await assert.rejects(look(Buffer.from('{"access_token":"x"}')), code('access'));
});

test('size: what a visit downloads, by brotli, is at most 36 KiB, of the sources with their comments 44', (t) => {
  const most = (process.env.POTLI_BUILT ? 36 : 44) * 1024;
  // What is sent, where it was built: without the comments of the sources.
  const built = process.env.POTLI_BUILT ? pathToFileURL(process.env.POTLI_BUILT + '/viewer/') : page;
  const sizes = {};
  for (const f of readdirSync(built, { recursive: true })) {
    if (/\.(js|css|html|json)$/.test(f)) sizes[f.replaceAll('\\', '/')] = brotliCompressSync(readFileSync(new URL(f.replaceAll('\\', '/'), built))).length;
  }
  const sum = (keep) => Object.keys(sizes).filter(keep).reduce((n, f) => n + sizes[f], 0);
  // What somebody who opens a link loads: the page's scripts with all that they import at once, and nothing that is
  // imported when it is asked for (the camera, the modes of the page).
  const visited = new Set(['index.html', 'viewer.css', 'main.js', 'scrub.js']);
  for (const f of visited) {
    if (f.endsWith('.js')) for (const [, next] of readFileSync(new URL(f, page), 'utf8').matchAll(/^import .*from '\.\/(.*)';/gm)) visited.add(next);
  }
  const preloaded = [...readFileSync(new URL('index.html', page), 'utf8').matchAll(/(?:modulepreload" href|module" src)="(.*?)"/g)].map((m) => m[1]);
  assert.deepEqual(preloaded.sort(), [...visited].filter((f) => f.endsWith('.js')).sort());
  const shared = sum((f) => visited.has(f));
  for (const lang of languages.keys()) {
    const visit = shared + sizes[`messages/${lang}.json`];
    t.diagnostic(`a visit in ${lang}: ${visit} bytes`);
    assert.ok(visit <= most, `${lang}: ${visit} bytes`);
  }
  t.diagnostic(`all files: ${sum(() => true)} bytes`);
});

// --- handed over on a screen ---

const golden = readFileSync(new URL('../../app/fountain/testdata/frames.txt', import.meta.url), 'utf8').split('\n').filter(Boolean);

test('film: the golden frames of the wallet, in any order', async () => {
  for (const order of [[0, 1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3, 2, 1, 0], [4, 4, 5, 0, 6, 1, 7, 8]]) {
    const film = new Film();
    let whole = null;
    for (const i of order) whole = (await film.add(golden[i])) ?? whole;
    assert.equal(film.need, 6);
    assert.equal(whole?.length, 1000);
  }
});

test('film: what is no frame changes nothing', async () => {
  const film = new Film();
  await film.add(golden[0]);
  const bad = ['', framePrefix, golden[1].slice(0, -1), golden[1].replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')), framePrefix + '9'.repeat(900), golden[1].toLowerCase(), 'shlink:/abc'];
  for (const text of bad) {
    await assert.rejects(film.add(text), code('bad-frame'));
    assert.equal(film.have, 1);
  }
  await film.add(golden[0]);
  assert.equal(film.have, 1);
});

test('film: mixtures are independent far beyond 32', () => {
  const count = 80;
  const rows = Array.from({ length: count }, (_, n) => mixture(1234567, 5000 + n, count));
  assert.equal(new Set(rows.map((r) => r.join())).size, count);
});

const parcel = (kind, text) => Uint8Array.from([1, kind.charCodeAt(0), ...deflateRawSync(text)]);
const meera = '2026-11-22\thi\np\tMeera Sample\t1988-03-04\tfemale\na\tPeanut\tsevere\t2019\nc\tAsthma\t\t2015-06\nm\tSalbutamol inhaler\ttwo puffs as needed\t2024-01-02T10:00:00Z\nv\tTetanus vaccine\t\t\n';

test('brief: the same document as the wallet makes of it', () => {
  const strip = (bundle) => bundle.entry.map((e) => JSON.parse(JSON.stringify(e.resource, (k, v) => (['reference', 'title', 'entry', '_occurrenceDateTime'].includes(k) ? undefined : v))));
  const wallets = JSON.parse(readFileSync(new URL('../../app/share/testdata/brief.json', import.meta.url)));
  assert.deepEqual(strip(expand(meera, english)), strip(wallets));
});

test('hand: strangers\' parcels', async () => {
  const shown = await hand.unwrap(parcel('b', meera), english);
  assert.equal(read(shown.contents[0].root).length, 1);
  const bundle = await hand.unwrap(parcel('f', '{"resourceType":"Patient"}'), english);
  assert.equal(bundle.contents[0].root.resourceType, 'Patient');
  for (const p of [Uint8Array.of(2, 98, 3, 0), Uint8Array.of(1, 120, 3, 0), parcel('b', ''), parcel('b', '2026-11-22\ten\n'), parcel('b', Buffer.from([0xff])), parcel('b', 'x\ten\np\tM\na\tPeanut\n')]) {
    await assert.rejects(hand.unwrap(p, english), code('bad-hand'));
  }
  await assert.rejects(hand.unwrap(parcel('f', '['.repeat(10) + ' '.repeat(9e6)), english), code('too-big'));
  for (const text of ['', 'potli-hand-1:', 'potli-hand-1:99999999999999999', 'potli-hand-1:12a', 'potli-hand-1:1234']) {
    assert.throws(() => hand.fromLink(text), code('bad-hand'));
  }
});

test('brief: a text that unfolds is refused before it is taken apart', () => {
  assert.throws(() => expand(meera + '\t'.repeat(70_000), english), code('bad-hand'));
});

/** As much of a page as dom.js asks for. */
class Element {
  constructor(tag) {
    Object.assign(this, { tag, kids: [], on: {}, dataset: {}, style: {}, classList: { add() {}, toggle() {} } });
  }

  get textContent() { return this.kids.map((k) => k.textContent ?? String(k)).join(''); }
  setAttribute(name, value) { this[name] = value; }
  remove() {}
  append(...kids) { this.kids.push(...kids); }
  addEventListener(type, f) { this.on[type] = f; }
  find(id) { return this.id === id ? this : this.kids.map((k) => k.find?.(id)).find(Boolean); }
}

/** Gives the modules a browser for one test. */
function browserOf(t, navigator) {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator'); // newer releases of Node have one
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: navigator });
  t.after(() => (before ? Object.defineProperty(globalThis, 'navigator', before) : delete globalThis.navigator));
}

test('hand: a link shows nothing of what it holds before somebody opens it, and says that anybody makes one', async (t) => {
  globalThis.document = { createElement: (tag) => new Element(tag), createTextNode: (text) => ({ textContent: text }) };
  t.after(() => delete globalThis.document);
  browserOf(t, {});
  const { handed } = await load('screen.js');
  const bytes = parcel('b', meera);
  let digits = '';
  for (let i = 0; i < bytes.length; i += 7) {
    const part = bytes.slice(i, i + 7);
    digits += String(part.reduce((n, x) => (n << 8n) | BigInt(x), 0n)).padStart([0, 3, 5, 8, 10, 13, 15, 17][part.length], '0');
  }
  for (const say of [english, hindi]) {
    let state;
    let told;
    const desk = { t: say, become: (next) => told?.(state = next) ?? (state = next), say() {}, take() {}, clear() {}, heading: say, now: Date.now,
      context: () => ({ ...c, t: say }) };
    const picture = () => Object.assign(new Element('main'), { kids: state.picture().flat().filter(Boolean) });

    await handed(desk, 'https://v.example/#potli-hand-1:' + digits);
    const before = picture();
    assert.equal(state.name, 'screen');
    assert.doesNotMatch(before.textContent, /Meera|Peanut/);
    for (const want of [say('hand.link'), say('hand.link-text'), say('hand.link-check'), await hand.phrase(bytes)]) assert.ok(before.textContent.includes(want), want);
    const opened = new Promise((resolve) => (told = resolve));
    before.find('hand-open').on.click();
    await opened;
    const linked = picture().textContent;
    assert.match(linked, /Meera/);
    assert.ok(linked.includes(say('hand.linked')) && !linked.includes(say('hand.origin')) && !linked.includes(say('origin')), linked);

    for (const [from, is] of [['https://v.example/#potli-hand-1:' + digits, false], [bytes, undefined]]) { // from the camera
      await handed(desk, from, is);
      const seen = picture().textContent;
      assert.match(seen, /Meera/);
      assert.ok(seen.includes(say('hand.origin')) && !seen.includes(say('hand.linked')) && !seen.includes(say('hand.history')), seen);
    }
  }
});

test('worker: the wallet\'s frame is left to the network, and the page is not', async () => {
  const listeners = {};
  const clients = { page: 'https://v.example/', frame: 'https://v.example/frame.html?x' };
  const self = { potliFiles: { version: '1', files: { '/bytes.js': 'hash', '/': 'hash' } }, location: { origin: 'https://v.example' },
    addEventListener: (type, f) => (listeners[type] = f), clients: { get: async (id) => clients[id] && { url: clients[id] } } };
  const caches = { open: async () => ({ match: async () => 'kept' }) };
  new Function('self', 'caches', 'fetch', readFileSync(new URL('sw.js', page), 'utf8'))(self, caches, async () => 'fetched');
  const asked = async (path, clientId) => {
    let got = 'left alone';
    listeners.fetch({ request: { method: 'GET', url: 'https://v.example' + path }, clientId, respondWith: (answer) => (got = answer) });
    return got;
  };
  assert.equal(await asked('/bytes.js', 'frame'), 'fetched');
  assert.equal(await asked('/bytes.js', 'page'), 'kept');
  assert.equal(await asked('/', ''), 'kept');
  assert.equal(await asked('/drop', ''), 'kept');
  assert.equal(await asked('/frame.html', ''), 'left alone');
});

test('worker: a newer one is looked for when the page is opened', async (t) => {
  let looked = 0;
  const serviceWorker = { getRegistration: async () => ({ update: async () => { looked++; throw new Error('no network'); } }) };
  browserOf(t, { serviceWorker });
  await load('ready.js?opened');
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(looked, 1);
});
