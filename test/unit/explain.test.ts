/**
 * What is said of a line that is not reported, and where a function runs: each verdict with its reason, and for every way a
 * trail can be lost a sentence that helps.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Explanation } from "../../server/src/analysis/findings.js";
import { UNKNOWN_TEXTS } from "../../server/src/analysis/unknown.js";
import { UNKNOWN_REASONS } from "../../server/src/link/types.js";
import { createTestHost, PROJECT } from "../support/host.js";
import { sourceFiles } from "../support/project.js";

const IMPORTS = "import asyncio, os, threading, time\nfrom concurrent.futures import ProcessPoolExecutor\n";

/** Explanations of the lines that end with `# ?`, in order, in `main.py`. */
async function explained(code: string, others: Readonly<Record<string, string>> = {}): Promise<readonly Explanation[]> {
  const { host } = await createTestHost({ "main.py": IMPORTS + code, ...others });
  const lines = (IMPORTS + code).split("\n");
  return lines.flatMap((line, index) => (line.endsWith("# ?") ? host.explain(`${PROJECT}/main.py`, index).slice(0, 1) : []));
}

/** Verdicts and reasons of those lines. */
async function verdicts(code: string, others: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  return (await explained(code, others)).map(({ verdict }) =>
    verdict.kind === "reported" ? "reported" : `${verdict.kind}: ${verdict.reason}`,
  );
}

async function contexts(code: string): Promise<readonly string[]> {
  return (await explained(code)).map(({ context }) => `${context.place}: ${context.text}`);
}

describe("explain", () => {
  it("says what a call hands over, and to whom", async () => {
    const told = await verdicts(`
def load():
    time.sleep(1)

def in_thread(function):
    return asyncio.to_thread(function)

async def main(loop: asyncio.AbstractEventLoop):
    await asyncio.to_thread(load)  # ?
    await in_thread(load)  # ?
    await loop.run_in_executor(ProcessPoolExecutor(), load)  # ?
`);
    deepEqual(told, [
      "offloaded: Hands `main.load` to a thread; the loop goes on meanwhile.",
      "offloaded: Hands `main.load` to a thread; the loop goes on meanwhile.",
      "offloaded: Hands `main.load` to a process; the loop goes on meanwhile.",
    ]);
  });

  it("says where lazy work is done", async () => {
    const told = await verdicts(`
def rows():
    time.sleep(1)
    yield 1

async def main():
    lazy = rows()  # ?
    tree = os.walk(".")  # ?
    coroutine = main()  # ?
    for row in lazy:
        await coroutine
`);
    match(told[0] ?? "", /^harmless: `main\.rows` runs nothing yet: .* iterated over, here at main\.py:12\.$/);
    match(told[1] ?? "", /^harmless: `os\.walk` does nothing yet/);
    match(told[2] ?? "", /^harmless: `main\.main` is a coroutine function: what blocks in its body is reported there\.$/);
  });

  it("names the comment and the setting that silence a call", async () => {
    const told = await verdicts(
      `
def quiet():
    time.sleep(1)  # loopguard: ignore[blocking-sleep] short

def never():  # loopguard: never-blocks
    time.sleep(1)

async def main():
    time.sleep(1)  # loopguard: ignore[blocking-sleep] # ?
    quiet()  # ?
    never()  # ?
    open("x")  # ?
`,
      { "pyproject.toml": '[tool.loopguard.severity]\nblocking-file = "off"\n' },
    );
    match(
      told[0] ?? "",
      /^silent: The comment `# loopguard: ignore\[blocking-sleep\].*` at main\.py:11 silences blocking-sleep\.$/,
    );
    match(told[1] ?? "", /^silent: The comment .* at main\.py:5 silences blocking-sleep\. It stands in `main\.quiet`/);
    match(told[2] ?? "", /^silent: A comment on `main\.never`/);
    match(told[3] ?? "", /^silent: The setting `severity` switches blocking-file off\.$/);
  });

  it("tells arguments that do not block, places without a loop, and what is slow for large input only", async () => {
    const told = await verdicts(`
import json
from typing import TYPE_CHECKING

async def main():
    time.sleep(0)  # ?
    if TYPE_CHECKING:
        time.sleep(1)  # ?
    json.loads("{}")  # ?
    len("x")  # ?
`);
    deepEqual(told, [
      "harmless: `time.sleep` can block, but not with these arguments, or not on this object.",
      "harmless: This place is not reached while an event loop runs.",
      "silent: It is slow only for large input; the setting `largeInput` reports such calls.",
      "harmless: Nothing in it is known to wait.",
    ]);
  });

  it("says of a body how far it was followed", async () => {
    const told = await verdicts(`
def plain():
    return len("x")

def lost(client):
    client.get("/")

async def main(client):
    plain()  # ?
    lost(client)  # ?
`);
    match(told[0] ?? "", /`main\.plain` was followed to its end: nothing in it is known to block\.$/);
    match(told[1] ?? "", /one call in it could not be followed: `client\.get` at main\.py:8\.$/);
  });

  it("says of code off the loop why it is there", async () => {
    deepEqual(
      await contexts(`
def in_thread():
    time.sleep(1)  # ?

def below():
    time.sleep(1)  # ?

def target():
    below()

def in_process():
    time.sleep(1)  # ?

def unused():
    time.sleep(1)  # ?

def at_import():
    time.sleep(1)  # ?

async def main(loop: asyncio.AbstractEventLoop):
    await asyncio.to_thread(in_thread)
    threading.Thread(target=target).start()
    await loop.run_in_executor(ProcessPoolExecutor(), in_process)

at_import()
`),
      [
        "away: runs off the event loop: handed to asyncio.to_thread to run in a thread at main.py:23",
        "away: runs off the event loop: called by target at main.py:11, which is handed to threading.Thread to run in a thread at main.py:24",
        "away: runs off the event loop: handed to asyncio.AbstractEventLoop.run_in_executor to run in a process at main.py:25",
        "unknown: is not known to run on the event loop: nothing that was read calls it",
        "unknown: is not known to run on the event loop: called where main is imported or run, at main.py:27",
      ],
    );
  });

  it("says of a coroutine that a loop does not run who steps it", async () => {
    const stepped = "the project steps coroutines by hand at main.py:12, and nothing shows a loop for this one";
    deepEqual(
      await contexts(`
async def job():
    time.sleep(1)  # ?

async def served():
    await asyncio.sleep(1)
    time.sleep(1)  # ?

def run():
    next(job().__await__())
`),
      [`unknown: is not known to run on the event loop: ${stepped}`, "loop: runs on the event loop"],
    );
  });

  it("says of code on the loop who brings it there, by calls, properties and callbacks", async () => {
    deepEqual(
      await contexts(`
class Store:
    @property
    def size(self):
        return deep()  # ?

def deep():
    time.sleep(1)  # ?

def callback():
    time.sleep(1)  # ?

def shared():
    time.sleep(1)  # ?

async def main(store: Store, loop: asyncio.AbstractEventLoop):
    store.size  # ?
    loop.call_soon(callback)
    shared()
    await asyncio.to_thread(shared)
`),
      [
        "loop: runs on the event loop: called by the coroutine main at main.py:19",
        "loop: runs on the event loop: called by the coroutine main at main.py:19, through Store.size",
        "loop: runs on the event loop: handed to asyncio.AbstractEventLoop.call_soon at main.py:20",
        "both: runs on the event loop (called by the coroutine main at main.py:21) and off it (handed to asyncio.to_thread to run in a thread at main.py:22)",
        "loop: runs on the event loop",
      ],
    );
  });

  it("forgets a caller with the code that called", async () => {
    const text = `${IMPORTS}def load():\n    time.sleep(1)\n\nasync def main():\n    load()\n`;
    const { host } = await createTestHost({ "main.py": text });
    const path = `${PROJECT}/main.py`;
    const place = (): string | undefined => host.explain(path, 3)[0]?.context.place;
    equal(place(), "loop");
    host.open(path, text);
    host.change(path, [{ text: text.replace("    load()", "    pass") }]);
    equal(place(), "unknown");
    host.change(path, [{ text: text.replace("    load()", "    asyncio.to_thread(load)") }]);
    equal(place(), "away");
    host.change(path, [{ text }]);
    equal(place(), "loop");
  });

  it("has a sentence for every way a trail is lost", () => {
    const produced = new Set(
      sourceFiles("server/src/link", /\.ts$/).flatMap(({ text }) =>
        [...text.matchAll(/\bunknown(?:\(| = )"(\w+)"/g)].map((found) => found[1] as string),
      ),
    );
    for (const reason of produced) ok((UNKNOWN_REASONS as readonly string[]).includes(reason), reason);
    deepEqual(Object.keys(UNKNOWN_TEXTS).sort(), [...UNKNOWN_REASONS].sort());
  });

  it("knows that what a complete description of a library leaves out does not block", async () => {
    const told = await verdicts(`
from fastapi import HTTPException, Request
from pydantic import BaseModel
from gone import Base

class Item(BaseModel):
    name: str

class Other(Base):
    name: str

async def main(request: Request):
    Item(name="x")  # ?
    request.headers.get("x")  # ?
    HTTPException(400)  # ?
    Other(name="x")  # ?
`);
    deepEqual(
      told.map((text) => text.split(":")[0]),
      ["harmless", "harmless", "harmless", "unknown"],
    );
  });

  it("leads back to where a trail was lost, and says what would help", async () => {
    const told = await verdicts(`
import missing
from gone.away import Thing

class Repo:
    def __init__(self, client):
        self.client = client

def follow(number):
    return follow(number - 1)

async def main(repo: Repo, table, name: str):
    repo.client.get("/")  # ?
    table["x"].go()  # ?
    missing.call()  # ?
    thing = Thing()
    thing.run()  # ?
    nobody()  # ?
    repo.nothing()  # ?
    getattr(repo, name)()  # ?
    await open("x")  # ?
    follow(1).go()  # ?
`);
    const expected = [
      /`client` is a parameter of `__init__` without a type\. Annotate it/,
      /`table` is a parameter of `main` without a type/,
      /The module `missing` is neither in the workspace nor .* Install it, select the interpreter/,
      /The module `gone\.away` is neither/,
      /Nothing that was read binds the name `nobody`/,
      /`Repo` has no such attribute as `repo\.nothing` names/,
      /shows at run time only\. Keep it in a variable with a type annotation/,
      /It is awaited, so it cannot be the synchronous function/,
      /An annotation on one of its parts breaks the circle/,
    ];
    equal(told.length, expected.length);
    told.forEach((text, index) => {
      match(text, /^unknown: /);
      match(text, expected[index] as RegExp);
    });
  });
});
