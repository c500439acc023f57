/**
 * Which files are tests, by where they lie in their project.
 */
import { deepEqual } from "node:assert/strict";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import { readPyproject } from "../../server/src/analysis/pyproject.js";
import { loadForTests } from "../support/host.js";
import { MemoryFiles, MemoryLog, stillClock } from "../support/memory.js";

const BLOCKS = "import time\n\n\nasync def main():\n    time.sleep(5)\n";

describe("test files", () => {
  it("are told by their way inside the project, not by where the project lies", async () => {
    deepEqual(await severities("/home/user/test/shop", "app/main.py"), ["warning"]);
    deepEqual(await severities("/home/user/testing", "main.py"), ["warning"]);
    deepEqual(await severities("/home/user/shop", "tests/helper.py"), ["hint"]);
    deepEqual(await severities("/home/user/shop", "app/test_main.py"), ["hint"]);
    deepEqual(await severities("/home/user/shop/tests", "helper.py"), ["hint"]);
  });
});

async function severities(folder: string, path: string): Promise<string[]> {
  const { grammar, distribution } = await loadForTests();
  const files = new MemoryFiles({ [`${folder}/${path}`]: BLOCKS });
  const host = createAnalysisHost({
    grammar,
    knowledge: distribution.knowledge,
    files,
    clock: stillClock,
    log: new MemoryLog(),
  });
  try {
    host.setFolders([{ path: folder, configuration: readPyproject("").configuration }]);
    for (const _ of host.index());
    return host.findings(`${folder}/${path}`).map(({ severity }) => severity);
  } finally {
    host.dispose();
  }
}
