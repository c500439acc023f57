/**
 * Settings of a session: from pyproject.toml, from the editor when it is asked, from what it sent along; and what is said
 * of mistakes in them.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { readSettings } from "../../server/src/lsp/settings.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { loadForTests } from "../support/host.js";
import { MemoryFiles } from "../support/memory.js";
import { FakeHost } from "./fake-host.js";
import { FULL_CAPABILITIES, pause, startInProcess, type TestSession } from "./session.js";

const URI = "file:///project/app.py";
const SLEEP = "async def handler():\n    time.sleep(5)\n";
const workspaceFolders = [{ uri: "file:///project", name: "work" }];
const off = { severity: { "blocking-sleep": "off" } };

describe("settings", () => {
  let grammar: Grammar;
  let files: MemoryFiles;
  let host: FakeHost;
  let session: TestSession;

  before(async () => {
    ({ grammar } = await loadForTests());
  });

  beforeEach(() => {
    files = new MemoryFiles({});
    host = new FakeHost();
    session = startInProcess({ host, files, grammar });
  });

  afterEach(() => session.connection.dispose());

  const severity = async (): Promise<number | undefined> => (await session.diagnostics(URI)).diagnostics[0]?.severity;
  const warnings = (): string[] =>
    session.notifications
      .filter(({ method }) => method === "window/showMessage")
      .map(({ params }) => (params as { message: string }).message);

  it("pyproject.toml is the base, the editor goes over it", async () => {
    files.write("/project/pyproject.toml", '[tool.loopguard]\nlarge-input = true\nseverity = { "blocking-sleep" = "error" }\n');
    session.settings.set("file:///project", { testsSeverity: "same" });
    await session.initialize({ workspaceFolders });
    await session.open(URI, SLEEP);
    equal(await severity(), 1);
    const [folder] = host.folders;
    deepEqual([folder?.path, folder?.configuration.largeInput, folder?.configuration.testsSeverity], ["/project", true, "same"]);
  });

  it("an interpreter counts from its folder; without one the host looks around", () => {
    const folders = [
      { uri: "file:///a", path: "/a" },
      { uri: "file:///b", path: "/b" },
    ];
    const read = (pythonPath: string): readonly string[] =>
      readSettings({
        files: new MemoryFiles({}),
        folders,
        editor: () => ({ pythonPath }),
      }).folders.map(({ configuration }) => configuration.pythonPath);
    deepEqual(read(""), ["", ""]);
    deepEqual(read("./venv/bin/python"), ["/a/venv/bin/python", "/b/venv/bin/python"]);
    deepEqual(read("/usr/bin/python3"), ["/usr/bin/python3", "/usr/bin/python3"]);
    deepEqual(read("C:\\Python\\python.exe"), ["c:/Python/python.exe", "c:/Python/python.exe"]);
  });

  it("each folder has its own", async () => {
    files.write("/project/pyproject.toml", '[tool.loopguard.severity]\nblocking-sleep = "hint"\n');
    session.settings.set("file:///more", { severity: { "blocking-sleep": "error" } });
    await session.initialize({ workspaceFolders: [...workspaceFolders, { uri: "file:///more", name: "more" }] });
    await session.open(URI, SLEEP);
    await session.open("file:///more/app.py", SLEEP);
    equal(await severity(), 4);
    equal((await session.diagnostics("file:///more/app.py")).diagnostics[0]?.severity, 1);
  });

  it("nothing is published before the editor has answered", async () => {
    session.settings.set("file:///project", off);
    await session.initialize({ workspaceFolders });
    await session.open(URI, SLEEP);
    await session.diagnostics(URI);
    deepEqual(
      session.publishedFor(URI).map(({ diagnostics }) => diagnostics.length),
      [0],
    );
  });

  it("what was sent along holds where the editor has no answer, as a table or under our name", async () => {
    for (const initializationOptions of [off, { loopguard: off }]) {
      const other = startInProcess({ host: new FakeHost(), grammar });
      await other.initialize({ workspaceFolders, initializationOptions });
      await other.open(URI, SLEEP);
      deepEqual((await other.diagnostics(URI)).diagnostics, []);
      await other.leave();
    }
    await session.initialize();
  });

  it("follow a change in the editor, asked for or sent", async () => {
    await session.initialize({ workspaceFolders });
    await session.open(URI, SLEEP);
    equal(await severity(), 2);
    session.settings.set("file:///project", off);
    await session.notify("workspace/didChangeConfiguration", { settings: null });
    await session.diagnostics(URI, ({ diagnostics }) => diagnostics.length === 0);

    const other = startInProcess({ host: new FakeHost(), grammar });
    await other.initialize({ workspaceFolders, capabilities: {} });
    await other.open(URI, SLEEP);
    await other.diagnostics(URI);
    await other.notify("workspace/didChangeConfiguration", { settings: { loopguard: off } });
    await other.diagnostics(URI, ({ diagnostics }) => diagnostics.length === 0);
    await other.leave();
  });

  it("that stay the same index nothing anew", async () => {
    await session.initialize({ workspaceFolders });
    await session.until("index", () => host.indexRuns === 1);
    await session.notify("workspace/didChangeConfiguration", { settings: null });
    await session.notify("workspace/didChangeConfiguration", { settings: null });
    await pause(50);
    equal(host.indexRuns, 1);
  });

  it("follow a change of pyproject.toml", async () => {
    await session.initialize({ workspaceFolders });
    await session.open(URI, SLEEP);
    await session.diagnostics(URI);
    files.write("/project/pyproject.toml", '[tool.loopguard.severity]\nblocking-sleep = "off"\n');
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: "file:///project/pyproject.toml", type: 1 }] });
    await session.diagnostics(URI, ({ diagnostics }) => diagnostics.length === 0);
  });

  it("that switch the analysis off leave no findings", async () => {
    files.write("/project/pyproject.toml", "[tool.loopguard]\nenable = false\n");
    await session.initialize({ workspaceFolders });
    await session.open(URI, SLEEP);
    deepEqual((await session.diagnostics(URI)).diagnostics, []);
  });

  it("mistakes are told once, with their place, and the rest holds", async () => {
    files.write("/project/pyproject.toml", '[tool.loopguard]\nexlude = []\nseverity = { "blocking-sleep" = "hint" }\n');
    session.settings.set("file:///project", { largeInput: "yes" });
    await session.initialize({ workspaceFolders });
    await session.open(URI, SLEEP);
    equal(await severity(), 4);
    await session.notify("workspace/didChangeConfiguration", { settings: null });
    await pause(50);
    const told = warnings();
    equal(told.length, 1, told.join("\n"));
    match(told[0] ?? "", /largeInput/);
    match(session.log().join("\n"), /\/project\/pyproject\.toml:2:1: .*exlude/);
    const uri = "file:///project/pyproject.toml";
    const [mistake] = (await session.diagnostics(uri)).diagnostics;
    match(String(mistake?.message), /exlude/);
    deepEqual(mistake?.range, { start: { line: 1, character: 0 }, end: { line: 1, character: 6 } });

    files.write("/project/pyproject.toml", "[tool.loopguard]\nexclude = []\n");
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri, type: 2 }] });
    await session.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 0);
  });

  it("mistakes come as messages to a client that asks for its diagnostics", async () => {
    files.write("/project/pyproject.toml", "[tool.loopguard]\nexlude = []\n");
    const { publishDiagnostics: _, ...textDocument } = FULL_CAPABILITIES.textDocument;
    const capabilities = { ...FULL_CAPABILITIES, textDocument: { ...textDocument, diagnostic: {} } };
    await session.initialize({ workspaceFolders, capabilities });
    await session.until("message", () => warnings().length > 0);
    match(warnings()[0] ?? "", /^Loopguard: \/project\/pyproject\.toml:2:1: .*exlude/);
    deepEqual(session.published, []);
  });

  it("an editor that fails to answer is not waited for", async () => {
    const { connection } = session;
    connection.onRequest("workspace/configuration", () => {
      throw new Error("no settings here");
    });
    await session.initialize({ workspaceFolders, capabilities: FULL_CAPABILITIES, initializationOptions: off });
    await session.open(URI, SLEEP);
    deepEqual((await session.diagnostics(URI)).diagnostics, []);
  });
});
