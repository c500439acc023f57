/**
 * The case runner itself: how Markdown is read, and what counts as a met expectation.
 */
import { deepEqual, equal, match, throws } from "node:assert/strict";
import type { Finding } from "../../server/src/analysis/findings.js";
import { type CaseFile, compareFindings, parseCases } from "../support/cases.js";
import { finding } from "../support/findings.js";

function fileOf(...lines: readonly string[]): CaseFile {
  const [test] = parseCases(["# t", "```python", ...lines, "```"].join("\n"));
  return test?.files[0] as CaseFile;
}

function at(line: number, column: number, more: Partial<Finding> = {}): Finding {
  const location = { file: "/project/main.py", start: { line, column }, end: { line, column: column + 10 } };
  return finding({ location, ...more });
}

describe("case runner", () => {
  it("reads headings, files, info words and prose", () => {
    const tests = parseCases(
      [
        "# Sleeping",
        "Prose, and a block that is no file:",
        "```text",
        "# not a heading",
        "```",
        "## FN: through a dict",
        "```python app/a.py min=warning",
        "import time",
        "```",
        "```toml",
        "[tool.loopguard]",
        "```",
        "```python",
        "```",
      ].join("\n"),
    );
    equal(tests.length, 1);
    equal(tests[0]?.name, "FN: through a dict");
    deepEqual(
      tests[0]?.files.map(({ path, minimum, firstLine, text }) => [path, minimum, firstLine, text]),
      [
        ["app/a.py", "warning", 8, "import time\n"],
        ["pyproject.toml", "hint", 11, "[tool.loopguard]\n"],
        ["main.py", "hint", 14, "\n"],
      ],
    );
  });

  it("reads several marks of one line and blanks them", () => {
    const file = fileOf("a(b())", "# ^^^ blocking-sleep[warning, definite]: 1 s", "  #   ^ blocking-file", "c()");
    equal(file.text, "a(b())\n\n\nc()\n");
    deepEqual(file.marks, [
      { line: 0, column: 2, rule: "blocking-sleep", qualifiers: ["warning", "definite"], text: "1 s" },
      { line: 0, column: 6, rule: "blocking-file", qualifiers: [], text: "" },
    ]);
  });

  it("refuses what cannot be meant", () => {
    throws(() => parseCases("# t\n```python\nx = 1\n"), /line 2: the fence is never closed/);
    throws(() => parseCases("```python\n```"), /without a heading/);
    throws(() => parseCases("# t\n```python\n```\n```python\n```"), /main.py occurs twice/);
    throws(() => parseCases("# t\n```python\n```\n# t\n```python\n```"), /second test called "t"/);
    throws(() => fileOf("# ^ blocking-sleep"), /line 3: a mark reads/);
    throws(() => fileOf("x", "# ^ blocking-sleep[loud]"), /\[loud\] is none of/);
    throws(() => parseCases("# t\n```python min=loud\n```"), /names no severity/);
  });

  it("meets a mark by rule, place, text, severity and confidence", () => {
    const file = fileOf("  time.sleep(1)", "# ^^ blocking-sleep[warning definite]: time.sleep");
    deepEqual(compareFindings(file, [at(0, 2)]), []);
    deepEqual(compareFindings(file, [at(0, 0)]), []);
    for (const wrong of [
      at(0, 3),
      at(1, 2),
      at(0, 2, { rule: "blocking-file" }),
      at(0, 2, { severity: "hint" }),
      at(0, 2, { confidence: "probable" }),
      at(0, 2, { message: "Something else blocks the event loop.", path: [] }),
    ]) {
      const differences = compareFindings(file, [wrong]);
      equal(differences.length, 2);
      match(differences[0] ?? "", /^3:3: expected blocking-sleep\[warning definite\]: time.sleep, found/);
      match(differences[1] ?? "", /unexpected/);
    }
  });

  it("wants every finding marked, once", () => {
    const file = fileOf("  time.sleep(1)", "# ^^ blocking-sleep");
    match(compareFindings(file, [at(0, 2), at(0, 2)])[0] ?? "", /^3:3: unexpected blocking-sleep/);
    match(compareFindings(file, [])[0] ?? "", /found nothing/);
  });

  it("matches overlapping marks in whichever order works", () => {
    const file = fileOf("  f(g())", "# ^ blocking-sleep", "# ^ blocking-sleep[hint]");
    deepEqual(compareFindings(file, [at(0, 2, { severity: "hint" }), at(0, 2)]), []);
  });

  it("passes over what is below the minimum, and over steps of another finding", () => {
    const [test] = parseCases("# t\n```python min=warning\nx\n```");
    deepEqual(compareFindings(test?.files[0] as CaseFile, [at(0, 0, { severity: "hint" })]), []);
    deepEqual(compareFindings(fileOf("x"), [at(0, 0, { partOf: "1" })]), []);
    deepEqual(compareFindings(fileOf("x.read()", "# ^ blocking-sleep[part]"), [at(0, 2, { partOf: "1" })]), []);
    equal(compareFindings(fileOf("x.read()", "# ^ blocking-sleep[part]"), [at(0, 2)]).length, 2);
  });
});
