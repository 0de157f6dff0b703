// The form of a request: one of what is asked for most, or anything in between.
import { Fault, asFault } from './bytes.js';
import { byId, h } from './dom.js';
import { alert } from './desk.js';
import { groups, presets, purposes } from './request.js';

/** @typedef {import('./desk.js').Room} Room */
/** @typedef {import('./request.js').Draft} Draft */

/** @typedef {Draft & {preset: string, usual: string}} Form  usual: the notice that the preset has in this language */

/** What was typed last: the next person in the queue is asked for the same, but for who they are. @type {Form | null} */
let draft = null;

/** @param {string} preset @param {string} usual @param {string} why @returns {Form} */
const of = (preset, usual, why) => ({ why, from: '', to: '', notice: usual, usual, about: '', ...presets[preset], preset });

/** Whether a request can go into a code. Throws Fault: drop-expired, drop-system. @param {import('./drop-code.js').Code} code @param {number} now */
export function usable(code, now) {
  if (code.exp * 1000 <= now) throw new Fault('drop-expired');
  if (!code.key) throw new Fault('drop-system');
}

/** @param {Room} room @param {(d: Draft) => Promise<void>} ask @returns {Node[]} */
export function picture(room, ask) {
  const { page: { t, heading }, go } = room;
  draft ??= of('today', t('desk.notice.today'), '');
  const d = draft;
  const usual = t(`desk.notice.${d.preset}`);
  if (d.notice === d.usual) d.notice = usual; // in the language that is spoken now
  d.usual = usual;
  const fault = h('div', { id: 'desk-fault' });
  const submit = async (/** @type {Event} */ e) => {
    e.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (byId('desk-ask'));
    button.disabled = true;
    fault.replaceChildren(h('p', { class: 'wait', role: 'status' }, t('desk.form.busy')));
    try {
      await ask(d);
      d.about = '';
    } catch (err) {
      fault.replaceChildren(alert(t, asFault(err, 'offline')));
      button.disabled = false;
      fault.scrollIntoView({ block: 'center' });
    }
  };
  const choose = (/** @type {string} */ p) => {
    draft = { ...of(p, t(`desk.notice.${p}`), d.why), about: d.about };
    go('new');
    byId(`preset-${p}`).focus();
  };
  return [heading('desk.form.title'),
    h('form', { id: 'desk-form', autocomplete: 'off', on: { submit } },
      h('fieldset', null, h('legend', null, t('desk.form.preset')), Object.keys(presets).map((p) => radio(t, 'preset', p, d.preset === p, `desk.preset.${p}`, () => choose(p)))),
      text(t, 'about', d, { maxlength: '120' }),
      h('p', { class: 'desk-sum', id: 'desk-sum' }, summary(t, d)),
      h('details', { id: 'desk-more' }, h('summary', null, t('desk.form.more')), more(room, d)),
      fault,
      h('div', { class: 'actions' },
        h('button', { type: 'submit', class: 'button big', id: 'desk-ask' }, t('desk.form.go')),
        h('button', { type: 'button', class: 'button quiet', id: 'desk-cancel', on: { click: () => go('list') } }, t('cancel'))))];
}

/** In one sentence what the person will be asked. @param {import('./words.js').Say} t @param {Draft} d */
export const summary = (t, d) => [t(`purpose.${d.purpose}`), d.groups.map((g) => t(`group.${g}`)).join(', '), t(`desk.repeat.${d.repeat}`), t(`desk.after.${d.after}`), t('desk.days', { n: d.days })].join(' · ');

/** @param {Room} room @param {Draft} d */
function more({ page: { t } }, d) {
  const told = () => byId('desk-sum').replaceChildren(summary(t, d));
  const set = (/** @type {'purpose' | 'repeat' | 'after'} */ k) => (/** @type {string} */ v) => {
    /** @type {any} */ (d)[k] = v;
    told();
  };
  const tick = (/** @type {string} */ g) => (/** @type {Event} */ e) => {
    const on = /** @type {HTMLInputElement} */ (e.target).checked;
    d.groups = Object.keys(groups).filter((k) => (k === g ? on : d.groups.includes(k)));
    told();
  };
  const days = h('select', { id: 'days', on: { change: () => { d.days = Number(days.value); told(); } } }, [1, 3, 7, 30].map((n) => h('option', { value: String(n), selected: n === d.days }, t('desk.days', { n }))));
  return [
    h('fieldset', null, h('legend', null, t('desk.form.purpose')), purposes.map((p) => radio(t, 'purpose', p, d.purpose === p, `purpose.${p}`, () => set('purpose')(p)))),
    text(t, 'why', d, { maxlength: '200' }),
    h('fieldset', null, h('legend', null, t('desk.form.kinds')), Object.keys(groups).map((g) => h('label', { class: 'tick' }, h('input', { type: 'checkbox', id: `group-${g}`, checked: d.groups.includes(g), on: { change: tick(g) } }), h('span', null, t(`group.${g}`))))),
    text(t, 'from', d, { type: 'date' }), text(t, 'to', d, { type: 'date' }),
    h('fieldset', null, h('legend', null, t('desk.form.after')), ['view', 'keep'].map((v) => radio(t, 'after', v, d.after === v, `desk.after.${v}`, () => set('after')(v)))),
    h('fieldset', null, h('legend', null, t('desk.form.repeat')), ['once', 'follow'].map((v) => radio(t, 'repeat', v, d.repeat === v, `desk.repeat.${v}`, () => set('repeat')(v)))),
    h('label', { for: 'days' }, t('desk.form.days')), h('p', { class: 'note' }, t('desk.form.days-help')), days,
    text(t, 'notice', d, { rows: '4', maxlength: '600' }),
  ];
}

/** @param {import('./words.js').Say} t @param {string} name @param {string} value @param {boolean} on @param {string} key @param {() => void} chosen */
function radio(t, name, value, on, key, chosen) {
  return h('label', { class: 'tick' }, h('input', { type: 'radio', name, id: `${name}-${value}`, value, checked: on, on: { change: chosen } }),
    h('span', null, t(key), name === 'preset' && h('span', { class: 'sub' }, t(`${key}-text`))));
}

/** @param {import('./words.js').Say} t @param {'about' | 'why' | 'from' | 'to' | 'notice'} id @param {Draft} d @param {Record<string, string>} more */
function text(t, id, d, more) {
  const box = h(id === 'notice' ? 'textarea' : 'input', { id, type: id === 'notice' ? false : 'text', autocomplete: 'off', dir: 'auto', 'aria-describedby': `${id}-help`, ...more, on: { input: () => { d[id] = box.value; } } });
  box.value = d[id];
  return h('div', null, h('label', { for: id }, t(`desk.form.${id}`)), h('p', { class: 'note', id: `${id}-help` }, t(`desk.form.${id}-help`)), box);
}
