// Runs a program whose rest, where there is one, comes so many milliseconds after it wants it.
// node run.mjs wasm_exec.js rest.js first.wasm [rest.wasm late]
import {readFileSync} from "node:fs";
import {pathToFileURL} from "node:url";

const [glue, module, first, rest, late] = process.argv.slice(2);
await import(pathToFileURL(glue).href);
const {divided} = await import(pathToFileURL(module).href);

const told = [];
globalThis.amid = () => {
  const answer = ask("now"); // before the rest is there, a promise
  Promise.resolve(answer).then((said) => told.push("now: " + said));
  return "went on";
};
globalThis.soon = () => {
  for (const word of ["one", "two"]) {
    setTimeout(async () => {
      told.push(word + ": " + (await ask(word)));
      if (told.length === 3) {
        console.log(told.sort().join("; "));
        finish();
      }
    }, 5);
  }
};

const go = new Go();
const {instance} = await WebAssembly.instantiate(readFileSync(first), go.importObject);
let waited = 0;
let came;
const arrive = () =>
  (came ??= new Promise((done) => setTimeout(() => done(WebAssembly.instantiate(readFileSync(rest), {first: instance.exports})), Number(late))));
await go.run(rest ? divided(go, instance, arrive, (waits) => (waited += waits)) : instance);
if (rest) console.error(waited ? "it waited" : "it never waited");
