/**
 * Edits of whole lines: they make one text of the other, and leave alone what is the same.
 */
import { deepEqual, equal } from "node:assert/strict";
import { lineEdits } from "../../server/src/features/code-actions.js";
import { applyEdits } from "../../server/src/features/fixes/index.js";

describe("edits of whole lines", () => {
  it("turn one text into the other", () => {
    const texts = ["", "a", "a\n", "a\nb\n", "b\na\n", "a\r\nb", "x\n\ny\n\nz\n", "x\n\nnew\n\nz\n", "\n\n", "a\rb\n"];
    for (const before of texts) {
      for (const after of texts) equal(applyEdits(before, lineEdits(before, after)), after);
    }
  });

  it("touch only what differs", () => {
    const before = "import time\n\nasync def a():\n    time.sleep(1)\n\nasync def b():\n    time.sleep(2)\n";
    const after = "import asyncio\n\nasync def a():\n    await asyncio.sleep(1)\n\nasync def b():\n    await asyncio.sleep(2)\n";
    deepEqual(
      lineEdits(before, after).map(({ text }) => text),
      ["import asyncio\n", "    await asyncio.sleep(1)\n", "    await asyncio.sleep(2)\n"],
    );
    deepEqual(lineEdits(before, before), []);
  });

  it("replace a long difference as a whole", () => {
    const lines = (name: string): string => Array.from({ length: 400 }, (_, index) => `${name}${index}\n`).join("");
    equal(lineEdits(lines("a"), lines("b")).length, 1);
  });
});
