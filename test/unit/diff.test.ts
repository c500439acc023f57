/**
 * Unified diffs: the known shapes, and whatever `patch` says of random ones.
 */
import { equal } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { unifiedDiff } from "../../server/src/report/diff.js";

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");

describe("unified diff", () => {
  it("is empty for equal texts", () => {
    equal(unifiedDiff("a.py", "x\n", "x\n"), "");
  });

  it("shows a change with its context", () => {
    const before = lines("1", "2", "3", "4", "5", "6", "7", "8", "9");
    equal(
      unifiedDiff("a.py", before, before.replace("5\n", "five\n")),
      lines("--- a/a.py", "+++ b/a.py", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8"),
    );
  });

  it("parts changes that are far from each other", () => {
    const before = Array.from({ length: 20 }, (_, index) => `${index}\n`).join("");
    const after = `import asyncio\n${before.replace("15\n", "")}`;
    equal(
      unifiedDiff("a.py", before, after),
      lines(
        ...["--- a/a.py", "+++ b/a.py", "@@ -1,3 +1,4 @@", "+import asyncio", " 0", " 1", " 2"],
        ...["@@ -13,7 +14,6 @@", " 12", " 13", " 14", "-15", " 16", " 17", " 18"],
      ),
    );
  });

  it("says where the last line has no end", () => {
    equal(
      unifiedDiff("a.py", "a\nb", "a\nc\n"),
      "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n",
    );
  });

  it("names a file outside of the folder from the root", () => {
    equal(unifiedDiff("/srv/app/a.py", "a\n", "b\n"), "--- a/srv/app/a.py\n+++ b/srv/app/a.py\n@@ -1 +1 @@\n-a\n+b\n");
  });

  it("is what patch applies, for any two texts", function () {
    if (spawnSync("patch", ["--version"]).status !== 0) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "loopguard-"));
    try {
      const text = fc
        .tuple(fc.array(fc.constantFrom("a", "b", "c", "", "  d"), { maxLength: 30 }), fc.boolean())
        .map(([parts, ends]) => parts.join("\n") + (ends && parts.length > 0 ? "\n" : ""));
      fc.assert(
        fc.property(text, text, (before, after) => {
          // An emptied file is removed by patch.
          fc.pre(before !== after && before !== "" && after !== "");
          writeFileSync(join(folder, "a.py"), before);
          const { status, stdout, stderr } = spawnSync("patch", ["-p1", "--silent", "--fuzz=0"], {
            cwd: folder,
            input: unifiedDiff("a.py", before, after),
            encoding: "utf8",
          });
          equal(status, 0, stdout + stderr);
          equal(readFileSync(join(folder, "a.py"), "utf8"), after);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
