/**
 * A refusal that the page can say in words: code names a message ("fault." + code), detail holds its figures.
 * Codes, never health data, keys or addresses: a Fault may end up in a console.
 */
export class Fault extends Error {
  /**
   * @param {string} code
   * @param {{remaining?: number, retryAfter?: number, status?: number, label?: string}} [detail]
   */
  constructor(code, detail = {}) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * The fault's own code, or what an unforeseen error is called.
 * @param {unknown} err
 * @param {string} otherwise
 */
export const asFault = (err, otherwise) => (err instanceof Fault ? err : new Fault(otherwise));
