// The program comes in two parts (wasm/site_divide.go): the first is enough to start, and
// the rest comes while the person reads. A program that wants something of the rest too
// early stops in the middle of what it does, and goes on there when the rest has come.
//
// Until then nothing may enter the program that could stop it where it cannot go on:
//
//   - What happens while it is stopped waits, and comes in order.
//   - What it causes itself while it runs (it moves the focus, and hears of that), waits
//     until it is done. Once the rest is there, that comes in between as always.
//
// Who called it then gets a promise of the answer: that is the same to whoever may wait,
// as the browser's locks do, and nobody else who asks for answers is asked before then.
//
// @ts-check

/** @typedef {Record<string, any>} Program Go's glue, wasm_exec.js */
/** @typedef {{result?: any}} Happening what Go's glue hands to the program */

/**
 * divided stands for first where Go's glue wants an instance of the whole.
 * @param {Program} program
 * @param {WebAssembly.Instance} first
 * @param {() => Promise<unknown>} rest is done when the rest is in its place
 * @param {(waits: boolean) => void} tell whether the program waits for the rest
 * @returns {WebAssembly.Instance}
 */
export function divided(program, first, rest, tell) {
  const {run, resume, goOn, mem, g0, whole, stopped} = /** @type {Record<string, any>} */ (first.exports);
  let inside = false;
  let waiting = false;
  /** @type {(Happening | null)[]} */
  let queue = []; // null: a timer
  /** @type {(() => void)[]} */
  let promises = []; // to be kept when the program has done all it was told

  /** @param {() => void} act */
  function enter(act) {
    inside = true;
    try {
      act();
    } finally {
      inside = false;
    }
    if (program.exited) program._resolveExitPromise();
    if (stopped.value) wait();
  }

  // Which function is wanted is noted, by its number in the table: a start should want none.
  async function wait() {
    performance.mark("potli-wanted", {detail: new DataView(mem.buffer).getUint16(g0.value - 6, true)});
    waiting = true;
    tell(true);
    await rest();
    waiting = false;
    tell(false);
    enter(goOn);
    drain();
  }

  function drain() {
    while (!inside && !waiting && !program.exited && queue.length) {
      const [event] = queue.splice(0, 1);
      program._pendingEvent = event;
      enter(resume);
    }
    if (inside || waiting) return;
    const kept = promises;
    promises = [];
    for (const keep of kept) keep();
  }

  // Go's glue calls again and again for a timer that the program did not clear. After
  // null the program sets its timer anew.
  function forgetTimers() {
    for (const timer of program._scheduledTimeouts.values()) clearTimeout(timer);
    program._scheduledTimeouts.clear();
    if (!queue.includes(null)) queue.push(null);
  }

  /** @param {Happening} event */
  function promise(event) {
    const answer = new Promise((done) => promises.push(() => done(event.result === answer ? undefined : event.result)));
    event.result = answer;
  }

  function heard() {
    /** @type {Happening | null} */
    const event = program._pendingEvent;
    if (!inside && !waiting && !queue.length) {
      enter(resume);
      if (waiting && !event) forgetTimers();
      if (waiting && event && !("result" in event)) promise(event);
      drain();
    } else if (whole.value && !waiting) {
      resume(); // amid what it does, as always
    } else if (event) {
      program._pendingEvent = null;
      queue.push(event);
      promise(event);
    } else {
      forgetTimers();
    }
  }

  const exports = {
    ...first.exports,
    resume: heard,
    run: (/** @type {number} */ argc, /** @type {number} */ argv) => {
      enter(() => run(argc, argv));
      drain();
    },
  };
  return Object.create(first, {exports: {value: exports}}); // the glue asks what it is an instance of
}
