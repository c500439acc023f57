/**
 * Facts of a whole file. After an edit, functions whose text stands unchanged keep their chunk (the same object), so
 * everything derived from it stays valid. While the text has a syntax error, functions whose text did not change keep
 * the facts of the last good text even when the parser lost sight of them.
 */
import type { Tree } from "web-tree-sitter";
import { hashText } from "../base/hash.js";
import { lineStartsOf } from "../base/lines.js";
import { type FlatFile, flattenFile } from "../syntax/flatten.js";
import type { Grammar } from "../syntax/grammar.js";
import { extractFunction, extractModule } from "./extract.js";
import type { Chunk, FileFacts } from "./types.js";

/** Facts of an earlier text of the same file. */
export interface EarlierFacts {
  readonly facts: FileFacts;
  readonly text: string;
}

/** Reads the facts of `tree`, which was parsed from `text`. */
export function readFacts(
  grammar: Grammar,
  tree: Tree,
  text: string,
  earlier?: EarlierFacts,
  lineStarts: readonly number[] = lineStartsOf(text),
): FileFacts {
  const broken = tree.rootNode.hasError;
  const known = earlier ? chunksByText(earlier) : undefined;
  const reused: (Chunk | undefined)[] = [];
  const flat = flattenFile(grammar, tree, text, (start, end) => {
    const chunk = known?.take(text.slice(start, end));
    reused.push(chunk);
    return chunk !== undefined;
  });
  if (broken && earlier && !damageIsLocal(flat, earlier)) return keepLastGood(text, earlier, flat, reused, lineStarts);
  return assemble(text, flat, reused, lineStarts, broken);
}

function assemble(
  text: string,
  flat: FlatFile,
  reused: readonly (Chunk | undefined)[],
  lineStarts: readonly number[],
  broken: boolean,
): FileFacts {
  const functions = flat.chunks.map((chunk, index) => reused[index] ?? extractFunction(chunk.tree as never, chunk.start));
  const { chunk: module, outers } = extractModule(flat.module, functions);
  const chunkSpans = [0, text.length];
  for (const chunk of flat.chunks) chunkSpans.push(chunk.start, chunk.end);
  return { chunks: [module, ...functions], outers: [0, ...outers], chunkSpans, lineStarts, broken, hash: hashText(text) };
}

interface KnownChunks {
  take(text: string): Chunk | undefined;
}

/** The earlier functions by their text; equal texts are handed out in order, each once. */
function chunksByText(earlier: EarlierFacts): KnownChunks {
  const byText = new Map<string, Chunk[]>();
  const { facts, text } = earlier;
  for (let index = 1; index < facts.chunks.length; index++) {
    const key = text.slice(facts.chunkSpans[index * 2], facts.chunkSpans[index * 2 + 1]);
    const chunks = byText.get(key);
    if (chunks) chunks.push(facts.chunks[index] as Chunk);
    else byText.set(key, [facts.chunks[index] as Chunk]);
  }
  return { take: (key) => byText.get(key)?.shift() };
}

/** The parser still sees at least as many functions as before: the error swallowed none of them. */
function damageIsLocal(flat: FlatFile, earlier: EarlierFacts): boolean {
  return flat.chunks.length >= earlier.facts.chunks.length - 1;
}

/**
 * The error swallowed functions. The module's facts stay those of the last good text; functions the edit did not touch
 * keep theirs at their new place, touched ones are taken from the tree where it still has them.
 */
function keepLastGood(
  text: string,
  earlier: EarlierFacts,
  flat: FlatFile,
  reused: readonly (Chunk | undefined)[],
  lineStarts: readonly number[],
): FileFacts {
  const { facts } = earlier;
  const move = editBetween(earlier.text, text);
  const chunks: Chunk[] = [facts.chunks[0] as Chunk];
  const chunkSpans = [0, text.length];
  for (let index = 1; index < facts.chunks.length; index++) {
    const oldStart = facts.chunkSpans[index * 2] as number;
    const oldEnd = facts.chunkSpans[index * 2 + 1] as number;
    const start = move(oldStart);
    const end = Math.max(start, move(oldEnd));
    const seen = flat.chunks.findIndex((chunk) => chunk.start === start);
    const inTree = flat.chunks[seen];
    const old = facts.chunks[index] as Chunk;
    const untouched = text.slice(start, end) === earlier.text.slice(oldStart, oldEnd);
    const chunk = untouched || !inTree ? old : (reused[seen] ?? extractFunction(inTree.tree as never, inTree.start));
    chunks.push(chunk);
    chunkSpans.push(start, chunk === old ? end : (inTree?.end ?? end));
  }
  // The module's own spans count from the file's start: they move with the text.
  const module = facts.chunks[0] as Chunk;
  chunks[0] = { ...module, siteSpans: module.siteSpans.map(move), scopeSpans: module.scopeSpans.map(move) };
  return { chunks, outers: facts.outers, chunkSpans, lineStarts, broken: true, hash: hashText(text) };
}

/** Maps offsets of `before` to `after`, taking everything between their common start and end as one edit. */
function editBetween(before: string, after: string): (offset: number) => number {
  const limit = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < limit && before.charCodeAt(prefix) === after.charCodeAt(prefix)) prefix++;
  let suffix = 0;
  while (suffix < limit - prefix && before.charCodeAt(before.length - 1 - suffix) === after.charCodeAt(after.length - 1 - suffix)) {
    suffix++;
  }
  const shift = after.length - before.length;
  const oldEnd = before.length - suffix;
  return (offset) => (offset <= prefix ? offset : offset >= oldEnd ? offset + shift : Math.min(offset, after.length - suffix));
}
