/**
 * The server on streams, with a host that is easy to predict: its life, documents, publishing, and what it does when a
 * client or a handler misbehaves.
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { loadForTests } from "../support/host.js";
import { FakeHost } from "./fake-host.js";
import { pause, startInProcess, type TestSession } from "./session.js";

const URI = "file:///project/app.py";
const SLEEP = "async def handler():\n    time.sleep(5)\n";

let grammar: Grammar;

before(async () => {
  ({ grammar } = await loadForTests());
});

describe("server", () => {
  let host: FakeHost;
  let session: TestSession;

  beforeEach(() => {
    host = new FakeHost();
    session = startInProcess({ grammar, host, rulePage: (rule) => `file:///pages/${rule}.md` });
  });

  afterEach(() => session.connection.dispose());

  describe("its life", () => {
    it("announces what it can do, and ends with 0 after shutdown", async () => {
      const { capabilities, serverInfo } = await session.initialize();
      equal(serverInfo?.name, "loopguard");
      deepEqual(capabilities.textDocumentSync, { openClose: true, change: 2, save: { includeText: false } });
      equal(capabilities.positionEncoding, "utf-16");
      equal(capabilities.hoverProvider, true);
      deepEqual(capabilities.executeCommandProvider, {
        commands: ["loopguard.server.checkWorkspace", "loopguard.server.tellCallers"],
      });
      equal(capabilities.callHierarchyProvider, true);
      deepEqual(capabilities.codeLensProvider, { resolveProvider: true });
      deepEqual(capabilities.workspace?.workspaceFolders, { supported: true, changeNotifications: true });
      equal(capabilities.diagnosticProvider, undefined);
      await session.leave();
      equal(host.disposed, true);
    });

    it("ends with 1 when the client leaves without shutdown, by exit or by closing the stream", async () => {
      await session.initialize();
      await session.notify("exit");
      await session.until("exit", () => session.exitCode === 1);

      const other = startInProcess({ grammar, host: new FakeHost() });
      await other.initialize();
      other.toServer.end();
      await other.until("exit", () => other.exitCode === 1);
      other.connection.dispose();
    });

    it("refuses requests before initialize, a second initialize, and requests after shutdown", async () => {
      await rejects(session.request("textDocument/hover", {}), { code: -32002 });
      await session.initialize();
      await rejects(session.request("initialize", { capabilities: {} }), { code: -32600 });
      await session.request("shutdown");
      await rejects(session.request("textDocument/hover", {}), { code: -32600 });
      await session.notify("exit");
      await session.until("exit", () => session.exitCode === 0);
    });

    it("may be told hello again when the first one failed", async () => {
      await rejects(session.request("initialize", null));
      await rejects(session.request("textDocument/hover", {}), { code: -32002 });
      await session.initialize();
      await session.leave();
    });

    it("goes on when a request is sent as a notification, or the other way round", async () => {
      await session.notify("initialize", { capabilities: {} });
      await session.initialize();
      await session.notify("shutdown");
      await rejects(session.request("textDocument/didChange", {}), { code: -32601 });
      await session.open(URI, SLEEP);
      await session.diagnostics(URI);
      const begin = performance.now();
      await session.change(URI, 2, [0, 0, 0, 0, "# first\n"]);
      await session.diagnostics(URI, ({ version }) => version === 2);
      // A change that is never handled must not be waited for.
      ok(performance.now() - begin < 90, `${performance.now() - begin} ms`);
      await session.leave();
    });

    it("answers both of two requests with one id", async () => {
      await session.initialize();
      const framed = (message: object): string => {
        const body = JSON.stringify({ jsonrpc: "2.0", ...message });
        return `Content-Length: ${body.length}\r\n\r\n${body}`;
      };
      const hover = { method: "textDocument/hover", params: { textDocument: { uri: URI }, position: { line: 0, character: 0 } } };
      const answers: { id?: unknown; error?: { code: number } }[] = [];
      session.fromServer.on("data", (bytes: Buffer) => {
        for (const [body] of bytes.toString().matchAll(/\{.*?\}(?=Content-Length|$)/gs)) answers.push(JSON.parse(body));
      });
      session.raw(framed({ id: "7x", ...hover }) + framed({ id: "7x", ...hover }));
      const own = () => answers.filter(({ id }) => id === "7x");
      await session.until("both answers", () => own().length === 2);
      deepEqual(
        own().map(({ error }) => error?.code),
        [-32600, undefined],
      );
      await session.leave();
    });

    it("answers unknown methods, and passes over unknown notifications", async () => {
      await session.initialize();
      await session.notify("$/somethingNew", { a: 1 });
      await session.notify("somethingElse", { a: 1 });
      await rejects(session.request("textDocument/somethingNew", {}), { code: -32601 });
      await session.leave();
    });

    it("serves a client without any capabilities, folders or initialized", async () => {
      await session.request("initialize", { processId: null, capabilities: {} });
      await session.open(URI, SLEEP);
      equal((await session.diagnostics(URI)).diagnostics.length, 1);
      deepEqual(session.requests, []);
      await session.leave();
    });
  });

  describe("diagnostics", () => {
    it("tell the rule, the place, the path and the page of the rule", async () => {
      await session.initialize();
      await session.open(URI, SLEEP);
      const { diagnostics, version } = await session.diagnostics(URI);
      equal(version, 1);
      deepEqual(diagnostics, [
        {
          range: { start: { line: 1, character: 4 }, end: { line: 1, character: 17 } },
          severity: 2,
          code: "blocking-sleep",
          codeDescription: { href: "file:///pages/blocking-sleep.md" },
          source: "loopguard",
          message: "Blocks the event loop for 5 s: time.sleep",
          relatedInformation: [
            {
              location: {
                uri: "file:///project/helpers.py",
                range: { start: { line: 1, character: 4 }, end: { line: 1, character: 17 } },
              },
              message: "pause calls time.sleep",
            },
          ],
          data: { fingerprint: "fake-0" },
        },
      ]);
      await session.leave();
    });

    it("come with the version they belong to, and only when they differ", async () => {
      await session.initialize();
      await session.open(URI, SLEEP);
      await session.diagnostics(URI);
      await session.change(URI, 2, [0, 0, 0, 0, "# first\n"]);
      equal((await session.diagnostics(URI, ({ version }) => version === 2)).diagnostics[0]?.range.start.line, 2);
      await session.change(URI, 3, [3, 0, 3, 0, "# behind the finding\n"]);
      await session.change(URI, 4, [2, 4, 2, 17, "pass"]);
      deepEqual((await session.diagnostics(URI, ({ version }) => version === 4)).diagnostics, []);
      deepEqual(
        session.publishedFor(URI).map(({ version }) => version),
        [1, 2, 4],
      );
      await session.leave();
    });

    it("are sent once more when an edit replaced the text under a marker by the same text", async () => {
      await session.initialize();
      await session.open(URI, SLEEP);
      await session.diagnostics(URI);
      await session.change(URI, 2, SLEEP);
      equal((await session.diagnostics(URI, ({ version }) => version === 2)).diagnostics.length, 1);
      await session.leave();
    });

    it("of a clean file are sent once, empty", async () => {
      await session.initialize();
      await session.open(URI, "x = 1\n");
      deepEqual((await session.diagnostics(URI)).diagnostics, []);
      await session.leave();
    });

    it("go with the document when it is closed", async () => {
      await session.initialize();
      await session.open(URI, SLEEP);
      await session.diagnostics(URI);
      await session.notify("textDocument/didClose", { textDocument: { uri: URI } });
      const last = await session.diagnostics(URI, ({ diagnostics }) => diagnostics.length === 0);
      equal(last.version, undefined);
      await session.leave();
    });

    it("of other open files follow after a quiet moment, or at once on save", async () => {
      host.disk.set("/project/other.py", "import app\n");
      const other = "file:///project/other.py";
      await session.initialize();
      await session.open(other, `import app\n${SLEEP}`);
      await session.open(URI, SLEEP);
      await session.diagnostics(URI);
      host.looked.length = 0;
      await session.change(URI, 2, [0, 0, 0, 0, "# x\n"]);
      await session.diagnostics(URI, ({ version }) => version === 2);
      deepEqual(host.looked, ["/project/app.py"]);
      await session.until("second look at the asker", () => host.looked.includes("/project/other.py"));
      host.looked.length = 0;
      await session.change(URI, 3, [0, 0, 0, 0, "# y\n"]);
      await session.notify("textDocument/didSave", { textDocument: { uri: URI } });
      await session.until("second look at the asker", () => host.looked.includes("/project/other.py"));
      await session.leave();
    });

    it("follow the work that an edit put off, when there is time for it", async () => {
      const other = "file:///project/other.py";
      await session.initialize();
      await session.open(other, SLEEP);
      await session.open(URI, SLEEP);
      await session.diagnostics(URI);
      host.looked.length = 0;
      host.behind = 5;
      host.catchesUpWith = "/project/other.py";
      await session.change(URI, 2, [0, 0, 0, 0, "# x\n"]);
      await session.until("second look at the other file", () => host.looked.includes("/project/other.py"));
      equal(host.behind, 0);
      await session.leave();
    });

    it("are answered, not sent, to a client that asks for them", async () => {
      const { capabilities } = await session.initialize({
        capabilities: { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } },
      });
      equal(capabilities.diagnosticProvider?.interFileDependencies, true);
      await session.open(URI, SLEEP);
      const report = await session.request<{ kind: string; items: unknown[] }>("textDocument/diagnostic", {
        textDocument: { uri: URI },
      });
      deepEqual([report.kind, report.items.length], ["full", 1]);
      deepEqual(session.published, []);
      await session.change(URI, 2, "pass\n");
      await session.until("refresh", () => session.requests.some(({ method }) => method === "workspace/diagnostic/refresh"));
      await session.leave();
    });

    it("of an untitled document keep its URI", async () => {
      await session.initialize();
      await session.open("untitled:Untitled-1", SLEEP);
      equal((await session.diagnostics("untitled:Untitled-1")).diagnostics.length, 1);
      await session.leave();
    });

    it("use the client's own spelling of a URI", async () => {
      const uri = "file:///c%3A/Work/app.py";
      await session.initialize();
      await session.open("file:///C:/Work/app.py", SLEEP);
      await session.diagnostics("file:///C:/Work/app.py");
      await session.change(uri, 2, "pass\n");
      deepEqual((await session.diagnostics("file:///C:/Work/app.py", ({ version }) => version === 2)).diagnostics, []);
      await session.leave();
    });
  });

  describe("documents", () => {
    it("take the changes of one notification in order, each against the text the one before left", async () => {
      await session.initialize();
      await session.open(URI, "abc\n");
      await session.change(URI, 2, [0, 0, 0, 0, "12\n"], [0, 2, 0, 2, "3"], [1, 0, 1, 1, "X"], [0, 99, 0, 99, "4"]);
      await session.request("textDocument/hover", { textDocument: { uri: URI }, position: { line: 0, character: 0 } });
      equal(host.text("/project/app.py"), "1234\nXbc\n");
      await session.leave();
    });

    it("several queued edits are one analysis", async () => {
      await session.initialize();
      await session.open(URI, SLEEP);
      await session.diagnostics(URI);
      host.looked.length = 0;
      const messages = Array.from({ length: 40 }, (_, index) =>
        JSON.stringify({
          jsonrpc: "2.0",
          method: "textDocument/didChange",
          params: {
            textDocument: { uri: URI, version: index + 2 },
            contentChanges: [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: "#\n" }],
          },
        }),
      );
      session.raw(messages.map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`).join(""));
      const last = await session.diagnostics(URI, ({ version }) => version === 41);
      equal(last.diagnostics[0]?.range.start.line, 41);
      ok(host.looked.length <= 2, `${host.looked.length} analyses for one burst`);
      await session.leave();
    });

    it("opened twice hold the later text", async () => {
      await session.initialize();
      await session.open(URI, SLEEP);
      await session.open(URI, "pass\n", 7);
      deepEqual((await session.diagnostics(URI, ({ version }) => version === 7)).diagnostics, []);
      await session.leave();
    });

    it("that are not open are told to the log when they change or close", async () => {
      await session.initialize();
      await session.change(URI, 2, "x");
      await session.notify("textDocument/didClose", { textDocument: { uri: URI } });
      await session.until("log", () => session.log().filter((line) => line.includes("is not open")).length === 2);
      await session.leave();
    });
  });

  describe("accidents", () => {
    it("a request that fails is answered and logged, and the server lives on", async () => {
      await session.initialize();
      await session.open(URI, `${SLEEP}boom\n`);
      const hover = { textDocument: { uri: URI }, position: { line: 1, character: 6 } };
      await rejects(session.request("textDocument/hover", hover), { code: -32603, message: /textDocument\/hover.*blew up/ });
      ok(session.log().some((line) => line.startsWith("textDocument/hover failed")));
      await session.change(URI, 2, SLEEP);
      match(JSON.stringify(await session.request("textDocument/hover", hover)), /time\.sleep/);
      await session.leave();
    });

    it("an analysis that fails is logged and shown, and other files still get theirs", async () => {
      await session.initialize();
      await session.open(URI, "unlucky\n");
      await session.open("file:///project/fine.py", SLEEP);
      equal((await session.diagnostics("file:///project/fine.py")).diagnostics.length, 1);
      await session.until("log", () => session.log().some((line) => line.includes("Analysis of /project/app.py failed")));
      await session.until("status", () => statuses(session).some(({ state }) => state === "error"));
      await session.leave();
    });

    it("parameters of a wrong shape are an error of that request only", async () => {
      await session.initialize();
      for (const params of [{}, { textDocument: 7 }, { textDocument: { uri: URI } }]) {
        await rejects(session.request("textDocument/hover", params));
      }
      await session.notify("textDocument/didChange", {});
      await session.notify("textDocument/didOpen", { textDocument: null });
      await session.notify("$/cancelRequest");
      await session.open(URI, SLEEP);
      equal((await session.diagnostics(URI)).diagnostics.length, 1);
      await session.leave();
    });

    it("bytes that are no message cost only themselves", async () => {
      await session.initialize();
      session.raw("Content-Length: 5\r\n\r\n{bad}");
      session.raw("nonsense\r\n\r\n");
      session.raw("Content-Length: 2\r\n\r\n[]");
      session.raw("Content-Length: 4\r\n\r\nnull");
      session.raw('Content-Length: 8\r\n\r\n{"id":1}');
      await session.open(URI, SLEEP);
      equal((await session.diagnostics(URI)).diagnostics.length, 1);
      ok(session.log().length >= 4, session.log().join("\n"));
      await session.leave();
    });
  });

  describe("hover", () => {
    it("explains a finding, and is null elsewhere", async () => {
      await session.initialize();
      await session.open(URI, SLEEP);
      const at = (line: number, character: number) =>
        session.request<{ contents: { kind: string; value: string }; range: unknown } | null>("textDocument/hover", {
          textDocument: { uri: URI },
          position: { line, character },
        });
      const hover = await at(1, 6);
      equal(hover?.contents.kind, "markdown");
      match(hover?.contents.value ?? "", /`time\.sleep`.*blocks the event loop\*\* \(5 s\)/);
      match(hover?.contents.value ?? "", /file:\/\/\/project\/helpers\.py#L2/);
      match(hover?.contents.value ?? "", /PYTHONASYNCIODEBUG=1`[^\n]*$/);
      equal(await at(0, 0), null);
      equal(await at(999, 999), null);
      await session.leave();
    });

    it("is plain text for a client that shows no Markdown", async () => {
      await session.initialize({ capabilities: { textDocument: { hover: { contentFormat: ["plaintext"] } } } });
      await session.open(URI, SLEEP);
      const hover = await session.request<{ contents: { kind: string; value: string } }>("textDocument/hover", {
        textDocument: { uri: URI },
        position: { line: 1, character: 6 },
      });
      equal(hover.contents.kind, "plaintext");
      equal(/[`*]|\]\(/.test(hover.contents.value), false, hover.contents.value);
      await session.leave();
    });
  });
});

describe("workspace", () => {
  const files = new Map([
    ["/project/app.py", SLEEP],
    ["/project/other.py", SLEEP],
    ["/project/clean.py", "x = 1\n"],
  ]);
  const workspaceFolders = [{ uri: "file:///project", name: "work" }];

  it("shows progress while it is indexed, and says honestly what it does", async () => {
    const session = startInProcess({ grammar, host: new FakeHost(new Map(files), 40) });
    await session.initialize({ workspaceFolders });
    await session.until("idle", () => statuses(session).some(({ state }) => state === "idle"));
    const create = session.requests.find(({ method }) => method === "window/workDoneProgress/create");
    ok(create);
    deepEqual(statuses(session)[0], { state: "indexing", percent: 0 });
    deepEqual(statuses(session).at(-1), { state: "idle", findings: 0 });
    await session.leave();
    session.connection.dispose();
  });

  it("reports every file in workspace mode, closed ones without a version", async () => {
    const session = startInProcess({ grammar, host: new FakeHost(new Map(files)) });
    await session.initialize({ workspaceFolders, initializationOptions: { loopguard: { diagnosticMode: "workspace" } } });
    const other = await session.diagnostics("file:///project/other.py");
    deepEqual([other.version, other.diagnostics.length], [undefined, 1]);
    await session.until("count", () => statuses(session).some(({ findings }) => findings === 2));
    equal(session.publishedFor("file:///project/clean.py").length, 0);
    await session.leave();
  });

  it("is checked as a whole by the command", async () => {
    const host = new FakeHost(new Map(files), 3);
    const session = startInProcess({ grammar, host });
    await session.initialize({ workspaceFolders });
    await session.open(URI, SLEEP);
    await session.diagnostics(URI);
    equal(session.publishedFor("file:///project/other.py").length, 0);
    deepEqual(await session.request("workspace/executeCommand", { command: "loopguard.server.checkWorkspace", arguments: [] }), {
      files: 3,
      findings: 2,
    });
    equal(session.publishedFor("file:///project/other.py").length, 1);
    await rejects(session.request("workspace/executeCommand", { command: "other" }), { code: -32602 });
    await session.leave();
  });

  it("hears of files that change on disk", async () => {
    const host = new FakeHost(new Map(files));
    const session = startInProcess({ grammar, host });
    await session.initialize({ workspaceFolders, initializationOptions: { diagnosticMode: "workspace" } });
    const other = "file:///project/other.py";
    await session.diagnostics(other);
    const registered = await session.until("registration", () =>
      session.requests.find(({ method }) => method === "client/registerCapability"),
    );
    match(JSON.stringify(registered.params), /\*\*\/\*\.py.*pyproject\.toml/);
    host.disk.set("/project/other.py", "pass\n");
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: other, type: 2 }] });
    await session.diagnostics(other, ({ diagnostics }) => diagnostics.length === 0);
    host.disk.delete("/project/app.py");
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: URI, type: 3 }] });
    await session.diagnostics(URI, ({ diagnostics }) => diagnostics.length === 0);
    deepEqual(host.touched, ["/project/other.py", "/project/app.py"]);
    await session.leave();
  });

  it("follows folders that come and go, and gives up an index that is running", async () => {
    const host = new FakeHost(new Map(files), 1_000_000);
    const session = startInProcess({ grammar, host });
    await session.initialize({ workspaceFolders });
    await session.until("index", () => host.indexRuns === 1);
    await session.notify("workspace/didChangeWorkspaceFolders", {
      event: { added: [{ uri: "file:///more/", name: "more" }], removed: workspaceFolders },
    });
    await session.until("second index", () => host.indexRuns === 2);
    deepEqual(
      host.folders.map(({ path }) => path),
      ["/more"],
    );
    await session.open(URI, SLEEP);
    equal((await session.diagnostics(URI)).diagnostics.length, 1);
    await session.leave();
  });
});

function statuses(session: TestSession): { state: string; percent?: number; findings?: number }[] {
  return session.notifications
    .filter(({ method }) => method === "loopguard/status")
    .map(({ params }) => params as { state: string });
}

describe("pace", () => {
  it("indexing never keeps an edit waiting, and goes on all the same", async () => {
    const host = new FakeHost(new Map(), 150, 5);
    const session = startInProcess({ grammar, host });
    await session.initialize({ workspaceFolders: [{ uri: "file:///project", name: "work" }] });
    await session.open(URI, SLEEP);
    await session.diagnostics(URI);
    await session.until("start of the index", () => host.indexed > 10);
    const slow: number[] = [];
    const began = host.indexed;
    // Longer than a typist may starve the index.
    for (let version = 2; version < 32; version++) {
      const before = performance.now();
      await session.change(URI, version, [0, 0, 0, 0, "#\n"]);
      await session.diagnostics(URI, (published) => published.version === version);
      const took = performance.now() - before;
      if (took > 30) slow.push(took);
      await pause(40);
    }
    ok(slow.length < 4, `slow edits: ${slow.join(", ")} ms`);
    ok(host.indexed > began, "the index stood still");
    ok(host.indexed < 100, "the index did not wait for the typist");
    await session.until("end of the index", () => statuses(session).at(-1)?.state === "idle");
    await session.leave();
  });
});
