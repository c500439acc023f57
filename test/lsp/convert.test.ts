/**
 * Places as the protocol writes them: URIs and paths of every kind, positions out of range.
 */
import { deepEqual, equal } from "node:assert/strict";
import { lineStartsOf } from "../../server/src/base/lines.js";
import { fromPosition, isUri, pathOf, rangesTouch, toTextEdits, uriOf } from "../../server/src/lsp/convert.js";

describe("URIs and paths", () => {
  it("file URIs become paths that do not depend on the machine", () => {
    const cases = [
      ["file:///home/u/a.py", "/home/u/a.py"],
      ["file:///home/u/with%20space%23/a.py", "/home/u/with space#/a.py"],
      ["file:///c%3A/Work/a.py", "c:/Work/a.py"],
      ["file:///C:/Work/a.py", "c:/Work/a.py"],
      ["file://server/share/a.py", "//server/share/a.py"],
      ["file:///home/%C3%BC/a.py", "/home/ü/a.py"],
    ];
    for (const [uri, path] of cases) equal(pathOf(uri as string), path);
  });

  it("paths become URIs in VS Code's spelling, and back", () => {
    const cases = [
      ["/home/u/a b#.py", "file:///home/u/a%20b%23.py"],
      ["c:/Work/a.py", "file:///c%3A/Work/a.py"],
      ["//server/share/a.py", "file://server/share/a.py"],
      ["/odd/back\\slash(1).py", "file:///odd/back%5Cslash%281%29.py"],
    ];
    for (const [path, uri] of cases) {
      equal(uriOf(path as string), uri);
      equal(pathOf(uri as string), path);
    }
  });

  it("what is no file keeps its URI as its path", () => {
    for (const uri of ["untitled:Untitled-1", "vscode-notebook-cell:/a.ipynb#W0", "not a uri"]) {
      equal(pathOf(uri), uri);
    }
    equal(uriOf("untitled:Untitled-1"), "untitled:Untitled-1");
    deepEqual(["c:/a.py", "/a:b/c.py", "untitled:x"].map(isUri), [false, false, true]);
  });
});

describe("positions", () => {
  it("are clamped to what a position can be", () => {
    deepEqual(fromPosition({ line: -1, character: 2.7 }), { line: 0, column: 2 });
    deepEqual(fromPosition({ line: Number.NaN, character: Number.POSITIVE_INFINITY }), { line: 0, column: 0 });
  });

  it("ranges that share an end touch", () => {
    const range = (start: number, end: number) => ({ start: { line: 0, character: start }, end: { line: 0, character: end } });
    deepEqual(
      [rangesTouch(range(2, 4), range(4, 4)), rangesTouch(range(2, 4), range(5, 9)), rangesTouch(range(0, 9), range(3, 3))],
      [true, false, true],
    );
  });

  it("edits by offset become edits by position", () => {
    deepEqual(toTextEdits([{ start: 4, end: 6, text: "x" }], lineStartsOf("abc\nde\n")), [
      { range: { start: { line: 1, character: 0 }, end: { line: 1, character: 2 } }, newText: "x" },
    ]);
  });
});
