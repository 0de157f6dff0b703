// Dates where the browser has no names of months and days in a language: ours, in the order that all of India writes.
// Loaded only then.

/**
 * @param {Record<string, string>} names  month.1 … month.12, day.mon … day.sun
 * @returns {(o: Intl.DateTimeFormatOptions) => {format: (at?: number | Date) => string}}
 */
export const formatter = (names) => ({ dateStyle, timeStyle, timeZone, ...o }) => {
  const plain = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'numeric', year: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit' });
  const full = dateStyle !== undefined;
  return {
    format(at) {
      const p = Object.fromEntries(plain.formatToParts(at).map(({ type, value }) => [type, value]));
      const day = [(full || o.day) && +p.day, (full || o.month) && names[`month.${+p.month}`], (full || o.year) && p.year].filter(Boolean).join(' ');
      return [o.weekday && names[`day.${p.weekday.toLowerCase()}`], day, timeStyle && `${p.hour}:${p.minute}`].filter(Boolean).join(', ');
    },
  };
};
