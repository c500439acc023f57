/**
 * Facts as bytes: what is decoded is what was encoded, whichever Python it was, and again after it was forgotten.
 */
import { deepEqual, equal, notEqual } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeFacts, encodeFacts, forgetUnasked } from "../../server/src/facts/coding.js";
import { readFacts } from "../../server/src/facts/file.js";
import type { FileFacts } from "../../server/src/facts/types.js";
import { parseOnce } from "../../server/src/syntax/document.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { parseCases } from "../support/cases.js";
import { loadForTests } from "../support/host.js";
import { projectRoot } from "../support/project.js";

const ODD = `
from sys import *
__proto__ = 1
class A[T: int]:
    __proto__: int = -0.0
    constructor = 10**30, 1e400, "\\0", "\u{10FFFF}", b"x", ...
    def f(self, a, /, b=1, *c, d: "int", **e):
        global G
        G = self.x = [y async for y in c if (z := y)]
        try:
            with open(a) as g, b: self.items.append(g)
        except (OSError, *c): raise
        except: return
        finally: del self.x
        while True:
            if d: break
            yield from lambda: (yield)
        self.rows[a][b] = not a < b <= d
async def g():
    async with a as (b, *c): await b
    match a:
        case [1, {"k": v}] if v: return
`;

describe("facts as bytes", () => {
  let grammar: Grammar;

  before(async () => {
    ({ grammar } = await loadForTests());
  });

  const factsOf = (text: string): FileFacts => parseOnce(grammar, text, (tree) => readFacts(grammar, tree, text));
  const plain = (facts: FileFacts): unknown => JSON.parse(JSON.stringify(facts));

  function coded(facts: FileFacts): FileFacts {
    const texts: string[] = [];
    const bytes = encodeFacts(facts, "all", (text) => {
      const known = texts.indexOf(text);
      return known < 0 ? texts.push(text) - 1 : known;
    });
    return decodeFacts(bytes, 0, "all", (number) => texts[number] as string);
  }

  it("are what they were, for the Python of all cases", () => {
    const folder = join(projectRoot, "test", "cases");
    let count = 0;
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith(".md"))) {
      for (const { files } of parseCases(readFileSync(join(folder, name), "utf8"))) {
        for (const { path, text } of files.filter((file) => /\.pyi?$/.test(file.path))) {
          const facts = factsOf(text);
          deepEqual(plain(coded(facts)), plain(facts), `${name} ${path}`);
          count++;
        }
      }
    }
    notEqual(count, 0);
  });

  it("are what they were, for odd names and numbers and for a text with errors", () => {
    for (const text of [ODD, ODD.slice(0, -40), "", "def f(:\n  x", "x = 1\r\n\r\ny = 2"]) {
      const facts = factsOf(text);
      deepEqual(plain(coded(facts)), plain(facts));
      deepEqual(plain(coded({ ...facts, broken: true, wasGood: true })), plain({ ...facts, broken: true, wasGood: true }));
    }
  });

  it("are read again after they were forgotten, and stay while they are asked for", () => {
    const facts = coded(factsOf(ODD));
    const chunk = facts.chunks[1];
    const [scopes, before] = [chunk?.scopes, plain(facts)];
    forgetUnasked(0);
    equal(chunk?.scopes, scopes);
    for (let question = 0; question < 200; question++) forgetUnasked(0);
    notEqual(chunk?.scopes, scopes);
    deepEqual(plain(facts), before);
  });
});
