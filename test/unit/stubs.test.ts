/**
 * The stubs tell the truth about names: what they say of the standard library exists in typeshed, name by name and
 * parameter by parameter; what they say of other packages was seen in their source and is recorded in verified.json.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KnowledgeArchive } from "../../server/src/knowledge/archive.js";
import { StubEffects } from "../../server/src/link/effects.js";
import { type FunctionEntity, scopeOf } from "../../server/src/link/entities.js";
import { Evaluator } from "../../server/src/link/evaluate.js";
import { Modules } from "../../server/src/link/modules.js";
import { definitionsOf } from "../../server/src/link/specs.js";
import { membersOf, type Type } from "../../server/src/link/types.js";
import { readDistribution } from "../../server/src/platform/node.js";

const archive = new KnowledgeArchive(readDistribution().knowledge);
const modules = new Modules({ folder: () => undefined, facts: () => undefined, whyUnread: () => "unread" }, archive, {
  folders: [],
  roots: [],
  projectRoots: [],
  pythons: [],
  userStubs: new Map(),
});
const stubs = new StubEffects(modules, archive);
const evaluator = new Evaluator(modules, stubs);
stubs.attach(evaluator);

const verified = JSON.parse(
  readFileSync(join(__dirname, "..", "..", "server", "src", "knowledge", "verified.json"), "utf8"),
) as Record<string, { version: string; names: string[] }>;
const verifiedNames = new Set(Object.values(verified).flatMap(({ names }) => names));

const standard = archive.names("stubs").filter((name) => archive.has("typeshed", name));
const thirdParty = archive.names("stubs").filter((name) => !archive.has("typeshed", name));

/** The functions typeshed has behind a public path; undefined when it has nothing there. */
function inTypeshed(moduleName: string, qualifiedName: string): readonly FunctionEntity[] | undefined {
  const from = modules.typeshed("builtins");
  const module = from && modules.resolve(moduleName, from);
  if (!module) return undefined;
  let type: Type = evaluator.moduleMember(module, qualifiedName.split(".")[0] as string, from);
  for (const part of qualifiedName.split(".").slice(1)) type = evaluator.member(type, part);
  const functions: FunctionEntity[] = [];
  let isThere = false;
  for (const member of membersOf(type)) {
    const called = member.kind === "instance" ? evaluator.member(member, "__call__") : member;
    if (called.kind === "class") isThere = true;
    if (called.kind === "function") {
      isThere = true;
      functions.push(called.function, ...(called.overloads ?? []));
    }
  }
  return isThere ? functions : undefined;
}

describe("stubs", () => {
  it("cover the standard library and other packages", () => {
    assert.ok(standard.length > 80, `${standard.length} modules of the standard library`);
    assert.ok(thirdParty.length > 20, `${thirdParty.length} modules of other packages`);
  });

  for (const name of standard) {
    it(`${name}: every name and parameter is in typeshed`, () => {
      const file = modules.stub(name);
      assert.ok(file);
      const wrong: string[] = [];
      for (const [qualifiedName, entity] of definitionsOf(file)) {
        const functions = inTypeshed(name, qualifiedName);
        if (!functions) wrong.push(qualifiedName);
        if (!functions || entity.kind === "class" || functions.length === 0) continue;
        const known = new Set(functions.flatMap((candidate) => scopeOf(candidate).parameters.map((parameter) => parameter.name)));
        const takesKeywords = functions.some((candidate) =>
          scopeOf(candidate).parameters.some(({ kind }) => kind === "var-keyword"),
        );
        for (const parameter of scopeOf(entity).parameters) {
          const isFree =
            parameter.kind === "var-positional" || parameter.kind === "var-keyword" || parameter.kind === "positional-only";
          if (isFree || known.has(parameter.name) || takesKeywords || parameter.name === "self" || parameter.name === "cls")
            continue;
          wrong.push(`${qualifiedName}(${parameter.name})`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  }

  it("name nothing of another package that was not seen in its source", () => {
    const unseen: string[] = [];
    for (const name of thirdParty) {
      const file = modules.stub(name);
      assert.ok(file);
      for (const qualifiedName of definitionsOf(file).keys()) {
        if (!verifiedNames.has(`${name}.${qualifiedName}`)) unseen.push(`${name}.${qualifiedName}`);
      }
    }
    assert.deepEqual(unseen, []);
  });
});
