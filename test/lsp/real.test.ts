/**
 * The server with the real analysis: what an editor sees from opening a file to the applied fix, in this process and as
 * the built program.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CodeAction, Hover, TextEdit } from "vscode-languageserver";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import { lineStartsOf, offsetAt } from "../../server/src/base/lines.js";
import type { PackedKnowledge } from "../../server/src/knowledge/archive.js";
import { createNodeFiles, nodeClock } from "../../server/src/platform/node.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { loadForTests } from "../support/host.js";
import { projectRoot } from "../support/project.js";
import { FULL_CAPABILITIES, startInProcess, startProcess, type TestSession } from "./session.js";

const SLEEP = "import time\n\n\nasync def handler():\n    time.sleep(5)\n";
const log = { warn: () => {}, info: () => {} };

describe("server with the real analysis", function () {
  this.timeout(30_000);
  let grammar: Grammar;
  let knowledge: PackedKnowledge;
  let folder: string;
  let session: TestSession;

  before(async () => {
    const loaded = await loadForTests();
    grammar = loaded.grammar;
    knowledge = loaded.distribution.knowledge;
  });

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "loopguard-lsp-")));
    const files = createNodeFiles(log);
    session = startInProcess({ host: createAnalysisHost({ grammar, knowledge, files, clock: nodeClock, log }), grammar, files });
  });

  afterEach(() => {
    session.connection.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;
  const workspaceFolders = () => [{ uri: pathToFileURL(folder).href, name: "test" }];

  it("underlines while typing, explains, and fixes by an edit that is fetched when it is chosen", async () => {
    const uri = uriOf("app.py");
    await session.initialize({ workspaceFolders: workspaceFolders() });
    await session.open(uri, SLEEP.replace("time.sleep(5)", "pass"));
    deepEqual((await session.diagnostics(uri)).diagnostics, []);
    await session.change(uri, 2, [4, 4, 4, 8, ""]);
    for (const [index, letter] of [..."time.sleep(5)"].entries()) {
      await session.change(uri, 3 + index, [4, 4 + index, 4, 4 + index, letter]);
    }
    const { diagnostics, version } = await session.diagnostics(uri, ({ version }) => version === 15);
    equal(version, 15);
    deepEqual(
      diagnostics.map(({ code, severity, range, source }) => ({ code, severity, range, source })),
      [
        {
          code: "blocking-sleep",
          severity: 2,
          range: { start: { line: 4, character: 4 }, end: { line: 4, character: 17 } },
          source: "loopguard",
        },
      ],
    );
    match(String(diagnostics[0]?.message), /event loop.*time\.sleep$/);
    const hover = await session.request<Hover>("textDocument/hover", {
      textDocument: { uri },
      position: { line: 4, character: 9 },
    });
    match((hover.contents as { value: string }).value, /time\.sleep[\s\S]*5 s[\s\S]*asyncio\.sleep[\s\S]*PYTHONASYNCIODEBUG=1/);
    const actions = await session.request<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri },
      range: diagnostics[0]?.range,
      context: { diagnostics },
    });
    const fix = actions.find(({ title }) => title.includes("asyncio.sleep"));
    ok(fix, actions.map(({ title }) => title).join(", "));
    deepEqual([fix.kind, fix.isPreferred, fix.edit], ["quickfix", true, undefined]);
    equal(fix.diagnostics?.[0]?.code, "blocking-sleep");
    const { edit } = await session.request<CodeAction>("codeAction/resolve", fix);
    const [change] = edit?.documentChanges ?? [];
    ok(change && "textDocument" in change);
    deepEqual(change.textDocument, { uri, version: 15 });
    const fixed = apply(SLEEP, change.edits as TextEdit[]);
    match(fixed, /import asyncio\n[\s\S]*\n {4}await asyncio\.sleep\(5\)\n/);
    await session.change(uri, 16, fixed);
    deepEqual((await session.diagnostics(uri, ({ version }) => version === 16)).diagnostics, []);
    await session.leave();
  });

  it("gives edits at once to a client that fetches none, and only the kinds that are asked for", async () => {
    const uri = uriOf("app.py");
    await session.initialize({ capabilities: {} });
    await session.open(uri, SLEEP);
    const { diagnostics } = await session.diagnostics(uri);
    const ask = (only?: string[]): Promise<CodeAction[]> =>
      session.request("textDocument/codeAction", {
        textDocument: { uri },
        range: { start: { line: 4, character: 8 }, end: { line: 4, character: 8 } },
        context: { diagnostics: [], ...(only ? { only } : {}) },
      });
    const actions = await ask();
    const fix = actions.find(({ title }) => title.includes("asyncio.sleep"));
    match(apply(SLEEP, fix?.edit?.changes?.[uri] ?? []), /await asyncio\.sleep\(5\)/);
    const ignore = actions.find(({ edit }) => JSON.stringify(edit).includes("loopguard: ignore[blocking-sleep]"));
    ok(ignore, "no action that silences it");
    equal(actions.at(-1), ignore);
    deepEqual(ignore.diagnostics?.[0]?.data, diagnostics[0]?.data);
    deepEqual(await ask(["source.organizeImports"]), []);
    ok((await ask(["quickfix"])).every(({ kind }) => kind === "quickfix"));
    await session.leave();
  });

  it("offers only what the project's oldest Python has", async () => {
    const uri = uriOf("app.py");
    const text = "import shutil\n\n\nasync def clean(folder):\n    shutil.rmtree(folder)\n";
    await session.initialize({ workspaceFolders: workspaceFolders() });
    await session.open(uri, text);
    const titles = async (): Promise<string> => {
      const range = { start: { line: 4, character: 4 }, end: { line: 4, character: 4 } };
      const params = { textDocument: { uri }, range, context: { diagnostics: [] } };
      return (await session.request<CodeAction[]>("textDocument/codeAction", params)).map(({ title }) => title).join("\n");
    };
    match(await titles(), /asyncio\.to_thread/);
    writeFileSync(join(folder, "pyproject.toml"), '[project]\nname = "x"\nrequires-python = ">=3.8"\n');
    await session.change(uri, 2, [0, 0, 0, 0, "\n"]);
    equal((await titles()).includes("asyncio.to_thread"), false);
    await session.leave();
  });

  it("applies all preferred fixes of a file, where a source action is asked for", async () => {
    const uri = uriOf("app.py");
    const text = `${SLEEP}    time.sleep(6)\n`;
    await session.initialize();
    await session.open(uri, text);
    const ask = (only: string[]): Promise<CodeAction[]> => {
      const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
      return session.request("textDocument/codeAction", { textDocument: { uri }, range, context: { diagnostics: [], only } });
    };
    deepEqual(await ask(["quickfix"]), []);
    const [action] = await ask(["source.fixAll"]);
    equal(action?.kind, "source.fixAll.loopguard");
    const { edit } = await session.request<CodeAction>("codeAction/resolve", action);
    const [change] = edit?.documentChanges ?? [];
    ok(change && "edits" in change);
    const fixed = apply(text, change.edits as TextEdit[]);
    match(fixed, /await asyncio\.sleep\(5\)\n {4}await asyncio\.sleep\(6\)\n$/);
    await session.change(uri, 2, fixed);
    deepEqual(await ask(["source"]), []);
    await session.leave();
  });

  it("offers to run any call elsewhere, to who asks for it, and lets the called function say that it is heavy", async () => {
    const uri = uriOf("app.py");
    const text =
      "from work import parse\n\n\nasync def main(data):\n    return parse(data)\n\n\nasync def other():\n    print(parse(b''))\n";
    writeFileSync(join(folder, "work.py"), "def parse(data):\n    return len(data)\n");
    await session.initialize({ workspaceFolders: workspaceFolders(), capabilities: FULL_CAPABILITIES });
    await session.open(uri, text);
    const position = { line: 4, character: 12 };
    const ask = (context: object): Promise<CodeAction[]> => {
      const range = { start: position, end: position };
      return session.request("textDocument/codeAction", {
        textDocument: { uri },
        range,
        context: { diagnostics: [], ...context },
      });
    };
    const invoked = { triggerKind: 1 };
    const titles = (actions: readonly CodeAction[]): string[] => actions.map(({ title }) => title);
    deepEqual(await ask({ triggerKind: 2 }), []);
    deepEqual(await ask({ ...invoked, only: ["quickfix"] }), []);
    const actions = await ask({ ...invoked, only: ["refactor"] });
    deepEqual(titles(actions), [
      "Run in a thread with asyncio.to_thread",
      "Run in a process pool with ProcessPoolExecutor",
      "Say that parse is heavy: # loopguard: blocks[cpu]",
    ]);
    deepEqual(titles(await ask(invoked)), titles(actions));
    const edits = async (action: CodeAction | undefined): Promise<{ uri: string; edits: TextEdit[] }[]> => {
      const { edit } = await session.request<CodeAction>("codeAction/resolve", action);
      return (edit?.documentChanges ?? []).map((change) => {
        ok("edits" in change);
        return { uri: change.textDocument.uri, edits: change.edits as TextEdit[] };
      });
    };
    const [thread] = await edits(actions[0]);
    match(apply(text, thread?.edits ?? []), /return await asyncio\.to_thread\(parse, data\)\n/);
    const changed = (await edits(actions[2])).filter((file) => file.edits.length > 0);
    deepEqual(
      changed.map((file) => [file.uri, file.edits.map(({ newText }) => newText)]),
      [[uriOf("work.py"), ["  # loopguard: blocks[cpu]"]]],
    );
    await session.leave();
  });

  it("changes several files at once, open and closed, and has the change confirmed where the client can", async () => {
    const helpers = "import time\n\n\ndef pause():\n    time.sleep(2)\n";
    const main = "from load import pause\n\n\nasync def handler():\n    pause()\n";
    writeFileSync(join(folder, "load.py"), helpers);
    writeFileSync(join(folder, "other.py"), main);
    const uri = uriOf("app.py");
    const workspace = { ...FULL_CAPABILITIES.workspace, workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} } };
    await session.initialize({
      workspaceFolders: workspaceFolders(),
      capabilities: { ...FULL_CAPABILITIES, workspace },
    });
    await session.open(uri, main);
    await session.request("workspace/executeCommand", { command: "loopguard.server.checkWorkspace" });
    const ask = async (): Promise<CodeAction | undefined> => {
      const range = { start: { line: 4, character: 4 }, end: { line: 4, character: 4 } };
      const params = { textDocument: { uri }, range, context: { diagnostics: [] } };
      const actions = await session.request<CodeAction[]>("textDocument/codeAction", params);
      return actions.find(({ title }) => title.startsWith("Make pause async with asyncio.sleep and await it in 2 places"));
    };
    const action = await ask();
    deepEqual([action?.kind, action?.isPreferred], ["refactor.rewrite", undefined]);
    const { edit } = await session.request<CodeAction>("codeAction/resolve", action);
    const annotations = Object.entries(edit?.changeAnnotations ?? {});
    deepEqual(
      annotations.map(([, annotation]) => annotation),
      [{ label: action?.title, needsConfirmation: true }],
    );
    const fixed = (edit?.documentChanges ?? []).map((change) => {
      ok("textDocument" in change);
      ok(change.edits.every((each) => "annotationId" in each && each.annotationId === annotations[0]?.[0]));
      const { textDocument, edits } = change;
      return [textDocument, apply(textDocument.uri.endsWith("load.py") ? helpers : main, edits as TextEdit[])];
    });
    const awaited = main.replace("    pause", "    await pause");
    deepEqual(fixed, [
      [{ uri, version: 1 }, awaited],
      [
        { uri: uriOf("load.py"), version: null },
        "import asyncio\nimport time\n\n\nasync def pause():\n    await asyncio.sleep(2)\n",
      ],
      [{ uri: uriOf("other.py"), version: null }, awaited],
    ]);
    // A caller that cannot await comes up in another file.
    writeFileSync(join(folder, "other.py"), "from load import pause\n\npause()\n");
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: uriOf("other.py"), type: 2 }] });
    equal(await ask(), undefined);
    await session.leave();
  });

  it("refuses to fetch an edit for code that has changed", async () => {
    const uri = uriOf("app.py");
    await session.initialize();
    await session.open(uri, SLEEP);
    const { diagnostics } = await session.diagnostics(uri);
    const params = { textDocument: { uri }, range: diagnostics[0]?.range, context: { diagnostics } };
    const [action] = await session.request<CodeAction[]>("textDocument/codeAction", params);
    await session.change(uri, 2, "pass\n");
    const answer = await session.request("codeAction/resolve", action).catch((error: { code: number }) => error.code);
    equal(answer, -32801);
    await session.leave();
  });

  it("follows a call into another file, and notices when that file changes in the editor or on disk", async () => {
    writeFileSync(join(folder, "load.py"), "import time\n\n\ndef fetch():\n    time.sleep(2)\n");
    const uri = uriOf("app.py");
    await session.initialize({ workspaceFolders: workspaceFolders(), capabilities: FULL_CAPABILITIES });
    await session.open(uri, "from load import fetch\n\n\nasync def handler():\n    fetch()\n");
    const { diagnostics } = await session.diagnostics(uri, (published) => published.diagnostics.length === 1);
    const related = diagnostics[0]?.relatedInformation?.[0]?.location;
    deepEqual([related?.uri, related?.range.start.line], [uriOf("load.py"), 4]);
    await session.open(uriOf("load.py"), "import time\n\n\ndef fetch():\n    return 1\n");
    await session.diagnostics(uri, (published) => published.diagnostics.length === 0);
    await session.notify("textDocument/didClose", { textDocument: { uri: uriOf("load.py") } });
    await session.diagnostics(uri, (published) => published.diagnostics.length === 1);
    writeFileSync(join(folder, "load.py"), "def fetch():\n    return 1\n");
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: uriOf("load.py"), type: 2 }] });
    await session.diagnostics(uri, (published) => published.diagnostics.length === 0);
    await session.leave();
  });

  it("checks files that nobody opened when it is told to", async () => {
    writeFileSync(join(folder, "app.py"), SLEEP);
    await session.initialize({ workspaceFolders: workspaceFolders() });
    const counts = await session.request("workspace/executeCommand", { command: "loopguard.server.checkWorkspace" });
    deepEqual(counts, { files: 1, findings: 1 });
    equal((await session.diagnostics(uriOf("app.py"))).version, undefined);
    await session.leave();
  });

  it("survives text of every shape", async () => {
    const uri = "untitled:Untitled-1";
    await session.initialize();
    await session.open(uri, SLEEP);
    await session.diagnostics(uri);
    for (const [index, text] of ["", "\r\n\r", "async def (", "\u0000\ud800", `${"(".repeat(2000)}`, SLEEP].entries()) {
      await session.change(uri, 2 + index, text);
      await session.request("textDocument/hover", { textDocument: { uri }, position: { line: 4, character: 9 } });
    }
    equal((await session.diagnostics(uri, ({ version }) => version === 7)).diagnostics.length, 1);
    deepEqual(
      session.log().filter((line) => line.includes("failed")),
      [],
    );
    await session.leave();
  });
});

describe("server as a program", function () {
  this.timeout(30_000);
  const program = join(projectRoot, "dist", "loopguard.cjs");

  before(function () {
    if (!existsSync(program)) this.skip();
  });

  it("speaks on its standard streams and ends with 0", async () => {
    const { session, errors } = startProcess(process.execPath, [program, "lsp", "--stdio"]);
    const { serverInfo } = await session.initialize();
    equal(serverInfo?.name, "loopguard");
    await session.open("untitled:a.py", SLEEP);
    equal((await session.diagnostics("untitled:a.py")).diagnostics[0]?.code, "blocking-sleep");
    session.raw("Content-Length: 3\r\n\r\n{a}not a header\r\n\r\n");
    await session.change("untitled:a.py", 2, "pass\n");
    await session.diagnostics("untitled:a.py", ({ version }) => version === 2);
    await session.leave();
    equal(errors(), "");
  });

  it("ends with 1 when its client is gone: by exit, by the end of the stream, or by the end of the process", async () => {
    const leaving = startProcess(process.execPath, [program, "lsp", "--stdio"]).session;
    await leaving.initialize();
    await leaving.notify("exit");

    const closing = startProcess(process.execPath, [program, "lsp", "--stdio"]).session;
    await closing.initialize();
    closing.toServer.end();

    const dying = startProcess(process.execPath, [program, "lsp", "--stdio"]).session;
    // Beyond the largest process id of any system we run on.
    await dying.initialize({ processId: 2 ** 30 });

    for (const session of [leaving, closing, dying]) {
      await session.until("end of the process", () => session.exitCode !== undefined);
      equal(session.exitCode, 1);
      session.connection.dispose();
    }
  });
});

function apply(text: string, edits: readonly TextEdit[]): string {
  const starts = lineStartsOf(text);
  const offset = ({ line, character }: { line: number; character: number }): number =>
    offsetAt(starts, text, { line, column: character });
  return [...edits]
    .sort((one, other) => offset(other.range.start) - offset(one.range.start))
    .reduce(
      (result, { range, newText }) => result.slice(0, offset(range.start)) + newText + result.slice(offset(range.end)),
      text,
    );
}
