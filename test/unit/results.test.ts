/**
 * Results of a check, kept for the next one: told again while nothing that was asked of the machine would be answered otherwise, and
 * never after.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import type { Entry, Store } from "../../server/src/analysis/ports.js";
import type { Environment } from "../../server/src/cli/environment.js";
import { run } from "../support/commandLine.js";
import { loadForTests } from "../support/host.js";

const PROJECT = {
  "/project/pyproject.toml": "",
  "/project/main.py": "import time\nfrom helper import work\n\n\nasync def main():\n    work()\n",
  "/project/helper.py": "import time\n\n\ndef work():\n    time.sleep(1)\n",
  "/project/.venv/pyvenv.cfg": "version = 3.11\n",
  "/project/.venv/lib/python3.11/site-packages/thing.py": "def call():\n    pass\n",
};

type Texts = Readonly<Record<string, string>>;

describe("results of a check", () => {
  let kept: Map<string, Entry>;
  let store: Store;

  before(() => loadForTests());

  beforeEach(() => {
    kept = new Map();
    store = { read: (key) => kept.get(key), write: (key, entry) => void kept.set(key, entry) };
  });

  /** Runs a check that may use what is kept, and says whether it analysed anything. */
  async function check(texts: Texts, commandLine: readonly string[] = [], changes: Partial<Environment> = {}) {
    let analysed = false;
    const withStore: Partial<Environment> = {
      build: () => "one build",
      openStore: () => {
        return {
          read: store.read,
          write: (key, entry) => {
            analysed = true;
            store.write(key, entry);
          },
        };
      },
      ...changes,
    };
    const result = await run(["check", ...commandLine], texts, "real", withStore);
    return { ...result, analysed };
  }

  it("are told again while nothing has changed, in any format", async () => {
    const first = await check(PROJECT);
    const second = await check(PROJECT);
    deepEqual([first.analysed, second.analysed], [true, false]);
    equal(second.output, first.output);
    deepEqual([first.exitCode, second.exitCode], [1, 1]);
    const json = await check(PROJECT, ["--format", "json"]);
    equal(json.analysed, false);
    equal(json.output, (await run(["check", "--format", "json"], PROJECT, "real")).output);
  });

  for (const [what, changed] of [
    ["a file that findings lead through", { "/project/helper.py": "def work():\n    pass\n" }],
    ["a file that came", { "/project/fresh.py": "import time\n\n\nasync def fresh():\n    time.sleep(1)\n" }],
    ["a module that is found earlier now", { "/project/time.py": "def sleep(seconds):\n    pass\n" }],
    ["the settings", { "/project/pyproject.toml": '[tool.loopguard]\nignore = ["blocking-sleep"]\n' }],
    ["the environment", { "/project/.venv/lib/python3.11/site-packages/helper2.py": "" }],
    ["what Git ignores", { "/project/.gitignore": "main.py\n" }],
  ] as const) {
    it(`are found again after a change of ${what}`, async () => {
      await check(PROJECT);
      const texts = { ...PROJECT, ...changed };
      const again = await check(texts);
      const fresh = await run(["check"], texts, "real");
      equal(again.output, fresh.output);
      if (what !== "the environment") equal(again.analysed, true);
      equal((await check(texts)).analysed, false);
    });
  }

  it("are found again after a file is gone", async () => {
    await check(PROJECT);
    const { "/project/helper.py": _, ...left } = PROJECT;
    const { output, analysed, exitCode } = await check(left);
    deepEqual([output, analysed, exitCode], ["0 errors, 0 warnings in 1 file.\n", true, 0]);
  });

  it("are those of one engine, of the named paths and of an environment variable that was read", async () => {
    await check(PROJECT);
    equal((await check(PROJECT, [], { build: () => "another build" })).analysed, true);
    equal((await check(PROJECT, ["helper.py"])).analysed, true);
    const { "/project/.venv/pyvenv.cfg": _, ...without } = PROJECT;
    const active = { ...without, "/other/pyvenv.cfg": "version = 3.11\n", "/other/lib/python3.11/site-packages/x.py": "" };
    await check(active);
    equal((await check(active)).analysed, false);
    equal((await check(active, [], { variables: { VIRTUAL_ENV: "/other" } })).analysed, true);
  });

  it("are not kept by an engine that is no build", async () => {
    equal((await check(PROJECT, [], { build: () => undefined })).analysed, false);
    equal(kept.size, 0);
  });

  it("hold in another folder, and name the files there", async () => {
    const first = await check(PROJECT, ["--format", "json"]);
    const moved = Object.fromEntries(
      Object.entries(PROJECT).map(([path, text]) => [path.replace("/project/", "/elsewhere/"), text]),
    );
    const second = await check(moved, ["--format", "json"], { folder: "/elsewhere" });
    equal(second.analysed, false);
    equal(second.output, first.output.replaceAll("/project/", "/elsewhere/"));
    for (const { text } of kept.values()) equal(text.includes("/project/"), false);
  });

  it("bring back what could not be read", async () => {
    const texts = { ...PROJECT, "/project/bad.py": "\uFFFD" };
    const first = await check(texts);
    match(first.errors, /^loopguard: bad\.py: is not UTF-8/);
    const second = await check(texts);
    deepEqual([second.analysed, second.errors], [false, first.errors]);
  });

  it("that are damaged are as good as none", async () => {
    const first = await check(PROJECT);
    for (const [key] of kept) kept.set(key, { text: "{" });
    const second = await check(PROJECT);
    deepEqual([second.analysed, second.output], [true, first.output]);
  });

  it("do not stand in for fixes", async () => {
    await check(PROJECT);
    const { errors, exitCode } = await check(PROJECT, ["--fix"]);
    match(errors, /^Applied 1 fix in 1 file/);
    equal(exitCode, 0);
  });
});
