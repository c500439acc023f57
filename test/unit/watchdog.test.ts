/**
 * The thread that ends a server which no longer turns, on the built program: nothing but a process of its own can hang for a test.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../support/project.js";

const BUNDLE = join(projectRoot, "dist", "loopguard.cjs");

describe("the watchdog", function () {
  this.timeout(60_000);

  /** Runs code beside a watchdog with a patience of so many seconds. */
  function run(patience: number, code: string): Promise<{ code: number | null; signal: string | null; errors: string }> {
    const start = `
      const { startWatchdog } = require(${JSON.stringify(join(projectRoot, "server/src/platform/watchdog.ts"))});
      const { doing } = startWatchdog(${JSON.stringify(BUNDLE)}, ${patience});`;
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", start + code], { cwd: projectRoot });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      errors += text;
    });
    return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, errors })));
  }

  it("ends a process that hangs, and says what it was doing", async () => {
    const hang = 'setTimeout(() => { doing("the analysis of /größe.py"); for (;;); }, 1000);';
    const { signal, errors } = await run(2, hang);
    equal(signal, "SIGKILL");
    match(errors, /no turn for 1 s\. Begun last: the analysis of \/größe\.py\n/);
    match(errors, /no turn for 2 s, the server is ended\. .*: the analysis of \/größe\.py\n$/);
  });

  it("leaves a process alone that works in turns, and does not keep one that is done", async () => {
    const busy =
      "let turns = 0; const work = () => { const end = Date.now() + 300; while (Date.now() < end); if (++turns < 12) setImmediate(work); }; work();";
    const begin = Date.now();
    const { code, signal, errors } = await run(2, busy);
    deepEqual([code, signal, errors], [0, null, ""]);
    ok(Date.now() - begin > 3500);
  });
});
