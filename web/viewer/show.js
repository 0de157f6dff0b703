// A document on the screen: who, what must be seen first, then every section in its order.
import { attachments, show as showAttachment } from './attachment.js';
import { byId, h, narrative } from './dom.js';
import { codings, concept, date, fields, obj, reference, str } from './fhir.js';
import { tidy } from './link.js';
import { plain, reduce } from './narrative.js';
import { person, typeName, view } from './views.js';

/**
 * @typedef {import('./fhir.js').Context} Context
 * @typedef {import('./document.js').Document} Document
 * @typedef {import('./document.js').Section} Section
 * @typedef {import('./views.js').View} View
 */

const firstRows = 150; // of one table; the others follow on demand

/**
 * @param {Context} c
 * @param {Document} d
 * @param {{n: number, of: number, issuer?: string, issued?: number}} place  which of several, and the card around it
 */
export function show(c, d, place) {
  c = { ...c, resolve: d.resolve };
  const id = `d${place.n}`;
  const sections = d.sections.map((s, i) => [s, sectionOf(c, s, `${id}s${i}`)]);
  const many = sections.filter(([s]) => !(/** @type {Section} */ (s).folded)).length > 3;
  const who = d.people[0] && person(c, d.people[0]);
  return h('article', { 'aria-labelledby': id },
    // At the head of every printed page; the screen has it once, below.
    h('div', { class: 'running', 'aria-hidden': 'true' }, h('b', null, who?.name), ` · ${who?.born ?? ''} · `, h('span', { class: 'printed' })),
    place.of > 1 && h('p', { class: 'nth' }, c.t('document.nth', { n: place.n, of: place.of })),
    header(c, d, id, place),
    d.people.length > 1 && !d.byKind.get('bundle') && h('p', { class: 'banner warn' }, c.t('people.several', { names: d.people.map((p) => person(c, p).name).join(', ') })),
    isRecord(d) && glance(c, d, id),
    many && h('nav', { class: 'jump', 'aria-label': c.t('jump') }, d.sections.map((s, i) => !s.folded && h('button', { type: 'button', class: 'chip', on: { click: () => go(`${id}s${i}`) } }, heading(c, s)[0]))),
    sections.map(([, el]) => el),
    !d.sections.length && !d.people.length && h('p', { class: 'banner warn' }, c.t('document.empty')));
}

/** @param {string} id */
function go(id) {
  const el = byId(id);
  const box = el.closest('details');
  if (box) box.open = true;
  el.focus({ preventScroll: true });
  el.scrollIntoView({ block: 'start' });
}

/** @param {Document} d  more than a single thing: worth a look at a glance */
const isRecord = (d) => d.root.resourceType === 'Bundle' && d.byKind.size > 0;

/** @param {Context} c @param {Document} d @param {string} id @param {{issuer?: string, issued?: number}} card */
function header(c, d, id, card) {
  const p = d.people[0] && person(c, d.people[0]);
  const title = str(obj(d.composition).title);
  const name = p?.name || (d.subject && reference(c, d.subject, d.root));
  const authors = d.authors.map((a) => reference(c, a, d.composition)).filter(Boolean).join(', ');
  const facts = p ? [[c.t('born'), p.born && (p.age ? `${p.born} (${p.age})` : p.born)], [c.t('sex'), p.sex], ['', p.died], [c.t('ids'), p.ids.join(' · ')]] : [];
  return h('header', { class: 'patient' },
    h('h2', { id, tabindex: '-1', dir: 'auto' }, name || c.t('people.none')),
    h('dl', { class: 'facts' }, facts.map(([k, v]) => v && h('div', null, h('dt', null, k), h('dd', { dir: 'auto' }, v)))),
    h('p', { class: 'made' },
      title && h('span', { dir: 'auto' }, title), d.made && h('span', null, c.t('made', { date: date(c, d.made) })),
      authors && h('span', { dir: 'auto' }, c.t('by', { who: authors }))),
    card.issuer !== undefined && h('p', { class: 'banner warn' },
      c.t('card', { who: tidy(card.issuer, 200) || '?', date: card.issued ? date(c, new Date(card.issued * 1000).toISOString().slice(0, 10)) : '?' })));
}

/**
 * Allergies, problems, medicines: what a doctor asks first. Only what is said to be so now; when nothing is said, that.
 * @param {Context} c
 * @param {Document} d
 * @param {string} id
 */
function glance(c, d, id) {
  const card = (/** @type {'allergy' | 'condition' | 'medicine'} */ kind, /** @type {string} */ sign) => {
    const past = new Set(d.sections.filter((s) => /past|family/.test(s.key)).flatMap((s) => s.entries));
    const views = (d.byKind.get(kind) ?? []).map((r) => view(c, r)).filter((v) => !v.void);
    const now = views.filter((v) => !v.inactive && !past.has(v.resource) && !(v.negated && v.badges.some((b) => b.tone === 'warn')));
    const seen = new Set();
    const rows = now.filter((v) => !seen.has(v.name + v.parts[0]?.text) && seen.add(v.name + v.parts[0]?.text));
    const old = views.length - now.length;
    const at = d.sections.findIndex((s) => s.key === `kind.${kind}`);
    const real = rows.some((v) => !v.negated);
    return h('section', { class: `card ${kind}${kind === 'allergy' && real ? ' alert' : ''}`, 'aria-labelledby': `${id}${kind}` },
      h('h3', { id: `${id}${kind}` }, h('span', { 'aria-hidden': 'true', class: 'sign' }, sign), c.t(`kind.${kind}`)),
      rows.length ? h('ul', null, rows.slice(0, 12).map((v) => glanceRow(c, v, kind))) : h('p', null, nothing(c, d, kind)),
      (rows.length > 12 || old > 0) && at >= 0 && h('p', null, h('button', { type: 'button', class: 'link', on: { click: () => go(`${id}s${at}`) } },
        c.t('glance.more', { n: Math.max(rows.length - 12, 0) + old }))));
  };
  return h('div', { class: 'glance' }, card('allergy', '⚠'), card('condition', '✚'), card('medicine', '℞'));
}

/** @param {Context} c @param {View} v @param {string} kind */
function glanceRow(c, v, kind) {
  const line = kind === 'medicine' ? v.parts.find((p) => p.strong)?.text : kind === 'allergy' ? v.parts.filter((p) => p.label).map((p) => p.text).join('; ') : v.when;
  const badges = v.badges.filter((b) => b.tone === 'danger' || b.tone === 'warn');
  return h('li', { dir: 'auto' }, h('strong', null, v.name), badges.map(badge), line && h('span', { class: 'sub' }, line));
}

/**
 * Why a card has nothing in it. Never mentioned is not the same as none.
 * @param {Context} c
 * @param {Document} d
 * @param {string} kind
 */
function nothing(c, d, kind) {
  const s = d.sections.find((x) => x.key === `kind.${kind}`);
  if (!s) return c.t('glance.silent');
  if (s.empty) return emptyReason(c, s.empty);
  const words = s.entries.length ? '' : plain(reduce(s.narrative).nodes);
  return words ? (words.length > 280 ? `${words.slice(0, 280)}…` : words) : c.t('glance.none-active');
}

/** @param {Context} c @param {any} reason */
function emptyReason(c, reason) {
  const code = codings(reason).map((k) => str(k.code))[0] ?? '';
  return c.t(`empty.${code}`, {}, c.t('empty', { why: concept(reason) }));
}

/**
 * In the reader's language where the section's code is known, and as its author wrote it where that differs.
 * @param {Context} c
 * @param {Section} s
 * @returns {[string, string]}
 */
function heading(c, s) {
  const own = s.key && c.t(s.key);
  if (!s.title) return [own || c.t('section.untitled'), ''];
  const same = s.lang ? s.lang.toLowerCase().startsWith(c.lang) : c.lang === 'en';
  return own && !same && own !== s.title ? [own, s.title] : [s.title, ''];
}

/** @param {Context} c @param {Section} s @param {string} id */
function sectionOf(c, s, id) {
  const [title, original] = heading(c, s);
  const head = h(s.depth ? 'h4' : 'h3', { id, tabindex: '-1', dir: 'auto' }, title, original && h('small', { lang: s.lang }, ` ${original}`));
  const nested = new Set();
  const entries = s.entries.map((r) => view(c, r));
  for (const v of entries) for (const u of v.under) nested.add(u);
  const rows = entries.filter((v) => !nested.has(v.resource) || v.under.length);
  const text = s.narrative && narrative(s.narrative, c.t('cut'), s.lang);
  const body = [
    rows.length > 0 && table(c, rows, title),
    s.missing.length > 0 && h('p', { class: 'note', dir: 'auto' }, c.t('section.missing', { names: s.missing.join('; ') })),
    s.empty !== undefined && h('p', { class: 'note' }, emptyReason(c, s.empty)),
    text && (rows.length ? h('details', { open: true, class: 'written' }, h('summary', null, c.t('section.written')), text) : text),
    !rows.length && !text && s.empty === undefined && !s.missing.length && h('p', { class: 'note' }, c.t('section.nothing')),
  ];
  if (s.folded) return h('section', { 'aria-labelledby': id }, h('details', { class: 'folded' }, h('summary', null, head), body));
  return h('section', { 'aria-labelledby': id, class: s.depth ? 'inner' : '' }, head, body);
}

/** @param {{word: string, tone: string}} b */
const badge = (b) => h('span', { class: `badge ${b.tone}` }, b.word);

/** @param {Context} c @param {View[]} views @param {string} caption */
function table(c, views, caption) {
  const body = h('tbody', { role: 'rowgroup' });
  let shown = 0;
  const more = h('button', { type: 'button', class: 'button quiet', on: { click: () => add(views.length) } });
  const add = (/** @type {number} */ upTo) => {
    for (; shown < Math.min(upTo, views.length); shown++) body.append(...rows(c, views[shown], 0, new Set()));
    more.remove();
  };
  const el = h('table', { class: 'entries', role: 'table' },
    h('caption', { class: 'sr' }, caption),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ['what', 'details', 'when'].map((k) => h('th', { role: 'columnheader', scope: 'col' }, c.t(`col.${k}`))))),
    body);
  add(firstRows);
  if (shown === views.length) return el;
  more.append(c.t('rows.more', { n: views.length - shown }));
  return h('div', null, el, more);
}

/**
 * One entry, and beneath it those it holds together (the results of a report).
 * @param {Context} c
 * @param {View} v
 * @param {number} depth
 * @param {Set<any>} above  what stands in this entry already: each resource once, or forty that all hold one another are
 *   millions of rows
 * @returns {Node[]}
 */
function rows(c, v, depth, above) {
  const r = v.resource;
  const own = str(obj(r.text).div);
  // What has no coded words of its own speaks through its narrative, unless that only says its name again.
  const says = own && !v.parts.length ? plain(reduce(own).nodes) : '';
  const aloud = says.length > v.name.length + 20 || (says !== '' && !says.startsWith(v.name));
  const full = h('tr', { role: 'row', class: 'full', hidden: true });
  const open = h('button', { type: 'button', class: 'name', dir: 'auto', 'aria-expanded': 'false', on: { click: () => toggle(c, v, open, full, aloud ? '' : own) } },
    v.void ? h('s', null, v.name) : v.name, h('span', { class: 'sr' }, ` (${c.t('row.all')})`));
  const line = h('tr', { role: 'row', class: [v.void && 'void', v.inactive && 'past', v.negated && 'negated', depth && 'under'].filter(Boolean).join(' ') },
    h('th', { role: 'rowheader', scope: 'row' }, open, v.badges.map(badge)),
    h('td', { role: 'cell' },
      v.parts.map((p) => h('div', { class: `part ${p.tone ?? ''}`, dir: 'auto' }, p.label && h('span', { class: 'label' }, `${p.label}: `), p.strong ? h('strong', null, p.text) : p.text)),
      aloud && narrative(own, c.t('cut'), str(r.language)),
      attachments(r).map((a) => showAttachment(c, a, r))),
    h('td', { role: 'cell', class: 'date' }, v.when));
  above.add(r);
  const under = depth > 3 ? [] : v.under.filter((u) => !above.has(u) && above.add(u)).flatMap((u) => rows(c, view(c, u), depth + 1, above));
  return [line, full, ...under];
}

/**
 * Everything the entry holds, made when it is asked for.
 * @param {Context} c
 * @param {View} v
 * @param {HTMLElement} open
 * @param {HTMLElement} full
 * @param {string} own  its narrative, where that is not shown yet
 */
function toggle(c, v, open, full, own) {
  const show = full.hidden;
  if (show && !full.firstChild) {
    full.append(h('td', { role: 'cell', colspan: '3' },
      h('p', { class: 'label' }, typeName(c, v.type)),
      own && narrative(own, c.t('cut'), str(v.resource.language)),
      list(fields(c, v.resource, v.resource))));
  }
  full.hidden = !show;
  open.setAttribute('aria-expanded', String(show));
}

/** @param {import('./fhir.js').Field[]} all @returns {HTMLElement} */
function list(all) {
  return h('dl', { class: 'fields' }, all.map((f) => h('div', null, h('dt', null, f.label), h('dd', { dir: 'auto' }, f.text ?? list(f.sub ?? [])))));
}

