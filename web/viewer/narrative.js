// FHIR narrative is XHTML written by strangers. It is read here by a tokenizer of our own into a small tree of
// allowed elements, without attributes; the page builds new elements from the tree. Nothing is copied, so what is
// not understood cannot get through: it is text or it is gone.

/**
 * @typedef {object} Node
 * @property {string} tag        "" for text
 * @property {string} text
 * @property {Node[]} children
 * @property {number} [colspan]
 * @property {number} [rowspan]
 */

const words = (/** @type {string} */ s) => new Set(s.split(' '));
const kept = words('div p span br hr b strong i em u small sub sup ul ol li dl dt dd table caption thead tbody tfoot tr th td pre code blockquote h4');
/** Elements kept under another name. A heading of a narrative stands below those of the page. */
const renamed = new Map(Object.entries({ h1: 'h4', h2: 'h4', h3: 'h4', h5: 'h4', h6: 'h4', tt: 'code', samp: 'code', kbd: 'code', strike: 'span', big: 'span', q: 'span' }));
const empty = words('br hr img input col wbr meta link base area param source track embed frame');
/** Elements whose content is not meant to be read. */
const dropped = words('script style template noscript iframe object applet svg math head title select textarea audio video canvas');

const maxDepth = 48;
const maxNodes = 50_000;

/**
 * @param {string} xhtml  Narrative.div
 * @returns {{nodes: Node[], cut: boolean}}  cut: longer than a page can show
 */
export function reduce(xhtml) {
  /** @type {Node} */
  const root = { tag: '', text: '', children: [] };
  /** @type {{name: string, node: Node}[]} */
  const open = [{ name: '', node: root }];
  let count = 0;
  const top = () => open[open.length - 1].node;
  /** @param {Node} node */
  const add = (node) => {
    count++;
    top().children.push(node);
  };
  /** @param {string} s */
  const say = (s) => s && add({ tag: '', text: unescape(s), children: [] });

  let lower = '';
  /** @type {Set<string>} */
  const endless = new Set(); // so that a thousand of them do not each search to the end
  let i = 0;
  while (i < xhtml.length && count < maxNodes) {
    const lt = xhtml.indexOf('<', i);
    if (lt < 0) break;
    say(xhtml.slice(i, lt));
    i = lt;
    const special = skip(xhtml, lt);
    if (special) {
      if (special.text) add({ tag: '', text: special.text, children: [] });
      i = special.next;
      continue;
    }
    const tag = scan(xhtml, lt);
    if (!tag) {
      say('<');
      i = lt + 1;
      continue;
    }
    if (tag.end < 0) break; // a tag that never ends: what is left is text
    i = tag.end + 1;
    const { name } = tag;
    if (tag.closing) {
      const at = open.findLastIndex((o) => o.name === name);
      if (at > 0) open.length = at;
      continue;
    }
    const inner = xhtml.slice(lt, tag.end + 1);
    if (name === 'img') {
      const alt = /\salt\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(inner);
      if (alt) say(`[${alt[1] ?? alt[2]}]`);
      continue;
    }
    const leaf = inner.endsWith('/>') || empty.has(name);
    if (dropped.has(name)) {
      if (leaf) continue;
      // Without an end it is a stray tag: its content stays, as text.
      if (!endless.has(name)) {
        lower ||= xhtml.toLowerCase();
        const close = lower.indexOf('</' + name, i);
        if (close >= 0) i = close;
        else endless.add(name);
      }
      continue;
    }
    const as = renamed.get(name) ?? name;
    /** @type {Node} */
    const node = { tag: as, text: '', children: [] };
    if (as === 'td' || as === 'th') {
      for (const [, which, n] of inner.matchAll(/\s(colspan|rowspan)\s*=\s*["']?(\d{1,3})\b/gi)) {
        node[/** @type {'colspan' | 'rowspan'} */ (which.toLowerCase())] = Math.min(Math.max(+n, 1), 100);
      }
    }
    // An element that is not allowed, or too deep, lends its place to its content.
    const shown = kept.has(as) && open.length < maxDepth;
    if (shown) add(node);
    if (!leaf && open.length < 10 * maxDepth) open.push({ name, node: shown ? node : top() });
  }
  if (count < maxNodes) say(xhtml.slice(i));
  return { nodes: root.children, cut: count >= maxNodes };
}

/**
 * Comments, declarations and processing instructions vanish; CDATA is text.
 * @param {string} s
 * @param {number} i
 */
function skip(s, i) {
  for (const [from, to] of [['<!--', '-->'], ['<![CDATA[', ']]>'], ['<!', '>'], ['<?', '>']]) {
    if (!s.startsWith(from, i)) continue;
    const end = s.indexOf(to, i + from.length);
    const text = from === '<![CDATA[' ? s.slice(i + from.length, end < 0 ? s.length : end) : '';
    return { text, next: end < 0 ? s.length : end + to.length };
  }
  return null;
}

/**
 * Finds the end of a tag; a ">" inside quotes does not end it.
 * @param {string} s
 * @param {number} i
 */
function scan(s, i) {
  const name = /^<(\/?)(?:[a-z][\w.-]*:)?([a-z][\w.-]*)(?=[\s/>])/i.exec(s.slice(i, i + 64));
  if (!name) return null;
  let quote = '';
  let end = -1;
  for (let j = i + name[0].length; j < s.length; j++) {
    const c = s[j];
    if (quote) {
      if (c === quote) quote = '';
    } else if (c === '>') {
      end = j;
      break;
    } else if (c === '"' || c === "'") quote = c;
  }
  return { closing: name[1] !== '', name: name[2].toLowerCase(), end };
}

/** Names that FHIR narrative may use without declaring them, as far as people do; letters with accents are put together. */
const entities = new Map(Object.entries({
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', ndash: '–', mdash: '—', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”',
  laquo: '«', raquo: '»', bull: '•', middot: '·', hellip: '…', euro: '€', pound: '£', copy: '©', reg: '®', trade: '™', sect: '§', deg: '°',
  plusmn: '±', micro: 'µ', times: '×', divide: '÷', sup2: '²', sup3: '³', frac12: '½', frac14: '¼', frac34: '¾', ordf: 'ª', ordm: 'º', szlig: 'ß',
  aelig: 'æ', AElig: 'Æ', oslash: 'ø', Oslash: 'Ø', iexcl: '¡', iquest: '¿', le: '≤', ge: '≥', ne: '≠', larr: '←', rarr: '→', uarr: '↑', darr: '↓',
  alpha: 'α', beta: 'β', gamma: 'γ', mu: 'μ', Delta: 'Δ', minus: '−',
}));
/** @type {Record<string, string>} */
const accents = { grave: '\u0300', acute: '\u0301', circ: '\u0302', tilde: '\u0303', uml: '\u0308', ring: '\u030a', cedil: '\u0327' };

/** @param {string} name */
function entity(name) {
  const [, letter, accent] = /^([a-z])(grave|acute|circ|tilde|uml|ring|cedil)$/i.exec(name) ?? [];
  return letter ? (letter + accents[accent]).normalize('NFC') : entities.get(name);
}

/** @param {string} s */
function unescape(s) {
  return s.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,8}));/gi, (whole, dec, hex, name) => {
    if (name) return entity(name) ?? whole;
    const n = dec ? Number(dec) : parseInt(hex, 16);
    const char = n === 9 || n === 10 || n === 13 || (n > 31 && n < 0xd800) || (n > 0xdfff && n < 0x110000);
    return char ? String.fromCodePoint(n) : '\ufffd';
  });
}

/**
 * The words of a tree, without its shape.
 * @param {Node[]} nodes
 * @returns {string}
 */
export function plain(nodes) {
  const parts = nodes.map((n) => (n.tag ? plain(n.children) + (/^(td|th|span|b|i|em|strong|u|su[bp]|code|small)$/.test(n.tag) ? ' ' : '\n') : n.text));
  return parts.join('').replace(/[^\S\n]+/g, ' ').replace(/\s*\n\s*/g, '\n').trim();
}
