/**
 * Several files: whatever happens to one, the findings of all are those of a host that reads everything for the first
 * time; and what an edit cannot touch is not computed again.
 */
import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { Finding } from "../../server/src/analysis/findings.js";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import type { MemoryFiles } from "../support/memory.js";
import { checkProperty } from "../support/properties.js";

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");

/** A function that waits for a lock, and another that does something while it holds it. */
function withLock(statement: string): string {
  return lines(
    "import threading",
    "import time",
    "",
    "LOCK = threading.Lock()",
    "",
    "def load():",
    "    with LOCK:",
    "        return 1",
    "",
    "def other():",
    "    with LOCK:",
    `        ${statement}`,
  );
}

/** What each file may hold; undefined: it is not there. The first is what it begins with. */
const VARIANTS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "helpers.py": [
    lines("import time", "", "def load():", "    time.sleep(1)"),
    lines("import time", "", "def load():", "    # a comment", "    time.sleep(1)"),
    lines("import time", "", "def load():", "    return 1"),
    lines("import asyncio", "", "async def load():", "    await asyncio.sleep(1)"),
    lines("import requests", "", "def load() -> requests.Session:", "    return requests.Session()"),
    lines("import requests", "", "def load():", "    return requests.Session()"),
    lines("from deep import load"),
    lines("from deep import *"),
    lines(
      "import time",
      "",
      "class Client:",
      "    def get(self, path):",
      "        time.sleep(2)",
      "",
      "def load():",
      "    return Client()",
    ),
    lines("import time", "", "def load(:", "    time.sleep(1)"),
    lines("# loopguard: ignore-file[blocking-sleep]", "import time", "", "def load():", "    time.sleep(1)"),
    lines("import time", "", "def load():", "    time.sleep(1)  # loopguard: ignore[blocking-sleep]"),
    lines("from deep import load as first", "", "def load():", "    first()  # loopguard: ignore[blocking-file]"),
    withLock("time.sleep(1)"),
    withLock("print(1)"),
    lines(
      "import asyncio",
      "",
      "async def load():",
      "    try:",
      "        await asyncio.sleep(1)",
      "    except asyncio.CancelledError:",
      "        pass",
    ),
    lines(
      "import time",
      "",
      "class Client:",
      "    def get(self, path):",
      "        time.sleep(2)",
      "",
      "def load():",
      "    return globals()['client']",
    ),
    undefined,
  ],
  "helpers.pyi": [
    undefined,
    lines("import requests", "", "def load() -> requests.Session: ..."),
    lines("class Client:", "    def get(self, path: str) -> None: ...", "", "def load() -> Client: ..."),
    lines("async def load() -> None: ..."),
  ],
  "deep.py": [
    undefined,
    lines("def load():", "    return open('x').read()"),
    lines("import subprocess", "", "def other():", "    pass", "", "def load(*paths):", "    subprocess.run(['make'])"),
    lines("from pkg.mod import work as load"),
  ],
  "main.py": [
    lines("from helpers import load", "", "async def main():", "    load().get('/')"),
    lines("import helpers", "", "async def main():", "    await helpers.load()"),
    lines("async def main():", "    load()"),
    lines("from helpers import load", "", "async def main():", "    while True:", "        await load()"),
    lines("import asyncio", "from helpers import load", "", "async def main():", "    await asyncio.create_task(load())"),
    lines("from helpers import load", "from deep import load as second", "", "async def main():", "    load()", "    second()"),
    lines(
      "import time",
      "import helpers",
      "",
      "class helpers:",
      "    def load():",
      "        time.sleep(3)",
      "",
      "async def main():",
      "    helpers.load()",
    ),
  ],
  "base.py": [
    lines("class Store:", "    def save(self):", "        raise NotImplementedError"),
    lines("class Store:", "    def save(self):", "        pass"),
    lines(
      "import time",
      "",
      "class Store:",
      "    def save(self):",
      "        time.sleep(1)",
      "",
      "    def other(self):",
      "        self.save()",
    ),
    undefined,
  ],
  "impl.py": [
    lines("import time", "from base import Store", "", "class SqlStore(Store):", "    def save(self):", "        time.sleep(5)"),
    lines("from base import Store", "", "class SqlStore(Store):", "    pass"),
    lines("import time", "", "class SqlStore:", "    def save(self):", "        time.sleep(5)"),
    undefined,
  ],
  "user.py": [
    lines("from base import Store", "", "async def use(store: Store):", "    store.save()", "    store.other()"),
    lines("from impl import SqlStore", "", "async def use(store: SqlStore):", "    store.save()"),
    lines("from base import *", "", "async def use(store: Store):", "    store.save()"),
  ],
  "pkg/mod.py": [
    lines("import time", "", "def work():", "    time.sleep(1)", "", "def callback():", "    time.sleep(2)"),
    lines("from . import more", "", "def work():", "    more.run()", "", "def callback():", "    more.run()"),
    undefined,
  ],
  "pkg/__init__.py": [undefined, "", lines("from .mod import work", "from .more import *")],
  "pkg/more.py": [undefined, lines("import time", "", "def run():", "    time.sleep(7)"), lines("async def run():", "    pass")],
  "app.py": [
    lines(
      "import asyncio",
      "from pkg.mod import callback, work",
      "",
      "async def start():",
      "    asyncio.get_running_loop().call_soon(callback)",
      "    await asyncio.to_thread(work)",
      "    work()",
    ),
    lines("import pkg.mod", "", "async def start():", "    pkg.mod.work()"),
    lines("from pkg import work", "", "async def start():", "    work()"),
    lines("import asyncio", "import user", "from main import main", "", "def start():", "    asyncio.run(main())"),
  ],
  "drive.py": [
    undefined,
    lines("def drive(job):", "    iterator = job().__await__()", "    next(iterator)"),
    lines("def drive(job):", "    yield from job().__await__()"),
    lines("from helpers import load", "", "def drive():", "    load().send(None)"),
  ],
};
/** A module that others use by many names, made of pieces that come, go and change places. */
const PIECES: readonly string[] = [
  lines("import time"),
  lines("import requests"),
  lines("import os, json"),
  lines("from deep import load as fetch"),
  lines("from deep import *"),
  lines("pick = lambda: 3"),
  lines("nap = lambda: time.sleep(3)"),
  lines("session = requests.Session()"),
  lines("session = None", "", "def connect():", "    global session", "    session = requests.Session()"),
  lines("class First:", "    def get(self, path):", "        return path"),
  lines("class Client:", "    limit = 5", "    def get(self, path):", "        time.sleep(2)", "    def close(self): pass"),
  lines(
    "class Client:",
    "    def __init__(self):",
    "        self.inner = First()",
    "    def get(self, path):",
    "        return 1",
  ),
  lines("class Client:", "    def __init__(self):", "        self.inner = Slow()", "    def get(self, path): pass"),
  lines("class Slow(Client):", "    def get(self, path):", "        time.sleep(4)"),
  lines("class Slow:", "    async def get(self, path):", "        pass"),
  lines("def make():", "    return Client()"),
  lines("def make():", "    helper = lambda: 1", "    return Slow()"),
  lines("def make() -> 'Client':", "    return unknown()"),
  lines("def work(value, wait=True):", "    if wait:", "        time.sleep(1)"),
  lines("async def work(value):", "    pass"),
  lines("def outer():", "    def inner():", "        time.sleep(5)", "    return inner"),
  lines("def outer():", "    quick = lambda: 2", "    def inner():", "        pass", "    return inner"),
  lines("def rows():", "    return map(work, [1])"),
  lines("def rows():", "    print()", "    return map(work, [1])"),
  lines("__all__ = ['Client', 'work']"),
];
/** How `user.py` uses the names of that module. */
const USERS: readonly string[] = [
  lines("from hub import Client, make, work, nap, rows", "", "async def use():"),
  lines("import hub", "from hub import *", "", "async def use():"),
  lines("from deep import Client, make, work, nap, rows", "", "async def use():"),
];
const USES: readonly string[] = [
  lines("    Client().get('/')"),
  lines("    make().get('/')"),
  lines("    work(1)"),
  lines("    work(1, wait=False)"),
  lines("    nap()"),
  lines("    make().inner.get('/')"),
  lines("    list(rows())"),
  lines("    hub.session.get('/')"),
  lines("    hub.outer()()"),
  lines("    hub.fetch()"),
];
/** A module between the two: what it says of the names is the hub's business. */
const BETWEEN: readonly string[] = [
  lines("from hub import *"),
  lines("from hub import Client, make, work, nap, rows"),
  lines("import hub", "", "class Client(hub.Client): pass", "", "make = hub.make", "work = hub.work"),
  lines("import hub", "", "def make():", "    return hub.make()", "", "def load():", "    return hub.work(1)"),
];

const PATHS = Object.keys(VARIANTS);
const OPENING = Object.fromEntries(
  PATHS.flatMap((path) => (VARIANTS[path]?.[0] === undefined ? [] : [[path, VARIANTS[path][0]]])),
);

type How = "editor" | "disk";

describe("a program of several files", () => {
  before(() => loadForTests());

  it("is told as if everything had just been read, whatever happens to its files", async function () {
    this.timeout(60_000);
    const happening = fc.record({
      path: fc.constantFrom(...PATHS),
      variant: fc.nat(20),
      how: fc.constantFrom<How>("editor", "disk"),
      asked: fc.boolean(),
    });
    const property = fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 7 }), async (story) => {
      const { host, files } = await createTestHost(OPENING);
      try {
        allFindings(host, PATHS);
        const texts: Record<string, string | undefined> = { ...OPENING };
        for (const { path, variant, how, asked } of story) {
          const variants = VARIANTS[path] as readonly (string | undefined)[];
          const text = variants[variant % variants.length];
          happen(host, files, path, text, how);
          texts[path] = text;
          if (asked) allFindings(host, PATHS);
        }
        const { host: other } = await createTestHost(defined(texts));
        const expected = allFindings(other, PATHS);
        other.dispose();
        deepEqual(allFindings(host, PATHS), expected);
      } finally {
        host.dispose();
      }
    });
    await checkProperty(property, { runs: 100, seconds: 8 });
  });

  it("is told as if everything had just been read, whatever happens to the names of a module", async function () {
    this.timeout(60_000);
    const pieces = fc.subarray([...PIECES.keys()]).chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }));
    const texts = fc.record({
      "hub.py": fc.tuple(pieces, fc.boolean()).map(([chosen, spaced]) => joined(chosen, spaced)),
      "user.py": fc
        .tuple(fc.constantFrom(...USERS), fc.subarray([...USES], { minLength: 1 }))
        .map(([head, uses]) => head + uses.join("")),
      "deep.py": fc.constantFrom(...BETWEEN),
    });
    const property = fc.asyncProperty(fc.array(texts, { minLength: 2, maxLength: 6 }), async (story) => {
      const [first = {}, ...rest] = story as readonly Record<string, string>[];
      const { host } = await createTestHost(first);
      try {
        const paths = Object.keys(first);
        allFindings(host, paths);
        for (const next of rest) {
          for (const path of paths) if (host.text(`${PROJECT}/${path}`) !== next[path]) edit(host, path, next[path] as string);
          const { host: other } = await createTestHost(next);
          const expected = allFindings(other, paths);
          other.dispose();
          deepEqual(allFindings(host, paths), expected);
        }
      } finally {
        host.dispose();
      }
    });
    await checkProperty(property, { runs: 100, seconds: 8 });
  });

  it("is told the same in whatever order its files are read and asked for", async function () {
    this.timeout(60_000);
    const world = fc.record(Object.fromEntries(PATHS.map((path) => [path, fc.nat(20)])));
    const order = fc.shuffledSubarray(PATHS, { minLength: PATHS.length });
    const property = fc.asyncProperty(world, order, async (choice, paths) => {
      const texts = defined(
        Object.fromEntries(
          PATHS.map((path) => {
            const variants = VARIANTS[path] as readonly (string | undefined)[];
            return [path, variants[(choice[path] as number) % variants.length]];
          }),
        ),
      );
      const { host } = await createTestHost(texts);
      const expected = allFindings(host, PATHS);
      host.dispose();
      const { host: other, files } = await createTestHost({});
      for (const path of paths) if (texts[path] !== undefined) files.write(`${PROJECT}/${path}`, texts[path]);
      for (const path of paths) {
        if (texts[path] === undefined) continue;
        other.open(`${PROJECT}/${path}`, texts[path]);
        other.findings(`${PROJECT}/${path}`);
      }
      allFindings(other, paths);
      const found = allFindings(other, PATHS);
      other.dispose();
      deepEqual(found, expected);
    });
    await checkProperty(property, { runs: 40, seconds: 5 });
  });
});

/** A base class, a class below it and two users: what the base leaves open the class below decides. */
const LEFT_OPEN: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "base.py": [
    lines("class Base:", "    client = None", "", "    def load(self):", "        return self.client.fetch()"),
    lines("class Base:", "    def load(self):", "        return self.client.fetch()"),
    lines("class Base:", "    client = 1", "", "    def load(self):", "        return self.client.fetch()"),
  ],
  "below.py": [
    lines("from base import Base", "from clients import Slow", "", "class Below(Base):", "    client = Slow()"),
    lines(
      "from base import Base",
      "from clients import Slow",
      "",
      "class Below(Base):",
      "    def __init__(self):",
      "        self.client = Slow()",
    ),
    lines("from base import Base", "", "class Below(Base):", "    pass"),
    lines("from clients import Slow", "", "class Below:", "    client = Slow()"),
    undefined,
  ],
  "clients.py": [
    lines("import time", "", "class Slow:", "    def fetch(self):", "        time.sleep(1)", "        return open('x')"),
    lines("class Slow:", "    def fetch(self):", "        return None"),
  ],
  "main.py": [lines("from helper import load", "", "async def main():", "    load().read()")],
  "helper.py": [
    lines("from base import Base", "", "def make() -> Base:", "    ...", "", "def load():", "    return make().load()"),
  ],
};

/** A container that begins empty, what fills it, and who reads it. */
const FILLED: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "store.py": [
    lines(
      "from clients import Slow",
      "",
      "class Store:",
      "    def __init__(self):",
      "        self.clients = {}",
      "",
      "    def add(self, key):",
      "        self.clients[key] = Slow()",
    ),
    lines(
      "from clients import Slow",
      "",
      "class Store:",
      "    def __init__(self):",
      "        self.clients = {}",
      "",
      "    def add(self, key):",
      "        other = Slow()",
      "        return self.clients[key]",
    ),
    lines(
      "from clients import Slow",
      "",
      "class Store:",
      "    def __init__(self):",
      "        self.clients = {}",
      "",
      "    def add(self, key):",
      "        other = None",
      "        self.clients.setdefault(key, Slow())",
    ),
  ],
  "clients.py": LEFT_OPEN["clients.py"] as readonly string[],
  "main.py": [lines("from store import Store", "", "async def main(store: Store):", "    store.clients['a'].fetch().read()")],
  "helper.py": [undefined, lines("from store import Store", "", "class Helper(Store):", "    clients = 1")],
};

const WORLDS = { "what classes below decide": LEFT_OPEN, "what is put into containers": FILLED };
for (const [title, variants] of Object.entries(WORLDS))
  describe(title, () => {
    const paths = Object.keys(variants);
    const worlds = combinations(Object.values(variants)).map((texts) =>
      Object.fromEntries(paths.map((path, index) => [path, texts[index]])),
    );
    const fresh = async (texts: Record<string, string | undefined>, order: readonly string[]) => {
      const { host, files } = await createTestHost({});
      for (const path of order) if (texts[path] !== undefined) files.write(`${PROJECT}/${path}`, texts[path]);
      for (const path of order) {
        if (texts[path] === undefined) continue;
        host.open(`${PROJECT}/${path}`, texts[path]);
        host.findings(`${PROJECT}/${path}`);
      }
      const found = allFindings(host, paths);
      host.dispose();
      return found;
    };
    before(() => loadForTests());

    it("is the same in whatever order the files are read", async function () {
      this.timeout(60_000);
      for (const world of worlds) {
        const expected = await fresh(world, paths);
        deepEqual(await fresh(world, [...paths].reverse()), expected);
        deepEqual(await fresh(world, [...paths.slice(2), ...paths.slice(0, 2)]), expected);
      }
    });

    it("is told anew when one of them changes", async function () {
      this.timeout(60_000);
      for (const world of worlds) {
        const { host, files } = await createTestHost(defined(world));
        allFindings(host, paths);
        for (const path of paths) {
          for (const text of variants[path] ?? []) {
            happen(host, files, path, text, "disk");
            deepEqual(
              allFindings(host, paths),
              await remembered({ ...world, [path]: text }),
              JSON.stringify({ world, path, text }),
            );
          }
          happen(host, files, path, world[path], "disk");
        }
        host.dispose();
      }
    });

    const answers = new Map<string, ReturnType<typeof fresh>>();
    const remembered = (world: Record<string, string | undefined>): ReturnType<typeof fresh> => {
      const key = JSON.stringify(paths.map((path) => world[path] ?? null));
      const answer = answers.get(key) ?? fresh(world, paths);
      answers.set(key, answer);
      return answer;
    };
  });

function combinations<Item>(choices: readonly (readonly Item[])[]): Item[][] {
  return choices.reduce<Item[][]>((found, items) => found.flatMap((one) => items.map((item) => [...one, item])), [[]]);
}

describe("an edit", () => {
  const TEXTS = {
    "helpers.py": lines("import time", "", "def load(a):", "    time.sleep(1)", "", "def unused():", "    pass"),
    "main.py": lines("from helpers import load", "", "async def main():", "    load(1)", "", "async def second():", "    pass"),
    "top.py": lines("from main import main", "", "async def top():", "    await main()"),
    "other.py": lines("import time", "", "async def other():", "    time.sleep(1)"),
  };
  let host: AnalysisHost;

  beforeEach(async () => {
    ({ host } = await createTestHost(TEXTS));
    for (const [path, text] of Object.entries(TEXTS)) host.open(`${PROJECT}/${path}`, text);
    allFindings(host, Object.keys(TEXTS));
  });

  afterEach(() => host.dispose());

  /** Replaces text in a file, and tells what was computed for it: units per file, and changes of a surface. */
  function edited(path: keyof typeof TEXTS, from: string, to: string): { relinked: Record<string, number>; surfaces: number } {
    const before = snapshot(host);
    const text = host.text(`${PROJECT}/${path}`) ?? "";
    const at = text.indexOf(from);
    const column = at - (text.lastIndexOf("\n", at - 1) + 1);
    const line = text.slice(0, at).split("\n").length - 1;
    const end = from.includes("\n") ? { line: line + 1, column: 0 } : { line, column: column + from.length };
    host.change(`${PROJECT}/${path}`, [{ range: { start: { line, column }, end }, text: to }]);
    allFindings(host, Object.keys(TEXTS));
    const after = snapshot(host);
    const relinked: Record<string, number> = {};
    for (const [file, units] of Object.entries(after.relinked)) {
      const more = units - (before.relinked[file] ?? 0);
      if (more > 0) relinked[file] = more;
    }
    return { relinked, surfaces: after.surfaces - before.surfaces };
  }

  it("of a comment inside a function computes nothing anew", () => {
    deepEqual(edited("helpers.py", "    time.sleep(1)", "    # why\n    time.sleep(1)"), { relinked: {}, surfaces: 0 });
    deepEqual(edited("helpers.py", "# why", "# because"), { relinked: {}, surfaces: 0 });
  });

  it("of blanks and comments between functions computes nothing anew", () => {
    deepEqual(edited("helpers.py", "def unused", "\n\n# here\ndef unused"), { relinked: {}, surfaces: 0 });
  });

  it("of a body resolves that function, and changes no surface", () => {
    deepEqual(edited("helpers.py", "time.sleep(1)", "time.sleep(1); print()"), { relinked: { "helpers.py": 1 }, surfaces: 0 });
    deepEqual(edited("main.py", "    load(1)", "    load(1); load(2)"), { relinked: { "main.py": 1 }, surfaces: 0 });
  });

  it("of a body is seen by callers in other files all the same", () => {
    equal(host.findings(`${PROJECT}/main.py`).length, 1);
    deepEqual(edited("helpers.py", "time.sleep(1)", "print()"), { relinked: { "helpers.py": 1 }, surfaces: 0 });
    equal(host.findings(`${PROJECT}/main.py`).length, 0);
  });

  it("of a signature resolves that function and what was derived from it", () => {
    // `top` reads what `main` returns, and `main` returns nothing that `load` decides.
    deepEqual(edited("helpers.py", "def load(a)", "def load(a, b)"), {
      relinked: { "helpers.py": 1, "main.py": 1 },
      surfaces: 1,
    });
    deepEqual(edited("helpers.py", "def unused()", "def unused(x)"), { relinked: { "helpers.py": 1 }, surfaces: 1 });
    deepEqual(edited("other.py", "async def other()", "async def other(x)"), { relinked: { "other.py": 1 }, surfaces: 1 });
  });

  it("that makes a function a coroutine function resolves who calls it", () => {
    deepEqual(edited("helpers.py", "def load(a)", "async def load(a)"), {
      relinked: { "helpers.py": 1, "main.py": 1 },
      surfaces: 1,
    });
    equal(host.findings(`${PROJECT}/main.py`).filter(({ rule }) => rule === "blocking-sleep").length, 0);
  });

  it("of an await resolves the function it stands in", () => {
    deepEqual(edited("main.py", "    load(1)", "    await load(1)"), { relinked: { "main.py": 1 }, surfaces: 0 });
  });

  it("of what a function without annotation returns resolves who uses the result", () => {
    deepEqual(edited("helpers.py", "    pass", "    return open('x')"), { relinked: { "helpers.py": 1 }, surfaces: 1 });
    deepEqual(edited("main.py", "    load(1)", "    unused().read()"), { relinked: { "main.py": 1 }, surfaces: 0 });
    edited("main.py", "import load", "import load, unused");
    deepEqual(edited("helpers.py", "return open('x')", "return 1"), {
      relinked: { "helpers.py": 1, "main.py": 1 },
      surfaces: 1,
    });
  });

  it("of an import resolves the module and who uses the name", () => {
    deepEqual(edited("main.py", "from helpers import load", "import time\nfrom helpers import load"), {
      relinked: { "main.py": 1 },
      surfaces: 1,
    });
    deepEqual(edited("main.py", "from helpers import load", "from helpers import unused as load"), {
      relinked: { "main.py": 2 },
      surfaces: 1,
    });
    equal(host.findings(`${PROJECT}/main.py`).length, 0);
  });

  it("that adds a function resolves nobody else", () => {
    // The module, the function, and the one whose text it touches.
    const added = edited("helpers.py", "def unused", "def more():\n    pass\n\ndef unused");
    deepEqual(added, { relinked: { "helpers.py": 3 }, surfaces: 1 });
  });

  it("that defines a name which somebody missed resolves him", () => {
    edited("main.py", "    load(1)", "    missing(1)");
    edited("main.py", "import load", "import missing");
    equal(host.findings(`${PROJECT}/main.py`).length, 0);
    const { relinked } = edited("helpers.py", "def unused", "missing = load\n\ndef unused");
    deepEqual(relinked, { "helpers.py": 1, "main.py": 1 });
    equal(host.findings(`${PROJECT}/main.py`).length, 1);
  });

  it("that renames resolves who used the old name, and the file that vanishes who imported it", () => {
    deepEqual(edited("helpers.py", "def load(a)", "def loads(a)").relinked, { "helpers.py": 3, "main.py": 1 });
    equal(host.findings(`${PROJECT}/main.py`).length, 0);
  });

  it("that takes a lock elsewhere in the file is seen by who waits for it", () => {
    const head = lines(
      "import threading",
      "import time",
      "",
      "lock = threading.Lock()",
      "",
      "async def waits():",
      "    with lock:",
    );
    const body = lines("        print()", "", "def other():");
    const text = (...rest: readonly string[]): string => head + body + lines(...rest);
    const severities = (): readonly string[] => host.findings(`${PROJECT}/lock.py`).map(({ severity }) => severity);
    host.open(`${PROJECT}/lock.py`, text("    pass"));
    deepEqual(severities(), ["hint"]);
    host.change(`${PROJECT}/lock.py`, [{ text: text("    with lock:", "        time.sleep(5)") }]);
    deepEqual(severities(), ["warning"]);
    host.change(`${PROJECT}/lock.py`, [{ text: text("    pass") }]);
    deepEqual(severities(), ["hint"]);
    host.change(`${PROJECT}/lock.py`, [{ text: text("    pass", "", "def more():", "    with lock:", "        time.sleep(5)") }]);
    deepEqual(severities(), ["warning"]);
  });

  it("that makes a socket non-blocking in another method is seen by who reads from it", () => {
    const text = (line: string): string =>
      lines(
        "import socket",
        "",
        "class Link:",
        "    def __init__(self):",
        "        self.sock = socket.socket()",
        "    def start(self):",
        `        ${line}`,
        "    async def read(self):",
        "        return self.sock.recv(10)",
      );
    const rules = (): readonly string[] => host.findings(`${PROJECT}/link.py`).map(({ rule }) => rule);
    host.open(`${PROJECT}/link.py`, text("pass"));
    deepEqual(rules(), ["blocking-network"]);
    host.change(`${PROJECT}/link.py`, [{ text: text("self.sock.setblocking(False)") }]);
    deepEqual(rules(), []);
    host.change(`${PROJECT}/link.py`, [{ text: text("pass") }]);
    deepEqual(rules(), ["blocking-network"]);
  });

  it("leaves findings of other files the same objects", () => {
    const before = host.findings(`${PROJECT}/other.py`)[0];
    edited("helpers.py", "def load(a)", "def load(a, b)");
    equal(host.findings(`${PROJECT}/other.py`)[0], before);
  });
});

function joined(chosen: readonly number[], isSpaced: boolean): string {
  return chosen.map((index) => PIECES[index] as string).join(isSpaced ? "\n\n" : "");
}

/** Changes an open document, or opens it with the new text. */
function edit(host: AnalysisHost, path: string, text: string): void {
  const full = `${PROJECT}/${path}`;
  if (host.isOpen(full)) host.change(full, [{ text }]);
  else host.open(full, text);
}

function snapshot(host: AnalysisHost): { relinked: Record<string, number>; surfaces: number } {
  const { relinkedUnits, surfaceChanges } = host.counters();
  const relinked = Object.fromEntries([...relinkedUnits].map(([path, units]) => [path.slice(PROJECT.length + 1), units]));
  return { relinked, surfaces: surfaceChanges };
}

function happen(host: AnalysisHost, files: MemoryFiles, path: string, text: string | undefined, how: How): void {
  const full = `${PROJECT}/${path}`;
  if (text === undefined) {
    if (host.isOpen(full)) host.close(full);
    files.remove(full);
    host.touch([full]);
  } else if (how === "editor" && files.isFile(full)) {
    if (host.isOpen(full)) host.change(full, [{ text }]);
    else host.open(full, text);
  } else {
    files.write(full, text);
    if (host.isOpen(full)) host.close(full);
    else host.touch([full]);
  }
}

function defined(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** By path, readable. */
function allFindings(host: AnalysisHost, paths: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries([...paths].map((path) => [path, host.findings(`${PROJECT}/${path}`).map(describeFinding)]));
}

function describeFinding({ rule, severity, confidence, message, location: { start, end }, path, fingerprint }: Finding): string {
  const steps = path.map(({ callee, location }) => `${callee}@${location.file}:${location.start.line}:${location.start.column}`);
  return `${start.line}:${start.column}-${end.line}:${end.column} ${rule} ${severity} ${confidence} ${message} ${steps.join(" ")} ${fingerprint}`;
}
