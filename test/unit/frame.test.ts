/**
 * Code frames: carets stand under the code in a terminal, whatever the line is made of.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { lineStartsOf } from "../../server/src/base/lines.js";
import { type Frame, frameOf, printable } from "../../server/src/report/frame.js";

function frame(text: string, start: [number, number], end: [number, number]): Frame | undefined {
  const location = { file: "/a.py", start: { line: start[0], column: start[1] }, end: { line: end[0], column: end[1] } };
  return frameOf(text, lineStartsOf(text), location);
}

describe("code frame", () => {
  it("marks a range of one line", () => {
    deepEqual(frame("a\n  b()\nc\n", [1, 2], [1, 5]), { code: "  b()", indent: "  ", carets: "^^^" });
    deepEqual(frame("a\r\n  b()\r\nc\r\n", [1, 2], [1, 5]), { code: "  b()", indent: "  ", carets: "^^^" });
  });

  it("marks to the end of the line when the range goes on", () => {
    deepEqual(frame("x = f(  \n  1,\n)\n", [0, 4], [2, 1]), { code: "x = f(  ", indent: "    ", carets: "^^" });
  });

  it("keeps tabs and counts wide characters twice, marks not at all", () => {
    deepEqual(frame("\tf()", [0, 1], [0, 4])?.indent, "\t");
    deepEqual(frame('x = "日本"; f()', [0, 10], [0, 13]), { code: 'x = "日本"; f()', indent: " ".repeat(12), carets: "^^^" });
    deepEqual(frame('x = "🐍"; f()', [0, 10], [0, 13])?.indent, " ".repeat(10));
    deepEqual(frame('x = "e\u0301"; f()', [0, 10], [0, 13])?.indent, " ".repeat(9));
  });

  it("cuts a long line around the range", () => {
    const line = `${"a = 1; ".repeat(100)}f(); ${"b = 2; ".repeat(100)}`;
    const cut = frame(line, [0, 700], [0, 703]);
    match(cut?.code ?? "", /^\.\.\..*f\(\).*\.\.\.$/);
    equal((cut?.code ?? "").slice(cut?.indent.length).startsWith("f()"), true);
    equal((cut?.code.length ?? 0) < 170, true);
    const whole = frame(line, [0, 0], [0, line.length]);
    equal((whole?.carets.length ?? 0) <= (whole?.code.length ?? 0), true);
  });

  it("is undefined for a line that is gone, and harmless for a column that is", () => {
    equal(frame("a\n", [5, 0], [5, 1]), undefined);
    deepEqual(frame("a\n", [0, 9], [0, 12]), { code: "a", indent: " ", carets: "^" });
  });

  it("lets no escape sequence through", () => {
    equal(printable("a\u001b[31mb\u009bc\u202ed\te"), "a\uFFFD[31mb\uFFFDc\uFFFDd\te");
  });
});
