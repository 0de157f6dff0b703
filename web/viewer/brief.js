// A brief: a summary small enough for one code, a line each, fields apart by tabs. What it is stands in the wallet's
// app/share/brief.go; this makes the same document of it.
import { Fault } from './bytes.js';
import { tidy } from './link.js';

const sections = [
  { letter: 'c', kind: 'kind.condition', code: '11450-4' },
  { letter: 'a', kind: 'kind.allergy', code: '48765-2' },
  { letter: 'm', kind: 'kind.medicine', code: '10160-0' },
  { letter: 'v', kind: 'kind.immunization', code: '11369-6' },
];
const most = 60; // lines
const longest = 1 << 16; // characters: a code holds some thousands, and a file that unfolds holds millions
const isDate = (/** @type {string} */ s) => /^\d{4}(-\d\d){0,2}$/.test(s) && !Number.isNaN(Date.parse(s));
const dated = (/** @type {string} */ s) => (isDate(s.split('T')[0]) ? s.split('T')[0] : undefined);

/**
 * @param {string} text
 * @param {import('./words.js').Say} t  titles of the sections
 * @returns {any}  a Bundle
 */
export function expand(text, t) {
  if (text.length > longest) throw new Fault('bad-hand');
  const lines = text.replace(/\n$/, '').split('\n').map((line) => line.split('\t').slice(0, 4).map((f) => tidy(f, 160)));
  const [date, lang] = lines[0];
  const who = lines.find(([letter, name]) => letter === 'p' && name);
  const facts = lines.slice(1).filter(([letter, what]) => what && sections.some((s) => s.letter === letter));
  if (!isDate(date) || !who || !facts.length || lines.length > most + 2) throw new Fault('bad-hand');
  const [, name, born, sex] = who;
  const entry = [{ fullUrl: 'urn:p', resource: { resourceType: 'Patient', name: [{ text: name }], birthDate: dated(born ?? ''), gender: ['female', 'male', 'other', 'unknown'].includes(sex) ? sex : undefined } }];
  const section = sections.map((s) => ({
    title: `${t('hand.summary')}: ${t(s.kind)}`,
    code: { coding: [{ system: 'http://loinc.org', code: s.code }] },
    entry: facts.filter(([letter]) => letter === s.letter).map((line) => {
      const fullUrl = `urn:${entry.length}`;
      entry.push({ fullUrl, resource: resource(line) });
      return { reference: fullUrl };
    }),
  })).filter((s) => s.entry.length);
  const composition = { resourceType: 'Composition', status: 'final', type: { coding: [{ system: 'http://loinc.org', code: '60591-5' }] }, subject: { reference: 'urn:p' }, date, author: [{ reference: 'urn:p' }], title: t('hand.summary'), section };
  return { resourceType: 'Bundle', type: 'document', language: /^[A-Za-z-]{2,12}$/.test(lang ?? '') ? lang : undefined, entry: [{ fullUrl: 'urn:c', resource: composition }, ...entry] };
}

/** @param {string[]} line @returns {any} */
function resource([letter, text, detail, when]) {
  const date = dated(when ?? '');
  const note = detail ? [{ text: detail }] : undefined;
  const status = (/** @type {string} */ of) => ({ coding: [{ system: `http://terminology.hl7.org/CodeSystem/${of}`, code: 'active' }] });
  const p = { reference: 'urn:p' };
  switch (letter) {
    case 'a':
      return { resourceType: 'AllergyIntolerance', patient: p, code: { text }, clinicalStatus: status('allergyintolerance-clinical'), recordedDate: date, note };
    case 'c':
      return { resourceType: 'Condition', subject: p, code: { text }, clinicalStatus: status('condition-clinical'), recordedDate: date, note };
    case 'm':
      return { resourceType: 'MedicationStatement', status: 'active', subject: p, medicationCodeableConcept: { text }, effectiveDateTime: date, dosage: note };
    default:
      return { resourceType: 'Immunization', status: 'completed', patient: p, vaccineCode: { text }, occurrenceDateTime: date, note };
  }
}
