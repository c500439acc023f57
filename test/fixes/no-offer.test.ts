/**
 * Places where no `await` may stand or nothing may move: nothing but silence is offered there, for no finding and for no
 * call. Each text has one place, marked ▮, where something blocks.
 */
import { deepEqual, ok } from "node:assert/strict";
import { fixesFor, rewritesAt } from "../../server/src/features/fixes/index.js";
import { analyse } from "./analysis.js";

const HEAD = `
import asyncio
import contextlib
import functools
import threading
import time


def load(value=1, *rest):
    time.sleep(1)
    return value

`;

const PLACES: Readonly<Record<string, string>> = {
  "a lambda": `
async def main(values):
    return sorted(values, key=lambda value: ▮load(value))
`,
  "a lambda that is kept": `
async def main():
    later = lambda: ▮load(1)
    return later
`,
  "a lambda in a default": `
async def main(make=lambda: ▮load(1)):
    return make
`,
  "a default argument of the module": `
async def main(value=▮load(1)):
    return value
`,
  "a default argument of a nested function": `
async def main():
    def inner(value=▮load(1)):
        return value
    return inner
`,
  "a default argument of a lambda": `
async def main():
    return lambda value=▮load(1): value
`,
  "an annotation": `
async def main():
    def inner(value: ▮load(1)):
        return value
    return inner
`,
  "a decorator": `
def mark(value):
    return lambda function: function


async def main():
    @mark(▮load(1))
    def inner():
        return 1
    return inner
`,
  "a class body": `
class Settings:
    value = ▮load(1)
`,
  "a class body in a coroutine": `
async def main():
    class Settings:
        value = ▮load(1)
    return Settings
`,
  "a base class": `
async def main():
    class Settings:
        limits = [▮load(1)]
        size = 2
    return Settings
`,
  "a generator": `
def values():
    yield ▮load(1)


async def main():
    for value in values():
        print(value)
`,
  "a nested generator": `
async def main():
    def values():
        yield ▮load(1)
    return list(values())
`,
  "a generator expression": `
async def main(names):
    return (▮load(name) for name in names)
`,
  "the condition of a generator expression": `
async def main(names):
    return any(name for name in names if ▮load(name))
`,
  "a context manager's function": `
@contextlib.contextmanager
def opened():
    yield ▮load(1)


async def main():
    with opened() as value:
        return value
`,
  "a callback of the loop": `
def tick():
    ▮load(1)


async def main():
    asyncio.get_running_loop().call_soon(tick)
`,
  "a callback of a task": `
def done(task):
    ▮load(1)


async def main():
    task = asyncio.create_task(asyncio.sleep(1))
    task.add_done_callback(done)
    await task
`,
  "a nested callback": `
async def main():
    def tick():
        ▮load(1)

    asyncio.get_running_loop().call_later(1, tick)
`,
  "a method of a protocol": `
class Echo(asyncio.Protocol):
    def data_received(self, data):
        ▮load(data)
`,
  __init__: `
class Store:
    def __init__(self):
        self.value = ▮load(1)


async def main():
    return Store()
`,
  __enter__: `
class Store:
    def __enter__(self):
        return ▮load(1)

    def __exit__(self, *details):
        return None


async def main():
    with Store() as value:
        return value
`,
  __iter__: `
class Store:
    def __iter__(self):
        return iter([▮load(1)])


async def main(store: Store):
    return [value for value in store]
`,
  __getitem__: `
class Store:
    def __getitem__(self, key):
        return ▮load(key)


async def main(store: Store):
    return store[1]
`,
  __eq__: `
class Store:
    def __eq__(self, other):
        return ▮load(other)


async def main(store: Store):
    return store == 1
`,
  "__aenter__ that is no coroutine": `
class Store:
    def __aenter__(self):
        ▮load(1)
        return asyncio.sleep(0)

    async def __aexit__(self, *details):
        return None


async def main():
    async with Store() as value:
        return value
`,
  "a property": `
class Store:
    @property
    def value(self):
        return ▮load(1)


async def main(store: Store):
    return store.value
`,
  "a plain helper": `
def helper():
    return ▮load(1)


async def main():
    return helper()
`,
  "a nested plain helper": `
async def main():
    def helper():
        return ▮load(1)

    return helper()
`,
  "under a thread's lock": `
lock = threading.Lock()


async def main():
    with lock:
        return ▮load(1)
`,
  "while the output is redirected": `
async def main(file):
    with contextlib.redirect_stdout(file):
        ▮load(1)
`,
  "while iterating over what others change": `
users = {}


def join(user):
    users[user] = 1


async def main():
    for user in users.values():
        ▮load(user)
`,
  "an f-string that shows its text": `
async def main():
    return f"{▮load(1)=}"
`,
  "what is handed over already": `
def elsewhere():
    return load(2)


async def main():
    return await asyncio.to_thread(▮load(1), 2)
`,
  "the iterator of a loop": `
def lines():
    while True:
        time.sleep(1)
        yield 1


async def main():
    for line in ▮lines():
        print(line)
`,
  "a partial": `
async def main():
    return functools.partial(lambda value: ▮load(value), 1)
`,
  "the module": `
value = ▮load(1)
`,
};

describe("no fix is offered", () => {
  for (const [name, marked] of Object.entries(PLACES)) {
    it(`in ${name}`, async () => {
      const at = (HEAD + marked).indexOf("▮");
      ok(at > 0 && marked.split("▮").length === 2);
      const text = (HEAD + marked).replace("▮", "");
      const { host, grammar, path, dispose } = await analyse(text);
      try {
        const lines = text.slice(0, at).split("\n");
        const place = { line: lines.length - 1, column: (lines.at(-1) as string).length };
        // What is around the place may move with it: `sorted(values, key=lambda value: load(value))`.
        const findings = host
          .findings(path)
          .filter(({ location: { start } }) => start.line === place.line && start.column === place.column);
        const offered = findings.flatMap((finding) => fixesFor(host, grammar, path, finding));
        deepEqual(
          offered.filter(({ remedy }) => remedy !== "ignore").map(({ title }) => title),
          [],
        );
        deepEqual(
          rewritesAt(host, grammar, path, at, at).map(({ title }) => title),
          [],
        );
      } finally {
        dispose();
      }
    });
  }
});
