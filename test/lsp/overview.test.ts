/**
 * What views of the whole program are told: the way behind a finding by its place or its fingerprint, and the findings of
 * all files while, and only while, somebody watches.
 */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { CodeAction, Hover, InitializeParams } from "vscode-languageserver";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import { FakeHost } from "./fake-host.js";
import { FULL_CAPABILITIES, pause, startInProcess, type TestSession } from "./session.js";

const FILES = {
  "app.py": "from store import load\n\n\nasync def handler():\n    return load()\n",
  "store.py": "import time\n\n\ndef load():\n    time.sleep(5)\n\n\nasync def direct():\n    time.sleep(1)\n",
  "idle.py": "def nothing():\n    pass\n",
};

interface Path {
  readonly fingerprint: string;
  readonly rule: string;
  readonly stall: string;
  readonly steps: readonly { text: string; uri?: string; range?: { start: { line: number } } }[];
}

interface Told {
  readonly uri: string;
  readonly findings: readonly { rule: string; entry: { function: string }; callee: string; primitive: string }[];
}

const COMMANDS = { experimental: { commands: { commands: ["loopguard.explainPath"] } } };

describe("overview", function () {
  this.timeout(20_000);
  let session: TestSession;

  afterEach(() => session.connection.dispose());

  const uriOf = (name: string): string => `file://${PROJECT}/${name}`;

  async function start(capabilities: InitializeParams["capabilities"] = {}): Promise<void> {
    const { host, files } = await createTestHost(FILES);
    const { grammar } = await loadForTests();
    session = startInProcess({ host, grammar, files });
    await session.initialize({
      workspaceFolders: [{ uri: `file://${PROJECT}`, name: "project" }],
      capabilities: { ...FULL_CAPABILITIES, ...capabilities },
    });
    await session.until("index", () =>
      session.notifications.some(
        ({ method, params }) => method === "loopguard/status" && (params as { state: string }).state === "idle",
      ),
    );
  }

  const told = (): Told[] =>
    session.notifications.filter(({ method }) => method === "loopguard/findings").map(({ params }) => params as Told);
  /** What the client knows by now: `file: entry calls callee -> primitive`. */
  const known = (): string[] => {
    const byFile = new Map(told().map(({ uri, findings }) => [uri, findings]));
    return [...byFile].flatMap(([uri, findings]) =>
      findings.map((item) => `${uri.slice(uri.lastIndexOf("/") + 1)}: ${item.entry.function} ${item.callee} ${item.primitive}`),
    );
  };
  const knows = (...lines: string[]): Promise<boolean> =>
    session.until(lines.join(), () => JSON.stringify(known().sort()) === JSON.stringify(lines));
  const pathAt = (name: string, line: number, character: number): Promise<Path | null> =>
    session.request("loopguard/path", { textDocument: { uri: uriOf(name) }, position: { line, character } });

  it("leads from the loop to what blocks, from any place of the line, and finds the same by its fingerprint", async () => {
    await start();
    const path = await pathAt("app.py", 4, 13);
    deepEqual(
      path?.steps.map(({ text, uri, range }) => [text, uri, range?.start.line]),
      [
        ["handler calls load", uriOf("app.py"), 4],
        ["load calls time.sleep", uriOf("store.py"), 4],
      ],
    );
    deepEqual([path?.rule, path?.stall], ["blocking-sleep", "5 s"]);
    deepEqual(await pathAt("app.py", 4, 0), path);
    const named = { textDocument: { uri: uriOf("app.py") }, fingerprint: path?.fingerprint };
    deepEqual(await session.request("loopguard/path", named), path);
    equal(await pathAt("idle.py", 1, 4), null);
    await rejects(session.request("loopguard/path", { textDocument: { uri: uriOf("app.py") } }));
  });

  it("offers the explanation where there is a way to lead through, to a client that has the command", async () => {
    await start(COMMANDS);
    const ask = async (name: string, line: number, character: number): Promise<[readonly (string | undefined)[], string]> => {
      const textDocument = { uri: uriOf(name) };
      const position = { line, character };
      const context = { diagnostics: [] };
      const range = { start: position, end: position };
      const actions = await session.request<CodeAction[]>("textDocument/codeAction", { textDocument, range, context });
      const hover = await session.request<Hover>("textDocument/hover", { textDocument, position });
      const commands = actions.filter(({ title }) => title === "Explain blocking path").map(({ command }) => command?.command);
      return [commands, (hover.contents as { value: string }).value];
    };
    const [commands, hover] = await ask("app.py", 4, 13);
    deepEqual(commands, ["loopguard.explainPath"]);
    const link = /\]\(command:loopguard\.explainPath\?([^)]*)\)/.exec(hover)?.[1] ?? "";
    const [argument] = JSON.parse(decodeURIComponent(link));
    equal(argument.uri, uriOf("app.py"));
    ok(await session.request("loopguard/path", { textDocument: { uri: argument.uri }, fingerprint: argument.fingerprint }));
    const [direct, directHover] = await ask("store.py", 8, 6);
    deepEqual([direct, directHover.includes("command:")], [[], false]);
  });

  it("offers no command to a client that lacks it", async () => {
    await start();
    const position = { line: 4, character: 13 };
    const textDocument = { uri: uriOf("app.py") };
    const range = { start: position, end: position };
    const actions = await session.request<CodeAction[]>("textDocument/codeAction", {
      textDocument,
      range,
      context: { diagnostics: [] },
    });
    deepEqual(
      actions.filter(({ command }) => command),
      [],
    );
    const hover = await session.request<Hover>("textDocument/hover", { textDocument, position });
    equal((hover.contents as { value: string }).value.includes("command:"), false);
  });

  it("tells the findings of all files to who watches, then differences only, and nothing more when nobody does", async () => {
    await start();
    deepEqual(told(), []);
    await session.request("loopguard/watchFindings", { watch: true });
    const direct = "store.py: direct time.sleep time.sleep";
    await knows("app.py: handler load time.sleep", direct);
    // No diagnostics of files that are not open come with it.
    deepEqual(session.published, []);

    await session.open(uriOf("store.py"), FILES["store.py"]);
    await session.change(uriOf("store.py"), 2, [4, 15, 4, 16, "0"]);
    await knows(direct);
    deepEqual(told().at(-1), { uri: uriOf("app.py"), findings: [] });

    await session.request("loopguard/watchFindings", { watch: false });
    const before = told().length;
    await session.change(uriOf("store.py"), 3, [4, 15, 4, 16, "7"]);
    await session.diagnostics(uriOf("store.py"));
    await pause(400);
    equal(told().length, before);

    await session.request("loopguard/watchFindings", { watch: true });
    await knows("app.py: handler load time.sleep", direct);
    equal(told().length, before + 1);
    await rejects(session.request("loopguard/watchFindings", {}));
  });

  it("looks at no file that is not open before somebody watches", async () => {
    const host = new FakeHost(new Map([["/project/a.py", "time.sleep(1)"]]));
    const { grammar } = await loadForTests();
    session = startInProcess({ host, grammar });
    await session.initialize({ workspaceFolders: [{ uri: "file:///project", name: "project" }] });
    await session.until("index", () => host.indexRuns > 0);
    await pause(300);
    deepEqual(host.looked, []);
    await session.request("loopguard/watchFindings", { watch: true });
    await session.until("findings", () => told().length > 0);
    deepEqual(host.looked, ["/project/a.py"]);
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: "file:///project/a.py", type: 3 }] });
    await session.until("withdrawal", () => told().at(-1)?.findings.length === 0);
  });
});
