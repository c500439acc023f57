/**
 * Packs dist/knowledge.bin: typeshed's standard library (from the pyright package) and our stubs, read by the server's
 * own extractor, and the index that says which definition each stub speaks of. Fails when a stub names something of the
 * standard library that typeshed does not have.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { readFacts } from "../server/src/facts/file.js";
import { DEFAULT_TARGET } from "../server/src/facts/target.js";
import {
  type EffectIndex,
  KnowledgeArchive,
  type KnownModule,
  type Packing,
  packArchive,
  type Shelf,
} from "../server/src/knowledge/archive.js";
import { StubEffects } from "../server/src/link/effects.js";
import { Evaluator } from "../server/src/link/evaluate.js";
import { Modules } from "../server/src/link/modules.js";
import { definitionsOf } from "../server/src/link/specs.js";
import { parseOnce } from "../server/src/syntax/document.js";
import { loadGrammar } from "../server/src/syntax/grammar.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const grammar = await loadGrammar({
  runtime: readFileSync(join(root, "node_modules/web-tree-sitter/web-tree-sitter.wasm")),
  python: readFileSync(join(root, "node_modules/tree-sitter-python/tree-sitter-python.wasm")),
});

/** Modules of the standard library that no server imports: tests, windows on a screen, tables of characters, removed tools. */
const LEFT_OUT = /^(lib2to3|idlelib|turtle|tkinter\.\w+|distutils|test|pydoc_data|msilib|_?curses|encodings\.\w+)(\.|$)/;

function readModules(folder: string): Map<string, KnownModule> {
  const modules = new Map<string, KnownModule>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".pyi")) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path)
      .split(sep)
      .join(".")
      .replace(/\.pyi$/, "")
      .replace(/(^|\.)__init__$/, "");
    if (LEFT_OUT.test(name)) continue;
    const text = readFileSync(path, "utf8");
    const facts = parseOnce(grammar, text, (tree) => readFacts(grammar, tree, text));
    if (facts.broken && folder.includes("stubs")) throw new Error(`${relative(root, path)} has a syntax error.`);
    modules.set(name, { facts, isPackage: entry.name === "__init__.pyi" });
  }
  return modules;
}

const modules: Record<Shelf, Map<string, KnownModule>> = {
  typeshed: readModules(join(root, "node_modules/pyright/dist/typeshed-fallback/stdlib")),
  stubs: readModules(join(root, "server/src/knowledge/stubs")),
};

const PACKING: Packing = {
  deflate: (bytes) => deflateRawSync(bytes, { level: 9, memLevel: 9 }),
  encode: (text) => Buffer.from(text),
};

/** Pythons and platforms whose definitions differ: a stub speaks of all of them. */
const TARGETS = [DEFAULT_TARGET.version, [3, 9] as const].flatMap((version) =>
  (["linux", "darwin", "win32"] as const).map((platform) => ({ version, platform })),
);

/** Follows every public path of a stub through typeshed to the definitions it means. */
function indexEffects(): EffectIndex {
  const packed = packArchive(modules, {}, PACKING);
  const archive = new KnowledgeArchive({
    read: (offset, length) => packed.subarray(offset, offset + length),
    inflate: inflateRawSync,
    decode: (bytes) => Buffer.from(bytes).toString(),
  });
  const index: Record<string, string> = {};
  const found = new Set<string>();
  const named = new Set<string>();
  for (const target of TARGETS) {
    const program = new Modules({ folder: () => undefined, facts: () => undefined, whyUnread: () => "unread" }, archive, {
      folders: [],
      roots: [],
      projectRoots: [],
      pythons: [{ folder: "", packageFolders: [], mapped: new Map(), foreign: [], target, runsOn: {} }],
      userStubs: new Map(),
    });
    const stubs = new StubEffects(program, archive);
    stubs.attach(new Evaluator(program, stubs));
    const from = program.typeshed("builtins");
    if (!from) throw new Error("typeshed has no builtins.");
    for (const name of modules.stubs.keys()) {
      const stub = modules.typeshed.has(name) ? program.stub(name) : undefined;
      for (const qualifiedName of stub ? definitionsOf(stub).keys() : []) {
        const keys = stubs.keysBehind(name, qualifiedName, from);
        named.add(`${name}.${qualifiedName}`);
        if (keys.length > 0) found.add(`${name}.${qualifiedName}`);
        // A built-in keeps its plain name: `open`, not `io.open`. What the first target says stands.
        for (const key of keys) {
          const isFirst = target === TARGETS[0] ? !index[key]?.startsWith("builtins:") : index[key] === undefined;
          if (isFirst) index[key] = `${name}:${qualifiedName}`;
        }
      }
    }
  }
  const missing = [...named].filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`Stubs name what typeshed does not have: ${missing.join(", ")}`);
  return index;
}

const archive = packArchive(modules, indexEffects(), PACKING);
mkdirSync(join(root, "dist"), { recursive: true });
writeFileSync(join(root, "dist/knowledge.bin"), archive);
console.log(
  `knowledge: ${modules.typeshed.size} modules of typeshed, ${modules.stubs.size} stubs, ${Math.round(archive.length / 1024)} KB`,
);
