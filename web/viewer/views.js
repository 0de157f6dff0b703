// What a reader needs of one resource: a name, the few parts that matter, when, and whether it is to be believed.
// The whole resource stands below it as labelled fields (fhir.js), so a view may be short without losing anything.
import { any, bestName, choice, codings, concept, coded, date, dosage, fields, join, list, nameOf, obj, period, range, reference, str, words } from './fhir.js';
import { measure } from './words.js';

/**
 * @typedef {import('./fhir.js').Context} Context
 * @typedef {'danger' | 'warn' | 'quiet' | 'good' | ''} Tone
 * @typedef {{label?: string, text: string, tone?: Tone, strong?: boolean}} Part
 * @typedef {object} View
 * @property {any} resource
 * @property {string} type
 * @property {string} name
 * @property {{word: string, tone: Tone}[]} badges
 * @property {Part[]} parts
 * @property {string} when
 * @property {string} sortDate  ISO, for newest first
 * @property {boolean} void      entered in error: struck out, never a fact
 * @property {boolean} inactive
 * @property {boolean} negated   a known absence, or something that was not done
 * @property {any[]} under       resources shown as rows beneath it
 */

/** Which drawer a resource belongs to, in the order in which a page opens them. */
export const kinds = ['allergy', 'condition', 'medicine', 'immunization', 'result', 'vital', 'procedure', 'visit', 'plan', 'appointment',
  'device', 'document', 'social', 'family', 'other', 'supporting'];

/** @type {Record<string, string>} */
const kindOf = {
  AllergyIntolerance: 'allergy', Condition: 'condition', MedicationRequest: 'medicine', MedicationStatement: 'medicine',
  MedicationUsage: 'medicine', MedicationAdministration: 'medicine', MedicationDispense: 'medicine', Immunization: 'immunization',
  ImmunizationRecommendation: 'immunization', ImmunizationEvaluation: 'immunization', DiagnosticReport: 'result',
  Procedure: 'procedure', ImagingStudy: 'procedure', Encounter: 'visit', EpisodeOfCare: 'visit', CarePlan: 'plan', Goal: 'plan', CareTeam: 'plan',
  ServiceRequest: 'plan', Appointment: 'appointment', DeviceUseStatement: 'device', DocumentReference: 'document', Binary: 'document',
  Media: 'document', FamilyMemberHistory: 'family',
  Medication: 'supporting', Device: 'supporting', Organization: 'supporting', Practitioner: 'supporting', PractitionerRole: 'supporting', Location: 'supporting',
  Specimen: 'supporting', RelatedPerson: 'supporting', Provenance: 'supporting', Patient: 'supporting', Composition: 'supporting',
};

/** @param {any} r */
export function kind(r) {
  if (r.resourceType === 'Observation') {
    return coded(r.category, 'vital-signs') ? 'vital' : coded(r.category, 'social-history') ? 'social' : 'result';
  }
  const type = str(r.resourceType);
  return Object.hasOwn(kindOf, type) ? kindOf[type] : 'other';
}

/** SNOMED CT "no known …" (IPS 2.0.1, Known absence), their finer kin, and the absent-unknown system of IPS 1.x. */
const noneKnown = ['160245001', '716186003', '787481004', '787480003', '787482006', '787483001', '409137002', '429625007', '428607008', '1003774007'];
const noInfo = ['1287211007'];

/** Statuses that say nothing a reader needs. */
const plainStatus = ['final', 'completed', 'current', 'confirmed', 'finished', 'amended', 'corrected', 'generated', 'available'];
const goneStatus = ['inactive', 'resolved', 'remission', 'stopped', 'completed', 'cancelled', 'finished', 'revoked', 'superseded', 'not-taken', 'not-done', 'ended'];

/** Interpretation codes (v3 ObservationInterpretation): which way, and how bad. @type {Record<string, [string, Tone]>} */
const flags = {
  H: ['▲', 'warn'], L: ['▼', 'warn'], HH: ['▲▲', 'danger'], LL: ['▼▼', 'danger'],
  A: ['!', 'warn'], AA: ['!!', 'danger'], N: ['', 'good'], POS: ['', ''], NEG: ['', ''], R: ['', 'warn'], S: ['', ''], I: ['', ''],
};

/**
 * @param {Context} c
 * @param {any} r
 * @returns {View}
 */
export function view(c, r) {
  const type = str(r.resourceType);
  /** @type {View} */
  const v = {
    resource: r, type, name: '', badges: [], parts: [], when: '', sortDate: '', void: false, inactive: false, negated: false, under: [],
  };
  try {
    status(c, r, v);
    (Object.hasOwn(of, type) ? of[type] : unknown)(c, r, v);
    if (!v.when) when(c, r, v);
  } catch {
    v.parts = []; // odd in a way not foreseen: its fields are still shown
  }
  v.name ||= nameOf(r) || typeName(c, type);
  return v;
}

/** @param {Context} c @param {string} type */
export const typeName = (c, type) => c.t(`type.${type}`, {}, words(type));

/** @param {Context} c @param {string} s */
const statusWord = (c, s) => c.t(`status.${s}`, {}, words(s));

/** @param {Context} c @param {any} r @param {View} v */
function status(c, r, v) {
  const clinical = codings(r.clinicalStatus).map((k) => str(k.code))[0];
  const verified = codings(r.verificationStatus).map((k) => str(k.code))[0];
  const own = str(r.status) || str(r.lifecycleStatus) || str(r.docStatus);
  v.void = [own, verified, str(r.docStatus)].includes('entered-in-error');
  if (v.void) return void v.badges.push({ word: statusWord(c, 'entered-in-error'), tone: 'danger' });
  if (r.doNotPerform === true) {
    v.negated = true;
    v.badges.push({ word: c.t('status.do-not'), tone: 'danger' });
  }
  for (const s of [verified, clinical, own]) {
    if (!s || plainStatus.includes(s)) continue;
    const no = s === 'refuted' || s === 'not-done' || s === 'not-taken';
    if (no) v.negated = true;
    v.badges.push({ word: statusWord(c, s), tone: no ? 'warn' : 'quiet' });
  }
  v.inactive = goneStatus.includes(clinical || own) && !['Observation', 'DiagnosticReport', 'Immunization', 'Procedure', 'Encounter'].includes(v.type);
  const about = [r.code, r.vaccineCode, choice(r, 'medication')[1]];
  const absent = about.some((x) => coded(x, ...noneKnown) || codings(x).some((k) => /^no-known/.test(str(k.code))));
  const unknown = about.some((x) => coded(x, ...noInfo) || codings(x).some((k) => /^no-\w+-info/.test(str(k.code))));
  if (!absent && !unknown) return;
  v.negated = true;
  v.badges = [{ word: c.t(absent ? 'status.none-known' : 'status.no-info'), tone: absent ? 'quiet' : 'warn' }];
}

const dates = ['effective', 'performed', 'occurrence', 'occurred', 'onset', 'period', 'start', 'authoredOn', 'whenHandedOver', 'date', 'issued', 'recordedDate', 'recorded', 'created', 'timing'];

/** @param {Context} c @param {any} r @param {View} v @param {string[]} [order] */
function when(c, r, v, order = dates) {
  for (const stem of order) {
    const [k, d] = choice(r, stem);
    if (!k) continue;
    v.when = typeof d === 'string' ? date(c, d) : any(c, d, k, r);
    const iso = typeof d === 'string' ? d : str(obj(d).start) || str(obj(d).end);
    v.sortDate = /^\d{4}/.test(iso) ? iso : '';
    if (v.when) return;
  }
}

/** @param {View} v @param {string} text @param {string} [label] @param {Tone} [tone] */
const part = (v, text, label, tone) => void (text && v.parts.push({ text, label, tone }));

/** @param {Context} c @param {any} r @param {any} xs */
const refs = (c, r, xs) => join(list(xs).map((x) => reference(c, obj(x).actor ?? obj(x).individual ?? x, r)), '; ');
/** @param {any} r */
const notes = (r) => join(list(r.note).map((n) => str(obj(n).text) || str(n)), ' · ');

/** @type {Record<string, (c: Context, r: any, v: View) => void>} */
const of = {
  AllergyIntolerance(c, r, v) {
    v.name = concept(r.code);
    if (r.criticality === 'high' && !v.void && !v.negated) v.badges.unshift({ word: c.t('criticality.high'), tone: 'danger' });
    for (const x of list(r.reaction).map(obj)) {
      const severe = str(x.severity);
      part(v, join([concept(list(x.manifestation)), severe && c.t(`severity.${severe}`, {}, severe), str(x.description)]), c.t('f.reaction'), severe === 'severe' ? 'danger' : '');
    }
    part(v, join([...list(r.category), r.type].map((k) => k && c.t(`allergy.${str(k) || concept(k)}`, {}, str(k) || concept(k)))));
    part(v, date(c, r.lastOccurrence), c.t('f.last'));
    part(v, notes(r));
    when(c, r, v, ['onset', 'recordedDate']);
  },
  Condition(c, r, v) {
    v.name = concept(r.code);
    part(v, concept(r.severity), c.t('f.severity'));
    part(v, concept(list(r.bodySite)));
    const [k, end] = choice(r, 'abatement');
    part(v, k && any(c, end, k, r), c.t('f.ended'));
    part(v, notes(r));
    when(c, r, v, ['onset', 'recordedDate']);
    if (v.when && choice(r, 'onset')[0] && /^\w/.test(v.when) && typeof choice(r, 'onset')[1] === 'string') v.when = c.t('since', { date: v.when });
  },
  Immunization(c, r, v) {
    v.name = concept(r.vaccineCode);
    for (const p of list(r.protocolApplied).map(obj)) {
      const [, n] = choice(p, 'doseNumber');
      const [, series] = choice(p, 'seriesDoses');
      part(v, str(n) && (series ? c.t('dose.of', { x: str(n), y: str(series) }) : c.t('dose.n', { x: str(n) })));
      part(v, concept(list(p.targetDisease)), c.t('f.against'));
    }
    part(v, concept(r.statusReason) || concept(r.reasonCode), c.t('f.reason'));
    part(v, str(r.lotNumber), c.t('f.lot'));
    part(v, reference(c, r.manufacturer, r));
    part(v, concept(r.site));
    part(v, notes(r));
  },
  Observation(c, r, v) {
    v.name = concept(r.code);
    result(c, r, v.parts, r);
    for (const x of list(r.component).map(obj)) {
      /** @type {Part[]} */
      const parts = [];
      result(c, x, parts, r);
      parts.forEach((p, i) => v.parts.push(i ? p : { ...p, label: concept(x.code) }));
    }
    part(v, notes(r));
    v.under = list(r.hasMember).map((m) => c.resolve(obj(m).reference, r)).filter(Boolean);
  },
  DiagnosticReport(c, r, v) {
    v.name = concept(r.code);
    part(v, str(r.conclusion), c.t('f.conclusion'));
    part(v, concept(list(r.conclusionCode)), c.t('f.conclusion'));
    part(v, refs(c, r, r.performer));
    v.under = list(r.result).map((m) => c.resolve(obj(m).reference, r)).filter(Boolean);
    for (const m of list(r.result)) if (!c.resolve(obj(m).reference, r)) part(v, reference(c, m, r));
  },
  Procedure(c, r, v) {
    v.name = concept(r.code);
    part(v, concept(r.statusReason), c.t('f.reason'));
    part(v, concept(list(r.bodySite)));
    part(v, concept(list(r.reasonCode)), c.t('f.reason'));
    part(v, concept(r.outcome), c.t('f.outcome'));
    part(v, notes(r));
  },
  Encounter(c, r, v) {
    v.name = concept(list(r.type)) || concept(r.class) || concept(list(r.serviceType));
    part(v, v.name === concept(r.class) ? '' : concept(r.class));
    part(v, concept(list(r.reasonCode)), c.t('f.reason'));
    part(v, reference(c, r.serviceProvider, r));
    part(v, join(list(r.location).map((l) => reference(c, obj(l).location, r))));
    part(v, concept(obj(r.hospitalization ?? r.admission).dischargeDisposition), c.t('f.outcome'));
  },
  CarePlan(c, r, v) {
    v.name = str(r.title) || concept(list(r.category));
    part(v, str(r.description));
    for (const a of list(r.activity).map(obj)) {
      const d = obj(a.detail);
      part(v, join([str(d.description) || concept(d.code) || reference(c, a.reference, r), d.status && statusWord(c, str(d.status))]), c.t('f.activity'));
    }
    part(v, join(list(r.goal).map((g) => reference(c, g, r)), '; '), c.t('type.Goal'));
    part(v, notes(r));
  },
  Goal(c, r, v) {
    v.name = concept(r.description);
    for (const t of list(r.target).map(obj)) {
      const [k, d] = choice(t, 'detail');
      const [dk, due] = choice(t, 'due');
      part(v, join([concept(t.measure), k && any(c, d, k, r), dk && any(c, due, dk, r)]), c.t('f.target'));
    }
    when(c, r, v, ['start', 'statusDate']);
  },
  DocumentReference(c, r, v) {
    v.name = str(r.description) || str(obj(obj(list(r.content)[0]).attachment).title) || concept(r.type);
    part(v, v.name === concept(r.type) ? '' : concept(r.type));
    part(v, refs(c, r, r.author), c.t('f.author'));
    when(c, r, v, ['date', 'indexed', 'created']);
  },
  DeviceUseStatement(c, r, v) {
    v.name = reference(c, r.device, r);
    part(v, concept(r.bodySite));
  },
  Device(c, r, v) {
    v.name = nameOf(r) || concept(r.type);
    part(v, v.name === concept(r.type) ? '' : concept(r.type));
    part(v, join([str(r.manufacturer), str(r.modelNumber)]));
    part(v, str(r.serialNumber), c.t('f.serial'));
    part(v, str(r.lotNumber), c.t('f.lot'));
  },
  Appointment(c, r, v) {
    v.name = str(r.description) || concept(list(r.serviceType)) || concept(r.appointmentType);
    part(v, refs(c, r, r.participant));
    v.when = period(c, r);
    v.sortDate = str(r.start);
  },
  FamilyMemberHistory(c, r, v) {
    v.name = join([concept(r.relationship), str(r.name)]);
    for (const x of list(r.condition).map(obj)) {
      const [k, at] = choice(x, 'onset');
      part(v, join([concept(x.code), k && any(c, at, k, r), concept(x.outcome)]));
    }
    const [k, died] = choice(r, 'deceased');
    part(v, k && died !== false ? any(c, died, k, r) : '', c.t('f.died'));
    part(v, notes(r));
  },
  Medication(c, r, v) {
    v.name = concept(r.code);
    part(v, concept(r.form ?? r.doseForm));
    for (const i of list(r.ingredient).map(obj)) {
      const [, item] = choice(i, 'item');
      part(v, concept(item) || reference(c, item, r));
    }
  },
  Patient(c, r, v) {
    v.name = bestName(r.name);
    part(v, date(c, r.birthDate), c.t('born'));
    part(v, str(r.gender) && c.t(`sex.${str(r.gender)}`, {}, str(r.gender)));
  },
};
for (const t of ['MedicationRequest', 'MedicationStatement', 'MedicationUsage', 'MedicationAdministration', 'MedicationDispense']) of[t] = medicine;

/** @param {Context} c @param {any} r @param {View} v */
function medicine(c, r, v) {
  const [, m] = choice(r, 'medication');
  v.name = concept(m) || reference(c, m, r);
  const doses = [...list(r.dosage), ...list(r.dosageInstruction)].map((d) => (r.resourceType === 'MedicationAdministration' ? dosage(c, { ...obj(d), doseQuantity: obj(d).dose }) : dosage(c, d)));
  for (const d of doses) v.parts.push({ text: d, strong: true });
  v.parts = v.parts.filter((p) => p.text);
  part(v, join([...list(r.reasonCode), ...list(r.reason)].map(concept)), c.t('f.reason'));
  part(v, concept(r.statusReason), c.t('f.reason'));
  part(v, notes(r));
  when(c, r, v, ['effective', 'occurrence', 'whenHandedOver', 'authoredOn', 'dateAsserted']);
}

/**
 * Value, flag and range of an Observation or of one of its components.
 * @param {Context} c
 * @param {any} o
 * @param {Part[]} parts
 * @param {any} from
 */
function result(c, o, parts, from) {
  const [k, value] = choice(o, 'value');
  let text = k ? any(c, value, k, from) : '';
  if (k && !text) text = fields(c, value, from).map((f) => `${f.label}: ${f.text ?? '…'}`).join(', ');
  if (!text && o.dataAbsentReason) {
    const code = codings(o.dataAbsentReason).map((x) => str(x.code))[0] ?? '';
    parts.push({ text: c.t('absent', { why: c.t(`absent.${code}`, {}, concept(o.dataAbsentReason)) }), tone: 'quiet' });
  }
  if (text) parts.push({ text, strong: true });
  for (const i of list(o.interpretation)) {
    const code = codings(i).map((x) => str(x.code)).find((x) => Object.hasOwn(flags, x)) ?? '';
    const [sign, tone] = flags[code] ?? ['', /** @type {Tone} */ ('')];
    const word = c.t(`flag.${code}`, {}, concept(i));
    if (word) parts.push({ text: sign ? `${sign} ${word}` : word, tone, strong: tone === 'danger' });
  }
  for (const x of list(o.referenceRange).map(obj)) {
    const limits = measure(c.lang, str(x.text) || range(x));
    if (limits) parts.push({ text: join([limits, concept(x.type), concept(list(x.appliesTo))]), label: c.t('f.range'), tone: 'quiet' });
  }
}

/**
 * A resource there is no view for: its name and its first short elements.
 * @param {Context} c
 * @param {any} r
 * @param {View} v
 */
function unknown(c, r, v) {
  v.name = nameOf(r);
  if (v.name) v.parts.push({ text: typeName(c, v.type), tone: 'quiet' });
  const skip = ['id', 'status', 'meta', 'language', 'implicitRules', 'subject', 'patient', 'identifier'];
  const rest = Object.fromEntries(Object.entries(r).filter(([k]) => !skip.includes(k)));
  for (const f of fields(c, rest, r).filter((f) => f.text && f.text !== v.name && f.text.length < 120).slice(0, 4)) part(v, f.text ?? '', f.label);
}

/**
 * @typedef {{name: string, born: string, age: string, sex: string, ids: string[], died: string}} Person
 */

/**
 * @param {Context} c
 * @param {any} p  Patient
 * @returns {Person}
 */
export function person(c, p) {
  const [k, died] = choice(p, 'deceased');
  const born = str(p.birthDate);
  return {
    name: bestName(p.name),
    born: date(c, born),
    age: died && died !== false ? '' : age(c, born),
    sex: str(p.gender) && c.t(`sex.${str(p.gender)}`, {}, str(p.gender)),
    ids: list(p.identifier).map(obj).map((i) => join([concept(i.type) || str(obj(i.assigner).display), str(i.value)], ' ')).filter(Boolean).slice(0, 4),
    died: k && died !== false ? c.t('died', { date: died === true ? '' : any(c, died, k, p) }) : '',
  };
}

/** @param {Context} c @param {string} born */
function age(c, born) {
  const m = /^(\d{4})-(\d\d)(?:-(\d\d))?/.exec(born);
  if (!m) return '';
  const today = new Date(c.now);
  const months = (today.getFullYear() - +m[1]) * 12 + today.getMonth() + 1 - +m[2] - (today.getDate() < +(m[3] || 1) ? 1 : 0);
  if (months < 0 || months > 1560) return '';
  return months < 24 ? c.t('time.mo', { n: months }) : c.t('time.a', { n: Math.floor(months / 12) });
}
