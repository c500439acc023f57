/**
 * Effects through call graphs of any shape: the same findings with the same paths whichever file is asked first and
 * whatever was edited before, and work that grows with the program and not faster.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { readPyproject } from "../../server/src/analysis/pyproject.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import { MemoryFiles, MemoryLog, stillClock } from "../support/memory.js";
import { checkProperty } from "../support/properties.js";

type Texts = Readonly<Record<string, string>>;

/** A statement of a made-up function: a call of another one, which may be undecided or under a condition, or a primitive. */
interface Statement {
  readonly kind: "call" | "either" | "guarded" | "primitive";
  readonly callee: number;
  readonly other: number;
  readonly args: string;
  readonly primitive: string;
}

interface MadeUp {
  readonly file: number;
  readonly body: readonly Statement[];
}

const FILES = 3;
const PRIMITIVES = ["time.sleep(1)", "time.sleep(a)", "q.get()", "q.get(timeout=3)", "os.stat('x')", "shutil.rmtree('x')"];

const statement: fc.Arbitrary<Statement> = fc.record({
  kind: fc.constantFrom("call", "call", "either", "guarded", "primitive"),
  callee: fc.nat(12),
  other: fc.nat(12),
  args: fc.constantFrom("", "", "a, b", "0, True", "2, False"),
  primitive: fc.constantFrom(...PRIMITIVES),
});
const graph: fc.Arbitrary<readonly MadeUp[]> = fc.array(
  fc.record({ file: fc.nat(FILES - 1), body: fc.array(statement, { maxLength: 4 }) }),
  { minLength: 3, maxLength: 13 },
);

/** The files of a call graph. Every function has a coroutine that calls it. */
function write(functions: readonly MadeUp[]): Texts {
  const texts: Record<string, string> = {};
  for (let file = 0; file < FILES; file++) {
    const name = (index: number): string => {
      const callee = index % functions.length;
      const home = functions[callee]?.file;
      return home === file ? `f${callee}` : `m${home}.f${callee}`;
    };
    const lines = ["import time, os, shutil, queue", "q = queue.Queue()"];
    for (let other = 0; other < FILES; other++) if (other !== file) lines.push(`import m${other}`);
    functions.forEach(({ file: home, body }, index) => {
      if (home !== file) return;
      lines.push(`def f${index}(a=1, b=True):`, "    pass");
      for (const { kind, callee, other, args, primitive } of body) {
        if (kind === "primitive") lines.push(`    ${primitive}`);
        else if (kind === "call") lines.push(`    ${name(callee)}(${args})`);
        else if (kind === "guarded") lines.push("    if b:", `        ${name(callee)}(${args})`);
        else lines.push(`    g = ${name(callee)} if a else ${name(other)}`, `    g(${args})`);
      }
      lines.push(`async def e${index}():`, `    f${index}()`);
    });
    texts[`m${file}.py`] = `${lines.join("\n")}\n`;
  }
  return texts;
}

/** A host that has read nothing yet. */
async function hostOver(texts: Texts): Promise<AnalysisHost> {
  const { grammar, distribution } = await loadForTests();
  const files = new MemoryFiles(Object.fromEntries(Object.entries(texts).map(([path, text]) => [`${PROJECT}/${path}`, text])));
  const log = new MemoryLog();
  const host = createAnalysisHost({ grammar, knowledge: distribution.knowledge, files, clock: stillClock, log });
  host.setFolders([{ path: PROJECT, configuration: readPyproject("").configuration }]);
  return host;
}

/** Findings of all files, asked in the order of `paths`, by file. */
function findingsOf(host: AnalysisHost, paths: readonly string[]): unknown {
  const found = new Map(paths.map((path) => [path, host.findings(`${PROJECT}/${path}`)]));
  return [...paths].sort().map((path) => [path, found.get(path)]);
}

describe("propagation", () => {
  before(() => loadForTests());

  it("gives the same findings and paths in any order and after any edit", async function () {
    this.timeout(60_000);
    const property = fc.asyncProperty(
      graph,
      fc.shuffledSubarray(["m0.py", "m1.py", "m2.py"], { minLength: 3 }),
      async (functions, order) => {
        const texts = write(functions);
        const first = await hostOver(texts);
        const expected = findingsOf(first, Object.keys(texts));
        first.dispose();
        const second = await hostOver(texts);
        deepEqual(findingsOf(second, order), expected);
        const edited = order[0] as string;
        second.open(`${PROJECT}/${edited}`, (texts[edited] as string).replaceAll("time.sleep(1)", "pass"));
        findingsOf(second, order);
        second.open(`${PROJECT}/${edited}`, texts[edited] as string);
        deepEqual(findingsOf(second, order), expected);
        second.dispose();
      },
    );
    await checkProperty(property, { runs: 60, seconds: 30 });
  });

  const ring = (length: number): string =>
    `import time\n${Array.from(
      { length },
      (_, index) => `def f${index}():\n    f${(index + 1) % length}()\n${index === length / 2 ? "    time.sleep(1)\n" : ""}`,
    ).join("")}async def main():\n    f0()\n`;
  const line = (length: number): string =>
    `import time\n${Array.from({ length }, (_, index) => `def f${index}():\n    f${index + 1}()\n`).join("")}def f${length}():
    time.sleep(1)\nasync def main():\n    f0()\n`;
  const shapes = { ring: [ring, (length: number) => length / 2 + 2], line: [line, (length: number) => length + 2] } as const;

  for (const [shape, [make, hops]] of Object.entries(shapes)) {
    it(`computes as much more as a ${shape} of functions is longer`, async () => {
      const perFunction: number[] = [];
      for (const length of [50, 100, 200, 400]) {
        const { host } = await createTestHost({ "main.py": make(length) });
        const [finding] = host.findings(`${PROJECT}/main.py`);
        equal(finding?.path.length, hops(length));
        perFunction.push(host.counters().computedSummaries / length);
        host.dispose();
      }
      ok(
        perFunction.every((count) => count <= 3),
        perFunction.join(" "),
      );
    });
  }

  it("computes a function once, however many call it and however often", async () => {
    const callers = Array.from({ length: 300 }, (_, index) => `def f${index}():\n    nap()\n`).join("");
    const { host } = await createTestHost({
      "main.py": `import time\ndef nap():\n    time.sleep(1)\n${callers}async def main():\n${"    nap()\n".repeat(300)}`,
    });
    equal(host.findings(`${PROJECT}/main.py`).length, 300);
    // What each function does, and the fates of the callables it is given.
    ok(host.counters().computedSummaries <= 2 * 302);
    host.dispose();
  });
});
