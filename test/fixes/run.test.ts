/**
 * Fixes are run: each program of programs/*.md does the same before and after, and stalls its event loop only before.
 */
import { equal, notEqual, ok } from "node:assert/strict";
import type { Finding } from "../../server/src/analysis/findings.js";
import { applyEdits, type Fix, fixAll, fixesFor, refusalsFor, rewritesAt } from "../../server/src/features/fixes/index.js";
import { PROJECT } from "../support/host.js";
import { sourceFiles } from "../support/project.js";
import { type Analysis, analyse } from "./analysis.js";
import { optionsOf, type Program, readPrograms } from "./programs.js";
import { pythonWith, runProgram, type SlowServer, startServer } from "./python.js";

/** Seconds; what a person or a load balancer does not notice. */
const STALL = 0.1;

describe("fixes, run", () => {
  let server: SlowServer;

  before(async () => {
    server = await startServer();
  });

  after(() => server.stop());

  for (const { path, text } of sourceFiles("test/fixes/programs", /\.md$/)) {
    describe(path, () => {
      for (const program of readPrograms(text)) {
        const [remedy] = optionsOf(program, "fix");
        if (remedy === undefined) it(program.name, () => checkRefused(program));
        else {
          it(program.name, async function () {
            this.timeout(30_000);
            const fixed = await fixWith(program, remedy);
            if (program.after !== undefined) equal(fixed.text, program.after);
            for (const [path, after] of program.modulesAfter) equal(fixed.modules.get(path), after);
            const needs = (optionsOf(program, "needs")[0] ?? "").split(" ").filter(Boolean);
            const python = pythonWith(needs);
            if (python === undefined) {
              console.log(`      skipped: ${program.name}: no Python here has ${needs.join(" and ")}`);
              return this.skip();
            }
            if (program.output === undefined) await compareRuns(python, program, fixed, server.base);
            else await checkMended(python, program, fixed, server.base);
          });
        }
      }
    });
  }
});

/** A program and what stands beside it. */
type Texts = Pick<Program, "text" | "modules">;

function run(python: string, { text, modules }: Texts, base: string): ReturnType<typeof runProgram> {
  return runProgram(python, text, base, modules);
}

async function compareRuns(python: string, before: Texts, after: Texts, base: string): Promise<void> {
  const [first, beside] = await Promise.all([run(python, before, base), run(python, after, base)]);
  // A busy machine stalls too: only a stall that comes again is the program's.
  const second = beside.stall <= STALL ? beside : await run(python, after, base);
  equal(second.output, first.output, second.errors || after.text);
  equal(second.status, first.status, second.errors);
  equal(second.status, 0, second.errors);
  notEqual(second.output, "", "the program prints nothing");
  ok(first.stall > STALL, `the loop stalls only ${first.stall} s before the fix`);
  ok(second.stall <= STALL, `the loop still stalls ${second.stall} s:\n${after.text}`);
}

/** A mistake is mended: the fixed program ends well and prints what is expected, which the program as it was does not. */
async function checkMended(python: string, program: Program, after: Texts, base: string): Promise<void> {
  const [first, beside] = await Promise.all([run(python, program, base), run(python, after, base)]);
  const second = beside.stall <= STALL ? beside : await run(python, after, base);
  equal(second.output, program.output, second.errors || after.text);
  equal(second.status, 0, second.errors);
  ok(second.stall <= STALL, `the loop stalls ${second.stall} s:\n${after.text}`);
  const isSame = first.output === second.output && first.status === second.status;
  equal(isSame, optionsOf(program, "same").length > 0, "whether the program does the same as it was");
}

/** The program with the remedy applied to the finding that is meant, and then to all others it is offered for. */
async function fixWith(program: Program, remedy: string): Promise<Texts> {
  let { text } = program;
  const modules = new Map(program.modules);
  if (optionsOf(program, "apply").includes("all")) return fixWhole(program);
  if (optionsOf(program, "call").length > 0) return rewriteWith(program, remedy);
  for (let round = 0; round < 10; round++) {
    const analysis = await analyse(text, optionsOf(program, "python")[0], modules);
    try {
      const findings = round === 0 ? [meantBy(program, analysis)] : analysis.host.findings(analysis.path);
      const fix = findings.map((finding) => fixNamed(analysis, finding, remedy)).find((candidate) => candidate !== undefined);
      if (!fix) {
        if (round === 0)
          throw new Error(`${remedy} is not offered: ${JSON.stringify(refused(analysis, findings[0] as Finding))}`);
        break;
      }
      text = applyEdits(text, fix.edits);
      for (const { path, edits } of fix.elsewhere ?? []) {
        const module = path.slice(PROJECT.length + 1);
        modules.set(module, applyEdits(modules.get(module) ?? "", edits));
      }
    } finally {
      analysis.dispose();
    }
  }
  return { text, modules };
}

/** The program with what is offered for the call at the text of `call`, reported or not. */
async function rewriteWith(program: Program, remedy: string): Promise<Texts> {
  const analysis = await analyse(program.text, optionsOf(program, "python")[0]);
  try {
    const offered = rewritesIn(program, analysis);
    const fix = offered.find((candidate) => candidate.remedy === remedy);
    if (!fix) throw new Error(`${remedy} is not offered, only ${offered.map((candidate) => candidate.remedy).join(" ")}`);
    return { text: applyEdits(program.text, fix.edits), modules: program.modules };
  } finally {
    analysis.dispose();
  }
}

function rewritesIn(program: Program, { host, grammar, path }: Analysis): readonly Fix[] {
  const at = program.text.lastIndexOf(optionsOf(program, "call")[0] as string);
  return rewritesAt(host, grammar, path, at, at);
}

async function fixWhole(program: Program): Promise<Texts> {
  const { modules } = program;
  const { host, grammar, path, dispose } = await analyse(program.text, optionsOf(program, "python")[0], modules);
  try {
    return { text: fixAll(host, grammar, path).text, modules };
  } finally {
    dispose();
  }
}

function fixNamed({ host, grammar, path }: Analysis, finding: Finding, remedy: string): Fix | undefined {
  return fixesFor(host, grammar, path, finding).find((fix) => fix.remedy === remedy);
}

function refused({ host, grammar, path }: Analysis, finding: Finding): readonly { remedy: string; reason: string }[] {
  return refusalsFor(host, grammar, path, finding);
}

/** The finding of `rule`, else of one about blocking, on the line that holds the text of `at`, else the first one. */
function meantBy(program: Program, { host, path }: Analysis): Finding {
  const [at] = optionsOf(program, "at");
  const [rule] = optionsOf(program, "rule");
  const lines = program.text.split(/\r?\n/);
  const findings = host
    .findings(path)
    .filter((candidate) => (rule === undefined ? candidate.rule.startsWith("blocking-") : candidate.rule === rule));
  const finding = findings.find(({ location }) => at === undefined || lines[location.start.line]?.includes(at));
  if (!finding) throw new Error(`there is no such finding, only ${JSON.stringify(findings.map(({ message }) => message))}`);
  return finding;
}

async function checkRefused(program: Program): Promise<void> {
  const analysis = await analyse(program.text, optionsOf(program, "python")[0], program.modules);
  try {
    if (optionsOf(program, "call").length > 0) {
      const offered = rewritesIn(program, analysis).map((fix) => fix.remedy);
      return equal(offered.join(" "), optionsOf(program, "offered").join(" "));
    }
    const finding = meantBy(program, analysis);
    const reasons = refused(analysis, finding);
    for (const expected of optionsOf(program, "refused")) {
      const [remedy, part] = expected.split(": ") as [string, string];
      const reason = reasons.find((refusal) => refusal.remedy === remedy)?.reason;
      ok(reason?.includes(part), `${remedy} is refused because "${reason}", not because "${part}"`);
    }
    const offered = fixesFor(analysis.host, analysis.grammar, analysis.path, finding).map((fix) => fix.remedy);
    equal(offered.join(" "), [...optionsOf(program, "offered"), "ignore"].join(" "));
  } finally {
    analysis.dispose();
  }
}
