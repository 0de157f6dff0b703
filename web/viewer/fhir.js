// FHIR R4 data types in words. Everything that comes in is from strangers: any member may be of any type, so each is
// asked for what it is, and what is not understood is shown as it stands.
import { calendar, measure } from './words.js';

/**
 * What saying something takes.
 * @typedef {object} Context
 * @property {import('./words.js').Say} t
 * @property {string} lang
 * @property {number} now     milliseconds
 * @property {(ref: unknown, from?: any) => any} resolve  the resource a reference names, or undefined
 * @property {boolean} [view]  may be looked at and not kept: nothing offers to save it
 */

/** @param {any} x @returns {any[]} */
export const list = (x) => (Array.isArray(x) ? x : x === undefined || x === null ? [] : [x]);
/** @param {any} x @returns {string} */
export const str = (x) => (typeof x === 'string' ? x.trim() : typeof x === 'number' || typeof x === 'boolean' ? String(x) : '');
/** @param {any} x @returns {any} */
export const obj = (x) => (x && typeof x === 'object' && !Array.isArray(x) ? x : {});
/** @param {any[]} xs @param {string} [by] */
export const join = (xs, by = ', ') => [...new Set(xs.filter(Boolean))].join(by);

/**
 * A choice element: value[x] is valueQuantity, valueString and so on.
 * @param {any} r
 * @param {string} stem
 * @returns {[string, any]}  its full name and value, or ["", undefined]
 */
export function choice(r, stem) {
  for (const k of Object.keys(obj(r))) {
    if (k === stem || (k.startsWith(stem) && /^[A-Z]/.test(k.slice(stem.length)))) return [k, r[k]];
  }
  return ['', undefined];
}

/** @type {Map<string, {format: (at?: number | Date) => string}>} */
const formats = new Map();
/** @param {string} lang @param {Intl.DateTimeFormatOptions} o */
export function format(lang, o) {
  const key = lang + JSON.stringify(o);
  let f = formats.get(key);
  // Digits stay 0-9 in every language: they are read back to people and typed into other systems.
  if (!f) formats.set(key, (f = calendar?.tag === lang ? calendar.format(o) : new Intl.DateTimeFormat((lang === 'en' ? 'en-GB' : lang) + '-u-nu-latn', o)));
  return f;
}

/**
 * A date, dateTime or instant of any precision, at the clock it was written by.
 * @param {Context} c
 * @param {any} s
 */
export function date(c, s) {
  const m = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/.exec(str(s));
  if (!m) return str(s);
  const [, y, mo, d, time, zone] = m;
  if (!mo) return y;
  const at = new Date(Date.UTC(+y, +mo - 1, +(d || 1)));
  if (at.getUTCMonth() !== +mo - 1) return str(s); // the 30th of February: as written
  const day = format(c.lang, { timeZone: 'UTC', year: 'numeric', month: 'long', ...(d ? { day: 'numeric' } : {}) }).format(at);
  if (!time) return day;
  let away = '';
  if (zone) {
    const [h, min] = zone === 'Z' ? [0, 0] : zone.split(':').map(Number);
    const written = h * 60 + (zone[0] === '-' ? -min : min);
    if (-new Date(str(s)).getTimezoneOffset() !== written) away = zone === 'Z' ? ' UTC' : ` UTC${zone}`;
  }
  return `${day}, ${time}${away}`;
}

/** @param {Context} c @param {any} p */
export function period(c, p) {
  const [from, to] = [date(c, obj(p).start), date(c, obj(p).end)];
  if (from && to) return from === to ? from : `${from} – ${to}`;
  return from ? c.t('since', { date: from }) : to ? c.t('until', { date: to }) : '';
}

/** @param {any} q  Quantity and its kin: Age, Duration, Count, Money */
export function quantity(q) {
  q = obj(q);
  const unit = str(q.unit) || (str(q.code) === '1' ? '' : str(q.code)) || str(q.currency);
  const value = str(q.value);
  return value ? `${str(q.comparator)}${value}${unit === '%' || !unit ? '' : ' '}${unit}` : '';
}

/** @param {any} r */
export function range(r) {
  const [low, high] = [quantity(obj(r).low), quantity(obj(r).high)];
  if (!low || !high) return low ? `≥ ${low}` : high ? `≤ ${high}` : '';
  const unit = low.replace(/^[\d.]+/, '');
  return unit && high.endsWith(unit) ? `${low.slice(0, -unit.length)} – ${high}` : `${low} – ${high}`;
}

/** @param {any} r */
const ratio = (r) => {
  const [a, b] = [quantity(obj(r).numerator), quantity(obj(r).denominator)];
  return b ? `${a} / ${b}` : a;
};

/** @param {any} c  CodeableConcept or Coding or CodeableReference (R5) @returns {any[]} */
export const codings = (c) => [...list(obj(c).coding), ...list(obj(obj(c).concept).coding), obj(c)].map(obj).filter((x) => str(x.code));

/** @param {any} x  the words of a CodeableConcept, Coding or string @returns {string} */
export function concept(x) {
  if (Array.isArray(x)) return join(x.map(concept));
  if (typeof x !== 'object') return str(x);
  x = obj(x);
  if (x.concept || (x.reference && typeof x.reference === 'object')) return concept(x.concept) || str(obj(x.reference).display);
  const of = [...list(x.coding), x].map(obj);
  return str(x.text) || of.map((o) => str(o.display)).find(Boolean) || of.map((o) => str(o.code)).find(Boolean) || '';
}

/** @param {any} x @param {string[]} codes  true when one of x's codings has one of the codes */
export const coded = (x, ...codes) => list(x).some((y) => codings(y).some((k) => codes.includes(str(k.code))));

/** @param {any} n  HumanName */
export function humanName(n) {
  n = typeof n === 'string' ? { text: n } : obj(n);
  return str(n.text) || join([...list(n.prefix), ...list(n.given), str(n.family), ...list(n.suffix)].map(str), ' ');
}

/** @param {any} names  the one to call a person by */
export function bestName(names) {
  const all = list(names).map(obj);
  const use = ['official', 'usual', undefined].map((u) => all.find((n) => n.use === u)).find(Boolean) ?? all[0] ?? names;
  return humanName(use);
}

/** @param {any} a */
export function address(a) {
  a = obj(a);
  return str(a.text) || join([...list(a.line), a.city, a.district, a.state, a.postalCode, a.country].map(str));
}

/**
 * @param {Context} c
 * @param {any} ref
 * @param {any} from  the resource that holds it, for "#contained"
 */
export function reference(c, ref, from) {
  ref = obj(ref);
  if (ref.concept) return concept(ref.concept);
  if (ref.reference && typeof ref.reference === 'object') ref = obj(ref.reference);
  const found = c.resolve(ref.reference, from);
  return str(ref.display) || (found && nameOf(found)) || str(obj(ref.identifier).value) || str(ref.reference);
}

/** @param {any} r  a resource in one short name, without following references */
export function nameOf(r) {
  r = obj(r);
  const name = list(r.name).some((n) => typeof n === 'object') ? bestName(r.name) : str(r.name);
  const device = list(r.deviceName).map((n) => str(obj(n).name)).find(Boolean);
  return (
    name || str(r.title) || device || concept(r.vaccineCode) || concept(r.code) || str(obj(r.practitioner).display) ||
    str(r.description) || concept(r.description) || concept(r.type) || str(r.modelNumber) || ''
  );
}

const unitKeys = ['s', 'min', 'h', 'd', 'wk', 'mo', 'a'];
/** @param {Context} c @param {any} n @param {string} unit  "3 days" */
const span = (c, n, unit) => (unitKeys.includes(unit) ? c.t(`time.${unit}`, { n: str(n) }) : `${str(n)} ${unit}`);

/** @param {Context} c @param {any} timing */
export function timing(c, timing) {
  timing = obj(timing);
  const r = obj(timing.repeat);
  const out = [];
  const [, bounds] = choice(r, 'bounds');
  const code = codings(timing.code).map((k) => c.t(`freq.${str(k.code).toUpperCase()}`, {}, '')).find(Boolean);
  if (r.period !== undefined || r.frequency !== undefined) {
    const f = str(r.frequency) || '1';
    const times = r.frequencyMax ? c.t('times.other', { n: `${f}–${str(r.frequencyMax)}` }) : c.t('times', { n: f });
    const p = str(r.period) || '1';
    const unit = str(r.periodUnit) || 'd';
    const per = r.periodMax || !unitKeys.includes(unit)
      ? c.t('per.any', { span: span(c, r.periodMax ? `${p}–${str(r.periodMax)}` : p, unit) })
      : c.t(`per.${unit}`, { n: p });
    out.push(c.t('freq', { times, per }));
  } else out.push(code || concept(timing.code));
  out.push(...list(r.timeOfDay).map((x) => str(x).slice(0, 5)));
  out.push(join(list(r.dayOfWeek).map((d) => weekday(c, str(d)))));
  out.push(...list(r.when).map((w) => c.t(`when.${str(w)}`, {}, str(w))));
  if (r.count) out.push(c.t('times', { n: str(r.count) }));
  const b = obj(bounds);
  if (b.start || b.end) out.push(period(c, b));
  else if (b.value) out.push(c.t('for', { span: span(c, b.value, str(b.code) || str(b.unit)) }));
  else if (b.low || b.high) out.push(c.t('for', { span: range(b) }));
  out.push(...list(timing.event).map((e) => date(c, e)));
  return join(out);
}

/** @param {Context} c @param {string} d */
function weekday(c, d) {
  const i = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].indexOf(d);
  return i < 0 ? d : format(c.lang, { timeZone: 'UTC', weekday: 'long' }).format(Date.UTC(2024, 0, 1 + i));
}

/**
 * One Dosage in words: the author's own where there are any, else built from the parts.
 * @param {Context} c
 * @param {any} d
 * @returns {string}
 */
export function dosage(c, d) {
  if (typeof d === 'string') return d;
  d = obj(d);
  if (str(d.text)) return str(d.text);
  const rates = list(d.doseAndRate).map(obj);
  const amount = (/** @type {any} */ x, /** @type {string} */ stem) => {
    const v = obj(choice(x, stem)[1]);
    return measure(c.lang, quantity(v) || range(v) || ratio(v));
  };
  const doses = (rates.length ? rates : [d]).map((x) => join([amount(x, 'dose'), amount(x, 'rate')]));
  const [, needed] = choice(d, 'asNeeded');
  return join([
    ...doses,
    concept(d.method),
    concept(d.route),
    timing(c, d.timing),
    needed && needed !== true ? c.t('needed.for', { why: concept(needed) || concept(list(d.asNeededFor)) }) : needed || d.asNeededFor ? c.t('needed') : '',
    concept(d.site),
    ...list(d.additionalInstruction).map(concept),
    str(d.patientInstruction),
    ...list(d.maxDosePerPeriod).map((x) => ratio(x) && c.t('atmost', { x: ratio(x) })),
  ]);
}

const dateKey = /(date|time|instant|start|end|issued|recorded|authored\w*|created|sent|received|lastUpdated)$/i;

/** A concept with every code it carries, for those who look things up. @param {any} x */
function whole(x) {
  const codes = list(x.coding).map(obj).map((k) => join([str(k.display), str(k.code), str(k.system).replace(/^(https?:\/\/|urn:oid:)/, '')], ' '));
  return join([str(x.text), ...codes], ' · ');
}

/**
 * Any value, by its shape. Empty when it has parts that need labels of their own.
 * @param {Context} c
 * @param {any} v
 * @param {string} key   its element's name
 * @param {any} from     the resource that holds it
 * @param {boolean} [full]  with codes, not only with words
 * @returns {string}
 */
export function any(c, v, key, from, full) {
  if (Array.isArray(v)) {
    const all = v.map((x) => any(c, x, key, from, full));
    return all.every(Boolean) ? all.join('; ') : '';
  }
  if (typeof v === 'boolean') return c.t(v ? 'yes' : 'no');
  if (typeof v !== 'object' || !v) return dateKey.test(key) ? date(c, v) : str(v);
  const has = (/** @type {string[]} */ ...ks) => ks.some((k) => k in v);
  const only = (/** @type {string} */ ks) => Object.keys(v).every((k) => ks.split(' ').includes(k.replace(/^_/, '')) || k === 'id');
  if (only('coding text')) return full ? whole(v) : concept(v);
  if (has('display', 'code') && only('system version code display userSelected')) return full ? whole({ coding: v }) : concept(v);
  if (has('value') && only('value comparator unit system code currency')) return measure(c.lang, quantity(v));
  if (only('low high')) return measure(c.lang, range(v));
  if (has('numerator')) return only('numerator denominator') ? measure(c.lang, ratio(v)) : '';
  if (only('start end')) return period(c, v);
  if (has('reference', 'display') && only('reference display type identifier')) return reference(c, v, from);
  if (has('family', 'given') && only('use text family given prefix suffix period')) return humanName(v);
  if (has('line', 'city', 'country', 'postalCode') && only('use type text line city district state postalCode country period')) return address(v);
  if (has('value') && only('system value use rank period')) return join([str(v.value), str(v.use) && `(${v.use})`], ' ');
  if (has('value') && only('system value use type assigner period')) return join([concept(v.type), str(v.value)], ' ');
  if (has('text') && only('text time authorString authorReference')) {
    return join([str(v.text), join([str(v.authorString) || reference(c, v.authorReference, from), date(c, v.time)])], ' — ');
  }
  if (has('repeat') || (has('event') && only('event code'))) return timing(c, v);
  return '';
}

/**
 * @typedef {{label: string, text?: string, sub?: Field[]}} Field
 */

/**
 * Every element of a resource as labelled fields: nothing is left out but what is shown elsewhere (the narrative, the
 * bytes of attachments) and what is deeper than anyone writes.
 * @param {Context} c
 * @param {any} o
 * @param {any} from
 * @param {number} [depth]
 * @returns {Field[]}
 */
export function fields(c, o, from, depth = 0) {
  /** @type {Field[]} */
  const out = [];
  for (const [k, v] of Object.entries(obj(o))) {
    if (v === null || v === '' || k === 'div' || (depth === 0 && (k === 'text' || k === 'resourceType'))) continue;
    if (k === 'data' && typeof v === 'string' && v.length > 200) {
      out.push({ label: label(c, k), text: '…' });
    } else if (k === 'extension' || k === 'modifierExtension') {
      for (const e of list(v).map(obj)) out.push(extension(c, e, from, depth));
    } else out.push(...field(c, label(c, k), k, v, from, depth));
  }
  return out.filter((f) => f.text || f.sub?.length);
}

/**
 * @param {Context} c
 * @param {string} name
 * @param {string} key
 * @param {any} v
 * @param {any} from
 * @param {number} depth
 * @returns {Field[]}
 */
function field(c, name, key, v, from, depth) {
  const text = any(c, v, key, from, true);
  if (text) return [{ label: name, text }];
  if (depth > 11) return [{ label: name, text: '…' }];
  if (!Array.isArray(v)) return [{ label: name, sub: fields(c, v, v?.resourceType ? v : from, depth + 1) }];
  return v.flatMap((x) => field(c, name, key, x, x?.resourceType ? x : from, depth + 1));
}

/**
 * @param {Context} c
 * @param {any} e
 * @param {any} from
 * @param {number} depth
 * @returns {Field}
 */
function extension(c, e, from, depth) {
  const name = words(str(e.url).split(/[/#|]/).filter(Boolean).pop() ?? '');
  const [k, v] = choice(e, 'value');
  if (!k) return { label: name, sub: depth > 11 ? [] : fields(c, { extension: e.extension }, from, depth + 1) };
  return field(c, name, k, v, from, depth + 1)[0] ?? { label: name };
}

/** @param {Context} c @param {string} key */
const label = (c, key) => c.t(`e.${key.replace(/^_/, '')}`, {}, words(key));

/** @param {string} key  "birthDate" to "Birth date" */
export function words(key) {
  const s = key.replace(/[_-]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2').trim().toLowerCase();
  return s.charAt(0).toUpperCase() + s.slice(1);
}
