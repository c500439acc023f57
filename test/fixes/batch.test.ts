/**
 * All preferred fixes of a file at once, over every program of the fix tests: what comes out is Python, has nothing left
 * to fix, and a second time changes nothing.
 */
import { deepEqual, equal } from "node:assert/strict";
import { type AppliedFix, fixAll } from "../../server/src/features/fixes/index.js";
import { arrangeEdits } from "../../server/src/features/fixes/text/edits.js";
import { sourceFiles } from "../support/project.js";
import { analyse } from "./analysis.js";
import { optionsOf, type Program, readPrograms } from "./programs.js";

interface Fixed {
  readonly text: string;
  readonly applied: readonly AppliedFix[];
  readonly broken: boolean;
}

async function fixedText(program: Program, text: string): Promise<Fixed> {
  const { host, grammar, path, dispose } = await analyse(text, optionsOf(program, "python")[0]);
  try {
    const fixed = fixAll(host, grammar, path);
    return { ...fixed, broken: fixed.text !== text && host.trial(path, fixed.text).broken };
  } finally {
    dispose();
  }
}

describe("all fixes of a file", function () {
  this.timeout(240_000);
  for (const { path, text } of sourceFiles("test/fixes/programs", /\.md$/)) {
    it(`of ${path} are applied once`, async () => {
      for (const program of readPrograms(text)) {
        // What is refused has little that is preferred.
        if (optionsOf(program, "fix").length === 0) continue;
        const once = await fixedText(program, program.text);
        equal(once.broken, false, once.text);
        equal(once.applied.length === 0, once.text === program.text, program.name);
        for (const { fix } of once.applied) deepEqual(arrangeEdits(fix.edits), fix.edits, program.name);
        if (once.applied.length === 0) continue;
        const twice = await fixedText(program, once.text);
        deepEqual(
          twice.applied.map(({ fix }) => fix.title),
          [],
          once.text,
        );
        equal(twice.text, once.text, program.name);
      }
    });
  }
});
