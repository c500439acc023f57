/**
 * Runs every case of test/cases/*.md against the real analysis. How a case is written: test/support/cases.ts.
 */
import { deepEqual } from "node:assert/strict";
import { compareFindings, parseCases } from "../support/cases.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import { sourceFiles } from "../support/project.js";

describe("cases", () => {
  before(() => loadForTests());

  for (const { path, text } of sourceFiles("test/cases", /\.md$/)) {
    describe(path, () => {
      for (const { name, files } of parseCases(text)) {
        it(name, async () => {
          const { host } = await createTestHost(Object.fromEntries(files.map((file) => [file.path, file.text])));
          try {
            const python = files.filter((file) => /\.pyi?$/.test(file.path));
            const found = python.flatMap((file) =>
              compareFindings(file, host.findings(`${PROJECT}/${file.path}`)).map((difference) => `${path}:${difference}`),
            );
            deepEqual(found, []);
          } finally {
            host.dispose();
          }
        });
      }
    });
  }
});
