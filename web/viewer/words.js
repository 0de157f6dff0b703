// The page's own words, from messages/<tag>.json. Text of records is never translated.

/** @typedef {(key: string, args?: Record<string, string | number>, otherwise?: string) => string} Say */

/** Languages there is a catalogue for, each by its own name. */
export const languages = new Map([['en', 'English'], ['hi', 'हिन्दी']]);

/**
 * The first of the browser's languages that we speak, by tag.
 * @param {readonly string[]} wanted
 */
export function choose(wanted) {
  for (const w of wanted) {
    const tag = w.toLowerCase().split('-')[0];
    if (languages.has(tag)) return tag;
  }
  return 'en';
}

/**
 * @param {string} tag
 * @param {Record<string, string>} table
 * @returns {Say}
 */
export function speaker(tag, table) {
  const plural = new Intl.PluralRules(tag);
  return (key, args = {}, otherwise) => {
    const form = 'n' in args
      ? table[`${key}.${args.n}`] ?? table[`${key}.${plural.select(Number(args.n))}`] ?? table[`${key}.other`]
      : undefined;
    const text = form ?? (Object.hasOwn(table, key) ? table[key] : otherwise ?? key);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(args, name) ? String(args[name]) : whole));
  };
}

/**
 * @param {string} tag
 * @param {string} [mode]  whose own words come on top
 * @returns {Promise<Say>}
 */
export async function load(tag, mode) {
  const tables = await Promise.all((mode ? [tag, `${mode}/${tag}`] : [tag]).map(async (name) => {
    const r = await fetch(new URL(`messages/${name}.json`, import.meta.url));
    if (!r.ok) throw new Error('no catalogue');
    return r.json();
  }));
  return speaker(tag, Object.assign({}, ...tables));
}
