// The dedicated worker: the same program as the page's, on another thread, for
// work that would freeze the screen. The page sends its compiled module, so
// nothing is fetched or compiled twice. The generator puts Go's wasm_exec.js
// before these lines, because the policy refuses importScripts.
//
//	page ──▶ {module, rest}: WebAssembly.Module   first message: start; a program that is whole has no rest
//	page ──▶ anything                       kept until the program listens, then handed to it in order
//
// The program listens by setting self.onmessage. It says {ready: true} or
// whatever its protocol wants; this file knows nothing of it. When the program
// ends, the page is told {stopped: why} and the worker closes.
//
// @ts-check
/// <reference lib="webworker" />

(() => {
  const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
  /** @type {MessageEvent[]} */
  let early = [];

  /** @param {MessageEvent} event */
  const start = (event) => {
    if (!(event.data?.module instanceof WebAssembly.Module)) {
      early.push(event);
      return;
    }
    scope.onmessage = keep;
    run(event.data.module, event.data.rest).catch((err) => stop(String(err)));
  };

  /** @param {MessageEvent} event */
  const keep = (event) => early.push(event);

  /** @param {WebAssembly.Module} module @param {WebAssembly.Module} [rest] */
  async function run(module, rest) {
    // @ts-ignore: Go comes from wasm_exec.js
    const go = new Go();
    go.env = {GOTRACEBACK: "system"}; // a trace has no names: say the places
    const instance = await WebAssembly.instantiate(module, go.importObject);
    if (rest) await WebAssembly.instantiate(rest, {first: instance.exports}); // it takes its place by itself
    const ended = go.run(instance); // returns when the program first waits
    hand();
    await ended;
    stop("the program ended");
  }

  // hand gives what came early to the program, as soon as it listens.
  function hand() {
    if (scope.onmessage === keep) {
      setTimeout(hand, 1);
      return;
    }
    for (const event of early) scope.dispatchEvent(new MessageEvent("message", {data: event.data, ports: [...event.ports]}));
    early = [];
  }

  /** @param {string} why */
  function stop(why) {
    scope.postMessage({stopped: why});
    scope.close();
  }

  scope.onmessage = start;
})();
