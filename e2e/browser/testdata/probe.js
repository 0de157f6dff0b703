// Loads the test binary of wasm/browser into the page and runs it with the
// arguments in the address. testExit is set when it ends.
"use strict";

// --- what tests cannot do from Go ---

// A js.Func cannot throw: this is a transaction that does, by that name.
globalThis.brokenTransaction = (name) => ({
  objectStore() {
    throw new DOMException("as if the connection were lost", name);
  },
  abort() {},
});

// The n-th put from now on throws, and later ones work again.
globalThis.failPut = (n) => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, key) {
    if (--n > 0) return put.call(this, value, key);
    IDBObjectStore.prototype.put = put;
    throw new DOMException("as if it could not be stored", "DataCloneError");
  };
};

// The name of what "new Kind(argument)" throws.
globalThis.throws = (kind, argument) => {
  try {
    new globalThis[kind](argument);
    return "nothing";
  } catch (err) {
    return err.name;
  }
};

// blob: URLs of this page, with what they stand for.
const blobs = new Map();
const createObjectURL = URL.createObjectURL;
URL.createObjectURL = (blob) => {
  const url = createObjectURL.call(URL, blob);
  blobs.set(url, blob);
  return url;
};
globalThis.blobOf = (url) => blobs.get(url);

// The longest time in which the page drew nothing and ran nothing.
let watching = false;
let longest = 0;
globalThis.gapStart = () => {
  watching = true;
  longest = 0;
  let last = performance.now();
  const tick = () => {
    if (!watching) return;
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    setTimeout(tick, 0);
  };
  tick();
  let drawn = performance.now();
  const frame = (now) => {
    if (!watching) return;
    longest = Math.max(longest, now - drawn);
    drawn = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame((now) => {
    drawn = now;
    requestAnimationFrame(frame);
  });
};
globalThis.gapStop = () => {
  watching = false;
  return longest;
};

// --- the program ---

// What the program prints is kept for e2e/browser to read.
globalThis.testSaid = [];
const log = console.log;
console.log = (...what) => {
  testSaid.push(what.join(" "));
  log(...what);
};

globalThis.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI));

(async () => {
  const go = new Go();
  go.argv = ["browser.test", "-test.v", "-test.timeout=5m", "-test.run=" + (new URLSearchParams(location.search).get("run") ?? "^Test")];
  go.exit = (code) => (globalThis.testExit = code);
  const {module, instance} = await WebAssembly.instantiateStreaming(fetch("/web/app.wasm"), go.importObject);
  globalThis.potliModule = module;
  await go.run(instance);
  globalThis.testExit ??= 0;
})().catch((err) => {
  console.log("FAIL: " + err);
  globalThis.testExit = 1;
});
