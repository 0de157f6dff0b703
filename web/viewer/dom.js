// The only place where elements are made. Text becomes text nodes; nothing is ever parsed as markup.
import { reduce } from './narrative.js';

/**
 * @param {string} tag
 * @param {Record<string, any> | null} [props]  attributes; "on" holds listeners; false and undefined are left out
 * @param {...(Node | string | false | undefined | null | (Node | string | false | undefined | null)[])} kids
 * @returns {any}
 */
export function h(tag, props, ...kids) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(props ?? {})) {
    if (v === undefined || v === false || v === '') continue;
    if (k === 'on') for (const [type, f] of Object.entries(v)) el.addEventListener(type, /** @type {EventListener} */ (f));
    else el.setAttribute(k, v === true ? '' : String(v));
  }
  el.append(.../** @type {(Node | string)[]} */ (kids.flat().filter((k) => k !== false && k !== undefined && k !== null && k !== '')));
  return el;
}

/**
 * A narrative, built anew. A wide table scrolls in its own box, so that the page never does.
 * @param {string} xhtml
 * @param {string} cut   what to say when it is too long
 * @param {string} [lang]
 */
export function narrative(xhtml, cut, lang) {
  const { nodes, cut: short } = reduce(xhtml);
  return h('div', { class: 'narrative', lang, dir: 'auto' }, nodes.map(build), short && h('p', { class: 'note' }, cut));
}

/** @param {import('./narrative.js').Node} n @returns {Node} */
function build(n) {
  if (!n.tag) return document.createTextNode(n.text);
  const el = h(n.tag, { colspan: n.colspan, rowspan: n.rowspan }, n.children.map(build));
  return n.tag === 'table' ? h('div', { class: 'wide', tabindex: '0' }, el) : el;
}

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
