// The page's own words, from messages/<tag>.json. Text of records is never translated.

/** @typedef {(key: string, args?: Record<string, string | number>, otherwise?: string) => string} Say */

/** Languages there is a catalogue for, each by its own name. */
export const languages = new Map([['en', 'English'], ['hi', 'हिन्दी'], ['bn', 'বাংলা'], ['mr', 'मराठी'], ['te', 'తెలుగు'], ['ta', 'தமிழ்'], ['gu', 'ગુજરાતી'], ['kn', 'ಕನ್ನಡ'], ['ml', 'മലയാളം'], ['pa', 'ਪੰਜਾਬੀ'], ['or', 'ଓଡ଼ିଆ'], ['as', 'অসমীয়া'], ['ur', 'اردو']]);

/** The direction of the script. @param {string} tag */
export const direction = (tag) => (tag === 'ur' ? 'rtl' : 'ltr');

/**
 * A number with its unit, or a range, which letters that run from right to left would turn around.
 * @param {string} tag
 * @param {string} text
 */
export const measure = (tag, text) => (direction(tag) === 'ltr' || /^[\d.]*$/.test(text) ? text : `\u2068${text}\u2069`);

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

/** What writes dates in the language that the browser has none for. @type {{tag: string, format: (o: Intl.DateTimeFormatOptions) => {format: (at?: number | Date) => string}} | undefined} */
export let calendar;

/** Chromium has no dates in Odia and Assamese, and no months in Punjabi ("M01"). @param {string} tag */
export const dateless = (tag) => !Intl.DateTimeFormat.supportedLocalesOf(tag).length || /M\d/.test(new Intl.DateTimeFormat(tag, { month: 'long' }).format());

/**
 * @param {string} tag
 * @param {string[]} more  folders of words that come on top
 * @returns {Promise<Say>}
 */
export async function load(tag, ...more) {
  if (dateless(tag)) more = ['dates', ...more];
  const tables = await Promise.all([tag, ...more.map((folder) => `${folder}/${tag}`)].map(async (name) => {
    const r = await fetch(new URL(`messages/${name}.json`, import.meta.url));
    if (!r.ok) throw new Error('no catalogue');
    return r.json();
  }));
  const table = Object.assign({}, ...tables);
  if (table['month.1']) calendar = { tag, format: (await import('./calendar.js')).formatter(table) };
  return speaker(tag, table);
}
