/**
 * Facts that were read once are not read again: in one process while somebody holds them, from one process to the next
 * through a folder. Whatever happens to that folder, only time is lost.
 */
import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FactsCache } from "../../server/src/analysis/facts-cache.js";
import type { Store } from "../../server/src/analysis/ports.js";
import { readFacts } from "../../server/src/facts/file.js";
import type { FileFacts } from "../../server/src/facts/types.js";
import { cacheFolder } from "../../server/src/platform/folders.js";
import { createNodeStore, trim } from "../../server/src/platform/store.js";
import { parseOnce } from "../../server/src/syntax/document.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { loadForTests } from "../support/host.js";
import { MemoryLog } from "../support/memory.js";

const TEXT = `import time\n\n\nclass Store:\n    async def load(self):\n        time.sleep(1)  # ${"x".repeat(200)}\n\n\n`;

describe("facts that were read once", () => {
  let grammar: Grammar;
  let folder: string;
  let log: MemoryLog;
  let reads: number;

  before(async () => {
    ({ grammar } = await loadForTests());
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "loopguard-cache-"));
    log = new MemoryLog();
    reads = 0;
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function facts(cache: FactsCache, text = TEXT): FileFacts {
    return cache.facts(text, () => {
      reads++;
      return parseOnce(grammar, text, (tree) => readFacts(grammar, tree, text));
    });
  }

  const nextRun = (): FactsCache => new FactsCache(createNodeStore(folder, log));

  function entries(): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "trimmed")
      .map((entry) => join(entry.parentPath, entry.name));
  }

  it("are the same object as long as somebody holds them", () => {
    const cache = new FactsCache(undefined);
    const first = facts(cache);
    equal(facts(cache), first);
    equal(reads, 1);
    notEqual(facts(cache, `${TEXT}# more\n`), first);
  });

  it("are the same in the next run, and in a folder of another name", () => {
    const first = facts(nextRun());
    equal(JSON.stringify(facts(nextRun())), JSON.stringify(first));
    equal(reads, 1);
    for (const path of entries()) ok(!path.includes("Store") && !readFileSync(path).includes("project"));
  });

  it("of a text that changed are read again", () => {
    facts(nextRun());
    facts(nextRun(), TEXT.replace("sleep(1)", "sleep(2)"));
    equal(reads, 2);
  });

  it("are read again when their entry is damaged, cut off or of another text", () => {
    const first = facts(nextRun());
    const [entry] = entries();
    const bytes = readFileSync(entry as string);
    const damages: readonly (() => void)[] = [
      () => writeFileSync(entry as string, bytes.subarray(0, bytes.length / 2)),
      () => writeFileSync(entry as string, ""),
      () => writeFileSync(entry as string, "no deflated text"),
      () => {
        rmSync(entry as string);
        mkdirSync(entry as string);
      },
    ];
    for (const damage of damages) {
      damage();
      equal(JSON.stringify(facts(nextRun())), JSON.stringify(first));
    }
    equal(reads, 1 + damages.length);
    const lying: Store = { read: () => ({ text: '["x",[]]', bytes: Uint8Array.of(1, 2, 3) }), write: () => {} };
    equal(JSON.stringify(facts(new FactsCache(lying))), JSON.stringify(first));
  });

  it("are kept nowhere when the folder cannot be written, which is said once", () => {
    writeFileSync(join(folder, "file"), "");
    const cache = new FactsCache(createNodeStore(join(folder, "file"), log));
    facts(cache);
    facts(cache, `${TEXT}# more\n`);
    equal(log.messages.filter((message) => message.includes("Nothing is kept")).length, 1);
  });

  it("of two processes that write at once are whole", () => {
    const [one, other] = [nextRun(), nextRun()];
    facts(one);
    facts(other);
    equal(entries().length, 1);
    deepEqual(
      entries().filter((path) => path.includes(".")),
      [],
      "nothing temporary is left",
    );
  });

  it("take no more room than allowed: the oldest go", () => {
    const store = createNodeStore(folder, log);
    for (let number = 0; number < 10; number++) store.write(`${number}`.repeat(8), { text: "x".repeat(10) + number });
    for (const [index, path] of entries().sort().entries()) utimesSync(path, 1000 + index, 1000 + index);
    const total = entries().reduce((sum, path) => sum + statSync(path).size, 0);
    trim(folder, total);
    equal(entries().length, 10);
    trim(folder, total - 1);
    ok(entries().length < 8 && entries().length > 5, `${entries().length} of 10 are left`);
    equal(store.read("00000000"), undefined);
    equal(store.read("99999999")?.text, "xxxxxxxxxx9");
  });

  it("are kept where caches belong on each system", () => {
    equal(cacheFolder({ LOOPGUARD_CACHE_DIR: "/c", XDG_CACHE_HOME: "/x" }, "linux"), "/c");
    equal(cacheFolder({ XDG_CACHE_HOME: "/x" }, "linux"), join("/x", "loopguard"));
    ok(cacheFolder({}, "linux").endsWith(join(".cache", "loopguard")));
    ok(cacheFolder({}, "darwin").endsWith(join("Library", "Caches", "loopguard")));
    equal(cacheFolder({ LOCALAPPDATA: "/local" }, "win32"), join("/local", "loopguard", "Cache"));
  });
});
