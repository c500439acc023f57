/**
 * The commands with the real analysis: what only shows when findings, fixes and files meet.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { run } from "../support/commandLine.js";
import { loadForTests } from "../support/host.js";
import { MemoryFiles } from "../support/memory.js";

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");

const FILES = {
  "/project/pyproject.toml": lines("[project]", 'requires-python = ">=3.9"'),
  "/project/main.py": lines(
    "import asyncio",
    "import time",
    "from helper import load",
    "",
    "",
    "async def main():",
    "    time.sleep(5)",
    "    return load()",
  ),
  "/project/helper.py": lines("import subprocess", "", "", "def load():", '    return subprocess.run(["make"])'),
  "/project/vendor/old.py": lines("import time", "", "", "async def old():", "    time.sleep(1)"),
};

describe("loopguard with the real analysis", () => {
  before(() => loadForTests());

  it("prints the path through another file", async () => {
    const { output, exitCode } = await run(["check", "main.py"], FILES, "real");
    equal(exitCode, 1);
    match(output, /→ main +main\.py:8\n {4}→ load +helper\.py:5\n {4}→ subprocess\.run\n/);
    match(output, /2 warnings in 1 file/);
  });

  it("reports only what was named", async () => {
    equal((await run(["check", "helper.py"], FILES, "real")).output, "0 errors, 0 warnings in 1 file.\n");
    match((await run(["check", "."], FILES, "real")).output, /3 warnings in 3 files/);
  });

  it("checks an excluded folder when it is named", async () => {
    const files = { ...FILES, "/project/pyproject.toml": '[tool.loopguard]\nexclude = ["vendor"]\n' };
    match((await run(["check"], files, "real")).output, /2 warnings in 2 files/);
    match((await run(["check", "vendor"], files, "real")).output, /1 warning in 1 file/);
  });

  it("checks an installed package when it is named", async () => {
    const path = "/project/.venv/lib/python3.11/site-packages/thing/core.py";
    const files = { ...FILES, [path]: FILES["/project/vendor/old.py"], "/project/.venv/pyvenv.cfg": "" };
    match((await run(["check", ".venv/lib/python3.11/site-packages/thing"], files, "real")).output, /1 warning in 1 file/);
    match((await run(["check", path], files, "real")).output, /1 warning in 1 file/);
  });

  it("applies the preferred fixes and reports what is left", async () => {
    const { output, errors, files, exitCode } = await run(["check", "main.py", "--fix"], FILES, "real");
    match(errors, /^Applied 2 fixes in 1 file\.\n/);
    equal(output, "0 errors, 0 warnings in 1 file.\n");
    equal(exitCode, 0);
    const written = files.read("/project/main.py", 1e6);
    match(written?.kind === "text" ? written.text : "", /await asyncio\.sleep\(5\)\n {4}return await asyncio\.to_thread\(load\)/);
  });

  it("prints the fixes as a diff, changes nothing and still fails", async () => {
    const { output, files, exitCode } = await run(["check", "main.py", "--diff"], FILES, "real");
    match(output, /^--- a\/main\.py\n\+\+\+ b\/main\.py\n@@ /);
    match(output, /^- {4}time\.sleep\(5\)\n/m);
    match(output, /^\+ {4}await asyncio\.sleep\(5\)\n/m);
    equal(exitCode, 1);
    deepEqual(files.read("/project/main.py", 1e6), { kind: "text", text: FILES["/project/main.py"] });
    equal((await run(["check", "--fix", "--diff"], FILES, "real")).exitCode, 2);
  });

  it("names the fixes in JSON only when asked to", async () => {
    const fixesOf = async (...more: string[]) => {
      const { output } = await run(["check", "main.py", "--format", "json", ...more], FILES, "real");
      return JSON.parse(output).findings.map(({ fixes }: { fixes?: object[] }) => fixes?.[0]);
    };
    deepEqual(await fixesOf(), [undefined, undefined]);
    const [first] = await fixesOf("--with-fixes");
    deepEqual(Object.keys(first).sort(), ["kind", "preferred", "title"]);
    match(first.title, /asyncio\.sleep/);
  });

  describe("with a baseline", () => {
    const accepted = async () => {
      const { files, errors, exitCode, output } = await run(
        ["check", "--baseline", "known.json", "--update-baseline"],
        FILES,
        "real",
      );
      equal(errors, "Made known.json: 3 findings.\n");
      deepEqual([exitCode, output], [0, "0 errors, 0 warnings in 3 files.\n"]);
      const written = files.read("/project/known.json", 1e6);
      return written?.kind === "text" ? written.text : "";
    };
    const check = (texts: Readonly<Record<string, string>>, ...more: string[]) =>
      run(["check", "--baseline", "known.json", ...more], texts, "real");
    const SLEEPY = "import time\n\n\nasync def fresh():\n    time.sleep(1)\n";

    it("reports what the baseline does not hold, wherever it moved", async () => {
      const known = await accepted();
      const moved = `# a comment\n${FILES["/project/main.py"]}`;
      equal((await check({ ...FILES, "/project/main.py": moved, "/project/known.json": known })).exitCode, 0);
      const more = await check({ ...FILES, "/project/fresh.py": SLEEPY, "/project/known.json": known });
      equal(more.exitCode, 1);
      match(more.output, /fresh\.py:5:5/);
      match(more.output, /1 warning in 4 files/);
      // A script of the same name elsewhere has the same fingerprints.
      const twin = await check({ ...FILES, "/project/other/main.py": FILES["/project/main.py"], "/project/known.json": known });
      match(twin.output, /^other\/main\.py:/);
    });

    it("only shrinks: an update drops what is gone and takes in nothing", async () => {
      const known = await accepted();
      const gone = { ...FILES, "/project/vendor/old.py": "", "/project/fresh.py": SLEEPY, "/project/known.json": known };
      match((await check(gone)).errors, /^1 finding of known\.json is gone; --update-baseline drops it\.\n/);
      const { errors, files, exitCode } = await check(gone, "--update-baseline");
      equal(errors, "Updated known.json: 1 finding is gone.\n");
      equal(exitCode, 1);
      const written = files.read("/project/known.json", 1e6);
      const { findings } = JSON.parse(written?.kind === "text" ? written.text : "");
      deepEqual(
        findings.map(({ file }: { file: string }) => file),
        ["main.py", "main.py"],
      );
    });

    it("keeps what stands in files that were not checked, and drops what stood in those that are gone", async () => {
      const known = await accepted();
      equal((await check({ ...FILES, "/project/known.json": known }, "helper.py")).errors, "");
      const { "/project/vendor/old.py": _, ...left } = FILES;
      match((await check({ ...left, "/project/known.json": known }, "helper.py")).errors, /^1 finding of known\.json is gone/);
    });

    it("says what is wrong with it", async () => {
      equal((await check(FILES)).errors, "loopguard: known.json does not exist; --update-baseline makes it.\n");
      for (const text of ["{", "[]", '{"version": 2, "findings": []}', '{"version": 1, "findings": [1]}']) {
        const { errors, exitCode } = await check({ ...FILES, "/project/known.json": text });
        deepEqual([errors, exitCode], ["loopguard: known.json is no baseline of Loopguard.\n", 2]);
      }
      const { errors } = await run(["check", "--update-baseline"], FILES, "real");
      equal(errors, "loopguard: --update-baseline needs --baseline FILE.\n");
    });
  });

  it("leaves out what was found at an earlier revision", async () => {
    const earlier = new MemoryFiles({ "/project/main.py": "import time\n\n\nasync def main():\n    time.sleep(5)\n" });
    const since = (...paths: string[]) =>
      run(["check", "--diff-base", "main", ...paths], FILES, "real", { filesAt: () => earlier });
    const { output, exitCode } = await since("main.py");
    match(output, /^main\.py:8:12.*load/);
    match(output, /1 warning in 1 file/);
    equal(exitCode, 1);
    // What was not there at all is new as a whole.
    match((await since("vendor/old.py")).output, /1 warning in 1 file/);
  });

  it("lists files that are not UTF-8 or too large, and checks the others", async () => {
    const files = { ...FILES, "/project/bad.py": "\uFFFD", "/project/big.py": "#".repeat(6_000_000) };
    const { errors, output, exitCode } = await run(["check", "."], files, "real");
    match(errors, /^loopguard: bad\.py: is not UTF-8/m);
    match(errors, /^loopguard: big\.py: is larger than 5 MB/m);
    equal(errors.trim().split("\n").length, 2);
    match(output, /3 warnings in 5 files/);
    equal(exitCode, 1);
  });

  it("explains a line that is reported and one that is not", async () => {
    match((await run(["explain", "main.py:8"], FILES, "real")).output, /load in main, which runs on the event loop\n/);
    match((await run(["explain", "helper.py:5"], FILES, "real")).output, /subprocess\.run in load/);
    match((await run(["explain", "main.py:4"], FILES, "real")).output, /nothing on this line/);
  });

  it("counts", async () => {
    const { output } = await run(["stats", "--format", "json"], FILES, "real");
    const { files, functions, findings } = JSON.parse(output);
    deepEqual([files, functions], [3, 3]);
    equal(findings["blocking-sleep"], 2);
  });

  it("counts the calls on the loop apart, and the packages that were read", async () => {
    const files = {
      "/project/pyproject.toml": "",
      "/project/.venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.12.1\n",
      "/project/.venv/lib/python3.12/site-packages/lib.py": lines("def work():", "    pass"),
      "/project/main.py": lines(
        "import lib",
        "import asyncio",
        "",
        "def helper(client):",
        "    client.get()",
        "    lib.work()",
        "",
        "def callback():",
        "    lib.work()",
        "",
        "async def main(loop: asyncio.AbstractEventLoop, thing):",
        "    loop.call_soon(callback)",
        "    helper(thing)",
        "    thing.go()",
      ),
    };
    const { output } = await run(["stats", "--format", "json"], files, "real");
    const { functions, entries, packages, calls, callsInEntries } = JSON.parse(output);
    deepEqual(
      [functions, entries, packages, calls, callsInEntries],
      [
        3,
        2,
        { count: 1, files: 1, refused: 0 },
        { resolved: 3, external: 1, unknown: { parameter: 2 } },
        { resolved: 2, external: 1, unknown: { parameter: 1 } },
      ],
    );
  });

  it("counts what was named, and nothing else", async () => {
    const { statistics } = JSON.parse((await run(["check", "vendor", "--format", "json"], FILES, "real")).output);
    deepEqual([statistics.files, statistics.functions, statistics.findings], [1, 1, { "blocking-sleep": 1 }]);
    const { files, findings } = JSON.parse((await run(["stats", "helper.py", "--format", "json"], FILES, "real")).output);
    deepEqual([files, findings], [1, {}]);
  });

  it("counts and checks what .gitignore names only when that is named", async () => {
    const files = { ...FILES, "/project/.gitignore": "vendor/\n" };
    match((await run(["check"], files, "real")).output, /2 warnings in 2 files/);
    match((await run(["check", "vendor"], files, "real")).output, /1 warning in 1 file/);
    const { statistics } = JSON.parse((await run(["check", "vendor", "--format", "json"], files, "real")).output);
    deepEqual([statistics.files, statistics.findings], [1, { "blocking-sleep": 1 }]);
  });
});
