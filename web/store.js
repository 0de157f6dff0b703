// A browser that opens a database for the first time asks what is to be in it, and wants
// the answer before it goes on. The program may not be all there to give it (rest.js), so
// it is given here.
//
// @ts-check

/**
 * open opens a database of one store, and makes both where they are not there and make
 * says so. Where it does not, the request fails and has missing = true.
 * @param {string} name @param {number} version @param {string} store @param {boolean} make
 */
function open(name, version, store, make) {
  /** @type {IDBOpenDBRequest & {missing?: boolean}} */
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => {
    if (make) {
      opening.result.createObjectStore(store);
    } else {
      opening.missing = true;
      opening.transaction?.abort();
    }
  };
  return opening;
}

Object.assign(globalThis, {potliStore: open});
