/**
 * A call chain through many files: no depth limit, whichever file is asked first, and a path that names every hop.
 */
import { equal } from "node:assert/strict";
import type { Explanation } from "../../server/src/analysis/findings.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";

const LENGTH = 60;
const LAST = LENGTH - 1;

/** Each file calls the next one's function; the last sleeps, or calls the first again. */
function chain(end: string, length = LENGTH): Record<string, string> {
  const files: Record<string, string> = {};
  for (let index = 0; index < length - 1; index++) {
    const next = index + 1;
    files[`step${index}.py`] = `from step${next} import run as next_step\n\n\ndef run():\n    return next_step()\n`;
  }
  files[`step${length - 1}.py`] = end;
  files["main.py"] = "import step0\n\n\nasync def main():\n    step0.run()\n";
  return files;
}

function isTooLong({ verdict }: Explanation): boolean {
  return verdict.kind === "unknown" && /too long/.test(verdict.reason);
}

describe("a chain of files", () => {
  before(() => loadForTests());

  it("is followed to its end", async () => {
    const { host } = await createTestHost(chain("import time\n\n\ndef run():\n    time.sleep(1)\n"));
    const findings = host.findings(`${PROJECT}/main.py`);
    host.dispose();
    equal(findings.length, 1);
    const path = findings[0]?.path ?? [];
    equal(path.length, LENGTH + 1);
    equal(path[0]?.callee, "step0.run");
    equal(path.at(-1)?.callee, "time.sleep");
    equal(path.at(-1)?.location.file, `${PROJECT}/step${LAST}.py`);
  });

  it("may be a ring", async () => {
    const { host } = await createTestHost(chain("import step0, time\n\n\ndef run():\n    step0.run()\n    time.sleep(1)\n"));
    const [finding] = host.findings(`${PROJECT}/main.py`);
    host.dispose();
    equal(finding?.path.length, LENGTH + 1);
  });

  it("may be a ring without anything in it that blocks", async () => {
    const { host } = await createTestHost(chain("import step0\n\n\ndef run():\n    return step0.run()\n"));
    const findings = host.findings(`${PROJECT}/main.py`);
    host.dispose();
    equal(findings.length, 0);
  });

  it("passes types along", async () => {
    const { host } = await createTestHost(chain("import queue\n\n\ndef run():\n    return queue.Queue()\n"));
    host.open(`${PROJECT}/main.py`, "import step0\n\n\nasync def main():\n    step0.run().get()\n");
    const findings = host.findings(`${PROJECT}/main.py`);
    host.dispose();
    equal(findings.length, 1);
  });

  it("passes types along through a thousand helpers without annotations", async () => {
    const helpers = Array.from({ length: 1000 }, (_, index) => `def step${index}():\n    return step${index + 1}()\n\n\n`);
    const { host } = await createTestHost({
      "main.py": `import queue\n\n\n${helpers.join("")}def step1000():\n    return queue.Queue()\n\n\nasync def main():\n    step0().get()\n`,
    });
    equal(host.findings(`${PROJECT}/main.py`).length, 1);
    host.dispose();
  });

  it("says so where even that is not enough", async () => {
    const helpers = Array.from({ length: 10_000 }, (_, index) => `def step${index}():\n    return step${index + 1}()\n\n\n`);
    const text = `import queue\n\n\n${helpers.join("")}def step10000():\n    return queue.Queue()\n\n\nasync def main():\n    step0().get()\n`;
    const { host } = await createTestHost({ "main.py": text });
    equal(host.findings(`${PROJECT}/main.py`).length, 0);
    equal(host.explain(`${PROJECT}/main.py`, text.split("\n").length - 2).some(isTooLong), true);
    host.dispose();
  });

  it("changes with its last file", async () => {
    const { host } = await createTestHost(chain("import time\n\n\ndef run():\n    time.sleep(1)\n"));
    equal(host.findings(`${PROJECT}/main.py`).length, 1);
    host.open(`${PROJECT}/step${LAST}.py`, "import time\n\n\ndef run():\n    time.sleep(0)\n");
    equal(host.findings(`${PROJECT}/main.py`).length, 0);
    host.open(`${PROJECT}/step${LAST}.py`, "import time\n\n\ndef run():\n    time.sleep(2)\n");
    equal(host.findings(`${PROJECT}/main.py`)[0]?.stall.seconds, 2);
    host.dispose();
  });
});
