// Units of measure as others read them: the npm package @lhncbc/ucum-lhc of the
// U.S. National Library of Medicine. One JSON object comes in on standard
// input, one goes out.
//
//   {"units": ["mg/dL", …], "values": [5.5, …], "weights": [180.156, …]}
//     → {"valid": one a unit,
//        "plain":  [from][to][value], a number or null where it refuses,
//        "weighed": [weight][from][to], of the first value}
import { readFileSync } from "node:fs";
import ucum from "@lhncbc/ucum-lhc";

const { units, values, weights } = JSON.parse(readFileSync(0, "utf8"));
const lhc = ucum.UcumLhcUtils.getInstance();

const convert = (from, value, to, options) => {
  const { status, toVal } = lhc.convertUnitTo(from, value, to, options);
  return status === "succeeded" ? toVal : null;
};
const table = (cell) => units.map((from) => units.map((to) => cell(from, to)));

console.log(JSON.stringify({
  valid: units.map((u) => lhc.validateUnitString(u).status === "valid"),
  plain: table((from, to) => values.map((v) => convert(from, v, to, {}))),
  weighed: weights.map((molecularWeight) => table((from, to) => convert(from, values[0], to, { molecularWeight }))),
}));
