/**
 * Offsets and positions: every kind of line end, and positions that no text has.
 */
import { deepEqual, equal } from "node:assert/strict";
import { lineStartsOf, offsetAt, positionAt } from "../../server/src/base/lines.js";

describe("lines", () => {
  it("end at a line feed, a carriage return, or both", () => {
    deepEqual(lineStartsOf("a\nb\r\nc\rd"), [0, 2, 5, 7]);
    deepEqual(lineStartsOf("\r\r\n\n"), [0, 1, 3, 4]);
    deepEqual(lineStartsOf(""), [0]);
    // Python knows no others.
    deepEqual(lineStartsOf("a\u2028b\u0085c\fd"), [0]);
  });

  it("give every offset its position, and back", () => {
    const text = "a\n😀b\r\n\r\rcd\n";
    const starts = lineStartsOf(text);
    for (let offset = 0; offset <= text.length; offset++) {
      // Between the two characters of a line end there is no place.
      if (text.slice(offset - 1, offset + 1) === "\r\n") continue;
      equal(offsetAt(starts, text, positionAt(starts, offset)), offset);
    }
  });

  it("a column behind the line's end means the end of that line", () => {
    const offset = (text: string, line: number, column: number): number => offsetAt(lineStartsOf(text), text, { line, column });
    equal(offset("ab\ncd\n", 0, 99), 2);
    equal(offset("ab\ncd\n", 0, 3), 2);
    equal(offset("ab\r\ncd", 0, 3), 2);
    equal(offset("ab\rcd", 0, 9), 2);
    equal(offset("\r\r\n", 1, 5), 1);
    equal(offset("ab\n\ncd", 1, 1), 3);
    equal(offset("ab\ncd", 1, 99), 5);
    equal(offset("ab\n", 1, 4), 3);
    equal(offset("", 0, 1), 0);
  });

  it("a line behind the text means its end, one before it the start", () => {
    equal(offsetAt([0, 3], "ab\ncd", { line: 7, column: 1 }), 5);
    equal(offsetAt([0, 3], "ab\ncd", { line: -1, column: 4 }), 0);
    equal(offsetAt([0, 3], "ab\ncd", { line: 1, column: -4 }), 3);
  });
});
