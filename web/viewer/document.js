// Puts a FHIR file in the order a person reads it: a document's own sections, or drawers by kind, and whatever no
// section named. Language plays no part here.
import { codings, list, obj, str } from './fhir.js';
import { kind, kinds } from './views.js';

/**
 * @typedef {object} Section
 * @property {string} title      as its author wrote it
 * @property {string} key        message that names it in the reader's language; "" when its code is not known
 * @property {string} lang       of what its author wrote; "" when not said
 * @property {number} depth
 * @property {string} narrative  XHTML, as received
 * @property {any[]} entries
 * @property {string[]} missing  references to what is not in the file
 * @property {any} empty         emptyReason
 * @property {boolean} folded    shown closed
 */

/**
 * @typedef {object} Document
 * @property {any} root          the Bundle or the one resource
 * @property {any} composition   the first, or undefined
 * @property {any[]} people      Patients; the first is whom the file is about
 * @property {any} subject       reference to whom it is about, when there is no Patient
 * @property {any[]} authors     references
 * @property {string} made       ISO time, or ""
 * @property {Section[]} sections
 * @property {Map<string, any[]>} byKind
 * @property {(ref: unknown, from?: any) => any} resolve
 */

/** Section codes of IPS 2.0.1 (LOINC) and the ABDM's (SNOMED CT) to our words. */
const codes = new Map(Object.entries({
  '11450-4': 'kind.condition', '48765-2': 'kind.allergy', '10160-0': 'kind.medicine', '11369-6': 'kind.immunization', '30954-2': 'kind.result',
  '47519-4': 'kind.procedure', '46264-8': 'kind.device', '42348-3': 'section.directives', '104605-1': 'section.alerts',
  '47420-5': 'section.function', '11348-0': 'section.past', '10162-6': 'section.pregnancy', '81338-6': 'section.story',
  '18776-5': 'kind.plan', '29762-2': 'kind.social', '8716-3': 'kind.vital',
  422843007: 'section.complaints', 722446000: 'kind.allergy', 371529009: 'section.past', 1003642006: 'section.past', 425044008: 'section.exam',
  721912009: 'kind.medicine', 1003606003: 'kind.medicine', 721963009: 'section.orders', 721981007: 'kind.result', 1003640003: 'kind.procedure',
  371525003: 'kind.procedure', 422432008: 'kind.family', 734163000: 'kind.plan', 390906007: 'section.followup', 41000179103: 'kind.immunization',
}));

/** @param {any} code */
export const sectionKey = (code) => codings(code).map((k) => codes.get(str(k.code)) ?? '').find(Boolean) ?? '';

const maxNested = 20;

/**
 * The document, and those inside it: a Bundle may carry Bundles.
 * @param {any} root
 * @returns {Document[]}
 */
export function read(root) {
  const docs = [one(root)];
  for (let i = 0; i < docs.length && docs.length < maxNested; i++) {
    for (const r of docs[i].byKind.get('bundle') ?? []) docs.push(one(r));
  }
  return docs;
}

/** @param {any} root @returns {Document} */
function one(root) {
  const bundle = root.resourceType === 'Bundle';
  const entries = bundle ? list(root.entry).map(obj).filter((e) => str(obj(e.resource).resourceType)) : [{ resource: root }];
  const resolve = index(entries);
  const all = entries.map((e) => e.resource);
  const compositions = all.filter((r) => r.resourceType === 'Composition');
  const first = compositions[0];
  const subject = first?.subject ?? all.map((r) => r.subject ?? r.patient).find(Boolean);
  const whom = resolve(obj(subject).reference);
  const people = all.filter((r) => r.resourceType === 'Patient').sort((a, b) => +(b === whom) - +(a === whom));

  /** @type {Section[]} */
  const sections = [];
  for (const c of compositions) {
    if (compositions.length > 1) sections.push(section({ title: c.title, text: c.text }, c, 0, resolve));
    walk(list(c.section), c, 0, resolve, sections);
  }
  if (compositions.length === 1 && obj(first.text).div) sections.unshift(section({ text: first.text }, first, 0, resolve));
  const shown = new Set(sections.flatMap((s) => s.entries));
  const byKind = group(all);
  for (const k of kinds) {
    const rest = (byKind.get(k) ?? []).filter((r) => !shown.has(r) && r !== first);
    if (k === 'supporting' && first) rest.push(first);
    const folded = bundle && (k === 'supporting' || (k === 'other' && rest.length > 20));
    if (rest.length) {
      sections.push({ title: '', key: `kind.${k}`, lang: '', depth: 0, narrative: '', entries: newestFirst(rest), missing: [], empty: undefined, folded });
    }
  }
  return {
    root, composition: first, people, subject, resolve, sections, byKind,
    authors: list(first?.author),
    made: str(first?.date) || str(root.timestamp) || str(obj(root.meta).lastUpdated),
  };
}

/** @param {any[]} all */
function group(all) {
  /** @type {Map<string, any[]>} */
  const by = new Map();
  for (const r of all) {
    const k = r.resourceType === 'Bundle' ? 'bundle' : kind(r);
    const same = by.get(k);
    if (same) same.push(r);
    else by.set(k, [r]);
  }
  return by;
}

/** @param {any[]} rs */
function newestFirst(rs) {
  const when = (/** @type {any} */ r) => {
    for (const k of ['effectiveDateTime', 'performedDateTime', 'occurrenceDateTime', 'authoredOn', 'date', 'onsetDateTime', 'recordedDate', 'issued', 'start']) {
      if (typeof r[k] === 'string') return r[k];
    }
    return str(obj(r.effectivePeriod ?? r.performedPeriod ?? r.period ?? r.billablePeriod).start);
  };
  return rs.map((r) => ({ r, at: when(r) })).sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).map((x) => x.r);
}

/**
 * @param {any[]} from
 * @param {any} composition
 * @param {number} depth
 * @param {Document['resolve']} resolve
 * @param {Section[]} out
 */
function walk(from, composition, depth, resolve, out) {
  for (const s of from.map(obj)) {
    out.push(section(s, composition, depth, resolve));
    if (depth < 6) walk(list(s.section), composition, depth + 1, resolve, out);
  }
}

/**
 * @param {any} s
 * @param {any} composition
 * @param {number} depth
 * @param {Document['resolve']} resolve
 * @returns {Section}
 */
function section(s, composition, depth, resolve) {
  const refs = list(s.entry).map(obj);
  const found = refs.map((r) => resolve(r.reference, composition));
  return {
    title: str(s.title) || codings(s.code).map((k) => str(k.display)).find(Boolean) || str(obj(s.code).text),
    key: sectionKey(s.code),
    lang: str(composition.language),
    depth,
    narrative: str(obj(s.text).div),
    entries: [...new Set(found.filter(Boolean))],
    missing: refs.filter((_, i) => !found[i]).map((r) => str(r.display) || str(r.reference)).filter(Boolean),
    empty: s.emptyReason,
    folded: false,
  };
}

/**
 * Finds entries by every name others may call them: fullUrl, Type/id, urn:uuid:id, with or without a version.
 * A short name that two entries share names neither.
 * @param {any[]} entries
 * @returns {Document['resolve']}
 */
function index(entries) {
  /** @type {Map<string, any>} */
  const by = new Map();
  const put = (/** @type {string} */ name, /** @type {any} */ r) => {
    if (name) by.set(name, by.has(name) && by.get(name) !== r ? null : r);
  };
  for (const { fullUrl, resource } of entries) {
    const id = str(resource.id);
    const own = id && `${str(resource.resourceType)}/${id}`;
    const url = str(fullUrl);
    put(url, resource);
    if (own !== url) put(own, resource);
    const tail = /([A-Z]\w+\/[^/]+)$/.exec(url)?.[1] ?? '';
    if (tail !== own && tail !== url) put(tail, resource);
    if (`urn:uuid:${id}` !== url) put(id && `urn:uuid:${id}`, resource);
  }
  return (ref, from) => {
    const s = str(ref).replace(/\/_history\/.*$/, '');
    if (!s) return undefined;
    if (s[0] === '#') return list(from?.contained).find((r) => str(obj(r).id) === s.slice(1));
    return by.get(s) ?? (/^https?:/.test(s) ? by.get(/([A-Z]\w+\/[^/]+)$/.exec(s)?.[1] ?? '') : undefined) ?? undefined;
  };
}
