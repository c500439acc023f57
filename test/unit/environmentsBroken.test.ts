/**
 * Environments that are damaged or strange, under a whole analysis: whatever lies there, the program's own findings stand,
 * and a call into what cannot be read says so.
 */
import { deepEqual, match, ok } from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { readPyproject } from "../../server/src/analysis/pyproject.js";
import { createNodeFiles, toCorePath } from "../../server/src/platform/node.js";
import { loadForTests } from "../support/host.js";
import { MemoryLog, stillClock } from "../support/memory.js";

const SITE = ".venv/lib/python3.12/site-packages";
const SLEEPS = "import time\n\n\ndef run():\n    time.sleep(1)\n";

describe("broken environments", () => {
  let folder: string;
  let log: MemoryLog;
  let host: AnalysisHost | undefined;

  beforeEach(() => {
    folder = toCorePath(realpathSync(mkdtempSync(join(tmpdir(), "loopguard-"))));
    log = new MemoryLog();
    write(".venv/pyvenv.cfg", "home = /nowhere\n");
  });

  afterEach(() => {
    host?.dispose();
    host = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const link = (target: string, path: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(target, join(folder, path));
  };

  /** Findings of a program with these lines in its coroutine, by line behind the first, and what is said of those without. */
  async function check(imports: string, ...lines: readonly string[]): Promise<readonly string[]> {
    write(
      "main.py",
      `import time\n${imports}\n\nasync def main():\n    time.sleep(1)\n${lines.map((line) => `    ${line}\n`).join("")}`,
    );
    const { grammar, distribution } = await loadForTests();
    host = createAnalysisHost({
      grammar,
      knowledge: distribution.knowledge,
      files: createNodeFiles(log),
      clock: stillClock,
      log,
    });
    const settings = '[tool.loopguard]\nstubs = ["stubs"]\n';
    host.setFolders([{ path: folder, configuration: readPyproject(settings).configuration }]);
    for (const _ of host.index());
    const found = host.findings(`${folder}/main.py`).map(({ location, rule }) => [location.start.line - 4, rule] as const);
    ok(
      found.some(([line, rule]) => line === 0 && rule === "blocking-sleep"),
      "the program's own finding stands",
    );
    return lines.map((_, index) => {
      const own = found.find(([line]) => line === index + 1);
      const verdict = host?.explain(`${folder}/main.py`, index + 5)[0]?.verdict;
      return own?.[1] ?? (verdict && "reason" in verdict ? verdict.reason : "nothing");
    });
  }

  it("an environment that is half deleted is named once, and calls into it say what is missing", async () => {
    link("/nowhere/python3.12", ".venv/lib/python3.12");
    const [said] = await check("import gone", "gone.run()");
    match(said ?? "", /`gone` is neither in the workspace nor among the packages/);
    const expected = "has no folder of installed packages; calls into packages stay unknown";
    deepEqual(host?.problems(), [{ file: `${folder}/.venv`, message: expected }]);
    deepEqual(log.warnings, [`${folder}/.venv ${expected}.`]);
  });

  it("links that lead in circles, files in the place of folders, install files that name themselves", async () => {
    write(`${SITE}/good.py`, SLEEPS);
    write(`${SITE}/file`, "");
    write(`${SITE}/dotted.py/__init__.py`, SLEEPS);
    link(".", `${SITE}/circle`);
    link("loop", `${SITE}/loop`);
    write(`${SITE}/self.pth`, `.\nself.pth\n/gone/away\n../site-packages\nimport sys; sys.exit(1)\n`);
    write(`${SITE}/__editable___x_finder.py`, "MAPPING = {'mapped': '/gone/mapped', 'odd\n");
    const calls = ["good.run()", "file.run()", "dotted.run()", "circle.circle.good.run()", "loop.run()", "mapped.run()"];
    const said = await check("import good, file, dotted, loop, mapped, circle.circle.good", ...calls);
    deepEqual([said[0], said[3]], ["blocking-sleep", "blocking-sleep"]);
    for (const index of [1, 2, 4, 5]) match(said[index] ?? "", /neither in the workspace nor/);
  });

  it("stubs that import each other, and themselves", async () => {
    write("stubs/one.pyi", 'from two import *\nfrom two import Two\nclass One(Two): ...\n@blocks("wait")\ndef wait(): ...\n');
    write("stubs/two.pyi", "from one import *\nfrom one import One\nfrom two import missing\nclass Two(One): ...\n");
    const said = await check("from one import One, wait", "wait()", "One().go()");
    deepEqual(said[0], "blocking-wait");
    ok(said[1] !== undefined && !said[1].startsWith("blocking"));
  });

  it("source in the encoding that it names", async () => {
    writeFileSync(join(folder, "latin.py"), Buffer.from(`# -*- coding: latin-1 -*-\n# ä\n${SLEEPS}`, "latin1"));
    deepEqual(await check("from latin import run", "run()"), ["blocking-sleep"]);
    deepEqual(
      host?.problems().filter(({ file }) => file.endsWith("latin.py")),
      [],
    );
  });
});
