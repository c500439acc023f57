/**
 * Whether weeks of editing leave the analysis as it was: random editing, in the manner of five editors, of the files of real
 * projects, all in one workspace that lives as long as the run. What an edit leaves must be what a reader of the same texts sees
 * for the first time: the edited file's tree, facts and findings at the end of each script of edits, the findings of all files
 * every `--fresh` edits. Trees alive must equal open documents, and memory must not grow.
 *
 *   npm run soak -- [--edits 100000] [--corpus DIR]... [--files 250] [--seed 1] [--fresh 1000] [--documents] [--out build/soak.json]
 *
 * With `--documents` trees and facts alone are compared, a hundred times as fast. Reads, never writes there. Prints a row every 2,000 edits (milliseconds of an edit with the findings after it, megabytes with all
 * documents closed); the same and every difference goes to `--out`, also while it runs. Exit code 1 when anything differs, throws or leaks.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { distribution, ROOT } from "./client.mjs";
import { loadEngine } from "./engine.mjs";

const { values: options } = parseArgs({
  options: {
    edits: { type: "string", default: "100000" },
    corpus: { type: "string", multiple: true, default: [join(ROOT, "examples")] },
    files: { type: "string", default: "250" },
    seed: { type: "string", default: "1" },
    fresh: { type: "string", default: "1000" },
    documents: { type: "boolean", default: false },
    out: { type: "string", default: join(ROOT, "build", "soak.json") },
  },
});
const EDITS = Number(options.edits);
const FRESH_EVERY = Number(options.fresh);
/** Documents that are open at once. */
const MOST_OPEN = 6;
/** Edits between two looks at memory and times. */
const ROW = Math.min(2000, Math.ceil(EDITS / 10));

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

const engine = await loadEngine({
  "server/src/analysis/create.ts": "createAnalysisHost",
  "server/src/analysis/configuration.ts": "DEFAULT_CONFIGURATION",
  "server/src/facts/file.ts": "readFacts",
  "server/src/platform/node.ts": "readDistribution",
  "server/src/syntax/document.ts": "liveTreeCount, parseOnce, SyntaxDocument",
  "server/src/syntax/grammar.ts": "loadGrammar",
  "test/support/draws.ts": "Draws",
  "test/support/editors.ts": "MANNERS, toldAs",
  "test/support/memory.ts": "MemoryFiles, MemoryLog, stillClock",
  "test/support/pythonTexts.ts": "applyChange, HABITS, notificationsOf, Undo",
});

const random = new engine.Draws(Number(options.seed));
const { knowledge, grammar: source } = engine.readDistribution();
const grammar = await engine.loadGrammar(source);
const texts = chooseTexts(
  options.corpus.map((folder) => resolve(folder)),
  Number(options.files),
);
const paths = Object.keys(texts).filter((path) => path.endsWith(".py"));
if (paths.length === 0) {
  console.error(`No Python files in ${options.corpus.join(", ")}.`);
  process.exit(2);
}

const started = performance.now();
const differences = [];
const rows = [];
let broken = 0;
const compared = { trees: 0, findings: 0, workspaces: 0 };
let edits = 0;
let times = [];
let slowest;
let reported;
/** Stands for a host where none is wanted. */
const NOBODY = {
  open() {},
  change() {},
  close() {},
  findings: () => [],
  takeChanged() {},
  catchUp: () => false,
  explain() {},
  functionsAt() {},
  blockingFunctions() {},
};
const host = options.documents ? NOBODY : newHost();
/** Is told the same texts, each anew: it has nothing of the edits between. */
const other = options.documents ? NOBODY : newHost();
const open = new Map();
let nextFresh = FRESH_EVERY;
let nextRow = ROW;

while (edits < EDITS) {
  // What is held weakly lives until a turn ends.
  await new Promise((done) => setImmediate(done));
  const path = random.pick(paths);
  guarded(`a script of edits in ${path}`, () => runScript(path));
  const expected = (options.documents ? 1 : 3) * open.size;
  if (engine.liveTreeCount() !== expected)
    differ("trees", path, `${engine.liveTreeCount()} trees are alive where there should be ${expected}`);
  if (edits >= nextFresh) {
    nextFresh += FRESH_EVERY;
    guarded("a look at all files", compareAll);
  }
  if (edits >= nextRow) {
    nextRow += ROW;
    rows.push(await measure());
    report();
  }
  if (differences.length > 50) break;
}

report();
const { all: _, rows: __, ...shown } = reported;
console.log(JSON.stringify(shown, undefined, 2));
for (const difference of differences.slice(0, 5)) console.error(difference);
process.exit(differences.length > 0 ? 1 : 0);

/** Writes what is known so far: a run of hours may be ended before its time. */
function report() {
  const [first, last] = [rows[0], rows.at(-1)];
  reported = {
    edits,
    files: paths.length,
    bytes: Object.values(texts).reduce((sum, text) => sum + text.length, 0),
    seconds: Math.round((performance.now() - started) / 1000),
    seed: Number(options.seed),
    compared,
    brokenAtTheEndOfScripts: broken,
    differences: differences.length,
    heapGrowthPercent: first && last ? Math.round((1000 * (last.heap - first.heap)) / first.heap) / 10 : undefined,
    rows,
    all: differences,
  };
  mkdirSync(dirname(resolve(options.out)), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify(reported, undefined, 2)}\n`);
}

// ---- The editing ----

function runScript(path) {
  const manner = random.pick(engine.MANNERS);
  const document = open.get(path) ?? openDocument(path);
  const undo = new engine.Undo();
  const length = 3 + random.below(25);
  for (let step = 0; step < length && edits < EDITS; step++) {
    const habit = random.pick(engine.HABITS);
    const action = { habit, where: random.below(2 ** 30), what: random.below(2 ** 30), asked: random.below(2) === 0 };
    const told = engine.toldAs(manner, document.text, engine.notificationsOf(action, document.text, undo));
    for (const changes of told) {
      if (habit !== "undo") undo.note(document.text, changes);
      change(path, document, changes, action.asked);
    }
    if (random.below(20) === 0) ask(path, document);
  }
  compareFile(path, document, `${manner}, ${length} steps`);
  // Nobody leaves a file in ruins: what was done is undone step by step, or what stood there is read again.
  if (random.below(2) === 0) {
    for (let told = undo.take(); told.length > 0; told = undo.take()) change(path, document, told[0], random.below(5) === 0);
  }
  // An undo that counts in lines cannot part a carriage return from a line feed.
  if (document.text !== texts[path]) change(path, document, [{ text: texts[path] }], true);
  compareFile(path, document, `${manner}, undone`);
  if (open.size > MOST_OPEN || random.below(5) === 0) closeDocument(random.pick([...open.keys()]));
}

function openDocument(path) {
  const text = texts[path];
  const document = { text, syntax: new engine.SyntaxDocument(grammar, text), facts: undefined };
  document.facts = engine.readFacts(grammar, document.syntax.tree(), text);
  open.set(path, document);
  host.open(path, text);
  other.open(path, text);
  return document;
}

function closeDocument(path) {
  open.get(path).syntax.dispose();
  open.delete(path);
  host.close(path);
  other.close(path);
}

/** What a server does with a notification: the edit, and on the next turn the findings of that file. */
function change(path, document, changes, asked) {
  edits++;
  const begin = performance.now();
  host.change(path, changes);
  if (asked) {
    host.findings(path);
    host.takeChanged();
  }
  const time = performance.now() - begin;
  times.push(time);
  if (time > (slowest?.time ?? 0))
    slowest = { time: Math.round(time), path, edits, changes: JSON.stringify(changes).slice(0, 300) };
  document.text = changes.reduce(engine.applyChange, document.text);
  document.syntax.apply(changes);
  if (asked) readFactsOf(document);
}

function readFactsOf(document) {
  const edit = document.syntax.takeEdit();
  const earlier = edit && { facts: document.facts, edit };
  if (earlier) {
    document.facts = engine.readFacts(grammar, document.syntax.tree(), document.syntax.text, earlier, document.syntax.lineStarts);
  }
}

/** The questions of an editor, in between. */
function ask(path, document) {
  const line = random.below(document.text.split("\n").length);
  host.explain(path, line);
  host.functionsAt(path, { line, column: random.below(40) });
  host.blockingFunctions(path);
  while (host.catchUp());
}

// ---- The comparison ----

function compareFile(path, document, what) {
  if (!options.documents && host.text(path) !== document.text) return differ("text", path, what);
  readFactsOf(document);
  if (document.syntax.text !== document.text) return differ("text of the document", path, what);
  const { text, facts, syntax } = document;
  const whole = engine.parseOnce(grammar, text, (tree) => ({
    sexp: tree.rootNode.toString(),
    facts: engine.readFacts(grammar, tree, text),
  }));
  if (facts.broken !== whole.facts.broken) return differ("errors seen", path, what, text);
  // In a broken text what was known of untouched functions stands.
  if (facts.broken) {
    broken++;
    return;
  }
  compared.trees++;
  if (syntax.tree().rootNode.toString() !== whole.sexp) differ("tree", path, what, text);
  else if (JSON.stringify(facts) !== JSON.stringify(whole.facts)) differ("facts", path, what, text);
  if (options.documents || [...open.values()].some((each) => each.facts.broken)) return;
  compared.findings++;
  for (const [each, { text: current }] of open) if (other.text(each) !== current) other.change(each, [{ text: current }]);
  other.close(path);
  other.open(path, text);
  const found = JSON.stringify(host.findings(path));
  if (found === JSON.stringify(other.findings(path))) return;
  const fresh = freshHost();
  if (found !== JSON.stringify(fresh.findings(path))) {
    differ("findings", path, what, `${found}\n${JSON.stringify(fresh.findings(path))}\n${text}`);
  } else differ("findings of the host that reads anew", path, what, text);
  fresh.dispose();
}

/** All files, as a host sees them that has just been started. */
function compareAll() {
  if (options.documents || [...open.values()].some((each) => each.facts.broken)) return;
  while (host.catchUp());
  compared.workspaces++;
  const fresh = freshHost();
  for (const path of paths) {
    const [found, expected] = [JSON.stringify(host.findings(path)), JSON.stringify(fresh.findings(path))];
    if (found !== expected) differ("findings of all files", path, `open: ${[...open.keys()]}`, `${found}\n${expected}`);
  }
  fresh.dispose();
}

function freshHost() {
  const fresh = newHost();
  for (const [path, { text }] of open) fresh.open(path, text);
  while (fresh.catchUp());
  return fresh;
}

function newHost() {
  const files = new engine.MemoryFiles(texts);
  const created = engine.createAnalysisHost({ grammar, knowledge, files, clock: engine.stillClock, log: new engine.MemoryLog() });
  const folders = [...new Set(paths.map((path) => dirname(path)))].filter(
    (folder, _, all) => !all.some((top) => folder.startsWith(`${top}/`)),
  );
  created.setFolders(folders.map((path) => ({ path, configuration: engine.DEFAULT_CONFIGURATION })));
  for (const _ of created.index());
  return created;
}

function differ(kind, path, what, detail = "") {
  differences.push({ kind, path, what, edits, detail: detail.slice(0, 400_000) });
  process.stderr.write(`DIFFERS ${kind}: ${path} after ${edits} edits (${what})\n`);
}

function guarded(what, run) {
  try {
    run();
  } catch (error) {
    differ("exception", what, error.message, error.stack);
    for (const path of [...open.keys()]) closeDocument(path);
  }
}

// ---- Memory and time ----

async function measure() {
  for (const path of [...open.keys()]) closeDocument(path);
  while (host.catchUp());
  host.takeChanged();
  for (let round = 0; round < 4; round++) {
    await new Promise((done) => setImmediate(done));
    collectGarbage();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const megabytes = (bytes) => Math.round(bytes / 1024 / 102.4) / 10;
  const row = {
    edits,
    heap: megabytes(heapUsed),
    external: megabytes(external),
    rss: megabytes(rss),
    ...distribution(times),
    slowest,
  };
  times = [];
  slowest = undefined;
  process.stderr.write(`${JSON.stringify(row)} ${Math.round((performance.now() - started) / 1000)} s\n`);
  return row;
}

// ---- The texts ----

/** Python files of some folders, neighbours together so that they import each other, by path. */
function chooseTexts(folders, count) {
  const groups = folders.map(pythonFilesBelow).filter((group) => group.length > 0);
  const chosen = {};
  const share = Math.ceil(count / Math.max(1, groups.length));
  for (const group of groups) {
    const start = random.below(Math.max(1, group.length - share));
    for (const path of group.slice(start, start + share)) chosen[path] = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  }
  return chosen;
}

function pythonFilesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".py") && !name.includes("site-packages"))
    .map((name) => join(folder, name))
    .sort()
    .filter((path) => {
      const { size } = statSync(path);
      return size > 200 && size < 60_000;
    });
}
