/**
 * Call hierarchy and code lenses over the protocol: who brings a function onto the loop, what blocks below it, in files
 * that are open and in files that are not, and what a client is told when that changes.
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  CodeLens,
  InitializeParams,
} from "vscode-languageserver";
import { LensWatch } from "../../server/src/lsp/lenses.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import { FULL_CAPABILITIES, pause, startInProcess, type TestSession } from "./session.js";

const STORE = `import time
import asyncio


class Store:
    @property
    def size(self):
        return self.load()

    def load(self):
        time.sleep(1)
        return len(self.text())

    def text(self):
        return "x"


class Fast(Store):
    def load(self):
        return 0


def work():
    Store().load()


async def in_thread():
    await asyncio.to_thread(work)
`;

const APP = `from store import Store


async def handler(store: Store):
    store.load()
    store.size
    store.load()


def idle(store: Store):
    store.load()


idle(Store())
`;

interface CallSite {
  readonly uri: string;
  readonly range: { readonly start: { readonly line: number } };
}

describe("call hierarchy and code lenses", function () {
  this.timeout(20_000);
  let session: TestSession;

  afterEach(() => session.connection.dispose());

  const uriOf = (name: string): string => `file://${PROJECT}/${name}`;

  async function start(
    texts: Readonly<Record<string, string>>,
    client: Partial<InitializeParams["capabilities"]> = {},
  ): Promise<void> {
    const { host, files } = await createTestHost(texts);
    const { grammar } = await loadForTests();
    session = startInProcess({ host, grammar, files });
    await session.initialize({
      workspaceFolders: [{ uri: `file://${PROJECT}`, name: "project" }],
      capabilities: { ...FULL_CAPABILITIES, ...client, workspace: { ...FULL_CAPABILITIES.workspace, ...client.workspace } },
    });
    await session.until("index", () =>
      session.notifications.some(
        ({ method, params }) => method === "loopguard/status" && (params as { state: string }).state === "idle",
      ),
    );
  }

  /** The item of what stands behind the first `text`. */
  async function prepare(name: string, source: string, text: string): Promise<CallHierarchyItem> {
    const before = source.slice(0, source.indexOf(text) + text.length).split("\n");
    const position = { line: before.length - 1, character: (before.at(-1) as string).length };
    const items = await session.request<CallHierarchyItem[] | null>("textDocument/prepareCallHierarchy", {
      textDocument: { uri: uriOf(name) },
      position,
    });
    ok(items?.[0], `nothing behind ${text}`);
    return items[0];
  }

  async function incoming(item: CallHierarchyItem): Promise<string[]> {
    const calls = await session.request<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item });
    return calls.map(({ from, fromRanges }) => {
      const lines = fromRanges.map(({ start }) => start.line + 1).join(",");
      return `${from.name} [${from.detail ?? ""}] ${from.uri.slice(from.uri.lastIndexOf("/") + 1)}:${lines}`;
    });
  }

  async function outgoing(item: CallHierarchyItem): Promise<string[]> {
    const calls = await session.request<CallHierarchyOutgoingCall[]>("callHierarchy/outgoingCalls", { item });
    return calls.map(
      ({ to, fromRanges }) => `${to.name} [${to.detail ?? ""}] ${fromRanges.map(({ start }) => start.line + 1).join(",")}`,
    );
  }

  it("says who runs a method, through properties and overrides, those on the loop first, in files that are closed", async () => {
    await start({ "store.py": STORE, "app.py": APP });
    const load = await prepare("store.py", STORE, "def l");
    deepEqual(
      [load.name, load.kind, load.detail, load.selectionRange.start],
      ["Store.load", 6, "def", { line: 9, character: 8 }],
    );
    deepEqual(await incoming(load), [
      "handler [async def · on the event loop] app.py:5,7",
      "Store.size [def · on the event loop] store.py:8",
      "idle [def] app.py:11",
      "work [def · off the event loop] store.py:24",
    ]);
    const size = await prepare("store.py", STORE, "def si");
    deepEqual(await incoming(size), ["handler [async def · on the event loop] app.py:6"]);
    const fast = await prepare("store.py", STORE, "class Fast(Store):\n    def l");
    deepEqual(await incoming(fast), [
      "handler [async def · on the event loop] app.py:5,7",
      "Store.size [def · on the event loop] store.py:8",
      "idle [def] app.py:11",
    ]);
    const idle = await prepare("app.py", APP, "def id");
    deepEqual(await incoming(idle), ["app [module] app.py:14"]);
    const work = await prepare("store.py", STORE, "def w");
    deepEqual(await incoming(work), ["in_thread [async def · on the event loop · handed to a thread] store.py:28"]);
  });

  it("says what blocks below a function, and tells it from what does not", async () => {
    await start({ "store.py": STORE, "app.py": APP });
    const handler = await prepare("app.py", APP, "def h");
    equal(handler.detail, "async def");
    deepEqual(await outgoing(handler), [
      "Store.load [def · blocks: time.sleep (1 s)] 5,7",
      "Store.size [def · blocks: time.sleep (1 s)] 6",
      "Fast.load [def] 5,7",
    ]);
    const load = await prepare("app.py", APP, "store.l");
    equal(load.name, "Store.load");
    deepEqual(await outgoing(load), ["time.sleep [blocks (1 s)] 11", "Store.text [def] 12"]);
    const calls = await session.request<CallHierarchyOutgoingCall[]>("callHierarchy/outgoingCalls", { item: load });
    const sleep = calls[0]?.to as CallHierarchyItem;
    equal(sleep.uri, uriOf("store.py"));
    equal(await session.request("callHierarchy/outgoingCalls", { item: sleep }), null);
    const inThread = await prepare("store.py", STORE, "async def i");
    deepEqual(await outgoing(inThread), ["work [def · handed to a thread] 28"]);
  });

  it("finds nothing where nothing is called, and nothing for a function that is gone", async () => {
    await start({ "store.py": STORE });
    const textDocument = { uri: uriOf("store.py") };
    equal(
      await session.request("textDocument/prepareCallHierarchy", { textDocument, position: { line: 2, character: 0 } }),
      null,
    );
    const work = await prepare("store.py", STORE, "def w");
    await session.open(uriOf("store.py"), "");
    equal(await session.request("callHierarchy/incomingCalls", { item: work }), null);
  });

  it("follows edits", async () => {
    await start({ "store.py": STORE, "app.py": APP });
    const load = await prepare("store.py", STORE, "def l");
    await session.open(uriOf("app.py"), APP.replaceAll("    store.load()\n", "    pass\n"));
    deepEqual(await incoming(load), [
      "Store.size [def · on the event loop] store.py:8",
      "work [def · off the event loop] store.py:24",
    ]);
  });

  const lenses = (name: string): Promise<CodeLens[]> =>
    session.request<CodeLens[]>("textDocument/codeLens", { textDocument: { uri: uriOf(name) } });

  /** `line: title` of each lens, resolved. */
  async function titles(name: string): Promise<string[]> {
    const resolved = (await lenses(name)).map((lens) => session.request<CodeLens>("codeLens/resolve", lens));
    return (await Promise.all(resolved)).map(({ range, command }) => `${range.start.line + 1}: ${command?.title}`);
  }

  const SHOWS = { experimental: { commands: { commands: ["loopguard.showCallers"] } } };

  it("counts the coroutines from which a function blocks the loop", async () => {
    const helpers = `import time
from pathlib import Path


def pause(seconds):
    time.sleep(seconds)


def twice(seconds):
    pause(seconds)
    pause(seconds)


def quiet():
    time.sleep(1)  # loopguard: ignore[blocking-sleep]


def short():
    return Path("x").exists()


def unused():
    time.sleep(1)


def called_back():
    time.sleep(2)
`;
    const app = `import asyncio
from helpers import pause, twice, quiet, short, called_back


async def one(loop: asyncio.AbstractEventLoop):
    pause(1)
    pause(2)
    quiet()
    short()
    loop.call_soon(callback)


async def two():
    twice(3)
    await asyncio.to_thread(pause, 1)


async def three():
    pause(0)


def callback():
    called_back()
`;
    await start({ "helpers.py": helpers, "app.py": app }, SHOWS);
    await session.open(uriOf("helpers.py"), helpers);
    deepEqual(await titles("helpers.py"), [
      "5: Blocks the event loop from 2 coroutines",
      "9: Blocks the event loop from 1 coroutine",
      "26: Blocks the event loop from 1 callback",
    ]);
    const [first] = await lenses("helpers.py");
    equal(first?.command, undefined);
    const { command } = await session.request<CodeLens>("codeLens/resolve", first);
    equal(command?.command, "loopguard.showCallers");
    const [uri, position, places] = (command?.arguments ?? []) as [string, unknown, CallSite[]];
    deepEqual([uri, position], [uriOf("helpers.py"), { line: 4, character: 4 }]);
    deepEqual(
      places.map((place) => [place.uri, place.range.start.line]),
      [
        [uriOf("app.py"), 5],
        [uriOf("app.py"), 6],
        [uriOf("app.py"), 13],
      ],
    );
  });

  it("tells the callers itself to a client that cannot show them", async () => {
    await start({ "store.py": STORE, "app.py": APP });
    const [lens] = await lenses("store.py");
    const { command } = await session.request<CodeLens>("codeLens/resolve", lens);
    equal(command?.command, "loopguard.server.tellCallers");
    equal(await session.request("workspace/executeCommand", { command: command?.command, arguments: command?.arguments }), null);
    const told = await session.until("message", () =>
      session.requests.concat(session.notifications).find(({ method }) => /showMessage/.test(method)),
    );
    match(JSON.stringify(told.params), /Store\.size blocks the event loop from handler \(app\.py:6\)\./);
  });

  it("has no lenses where the settings want none", async () => {
    await start({ "store.py": STORE, "app.py": APP });
    equal((await lenses("store.py")).length, 2);
    session.settings.set(`file://${PROJECT}`, { codeLens: false });
    await session.notify("workspace/didChangeConfiguration", { settings: {} });
    await session.until(
      "settings",
      () => session.requests.filter(({ method }) => method === "workspace/configuration").length > 1,
    );
    for (let left = 100; left > 0 && (await lenses("store.py")).length > 0; left--) await pause(20);
    deepEqual(await lenses("store.py"), []);
  });

  it("has the lenses asked for again when code elsewhere changed what they say", async () => {
    await start({ "store.py": STORE, "app.py": APP }, { ...SHOWS, workspace: { codeLens: { refreshSupport: true } } });
    const refreshed = (): number => session.requests.filter(({ method }) => method === "workspace/codeLens/refresh").length;
    await session.open(uriOf("store.py"), STORE);
    await session.open(uriOf("app.py"), APP);
    equal((await titles("store.py")).length, 2);
    await session.change(uriOf("app.py"), 2, `${APP}\n\nasync def second(store: Store):\n    store.load()\n`);
    await session.until("refresh", () => refreshed() === 1);
    match((await titles("store.py")).join(), /2 coroutines/);
  });

  it("refuses to resolve a lens whose function no longer blocks", async () => {
    await start({ "store.py": STORE, "app.py": APP });
    const [lens] = await lenses("store.py");
    await session.open(uriOf("app.py"), "");
    await rejects(session.request("codeLens/resolve", lens), /has changed/);
  });

  it("has them asked for again only when they say something else", () => {
    const lens = (name: string): CodeLens => ({
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
      data: { uri: "file:///a.py", key: name },
    });
    const titles = new Map([["load", "1"]]);
    let refreshed = 0;
    let later: (() => void) | undefined;
    const watch = new LensWatch({
      handlers: {
        lenses: () => [...titles.keys()].map(lens),
        resolveLens: (asked) => ({ ...asked, command: { title: titles.get(asked.data.key) ?? "", command: "show" } }),
      },
      turns: {
        next: () => () => {},
        after: (_, action) => {
          later = action;
          return () => {};
        },
      },
      isOpen: () => true,
      refresh: () => refreshed++,
      failed: (_, error) => {
        throw error;
      },
    });
    const settle = (): number => {
      watch.settled();
      later?.();
      return refreshed;
    };
    equal(settle(), 0);
    watch.answer({ textDocument: { uri: "file:///a.py" } });
    equal(settle(), 0);
    titles.set("load", "2");
    // Nobody has seen the title yet.
    equal(settle(), 0);
    watch.resolve(lens("load"));
    equal(settle(), 0);
    titles.set("load", "3");
    equal(settle(), 1);
    watch.answer({ textDocument: { uri: "file:///a.py" } });
    titles.set("other", "1");
    equal(settle(), 2);
  });
});
