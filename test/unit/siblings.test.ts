/**
 * Async siblings of what a call runs: found by name in the class or the module, or named by a stub, and how far the two
 * agree. Each stands beside a look-alike.
 */
import { deepEqual, equal } from "node:assert/strict";
import type { AsyncSibling } from "../../server/src/analysis/siblings.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";

/** The siblings of the calls in main.py, each found by its text's last place there. */
async function siblings(
  files: Readonly<Record<string, string>> | string,
  ...calls: readonly string[]
): Promise<(readonly AsyncSibling[])[]> {
  const { host } = await createTestHost(typeof files === "string" ? { "main.py": files } : files);
  const path = `${PROJECT}/main.py`;
  const found = calls.map((call) => {
    const start = (host.text(path) as string).lastIndexOf(call);
    return host.siblings(path, start, start + call.length);
  });
  host.dispose();
  return found;
}

/** The one sibling, as far as it is not what one wishes. */
function objections([sibling]: readonly AsyncSibling[]): Partial<AsyncSibling> | undefined {
  if (!sibling) return undefined;
  const { name: _, isMethod: __, isVouched: ___, blocks, ...rest } = sibling;
  const said = Object.entries({ ...rest, ...(blocks.length > 0 ? { blocks } : {}) }).filter(([, value]) => value !== false);
  return Object.fromEntries(said);
}

describe("siblings", () => {
  before(() => loadForTests());

  it("are found by their names, in classes, bases and modules", async () => {
    const text = `
import stores
from stores import read

class Base:
    async def async_get(self): ...
    async def get(self): ...

class Store(Base):
    def load(self): return 1
    async def aload(self): return 1
    def get_sync(self): return 1
    def _save(self): return 1
    async def _save_async(self): return 1
    def drop(self): return 1
    async def adrop(self): yield 1
    def move(self): return 1
    def amove(self): return 1

def own(): return 1
async def aown(): return 1
async def a_load(): return 1

def main(store: Store, unknown):
    store.load()
    store.get_sync()
    store._save()
    store.drop()
    store.move()
    own()
    stores.read()
    read()
    unknown.load()
`;
    const stores = "def read(): return 1\nasync def read_async(): return 1\n";
    const calls = ["store.load()", "store.get_sync()", "store._save()", "store.drop()", "store.move()", "own()"];
    const found = await siblings(
      { "main.py": text, "stores.py": stores },
      ...calls,
      "stores.read()",
      "    read()".trim(),
      "unknown.load()",
    );
    deepEqual(
      found.map((each) => each.map(({ name }) => name)),
      [["aload"], ["get", "async_get"], ["_save_async"], [], [], ["aown"], ["read_async"], ["read_async"], []],
    );
    deepEqual(
      found
        .map(([first]) => [first?.isMethod, first?.module, first?.isVouched])
        .filter((_, index) => [0, 5, 6, 7].includes(index)),
      [
        [true, undefined, false],
        [false, undefined, false],
        [true, undefined, false],
        [false, "stores", false],
      ],
    );
  });

  it("take the same arguments, or say which they do not", async () => {
    const text = `
class Store:
    def one(self, key, limit=1, **rest): ...
    async def aone(self, key, limit=1, *, retries=3, **rest): ...
    def two(self, key): ...
    async def atwo(self, key, token): ...
    def three(self, key, limit): ...
    async def athree(self, limit, key): ...
    def four(self, limit=1): ...
    async def afour(self, limit=2): ...
    def five(self, *, limit=1): ...
    async def afive(self): ...

def main(store: Store, *args):
    store.one("a", limit=2, other=3)
    store.two("a")
    store.three("a", 1)
    store.three(key="a", limit=1)
    store.four()
    store.four(3)
    store.four(*args)
    store.two(*args)
    store.five()
    store.five(limit=2)
`;
    const calls = text.split("\n").flatMap((line) => /^ {4}(store\..*)$/.exec(line)?.[1] ?? []);
    const found = await siblings(text, ...calls);
    deepEqual(
      found.map(([first]) => first?.misfit),
      [
        undefined,
        { kind: "needed", parameter: "token" },
        { kind: "lacking", parameter: "key" },
        undefined,
        { kind: "default", parameter: "limit" },
        undefined,
        { kind: "default", parameter: "limit" },
        { kind: "spread" },
        undefined,
        { kind: "lacking", parameter: "limit" },
      ],
    );
  });

  it("return the same, as far as annotations say, or what is known without them", async () => {
    const text = `
from typing import List, Optional

class Store:
    def same(self) -> Optional[int]: return 1
    async def asame(self) -> "int | None": return 1
    def items(self) -> List["Item"]: return []
    async def aitems(self) -> List["Item"]: return []
    def other(self) -> int: return 1
    async def aother(self) -> str: return ""
    def half(self) -> int: return 1
    async def ahalf(self): return 1
    def made(self): return 1
    async def amade(self): return ""
    def kept(self): return 1
    async def akept(self): return 2

def main(store: Store):
    store.same(), store.items(), store.other(), store.half(), store.made(), store.kept()
`;
    const names = ["same", "items", "other", "half", "made", "kept"];
    const found = await siblings(text, ...names.map((name) => `store.${name}()`));
    deepEqual(
      found.map(([first]) => first?.returnsOther),
      [false, false, true, true, true, false],
    );
  });

  it("do not lead back to the call, nor to what they replace", async () => {
    const text = `
import asyncio, time

class Store:
    def load(self): time.sleep(1)
    async def aload(self): await self.run()
    async def run(self): self.load() or 1
    def read(self): time.sleep(1)
    async def aread(self): return self.read()
    def move(self): time.sleep(1)
    async def amove(self): await asyncio.to_thread(self.move)

async def main(store: Store):
    store.read(); store.move(); store.load()
`;
    const found = await siblings(text, "self.load()", "store.read()", "store.move()", "store.load()");
    deepEqual(found.map(objections), [
      { callsBack: true, leadsBack: true, blocks: ["blocking-sleep"] },
      { callsBack: true, blocks: ["blocking-sleep"] },
      {},
      { callsBack: true, blocks: ["blocking-sleep"] },
    ]);
  });

  it("follow what subclasses override", async () => {
    const text = `
class Store:
    def load(self): return 1
    async def aload(self): return 1
    def save(self): return 1
    async def asave(self): return 1

class Special(Store):
    def load(self): return 2

class Whole(Store):
    def save(self): return 2
    async def asave(self): return 2

def main(store: Store):
    store.load(); store.save(); Store().load()
`;
    const found = await siblings(text, "store.load()", "store.save()", "Store().load()");
    deepEqual(found.map(objections), [{ overriddenBy: "main.Special.load" }, {}, {}]);
  });

  it("are vouched for by a stub that names them, of the same object only", async () => {
    const text = `
import redis
from langchain_core.embeddings import Embeddings
from django.shortcuts import get_object_or_404

def main(model: Embeddings, client: redis.Redis, Model):
    model.embed_query("a")
    client.get("a")
    get_object_or_404(Model)
`;
    const [model, client, function_] = await siblings(
      text,
      'model.embed_query("a")',
      'client.get("a")',
      "get_object_or_404(Model)",
    );
    deepEqual([model?.[0]?.name, model?.[0]?.isVouched, model?.[0]?.differs], ["aembed_query", true, undefined]);
    deepEqual(client, []);
    deepEqual([function_?.[0]?.name, function_?.[0]?.module], ["aget_object_or_404", "django.shortcuts"]);
    equal(function_?.[0]?.isVouched, true);
  });
});
