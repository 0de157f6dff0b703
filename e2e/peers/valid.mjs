// Judges FHIR R4 resources with the npm package fhir, an implementation that is not ours:
// cardinalities, types, elements that do not exist, and the codes of required value sets. It
// has no LOINC and no SNOMED CT, so that a code of an example or preferred set is one that
// it cannot judge. Prints, for each resource of a JSON array in a file, what is wrong.
//
//   node valid.mjs FILE
import { readFileSync } from "node:fs";
import pkg from "fhir";

const peer = new pkg.Fhir();
const judged = JSON.parse(readFileSync(process.argv[2], "utf8")).map((resource) =>
  peer.validate(resource).messages
    .filter((m) => m.severity !== "info" && !(m.severity === "warning" && m.message.includes("not found in value set")))
    .map((m) => `${m.resourceId} ${m.location}: ${m.message}`));
console.log(JSON.stringify(judged));
