/**
 * What the knowledge says of libraries is true of the libraries: each coroutine function of stalls.md is run against
 * something that stays silent, and stalls its event loop where, and only where, it is reported.
 */
import { deepEqual } from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPrograms } from "../fixes/programs.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";

/** Seconds. What waits in these programs waits for one, or for two where the library cannot be told otherwise. */
const STALL = 0.8;
/** Seconds; a busy machine stalls too. */
const NO_STALL = 0.4;
/** Libraries whose programs run at the same time. */
const AT_ONCE = 6;
/** How often what disagrees is run again, alone. */
const AGAIN = 3;
const DRIVER = join(__dirname, "stalls.py");
/** Debian's own Python has the packages that packages.txt installs. */
const INTERPRETERS = ["/usr/bin/python3", "python3"];

interface Run {
  readonly name: string;
  /** Seconds. */
  readonly stall: number;
  readonly error: string;
}

/** What running a program gave, or why it could not be run. */
type Outcome = { readonly runs: readonly Run[] } | { readonly missing: string };

const programs = readPrograms(readFileSync(join(__dirname, "stalls.md"), "utf8"));

describe("the loop stalls where it is reported", () => {
  const outcomes = new Map<string, Outcome>();

  before(async function () {
    this.timeout(180_000);
    await loadForTests();
    const waiting = [...programs];
    const worker = async (): Promise<void> => {
      for (let program = waiting.shift(); program; program = waiting.shift())
        outcomes.set(program.name, await runAll(program.text));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  });

  for (const { name, text } of programs) {
    it(name, async function () {
      this.timeout(60_000);
      const outcome = outcomes.get(name) as Outcome;
      if ("missing" in outcome) {
        console.log(`      skipped: ${name}: ${outcome.missing}`);
        return this.skip();
      }
      const functions = [...text.matchAll(/^async def (test_\w+)/gm)].map(([, found]) => found as string);
      const reported = await reportedIn(text);
      const runs = new Map(outcome.runs.map((run) => [run.name, run]));
      for (let time = 0; time < AGAIN; time++) {
        const odd = functions.filter((found) => !agrees(runs.get(found), reported.has(found)));
        if (odd.length === 0) break;
        const again = await runAll(text, odd);
        for (const run of "runs" in again ? again.runs : []) runs.set(run.name, run);
      }
      const odd = functions.filter((found) => !agrees(runs.get(found), reported.has(found)));
      deepEqual(
        odd.map((found) => `${found}: ${reported.has(found) ? "reported" : "silent"}, ${said(runs.get(found))}`),
        [],
      );
    });
  }
});

function agrees(run: Run | undefined, isReported: boolean): boolean {
  return run !== undefined && (isReported ? run.stall >= STALL : run.stall <= NO_STALL);
}

function said(run: Run | undefined): string {
  return run ? `stalls ${run.stall} s, ${run.error || "ends well"}` : "not run";
}

/** Names of the coroutine functions that are reported: not by a hint, which is a stall too short to be measured. */
async function reportedIn(text: string): Promise<ReadonlySet<string>> {
  const { host } = await createTestHost({ "main.py": text });
  const findings = host.findings(`${PROJECT}/main.py`).filter(({ severity }) => severity !== "hint");
  host.dispose();
  return new Set(findings.map(({ entry }) => entry.function));
}

async function runAll(text: string, names: readonly string[] = []): Promise<Outcome> {
  let missing = "no Python here";
  for (const python of INTERPRETERS) {
    const { output, errors } = await runWith(python, text, names);
    const absent = /^(?:ModuleNotFoundError|ImportError): .*$/m.exec(errors)?.[0];
    const runs = output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Run);
    if (runs.length > 0) return { runs };
    missing = absent ?? errors.trim().split("\n").at(-1) ?? missing;
  }
  return { missing };
}

function runWith(
  python: string,
  text: string,
  names: readonly string[],
): Promise<{ readonly output: string; readonly errors: string }> {
  const folder = mkdtempSync(join(tmpdir(), "loopguard-stalls-"));
  const file = join(folder, "program.py");
  writeFileSync(file, text);
  const env = { ...process.env, TMPDIR: folder, NO_PROXY: "*", no_proxy: "*", PYTHONWARNINGS: "ignore" };
  return new Promise((resolve) => {
    execFile(python, [DRIVER, file, ...names], { cwd: folder, env, timeout: 30_000 }, (_, output, errors) => {
      rmSync(folder, { recursive: true, force: true });
      resolve({ output, errors });
    });
  });
}
