/**
 * Threads that read files into the store: the real bundle, in a folder of its own.
 */
import { deepEqual, equal } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathsLeft, startReaders } from "../../server/src/platform/read-ahead.js";
import { projectRoot } from "../support/project.js";

const BUNDLE = join(projectRoot, "dist", "loopguard.cjs");

/** Longer than facts that are not kept because they are soon read. */
const TEXT = "import time\n\n\nasync def tick():\n    time.sleep(1)\n".repeat(8);

describe("reading ahead", () => {
  let folder: string;
  let paths: readonly string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "loopguard-ahead-"));
    mkdirSync(join(folder, "project"));
    paths = Array.from({ length: 12 }, (_, index) => join(folder, "project", `m${index}.py`));
    for (const [index, path] of paths.entries()) writeFileSync(path, `# ${index}\n${TEXT}`);
  });

  afterEach(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

  it("fills the store from the last file on, each file once, and leaves those that somebody has passed", async () => {
    const readers = startReaders(BUNDLE, join(folder, "cache"), paths, 3);
    readers.passed(4);
    // The fifth is being read by who goes the other way.
    const expected = paths.length - 6;
    for (let left = 200; entries() < expected && left > 0; left--) await wait(100);
    await wait(100);
    equal(entries(), expected);
    readers.stop();
  });

  it("reads nothing where there is one processor, or nothing is left", async () => {
    startReaders(BUNDLE, join(folder, "cache"), paths, 1).stop();
    const readers = startReaders(BUNDLE, join(folder, "cache"), paths, 2);
    readers.passed(paths.length);
    await wait(500);
    readers.stop();
    equal(entries(), 0);
  });

  it("survives a thread that cannot start", async () => {
    const readers = startReaders(join(folder, "missing.cjs"), join(folder, "cache"), paths, 2);
    await wait(200);
    readers.stop();
    equal(entries(), 0);
  });

  it("gives each path to one thread", () => {
    const task = { role: "reader" as const, folder, paths, counts: new Int32Array(new SharedArrayBuffer(8)) };
    const [one, other] = [pathsLeft(task), pathsLeft(task)];
    const taken = [one.next().value, other.next().value, ...one, ...other];
    deepEqual(taken, [...paths.slice(2)].reverse());
  });

  function entries(): number {
    try {
      const found = readdirSync(join(folder, "cache"), { recursive: true, withFileTypes: true });
      return found.filter((entry) => entry.isFile() && /^[0-9a-f]+$/.test(entry.name)).length;
    } catch {
      return 0;
    }
  }
});
