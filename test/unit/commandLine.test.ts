/**
 * The commands: exit codes, streams, formats, settings, and everything that can be wrong with what the user named. The
 * host is a fake; what it finds is tested elsewhere.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import type { Severity } from "../../server/src/analysis/findings.js";
import { run } from "../support/commandLine.js";
import { finding } from "../support/findings.js";

const MAIN = ["import time", "", "async def main():", "    time.sleep(1)", ""].join("\n");
const FILES = { "/project/pyproject.toml": "", "/project/main.py": MAIN };

const withSeverity = (severity: Severity) => finding({ severity });

describe("loopguard check", () => {
  it("prints the finding with code, stall and path, then a summary; exit code 1", async () => {
    const { exitCode, output, errors } = await run(["check"], FILES, { findings: [finding()] });
    equal(errors, "");
    equal(
      output,
      [
        "main.py:4:5: warning[blocking-sleep]: `main` stops the event loop for 1 s: time.sleep",
        "  4 |     time.sleep(1)",
        "    |     ^^^^^^^^^^^^^",
        "  stall  1 s",
        "    → main        main.py:4",
        "    → time.sleep",
        "",
        "0 errors, 1 warning in 1 file.",
        "",
      ].join("\n"),
    );
    equal(exitCode, 1);
  });

  it("shows warnings and errors and counts the rest", async () => {
    const { exitCode, output } = await run(["check", "."], FILES, {
      findings: [withSeverity("hint"), withSeverity("hint"), withSeverity("information")],
    });
    equal(
      output,
      "0 errors, 0 warnings in 1 file. Not shown: 1 informational and 2 hints (see them with --format json, or in the editor).\n",
    );
    equal(exitCode, 0);
  });

  it("fails on the severity it is told, and shows what it fails on", async () => {
    for (const [failOn, severity, exitCode] of [
      ["error", "warning", 0],
      ["error", "error", 1],
      ["warning", "information", 0],
      ["information", "information", 1],
      ["hint", "hint", 1],
    ] as const) {
      const result = await run(["check", "--fail-on", failOn], FILES, { findings: [withSeverity(severity)] });
      equal(result.exitCode, exitCode, `${failOn} ${severity}`);
      equal(result.output.includes(`${severity}[blocking-sleep]`), exitCode === 1 || severity === "warning");
    }
  });

  it("reports everything as JSON, counted from 1", async () => {
    const { exitCode, output } = await run(["check", "--format", "json"], FILES, {
      findings: [finding({ severity: "hint", partOf: "00000000000002" })],
    });
    equal(exitCode, 0);
    deepEqual(JSON.parse(output), {
      version: 1,
      findings: [
        {
          rule: "blocking-sleep",
          severity: "hint",
          confidence: "definite",
          message: "`main` stops the event loop for 1 s: time.sleep",
          file: "/project/main.py",
          range: { start: { line: 4, column: 5 }, end: { line: 4, column: 18 } },
          entry: { function: "main", file: "/project/main.py", line: 3, column: 11 },
          path: [{ role: "call", function: "main", callee: "time.sleep", file: "/project/main.py", line: 4, column: 5 }],
          stall: { class: "wait", seconds: 1, text: "1 s" },
          part_of: "00000000000002",
          fingerprint: "00000000000001",
        },
      ],
      statistics: {
        files: 1,
        functions: 2,
        entries: 1,
        packages: { count: 1, files: 3, refused: 0 },
        calls: { resolved: 6, external: 1, unknown: { parameter: 2, dynamic: 1 } },
        callsInEntries: { resolved: 1, external: 1, unknown: { dynamic: 2 } },
        findings: { "blocking-sleep": 1 },
      },
    });
  });

  it("reports SARIF with relative files, code flows and fingerprints", async () => {
    const files = { "/project/pyproject.toml": "", "/project/a b/main.py": MAIN };
    const place = { ...finding().location, file: "/project/a b/main.py" };
    const { output } = await run(["check", "--format", "sarif"], files, { findings: [finding({ location: place })] });
    const [sarif] = JSON.parse(output).runs;
    equal(sarif.originalUriBaseIds.SRCROOT.uri, "file:///project/");
    equal(sarif.columnKind, "utf16CodeUnits");
    const [result] = sarif.results;
    equal(result.level, "warning");
    equal(sarif.tool.driver.rules[result.ruleIndex].id, "blocking-sleep");
    deepEqual(result.locations[0].physicalLocation, {
      artifactLocation: { uri: "a%20b/main.py", uriBaseId: "SRCROOT" },
      region: { startLine: 4, startColumn: 5, endLine: 4, endColumn: 18 },
    });
    equal(result.codeFlows[0].threadFlows[0].locations[0].location.message.text, "main → time.sleep");
    deepEqual(result.partialFingerprints, { "loopguard/v1": "00000000000001" });
  });

  it("writes GitHub annotations, escaped", async () => {
    const { output, exitCode } = await run(["check", "--format", "github"], FILES, {
      findings: [finding({ message: "100 %\nof it: time.sleep" }), withSeverity("hint")],
    });
    equal(exitCode, 1);
    equal(
      output.split("\n")[0],
      "::warning file=main.py,line=4,endLine=4,col=5,endColumn=17,title=loopguard blocking-sleep::100 %25%0Aof it: time.sleep (1 s)%0Amain (main.py:4) → time.sleep",
    );
    match(output, /1 warning in 1 file. Not shown: 1 hint/);
  });

  it("writes the report to a file", async () => {
    const { files, output, exitCode } = await run(["check", "--format", "json", "--output", "out.json"], FILES, {
      findings: [finding()],
    });
    equal(output, "");
    equal(exitCode, 1);
    const written = files.read("/project/out.json", 1e6);
    equal(written?.kind === "text" && JSON.parse(written.text).version, 1);
  });

  it("says when there are no Python files, and succeeds", async () => {
    const { exitCode, output, errors } = await run(["check"], { "/project/readme.md": "" });
    equal(exitCode, 0);
    equal(output, "No Python files found in /project.\n");
    equal(errors, "");
    const json = await run(["check", "--format", "json"], { "/project/readme.md": "" });
    match(json.errors, /^No Python files/);
    equal(JSON.parse(json.output).version, 1);
  });

  it("refuses paths that do not exist and options that it does not know", async () => {
    const missing = await run(["check", "nowhere.py"], FILES);
    equal(missing.exitCode, 2);
    match(missing.errors, /^loopguard: nowhere.py does not exist/);
    for (const commandLine of [
      ["check", "--nonsense"],
      ["check", "--format", "xml"],
      ["check", "--fail-on", "all"],
      ["chekc"],
      [],
    ]) {
      const { exitCode, errors, output } = await run(commandLine, FILES);
      equal(exitCode, 2, commandLine.join(" "));
      equal(output, "");
      equal(errors.length > 0, true);
    }
  });

  it("answers help and version with exit code 0", async () => {
    equal((await run(["--version"], FILES)).output, "1.2.3\n");
    const help = await run(["--help"], FILES);
    equal(help.exitCode, 0);
    for (const command of ["check", "explain", "stats", "lsp"]) match(help.output, new RegExp(`^ +${command}`, "m"));
    match((await run(["check", "--help"], FILES)).output, /--fail-on/);
  });

  it("reports an internal error as such", async () => {
    const { exitCode, errors } = await run(
      ["check"],
      FILES,
      {},
      {
        createHost: () => Promise.reject(new Error("broken inside")),
      },
    );
    equal(exitCode, 2);
    match(errors, /internal error: Error: broken inside/);
  });

  it("lists what could not be analysed and goes on", async () => {
    const { exitCode, errors, output } = await run(["check"], FILES, {
      findings: [finding()],
      problems: [{ file: "/project/latin.py", message: "is not UTF-8" }],
    });
    equal(errors, "loopguard: latin.py: is not UTF-8\n");
    match(output, /1 warning/);
    equal(exitCode, 1);
  });

  it("reads a named file where the host does not look, and says when it cannot", async () => {
    const files = { ...FILES, "/project/bad.py": "\uFFFD", "/project/big.py": "#".repeat(6_000_000) };
    const result = await run(["check", "main.py", "bad.py", "big.py"], files, { findings: [finding()], reported: [] });
    deepEqual(result.opened, ["/project/main.py"]);
    match(result.output, /1 warning in 3 files/);
    equal(
      result.errors,
      "loopguard: bad.py: is not UTF-8; it was left out.\nloopguard: big.py: is larger than 5 MB; it was left out.\n",
    );
  });

  it("draws progress on a terminal only", async () => {
    let now = 0;
    const clock = { now: () => (now += 1000) };
    equal((await run(["check"], FILES, {}, { interactive: true, clock })).errors, "\r\u001b[KReading the project: 0 %\r\u001b[K");
    equal((await run(["check"], FILES, {}, { clock })).errors, "");
  });
});

describe("projects and settings", () => {
  it("takes the nearest project around a path as the folder", async () => {
    const files = { "/repo/.git/HEAD": "", "/repo/service/setup.py": "", "/repo/service/app/main.py": "", "/repo/tool.py": "" };
    const changes = { folder: "/repo" };
    const foldersOf = async (...paths: string[]) =>
      (await run(["check", ...paths], files, {}, changes)).folders.map(({ path }) => path);
    deepEqual(await foldersOf("service/app/main.py"), ["/repo/service"]);
    deepEqual(await foldersOf("service", "tool.py"), ["/repo/service", "/repo"]);
    deepEqual(await foldersOf("."), ["/repo"]);
  });

  it("takes the folder itself when nothing looks like a project, and never a home folder", async () => {
    const files = { "/home/me/.git/HEAD": "", "/home/me/notes/a.py": "" };
    const { folders } = await run(["check", "a.py"], files, {}, { folder: "/home/me/notes" });
    deepEqual(
      folders.map(({ path }) => path),
      ["/home/me/notes"],
    );
  });

  it("reads the nearest pyproject.toml with settings, and reports its mistakes with their place", async () => {
    const files = {
      "/project/pyproject.toml": '[tool.loopguard]\nlarge-input = true\nexclude = ["service/old/**", "*_pb2.py"]\nnonsense = 1\n',
      "/project/service/pyproject.toml": "[project]\n",
      "/project/service/a.py": "",
      "/project/service/old/b.py": "",
      "/project/service/c_pb2.py": "",
    };
    const { errors, folders, output, exitCode } = await run(["check", "service"], files);
    equal(errors, "loopguard: pyproject.toml:4:1: `nonsense` is no setting of loopguard.\n");
    equal(folders[0]?.path, "/project/service");
    equal(folders[0]?.configuration.largeInput, true);
    deepEqual(folders[0]?.configuration.exclude, ["old/**", "*_pb2.py"]);
    match(output, /in 1 file\./);
    equal(exitCode, 0);
  });

  it("goes on with the defaults when pyproject.toml is broken", async () => {
    const { errors, exitCode, output } = await run(
      ["check"],
      { ...FILES, "/project/pyproject.toml": "[tool.loopguard\n" },
      { findings: [finding()] },
    );
    match(errors, /^loopguard: pyproject.toml:\d+:\d+: This is no valid TOML/);
    match(output, /1 warning/);
    equal(exitCode, 1);
  });

  it("checks what the settings include, and whatever is named", async () => {
    const files = {
      "/project/pyproject.toml": '[tool.loopguard]\ninclude = ["src"]\nexclude = ["*_pb2.py"]\n',
      "/project/src/main.py": MAIN,
      "/project/src/a_pb2.py": "",
      "/project/tools/main.py": MAIN,
      "/project/tools/more.py": MAIN,
    };
    const whole = await run(["check"], files);
    match(whole.output, /in 1 file\./);
    deepEqual(whole.folders[0]?.configuration.include, ["src"]);
    const named = await run(["check", "tools"], files);
    match(named.output, /in 2 files\./);
    deepEqual(named.folders[0]?.configuration.include, []);
  });

  it("checks a named path that the settings exclude, and applies the other excludes below it", async () => {
    const files = {
      "/project/pyproject.toml": '[tool.loopguard]\nexclude = ["old/**", "*_pb2.py", "old"]\n',
      "/project/old/main.py": MAIN,
      "/project/old/a_pb2.py": "",
    };
    const { output, folders } = await run(["check", "old"], files);
    match(output, /in 1 file\./);
    deepEqual(folders[0]?.configuration.exclude, ["*_pb2.py"]);
  });

  it("takes the interpreter from the option or the setting, each from where it is written", async () => {
    const pythonOf = async (commandLine: string[], more: Record<string, string> = {}) => {
      const { folders } = await run(commandLine, { ...FILES, ...more });
      return folders[0]?.configuration.pythonPath;
    };
    const setting = { "/project/pyproject.toml": '[tool.loopguard]\npython-path = "env/bin/python"\n' };
    equal(await pythonOf(["check", "--python", "p/python"], setting), "/project/p/python");
    equal(await pythonOf(["check"], setting), "/project/env/bin/python");
    equal(await pythonOf(["check"]), "");
  });
});

describe("loopguard explain", () => {
  const explanation = {
    location: finding().location,
    role: "call" as const,
    callee: "time.sleep",
    function: "main",
    context: { place: "loop" as const, text: "runs on the event loop" },
  };

  it("shows what is said of a line, with the finding", async () => {
    const { exitCode, output } = await run(["explain", "main.py:4"], FILES, {
      explanations: [{ ...explanation, verdict: { kind: "reported", finding: finding() } }],
    });
    equal(exitCode, 0);
    match(output, /^main.py:4:5: time.sleep in main, which runs on the event loop\nmain.py:4:5: warning\[blocking-sleep\]/);
  });

  it("says why a site is not reported", async () => {
    for (const [verdict, text] of [
      [{ kind: "silent", reason: "suppressed here" }, /blocks, but is not reported: suppressed here/],
      [{ kind: "harmless", reason: "sleep(0) only yields" }, /does not block: sleep\(0\)/],
      [{ kind: "offloaded", reason: "runs in a thread" }, /leaves the event loop: runs in a thread/],
      [{ kind: "unknown", reason: "untyped" }, /unknown: untyped/],
    ] as const) {
      match((await run(["explain", "main.py:4:9"], FILES, { explanations: [{ ...explanation, verdict }] })).output, text);
    }
    match((await run(["explain", "main.py:1"], FILES)).output, /nothing on this line/);
  });

  it("explains a rule", async () => {
    const { exitCode, output } = await run(["explain", "blocking-sleep"], FILES);
    equal(exitCode, 0);
    for (const text of [/^blocking-sleep\n/, /await asyncio\.sleep\(5\)/, /ASYNC251/, /loopguard: ignore\[blocking-sleep\]/]) {
      match(output, text);
    }
  });

  it("refuses what it cannot find", async () => {
    for (const [subject, text] of [
      ["main.py", /needs a line/],
      ["blocking-slep", /neither FILE:LINE nor a rule/],
      ["main.py:99", /lines 1 to 5/],
      ["main.py:4:0", /count from 1/],
      ["nowhere.py:1", /does not exist/],
      [".:1", /is a folder/],
    ] as const) {
      const { exitCode, errors } = await run(["explain", subject], FILES);
      equal(exitCode, 2, subject);
      match(errors, text);
    }
  });
});

describe("loopguard stats", () => {
  it("counts as a table and as JSON", async () => {
    const { output, exitCode } = await run(["stats"], FILES, { findings: [finding()] });
    equal(exitCode, 0);
    match(output, /^ {2}on the event loop +1$/m);
    match(output, /^packages read +1$/m);
    match(output, /^calls +10 +4$/m);
    match(output, /^ {2}followed +6 {3}60\.0 % +1 {3}25\.0 %$/m);
    match(output, /^ {4}parameter: an argument without a type +2 {3}20\.0 % +0 {4}0\.0 %$/m);
    match(output, /^ {4}dynamic: shows at run time +1 {3}10\.0 % +2 {3}50\.0 %$/m);
    equal(JSON.parse((await run(["stats", "--format", "json"], FILES)).output).functions, 2);
  });
});
