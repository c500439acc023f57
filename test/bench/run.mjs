/**
 * All benchmarks of generated programs, one after the other, beside the figures we want: `npm run bench`. Prints a table and
 * writes all that was measured to build/bench.json. Exit code 1 when a figure exceeds its budget.
 *
 *   npm run bench -- [NAME...]     NAME: start, checks, keystroke, workspace, questions, propagation
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./client.mjs";

const NAMES = ["start", "checks", "keystroke", "workspace", "questions", "propagation"];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(", ")}. There are ${NAMES.join(", ")}.`);
  process.exit(2);
}

const measured = {};
for (const name of NAMES.filter((each) => wanted.length === 0 || wanted.includes(each))) {
  process.stderr.write(`${name} ...\n`);
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, "test", "bench", `${name}.mjs`)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) process.exit(2);
  measured[name] = JSON.parse(stdout);
}
mkdirSync(join(ROOT, "build"), { recursive: true });
writeFileSync(join(ROOT, "build", "bench.json"), `${JSON.stringify(measured, undefined, 2)}\n`);

const budget = JSON.parse(readFileSync(join(ROOT, "test", "bench", "budget.json"), "utf8"));
let exceeded = 0;
for (const [figure, most] of Object.entries(budget)) {
  const value = figure.split(".").reduce((at, key) => at?.[key], measured);
  if (value === undefined) continue;
  if (value > most) exceeded++;
  console.log(
    `${figure.padEnd(36)} ${String(value).padStart(8)}   at most ${String(most).padStart(5)}${value > most ? "   EXCEEDED" : ""}`,
  );
}
process.exit(exceeded > 0 ? 1 : 0);
