/**
 * Traits: what a call does that decides whether it may run in another thread, however deep, and the way there. Asked by
 * fixes, never reported. Each trait stands beside its look-alike.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";

/** The traits of the call or attribute `text` in main.py: "kind: callee → callee". */
function traitsOf(host: AnalysisHost, text: string): string[] {
  const path = `${PROJECT}/main.py`;
  const start = (host.text(path) as string).lastIndexOf(text);
  ok(start >= 0, text);
  const end = start + text.length;
  return host
    .traits(path, start, end)
    .filter((site) => site.start === start && site.end === end)
    .flatMap(({ traits }) => traits.map(({ kind, callees }) => `${kind}: ${callees.join(" → ")}`));
}

async function traits(files: Readonly<Record<string, string>> | string, ...calls: readonly string[]): Promise<string[][]> {
  const { host } = await createTestHost(typeof files === "string" ? { "main.py": files } : files);
  const found = calls.map((call) => traitsOf(host, call));
  host.dispose();
  return found;
}

describe("traits", () => {
  before(() => loadForTests());

  it("tell what uses the running loop", async () => {
    const text = `
import asyncio

done = asyncio.Event()

def save():
    asyncio.get_running_loop().call_soon(print)

def finish():
    done.set()

def wake(loop: asyncio.AbstractEventLoop):
    loop.call_soon_threadsafe(done.set)

def make():
    return save

async def other():
    asyncio.get_running_loop()

async def main(loop):
    save()
    finish()
    wake(loop)
    make()
    other()
`;
    deepEqual(await traits(text, "save()", "finish()", "wake(loop)", "make()", "other()"), [
      ["loop: main.save → asyncio.get_running_loop"],
      ["loop: main.finish → asyncio.Event.set"],
      [],
      [],
      [],
    ]);
  });

  it("tell what sets a context variable, and what reads one", async () => {
    const text = `
import contextvars

user = contextvars.ContextVar("user")

def login():
    user.set("me")

def who():
    return user.get()

async def main():
    login()
    who()
`;
    deepEqual(await traits(text, "login()", "who()"), [
      ["context: main.login → contextvars.ContextVar.set"],
      ["context-read: main.who → contextvars.ContextVar.get"],
    ]);
  });

  it("tell what reads the thread's own values", async () => {
    const text = `
import threading
from types import SimpleNamespace

local = threading.local()
plain = SimpleNamespace()

class Local(threading.local):
    count = 0

own = Local()

def read():
    return local.value

def count():
    return own.count

def name():
    return threading.current_thread().name

def other():
    return plain.value

async def main():
    read()
    count()
    name()
    other()
`;
    deepEqual(await traits(text, "read()", "count()", "name()", "other()"), [
      ["thread-local: main.read → local.value"],
      ["thread-local: main.count → own.count"],
      ["thread-local: main.name → threading.current_thread"],
      [],
    ]);
  });

  it("tell what needs the main thread", async () => {
    const text = `
import signal

def handle():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

def look():
    return signal.getsignal(signal.SIGTERM)

async def main():
    handle()
    look()
`;
    deepEqual(await traits(text, "handle()", "look()"), [["main-thread: main.handle → signal.signal"], []]);
  });

  it("tell what touches an object of another thread, and not what makes its own", async () => {
    const text = `
import sqlite3

class Store:
    def __init__(self, path):
        self.connection = sqlite3.connect(path)

    def rows(self):
        return self.connection.execute("select 1").fetchall()

def count(path):
    connection = sqlite3.connect(path)
    return connection.cursor().execute("select 1").fetchone()

def connect(path):
    return sqlite3.connect(path)

def through(path):
    return connect(path).execute("select 1").fetchone()

async def main(path, store: Store):
    store.rows()
    count(path)
    connect(path)
    through(path)
    Store(path)
`;
    deepEqual(await traits(text, "store.rows()", "count(path)", "Store(path)"), [
      ["own-thread: main.Store.rows → sqlite3.Connection.execute"],
      [],
      ["own-thread: main.Store.__init__ → sqlite3.Connection"],
    ]);
    const [connect] = await traits(text, "connect(path)");
    ok(
      connect?.some((trait) => trait.startsWith("own-thread: main.connect")),
      String(connect),
    );
  });

  it("tell what may raise StopIteration", async () => {
    const text = `
def first(items):
    return next(iter(items))

def first_or_none(items):
    return next(iter(items), None)

def caught(items):
    try:
        return first(items)
    except StopIteration:
        return None

async def main(items):
    first(items)
    first_or_none(items)
    caught(items)
`;
    const [first, orNone, caught] = await traits(text, "first(items)", "first_or_none(items)", "caught(items)");
    deepEqual([first, orNone, caught], [["stop-iteration: main.first → next"], [], []]);
  });

  it("tell what changes things that others see", async () => {
    const text = `
total = 0
cache = {}

class Counter:
    def __init__(self):
        self.count = 0
        self.items = []

    def add(self, item):
        self.items.append(item)

    def reset(self):
        self.count = 0

def tally():
    global total
    total += 1

def remember(key):
    cache[key] = 1

def fill(rows: list):
    rows.append(1)

def rename(item):
    item.name = "new"

def own():
    rows = []
    fill(rows)
    counter = Counter()
    counter.add(1)
    rename(counter)
    return rows

def local_nonlocal():
    count = 0
    def bump():
        nonlocal count
        count += 1
    return bump

async def main(counter: Counter, rows):
    counter.add(1)
    counter.reset()
    tally()
    remember("a")
    fill(rows)
    rename(rows)
    own()
    Counter()
    local_nonlocal()
`;
    const changing = ["counter.add(1)", "counter.reset()", "tally()", 'remember("a")', "fill(rows)", "rename(rows)"];
    for (const [index, found] of (await traits(text, ...changing)).entries()) {
      equal(found.length, 1, `${changing[index]}: ${found}`);
      ok(found[0]?.startsWith("changes: "), found[0]);
    }
    for (const found of await traits(text, "own()", "Counter()", "local_nonlocal()")) deepEqual(found, []);
  });

  it("follow calls through files, helpers that call what they are given, decorators and rings", async () => {
    const length = 40;
    const files: Record<string, string> = {
      [`step${length}.py`]: "import asyncio\nimport step0\n\ndef run():\n    step0.run()\n    asyncio.get_running_loop()\n",
      "main.py": `
import asyncio
import functools
import step0

def call(function, *args):
    return function(*args)

def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

def now():
    asyncio.get_running_loop()

@logged
def decorated():
    now()

async def main():
    step0.run()
    call(now)
    call(print)
    call(lambda: now())
    decorated()
    functools.partial(now)()
`,
    };
    for (let index = 0; index < length; index++)
      files[`step${index}.py`] = `import step${index + 1}\n\ndef run():\n    step${index + 1}.run()\n`;
    const found = await traits(
      files,
      "step0.run()",
      "call(now)",
      "call(print)",
      "call(lambda: now())",
      "decorated()",
      "functools.partial(now)()",
    );
    equal(found[0]?.[0]?.split(" → ").length, length + 2);
    deepEqual(found[1], ["loop: main.now → asyncio.get_running_loop"]);
    deepEqual(found[2], []);
    ok(found[3]?.[0]?.endsWith("main.now → asyncio.get_running_loop"), String(found[3]));
    ok(found[4]?.[0]?.endsWith("main.now → asyncio.get_running_loop"), String(found[4]));
    deepEqual(found[5], ["loop: main.now → asyncio.get_running_loop"]);
  });

  it("follow edits of other files, and cost nothing until they are asked", async () => {
    const { host } = await createTestHost({
      "main.py": "import helper\n\nasync def main():\n    helper.work()\n",
      "helper.py": "def work():\n    pass\n",
    });
    const computed = host.counters().computedSummaries;
    deepEqual(traitsOf(host, "helper.work()"), []);
    ok(host.counters().computedSummaries > computed);
    host.open(`${PROJECT}/helper.py`, "import asyncio\n\ndef work():\n    asyncio.get_running_loop()\n");
    deepEqual(traitsOf(host, "helper.work()"), ["loop: helper.work → asyncio.get_running_loop"]);
    host.open(`${PROJECT}/helper.py`, "def work():\n    pass\n");
    deepEqual(traitsOf(host, "helper.work()"), []);
    host.dispose();
  });
});
