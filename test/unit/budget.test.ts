/**
 * How much of the installed packages is read: the same files whatever the order of the questions.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { PackageBudget } from "../../server/src/analysis/budget.js";
import { createTestHost, PROJECT } from "../support/host.js";
import { MemoryFiles } from "../support/memory.js";

const SITE = "/site";

function budgetOver(paths: readonly string[], ofOne: number, ofAll = 1000, links: Readonly<Record<string, string>> = {}) {
  const files = new MemoryFiles(Object.fromEntries(paths.map((path) => [`${SITE}/${path}`, ""])), links);
  const packageFolder = (path: string) => (path.startsWith(`${SITE}/`) ? SITE : undefined);
  return new PackageBudget(files, packageFolder, { ofOne, ofAll });
}

describe("budget of packages", () => {
  const GIANT = ["g/__init__.py", "g/z.py", "g/a/__init__.py", "g/a/deep/x.py", "g/b/y.py"];

  it("of a giant the files nearest to its top are read, in whichever order they are asked for", () => {
    const admitted = (paths: readonly string[]) => {
      const budget = budgetOver(GIANT, 3);
      return paths.filter((path) => budget.admits(`${SITE}/${path}`)).sort();
    };
    const expected = ["g/__init__.py", "g/a/__init__.py", "g/z.py"];
    deepEqual(admitted(GIANT), expected);
    deepEqual(admitted([...GIANT].reverse()), expected);
  });

  it("every other package is read as a whole, and is not listed again for each file", () => {
    const budget = budgetOver([...GIANT, "small/__init__.py", "small/a/b/c/d.py", "single.py"], 3);
    for (const path of ["small/a/b/c/d.py", "small/__init__.py", "single.py"]) equal(budget.admits(`${SITE}/${path}`), true);
    equal(budget.admits("/project/main.py"), true);
    equal(budget.admits(`${SITE}/g/b/y.py`), false);
    equal(budget.isRefused(`${SITE}/g/b/y.py`), true);
    equal(budget.refused, 1);
  });

  it("links that lead in a circle end", () => {
    const budget = budgetOver(GIANT, 100, 1000, { [`${SITE}/g/loop`]: `${SITE}/g` });
    equal(budget.admits(`${SITE}/g/b/y.py`), true);
  });

  it("a run has an end, and the next one begins anew", () => {
    const budget = budgetOver(["a.py", "b.py"], 10, 1);
    deepEqual([budget.admits(`${SITE}/a.py`), budget.admits(`${SITE}/b.py`), budget.admits(`${SITE}/a.py`)], [true, false, true]);
    budget.forget();
    equal(budget.admits(`${SITE}/b.py`), true);
  });

  it("only what is asked for is read, among ever so many packages", async () => {
    const site = ".venv/lib/python3.12/site-packages";
    const texts: Record<string, string> = { ".venv/pyvenv.cfg": "" };
    for (let index = 0; index < 2000; index++) texts[`${site}/package${index}/__init__.py`] = "def run():\n    pass\n";
    texts["main.py"] = "import package7\n\n\nasync def main():\n    package7.run()\n";
    const { host, files } = await createTestHost(texts);
    host.findings(`${PROJECT}/main.py`);
    deepEqual(
      files.reads.filter((path) => path.includes("/package")),
      [`${PROJECT}/${site}/package7/__init__.py`],
    );
    deepEqual(host.statistics().packages, { count: 1, files: 1, refused: 0 });
    host.dispose();
  });

  it("`explain` says what was not read, and why", async () => {
    const site = ".venv/lib/python3.12/site-packages";
    const texts: Record<string, string> = {
      ".venv/pyvenv.cfg": "",
      [`${site}/giant/__init__.py`]: "",
      [`${site}/odd.py`]: "'\uFFFD'",
    };
    for (let index = 0; index < 1001; index++) texts[`${site}/giant/a${index}.py`] = "";
    texts[`${site}/giant/deep/x.py`] = "import time\n\n\ndef run():\n    time.sleep(1)\n";
    texts["main.py"] = [
      "import odd",
      "from giant.deep.x import run",
      "from stubbed import gone",
      "async def main():",
      "    run()",
      "    odd.run()",
      "    gone()",
    ].join("\n");
    texts["stubs/stubbed.pyi"] = '@blocks("wait")\ndef here(): ...\ndef broken(:\n';
    texts["pyproject.toml"] = '[tool.loopguard]\nstubs = ["stubs"]\n';
    const { host } = await createTestHost(texts);
    const said = (line: number) => {
      const verdict = host.explain(`${PROJECT}/main.py`, line)[0]?.verdict;
      return verdict?.kind === "unknown" ? verdict.reason : JSON.stringify(verdict);
    };
    match(said(4), /would take too long/);
    match(said(5), /file that `odd.run` comes from is there and cannot be read/);
    match(said(6), /file that `gone` comes from has a syntax error/);
    const problems = host.problems().map(({ file, message }) => `${file.slice(PROJECT.length + 1)} ${message}`);
    deepEqual(problems.sort(), [
      `${site}/odd.py is not UTF-8 and was not analysed`,
      "stubs/stubbed.pyi has a syntax error on line 3; what else it says holds",
    ]);
    host.dispose();
  });
});
