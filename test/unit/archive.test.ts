/**
 * The packed knowledge: what goes in comes out, nothing of it is read before it is asked for, and it stays small.
 */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import { readPyproject } from "../../server/src/analysis/pyproject.js";
import { decodeFacts, encodeFacts } from "../../server/src/facts/coding.js";
import { readFacts } from "../../server/src/facts/file.js";
import type { Chunk, FileFacts } from "../../server/src/facts/types.js";
import { KnowledgeArchive, type KnownModule, type PackedKnowledge, packArchive } from "../../server/src/knowledge/archive.js";
import { parseOnce } from "../../server/src/syntax/document.js";
import { loadForTests, PROJECT } from "../support/host.js";
import { MemoryFiles, MemoryLog, stillClock } from "../support/memory.js";
import { projectRoot } from "../support/project.js";

/** In bytes: the extension is downloaded with it. */
const LARGEST_ARCHIVE = 1_000_000;

/** Every shape of facts that a stub could have, and some that none has. */
const SHAPES = `
import sys, os.path as path
from . import siblings as other
from ..above import *
from typing import Callable, Literal, overload

if sys.version_info >= (3, 12) and not sys.platform.startswith("win"):
    from new import name
    from new import *
else:
    from old import name

type Alias[T] = list[T]
CONSTANTS = [1, -1, 2.5, 1e300, 10**20, 123456789012345678, 3j, None, True, "text\\n", b"bytes", ..., "ä→😀", ""]
DICT = {"a": 1, **CONSTANTS}
SET = {1, 2}

@decorator(argument=1, *rest, **others)
class Box[T: int, *Ts](Base, Tuple[*Ts], metaclass=Meta):
    """Text."""

    attribute: int = 0
    bare: "str"

    @overload
    def get(self, key: int, /) -> T: ...
    @overload
    def get(self, key: str, /, *, default: Literal["a", -1] = "a", **rest: int) -> T: ...
    def get(self, key, /, *rest: int, default=..., **kwargs):
        if isinstance(key, str):
            key = [*rest, key]
        while key:
            key = key - 1
        match key:
            case [one, *more] if more:
                return one
        return key

    async def fetch(self, url, timeout=None if sys else 1, *, f=lambda x: x):
        self.url = url
        global CONSTANTS
        CONSTANTS = await url  # noqa: ASYNC100
        async with url as one, url:
            first, *middle, last = [item async for item in one if item]
        for a in first:
            a += 1
            if a and b or not c < d <= e:
                break
        try:
            yield a[1:2]
            yield
        except (ValueError, OSError) as error:
            raise
        finally:
            del a
        if isinstance(error, OSError):
            error = {k: v for k, v in error}, {x for x in error}, (x for x in error), f"{error!r}"
        def inner():
            nonlocal first
            first = (yield from first)
            self.url = first
        return (second := error), -second, a @ second, a if a else second

    constructor: int
    toString: int
    __class__: int
`;

describe("the packed knowledge", () => {
  it("is small enough to be downloaded by everybody", () => {
    const { size } = statSync(join(projectRoot, "dist", "knowledge.bin"));
    ok(size < LARGEST_ARCHIVE, `${size} bytes`);
  });

  it("gives back the facts that were packed, but for positions and what runs", async () => {
    const modules = { shapes: SHAPES, empty: "", broken: "def f(:\n    x = 1\n" };
    const packed = new Map<string, KnownModule>();
    for (const [name, text] of Object.entries(modules)) {
      packed.set(name, { facts: await factsOf(text), isPackage: name === "empty" });
    }
    const archive = new KnowledgeArchive(inMemory(pack(packed)));
    deepEqual(archive.names("typeshed"), ["broken", "empty", "shapes"]);
    deepEqual(archive.names("stubs"), []);
    for (const [name, { facts, isPackage }] of packed) {
      const module = archive.module("typeshed", name);
      deepEqual({ ...module, facts: plain(module?.facts as FileFacts) }, { facts: plain(remembered(facts)), isPackage });
      equal(archive.module("stubs", name), undefined);
    }
    equal(archive.effectOf("a:b"), "c:d");
    equal(archive.effectOf("constructor"), undefined);
  });

  it("reads a function when something of it is asked for", async () => {
    const texts: string[] = [];
    const known = await factsOf("def f(): ...\ndef g(): ...\n");
    const bytes = encodeFacts(known, "meaning", (text) => texts.push(text) - 1);
    const asked: string[] = [];
    const facts = decodeFacts(bytes, 0, "meaning", (number) => {
      asked.push(texts[number] as string);
      return texts[number] as string;
    });
    equal(asked.length, 0);
    equal(facts.chunks[2]?.scopes[0]?.name, "g");
    equal(asked.includes("f"), false);
  });

  it("is not read before something is asked, and then only the index and the part that is asked for", async () => {
    const { distribution } = await loadForTests();
    const { knowledge, read } = counting(distribution.knowledge);
    const archive = new KnowledgeArchive(knowledge);
    deepEqual(read, []);
    ok(archive.has("stubs", "requests"));
    equal(read.length, 2, "the index and its length");
    ok(archive.module("stubs", "requests"));
    equal(read.length, 3);
    ok(archive.module("stubs", "requests.adapters"), "a neighbour");
    equal(read.length, 3);
    const bytes = read.reduce((sum, length) => sum + length, 0);
    ok(bytes < 200_000, `${bytes} bytes`);
  });

  it("is not read to open a workspace", async () => {
    const { grammar, distribution } = await loadForTests();
    const { knowledge, read } = counting(distribution.knowledge);
    const files = new MemoryFiles({ [`${PROJECT}/main.py`]: "import requests\n" });
    const host = createAnalysisHost({ grammar, knowledge, files, clock: stillClock, log: new MemoryLog() });
    host.setFolders([{ path: PROJECT, configuration: readPyproject("").configuration }]);
    deepEqual(read, []);
    for (const _ of host.index());
    deepEqual(host.findings(`${PROJECT}/main.py`), []);
    host.dispose();
  });

  it("of another version is refused", async () => {
    const bytes = Buffer.from(pack(new Map()));
    const at = bytes.indexOf('"format":"') + '"format":"'.length;
    bytes.write("0", at);
    throws(() => new KnowledgeArchive(inMemory(bytes)).has("stubs", "os"), /packed by another version/);
  });
});

async function factsOf(text: string): Promise<FileFacts> {
  const { grammar } = await loadForTests();
  return parseOnce(grammar, text, (tree) => readFacts(grammar, tree, text));
}

function pack(typeshed: ReadonlyMap<string, KnownModule>): Uint8Array {
  const packing = { deflate: (bytes: Uint8Array) => deflateRawSync(bytes), encode: (text: string) => Buffer.from(text) };
  return packArchive({ typeshed, stubs: new Map() }, { "a:b": "c:d" }, packing);
}

function inMemory(bytes: Uint8Array): PackedKnowledge {
  return {
    read: (offset, length) => bytes.subarray(offset, offset + length),
    inflate: inflateRawSync,
    decode: (part) => Buffer.from(part).toString(),
  };
}

/** The same knowledge, and the length of each part that was read so far. */
function counting(knowledge: PackedKnowledge): { knowledge: PackedKnowledge; read: readonly number[] } {
  const read: number[] = [];
  return {
    knowledge: {
      ...knowledge,
      read: (offset, length) => {
        read.push(length);
        return knowledge.read(offset, length);
      },
    },
    read,
  };
}

/** What the archive keeps of facts. */
function remembered(facts: FileFacts): FileFacts {
  return {
    chunks: facts.chunks.map(rememberedChunk),
    spans: facts.chunks.map(() => ({ sites: [], scopes: [], directives: [] })),
    outers: facts.outers,
    chunkSpans: [],
    lineStarts: [0],
    broken: facts.broken,
  };
}

function rememberedChunk(chunk: Chunk): Chunk {
  return { ...chunk, scopes: chunk.scopes.map(({ fills: _, ...scope }) => ({ ...scope, sites: [] })), sites: [], regions: [] };
}

/** The same as plain objects, which can be compared. */
function plain(facts: FileFacts): FileFacts {
  const chunks = facts.chunks.map(({ scopes, exprs, defs, sites, regions, directives, branches }) => ({
    ...{ exprs, defs, sites, regions, directives, branches },
    scopes: scopes.map(({ bindings, globals, exit, ...scope }) => ({
      ...scope,
      bindings: { ...bindings },
      globals: { ...globals },
      exit: { ...exit },
    })),
  }));
  return { ...facts, chunks } as FileFacts;
}
