/**
 * Messages that no client should send, to the server with the real analysis: each request is answered, in time, and behind the
 * storm the server is as good as before. `npm run storm` sends a hundred times as many to the built program.
 */
import { deepEqual, ok } from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import { Scheduler } from "../../server/src/lsp/scheduler.js";
import { createNodeFiles, nodeClock, nodeTurns } from "../../server/src/platform/node.js";
import { liveTreeCount } from "../../server/src/syntax/document.js";
import { Draws } from "../support/draws.js";
import { loadForTests } from "../support/host.js";
import { ProtocolStorm } from "../support/protocolStorm.js";
import { FakeHost } from "./fake-host.js";
import { startInProcess } from "./session.js";

const MESSAGES = 1200;
const BURST = 20;
const log = { warn: () => {}, info: () => {} };

describe("a storm of messages", function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "loopguard-storm-")));
    writeFileSync(join(folder, "app.py"), "import time\n\n\nasync def main():\n    time.sleep(1)\n");
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("in which telling of the end fails keeps nobody waiting for it", async () => {
    const failures: string[] = [];
    const fails = (): never => {
      throw new URIError("URI malformed");
    };
    const scheduler = new Scheduler({
      host: new FakeHost(),
      clock: nodeClock,
      turns: nodeTurns,
      publish: () => {},
      everywhere: () => true,
      openPaths: () => [],
      queuedChanges: () => 0,
      progress: (state) => state === "done" && fails(),
      settled: fails,
      failed: (what, error) => void failures.push(`${what}: ${(error as Error).message}`),
    });
    scheduler.release();
    await scheduler.checkEverything();
    scheduler.dispose();
    deepEqual([...new Set(failures)], ["Analysis: URI malformed"]);
  });

  it("leaves no request without an answer, and the server well", async () => {
    const trees = liveTreeCount();
    const { grammar, distribution } = await loadForTests();
    const files = createNodeFiles(log);
    const host = createAnalysisHost({ grammar, knowledge: distribution.knowledge, files, clock: nodeClock, log });
    const session = startInProcess({ host, grammar, files });
    const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;
    const places = { folders: [uriOf("")], uris: [uriOf("app.py"), uriOf("none.py"), "untitled:Untitled-1", "", "file:///"] };
    const storm = new ProtocolStorm(new Draws(), places);
    const answered = new Set<unknown>();
    let received = "";
    session.fromServer.on("data", (bytes: Buffer) => {
      received += bytes.toString();
      for (const [, id] of received.matchAll(/"id":("[^"]*"|\d+),"(?:result|error)"/g)) answered.add(JSON.parse(id as string));
      received = received.slice(-300);
    });
    await session.initialize({ workspaceFolders: [{ uri: uriOf(""), name: "storm" }] });
    for (let sent = 0; sent < MESSAGES; sent += BURST) {
      const pieces = Array.from({ length: BURST }, () => storm.next());
      for (const { bytes } of pieces) session.toServer.write(bytes);
      const owed = pieces.flatMap(({ ids }) => ids);
      await session.until(`answers to ${pieces.map(({ what }) => what).join(", ")}`, () => owed.every((id) => answered.has(id)));
    }
    const good = "untitled:good.py";
    await session.notify("workspace/didChangeConfiguration", { settings: { loopguard: {} } });
    await session.open(good, "import time\n\n\nasync def f():\n    time.sleep(5)\n");
    const { diagnostics } = await session.diagnostics(good, (published) => published.diagnostics.length > 0);
    deepEqual(
      diagnostics.map(({ code, range }) => [code, range.start]),
      [["blocking-sleep", { line: 4, character: 4 }]],
    );
    ok(
      session.log().some((line) => line.includes("failed")),
      "what fails is told in the log",
    );
    await session.leave();
    deepEqual(liveTreeCount(), trees, "every tree is given back");
  });
});
