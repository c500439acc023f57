/**
 * Asynchronous twins of objects: what makes them, and what each use is there, in packages that are installed: the version that
 * is there decides. How programs are rewritten is shown by test/fixes.
 */
import { deepEqual, equal } from "node:assert/strict";
import { nameOf, type TwinStep, type TwinUse } from "../../server/src/analysis/twins.js";
import { applyEdits, fixesFor, fixHostOf } from "../../server/src/features/fixes/index.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";

const SITE = ".venv/lib/python3.12/site-packages";

const SYNC = `
class Redis:
    def __init__(self, host="localhost", port=6379, retry=None, **kwargs): ...
    def __enter__(self): return self
    def __exit__(self, *error): self.close()
    def get(self, name): return self.execute_command("GET", name)
    def lolwut(self): return self.execute_command("LOLWUT")
    def execute_command(self, *args): ...
    def close(self): ...
`;

const ASYNC = `
def deprecated_function(**options):
    return lambda function: function

class Redis:
    def __init__(self, *, host="localhost", port=6379, retry=None, **kwargs): ...
    async def __aenter__(self): return self
    async def __aexit__(self, *error): await self.aclose()
    def get(self, name): return self.execute_command("GET", name)
    async def execute_command(self, *args): ...
`;

const CLOSE = `
    async def close(self): ...
`;

const BOTH = `
    async def aclose(self): ...
    @deprecated_function(version="5.0.1")
    async def close(self): ...
`;

/** What makes twins of \`redis.Redis(ARGUMENTS)\`, and what uses of it are in the first of them. */
async function twins(
  installed: Readonly<Record<string, string>> | undefined,
  args: string,
  ...uses: readonly string[]
): Promise<{ readonly makers: readonly string[]; readonly uses: readonly (TwinUse | undefined)[]; readonly misfit?: string }> {
  const lines = uses.map((use) => `    client.${use}()`).join("\n");
  const text = `import redis\n\nasync def main():\n    client = redis.Redis(${args})\n${lines}\n`;
  const packages = Object.entries(installed ?? {}).map(([path, source]) => [`${SITE}/${path}`, source] as const);
  const venv = installed ? { ".venv/pyvenv.cfg": "" } : {};
  const { host } = await createTestHost({ ...venv, ...Object.fromEntries(packages), "main.py": text });
  const path = `${PROJECT}/main.py`;
  const spanOf = (part: string): { start: number; end: number } => {
    const start = text.indexOf(part);
    return { start, end: start + part.length };
  };
  const made = spanOf(`redis.Redis(${args})`);
  const makers = host.twins(path, made.start, made.end);
  const found = uses.map((use) => {
    const step: TwinStep = { name: use, call: spanOf(`client.${use}()`) };
    return makers[0] && host.twinUse(path, made, nameOf(makers[0]), [step]);
  });
  host.dispose();
  const misfit = makers[0]?.misfit ?? makers[0]?.bound;
  return {
    makers: makers.map((maker) => [nameOf(maker), ...maker.keywords.filter(Boolean)].join(" ")),
    uses: found,
    ...(misfit === undefined ? {} : { misfit: JSON.stringify(misfit) }),
  };
}

const LIBRARY = { "redis/__init__.py": "from redis.client import Redis\n", "redis/client.py": SYNC };
const withTwin = (more: string): Readonly<Record<string, string>> => ({
  ...LIBRARY,
  "redis/asyncio/__init__.py": "from redis.asyncio.client import Redis\n",
  "redis/asyncio/client.py": ASYNC + more,
});

describe("twins of objects", () => {
  before(() => loadForTests());

  it("are those that stubs name, whether their package is there or not", async () => {
    for (const installed of [undefined, withTwin(CLOSE)]) {
      const { makers, uses } = await twins(installed, '"here", 1', "get", "ping");
      deepEqual(makers, ["redis.asyncio.Redis host port"]);
      deepEqual(
        uses.map((use) => use && [use.isAwaited, use.gives.kind]),
        // The version that is there has no such command.
        [[true, "value"], installed ? undefined : [true, "value"]],
      );
    }
  });

  it("are not those that the installed version lacks", async () => {
    deepEqual((await twins(LIBRARY, "")).makers, []);
  });

  it("are not told of what no stub and no source says", async () => {
    const { uses } = await twins(withTwin(CLOSE), "", "lolwut");
    equal(uses[0], undefined);
  });

  it("are closed by the name that is not on its way out", async () => {
    equal((await twins(withTwin(CLOSE), "", "close")).uses[0]?.name, "close");
    equal((await twins(withTwin(BOTH), "", "close")).uses[0]?.name, "aclose");
    equal((await twins(undefined, "", "close")).uses[0]?.name, "close");
  });

  it("do not take what works with the other kind", async () => {
    const { misfit } = await twins(withTwin(CLOSE), "retry=redis.client.Redis()");
    equal(misfit === undefined, false);
    equal((await twins(withTwin(CLOSE), "port=6380, decode_responses=True")).misfit, undefined);
  });

  it("are followed through what a client gives, where the library cannot be run here", async () => {
    const text = `from pymongo import DESCENDING, MongoClient


async def main(uri, name):
    client = MongoClient(uri, serverSelectionTimeoutMS=500)
    things = client["store"].things
    things.insert_one({"name": name})
    for thing in things.find({"name": name}).sort("name", DESCENDING).limit(3):
        print(thing, things.count_documents({})["n"])
    found = list(client.store.things.aggregate([{"$match": {}}]))
    print(found, client.list_database_names())
    client.close()
`;
    const { grammar } = await loadForTests();
    const { host } = await createTestHost({ "main.py": text });
    const path = `${PROJECT}/main.py`;
    const fixes = host.findings(path).flatMap((finding) => {
      const fix = fixesFor(
        fixHostOf(host, () => undefined),
        grammar,
        path,
        finding,
      ).find(({ remedy }) => remedy === "client-twin");
      return fix ? [applyEdits(text, fix.edits)] : [];
    });
    host.dispose();
    equal(fixes.length > 3, true);
    deepEqual(
      [...new Set(fixes)],
      [
        `from pymongo import AsyncMongoClient
from pymongo import DESCENDING, MongoClient


async def main(uri, name):
    async with AsyncMongoClient(uri, serverSelectionTimeoutMS=500) as client:
        things = client["store"].things
        await things.insert_one({"name": name})
        async for thing in things.find({"name": name}).sort("name", DESCENDING).limit(3):
            print(thing, (await things.count_documents({}))["n"])
        found = [each async for each in await client.store.things.aggregate([{"$match": {}}])]
        print(found, await client.list_database_names())
`,
      ],
    );
  });
});
