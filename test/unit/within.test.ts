/**
 * Questions that assume other texts than the files hold: answered as if, and forgotten again.
 */
import { deepEqual, equal, throws } from "node:assert/strict";
import { createTestHost, PROJECT } from "../support/host.js";

const MAIN = `${PROJECT}/main.py`;
const HELPERS = `${PROJECT}/helpers.py`;
const TEXTS = {
  "main.py": "from helpers import pause\n\n\nasync def main():\n    pause()\n",
  "helpers.py": "import time\n\n\ndef pause():\n    time.sleep(1)\n",
  "apart.py": "import time\n\n\nasync def apart():\n    time.sleep(2)\n",
};

describe("within other texts", () => {
  it("every question sees them, in all files at once, and none does afterwards", async () => {
    const { host } = await createTestHost(TEXTS);
    const rules = (path: string): readonly string[] => host.findings(path).map(({ rule }) => rule);
    const revision = host.revision();
    deepEqual(rules(MAIN), ["blocking-sleep"]);
    const texts = new Map([
      [HELPERS, "import asyncio\n\n\nasync def pause():\n    await asyncio.sleep(1)\n"],
      [MAIN, "from helpers import pause\n\n\nasync def main():\n    await pause()\n"],
    ]);
    host.within(texts, ({ broken, concerned }) => {
      deepEqual(broken, []);
      deepEqual([...concerned].sort(), [HELPERS, MAIN]);
      deepEqual(rules(MAIN), []);
      equal(host.text(MAIN), texts.get(MAIN));
      equal(host.revision() === revision, false);
      // A question within a question.
      deepEqual(
        host.trial(MAIN, TEXTS["main.py"]).findings.map(({ rule }) => rule),
        ["unawaited-coroutine"],
      );
      deepEqual(rules(MAIN), []);
    });
    deepEqual(rules(MAIN), ["blocking-sleep"]);
    equal(host.text(MAIN), TEXTS["main.py"]);
    equal(host.revision(), revision);
    host.dispose();
  });

  it("names the files that are broken, and those whose findings the texts concern", async () => {
    const { host } = await createTestHost(TEXTS);
    // Who calls a helper is known once its findings were asked for.
    host.findings(MAIN);
    host.within(new Map([[HELPERS, "def pause():\n    return 1\n"]]), ({ broken, concerned }) => {
      deepEqual(broken, []);
      deepEqual(concerned, [HELPERS, MAIN]);
    });
    host.within(new Map([[HELPERS, "def pause(:\n"]]), ({ broken }) => deepEqual(broken, [HELPERS]));
    host.dispose();
  });

  it("holds no longer than the question, even when it fails", async () => {
    const { host } = await createTestHost(TEXTS);
    throws(() =>
      host.within(new Map([[HELPERS, "def pause():\n    return 1\n"]]), () => {
        throw new Error("no answer");
      }),
    );
    equal(host.findings(MAIN).length, 1);
    host.dispose();
  });
});
