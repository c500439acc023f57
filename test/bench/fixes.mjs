/**
 * Whether the fixes hold on real projects: every fix that is offered for every finding of the named paths is applied to a
 * copy in memory. The result must be Python (python3's own parser is asked, too), the finding gone, nothing new reported in
 * any file that the fix concerns, every line outside of the edits the same, and the edits as the protocol writes them must
 * make the same text. All preferred fixes of a file must come to an end. Reads, never writes.
 *
 *   node test/bench/fixes.mjs [--sample 0] [--seed 1] [--only REMEDY] [--out FILE] PATH...
 *
 * Prints what is offered by remedy, what is refused and what fails by reason, as JSON; `--sample` also prints so many diffs, chosen by the
 * seed, to `--out` (default: standard error). Exit code 1 when anything fails.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { loadEngine } from "./engine.mjs";

const { values: options, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    out: { type: "string" },
  },
});
if (paths.length === 0) {
  console.error("Name the folders or files of a project.");
  process.exit(2);
}

const engine = await loadEngine({
  "server/src/features/fixes/index.ts": "applyEdits, fixAll, fixesFor, fixHostOf, refusalsFor",
  "server/src/features/code-actions.ts": "fixAllEdits",
  "server/src/lsp/convert.ts": "toTextEdits",
  "server/src/report/diff.ts": "unifiedDiff",
  "server/src/cli/workspace.ts": "openWorkspace",
  "server/src/cli/process.ts": "nodeEnvironment",
});
const python = startParser();
const offered = {};
const refused = {};
const failures = [];
const diffs = [];
let findingCount = 0;
let worst = { time: 0, what: "" };
for (const path of paths) await checkProject(path);
python.stop();

const shown = sample(diffs, Number(options.sample), Number(options.seed)).join("\n");
if (options.out !== undefined) writeFileSync(options.out, shown);
else if (shown !== "") console.error(shown);
const reasons = {};
for (const { remedy, reason } of failures) reasons[`${remedy}: ${reason}`] = (reasons[`${remedy}: ${reason}`] ?? 0) + 1;
const total = Object.values(offered).reduce((sum, count) => sum + count, 0);
console.log(
  JSON.stringify(
    {
      findings: findingCount,
      offered: total,
      byRemedy: offered,
      refused: mostFirst(refused),
      failing: failures.length,
      reasons,
      worst,
      failures,
    },
    undefined,
    2,
  ),
);
process.exit(failures.length > 0 ? 1 : 0);

/** How often each reason stands in the way, and the first places. */
function mostFirst(places) {
  return Object.entries(places)
    .sort((a, b) => b[1].length - a[1].length)
    .map(([reason, all]) => ({ reason, count: all.length, places: all.slice(0, 3) }));
}

async function checkProject(path) {
  const workspace = await engine.openWorkspace(engine.nodeEnvironment(), [path], {});
  const { host, grammar } = workspace;
  const fixHost = engine.fixHostOf(host, workspace.projectFacts);
  for (const file of workspace.selected) {
    const findings = host.findings(file);
    findingCount += findings.length;
    if (findings.length === 0) continue;
    for (const finding of findings) {
      const started = performance.now();
      const fixes = engine.fixesFor(fixHost, grammar, file, finding);
      const time = Math.round(performance.now() - started);
      for (const { remedy, reason } of engine.refusalsFor(fixHost, grammar, file, finding)) {
        if (options.only !== undefined && options.only !== remedy) continue;
        const what = `${remedy}: ${reason}`;
        refused[what] = [...(refused[what] ?? []), placeOf(finding)];
      }
      if (time > worst.time) worst = { time, what: placeOf(finding) };
      for (const fix of fixes) {
        if (options.only !== undefined && options.only !== fix.remedy) continue;
        offered[fix.remedy] = (offered[fix.remedy] ?? 0) + 1;
        const reason = await whyFailing(host, file, finding, fix);
        if (reason) failures.push({ remedy: fix.remedy, reason, place: placeOf(finding), message: finding.message });
      }
    }
    if (options.only === undefined) await checkAll(fixHost, grammar, file);
  }
  host.dispose();
}

function placeOf({ location: { file, start } }) {
  return `${file}:${start.line + 1}:${start.column + 1}`;
}

async function whyFailing(host, file, finding, fix) {
  const files = [{ path: file, edits: fix.edits }, ...(fix.elsewhere ?? [])];
  const results = new Map();
  for (const { path, edits } of files) {
    const before = host.text(path);
    const after = engine.applyEdits(before, edits);
    results.set(path, after);
    if (applyByPosition(before, engine.toTextEdits(edits, host.lineStarts(path))) !== after)
      return "the protocol's edits make another text";
    if (!keepsOtherLines(before, after, edits)) return "a line outside of the edits changed";
    if (fix.remedy !== "ignore" || diffs.length % 7 === 0)
      diffs.push(`=== ${fix.remedy}: ${fix.title}\n    ${finding.message}\n${engine.unifiedDiff(path.slice(1), before, after)}`);
    if ((await python.parses(before)) && !(await python.parses(after))) return "python3 does not parse the result";
  }
  const { broken, after } = host.within(results, ({ broken, concerned }) => ({
    broken,
    after: new Map([...new Set([file, ...concerned])].map((path) => [path, [...host.findings(path)]])),
  }));
  if (broken.length > 0) return "the result does not parse";
  const before = new Map([...after.keys()].map((path) => [path, host.findings(path)]));
  const same = (one) => (other) =>
    one.rule === other.rule && one.entry.function === other.entry.function && primitive(one) === primitive(other);
  const count = (findings, one) => findings.filter(same(one)).length;
  if (count(after.get(file), finding) >= count(before.get(file), finding)) return "the finding is still there";
  // What a helper does may come to be reported in the helper: by primitive, nothing may be more than it was anywhere.
  const all = [...before.values()].flat();
  const waysTo = new Set(all.flatMap((one) => one.path.map((step) => `${step.function}|${primitive(one)}`)));
  for (const [path, findings] of after) {
    for (const one of findings.filter(({ severity }) => severity === "error" || severity === "warning")) {
      if (count(findings, one) <= count(before.get(path), one)) continue;
      if (fix.elsewhere !== undefined && waysTo.has(`${one.entry.function}|${primitive(one)}`)) continue;
      // What the strongest rule of a place kept back comes forward.
      if (before.get(path).some(({ also, entry }) => also.includes(one.rule) && entry.function === one.entry.function)) continue;
      return `something new is reported: ${one.rule}`;
    }
  }
  return undefined;
}

function primitive({ path }) {
  return path.at(-1)?.callee;
}

async function checkAll(fixHost, grammar, file) {
  const before = fixHost.text(file);
  const { text, applied } = engine.fixAll(fixHost, grammar, file);
  if (applied.length === 0) return;
  offered["fix all"] = (offered["fix all"] ?? 0) + 1;
  const fail = (reason) => failures.push({ remedy: "fix all", reason, place: file, message: "" });
  if ((await python.parses(before)) && !(await python.parses(text))) fail("python3 does not parse the result");
  if (engine.applyEdits(before, engine.fixAllEdits(fixHost, grammar, file)) !== text)
    fail("the editor's edits make another text");
  fixHost.within(new Map([[file, text]]), () => {
    if (engine.fixAll(fixHost, grammar, file).applied.length > 0) fail("a second run changes something");
  });
}

/** Applies edits by line and column, from the last to the first, as an editor does. */
function applyByPosition(text, edits) {
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  const offset = ({ line, character }) => lines.slice(0, line).reduce((sum, each) => sum + each.length, 0) + character;
  return [...edits]
    .reverse()
    .reduce(
      (result, { range, newText }) => result.slice(0, offset(range.start)) + newText + result.slice(offset(range.end)),
      text,
    );
}

/** The lines that no edit touches, in order, are lines of the result, in that order and at the same distance from the edits. */
function keepsOtherLines(before, after, edits) {
  let shift = 0;
  let next = 0;
  for (const line of before.matchAll(/[^\r\n]*(?:\r\n|\n|\r|$)/g)) {
    const [start, end] = [line.index, line.index + line[0].length];
    while (next < edits.length && edits[next].end < start) {
      shift += edits[next].text.length - (edits[next].end - edits[next].start);
      next++;
    }
    const isTouched = edits.some((edit) => edit.start <= end && edit.end >= start);
    if (!isTouched && after.slice(start + shift, end + shift) !== line[0]) return false;
    if (end === before.length) return true;
  }
  return true;
}

/** A python3 that is asked of one text after the other whether it parses. */
function startParser() {
  const program =
    "import json, sys, warnings\nwarnings.simplefilter('ignore')\nfor line in sys.stdin:\n    try:\n        compile(json.loads(line), 'x', 'exec')\n        print(1, flush=True)\n    except (SyntaxError, ValueError):\n        print(0, flush=True)\n";
  const child = spawn("python3", ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const known = new Map();
  const ask = async (text) => {
    child.stdin.write(`${JSON.stringify(text)}\n`);
    return (await lines.next()).value === "1";
  };
  return {
    parses: async (text) => {
      if (!known.has(text)) {
        if (known.size > 500) known.clear();
        known.set(text, await ask(text));
      }
      return known.get(text);
    },
    stop: () => child.stdin.end(),
  };
}

/** So many of the values, chosen by a seed: the same ones each time. */
function sample(values, size, seed) {
  let state = seed;
  const keyed = values.map((value) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return [state, value];
  });
  return keyed
    .sort((a, b) => a[0] - b[0])
    .slice(0, size)
    .map(([, value]) => value);
}
