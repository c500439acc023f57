/**
 * Facts of a whole file. After an edit, functions whose text stands unchanged keep their chunk (the same object), so
 * everything derived from it stays valid. An edit inside one function reads that function only. While the text has a
 * syntax error, functions whose text did not change keep the facts of the last good text even when the parser lost sight
 * of them.
 */
import type { Tree } from "web-tree-sitter";
import { lineStartsOf } from "../base/lines.js";
import type { TextEdit } from "../syntax/document.js";
import { type FlatChunk, type FlatFile, flattenFile, flattenFunction } from "../syntax/flatten.js";
import type { Grammar } from "../syntax/grammar.js";
import { decoratorNames } from "./expressions.js";
import { type ExtractedChunk, extractFunction, extractModule } from "./extract.js";
import type { Chunk, ChunkSpans, FileFacts, SiteId } from "./types.js";

/** Facts of an earlier text of the same file, and the one edit that leads from that text to this one. */
export interface EarlierFacts {
  readonly facts: FileFacts;
  readonly edit: TextEdit;
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
  if (!earlier) return assemble(text, readAll(grammar, tree, text), lineStarts, broken);
  const inside = broken || earlier.facts.broken ? undefined : readInside(grammar, tree, text, earlier, lineStarts);
  if (inside) return inside;
  const read = readAll(grammar, tree, text, earlier);
  if (!broken) return keepSame(earlier.facts, assemble(text, read, lineStarts, false));
  if (losesFunctions(read, earlier)) return keepLastGood(text, earlier, read, lineStarts);
  const facts = assemble(text, read, lineStarts, true);
  // A text that was never good has no better facts than those of its tree.
  if (!wasGood(earlier.facts)) return facts;
  return losesNames(facts, earlier) ? keepLastGood(text, earlier, read, lineStarts) : { ...facts, wasGood: true };
}

/** Chunks that say what they said before are the same objects: the edit changed blanks and comments only. */
function keepSame(before: FileFacts, after: FileFacts): FileFacts {
  if (before.chunks.length !== after.chunks.length || String(before.outers) !== String(after.outers)) return after;
  const chunks = after.chunks.map((chunk, index) => {
    const old = before.chunks[index] as Chunk;
    if (chunk === old || !isSameChunk(old, chunk)) return chunk;
    unsure.delete(old);
    return old;
  });
  return { ...after, chunks };
}

function wasGood(facts: FileFacts): boolean {
  return !facts.broken || facts.wasGood === true;
}

/** Whether functions that the edit did not touch are not in the tree any more, or not as functions of their own. */
function losesFunctions({ reused }: ReadFile, earlier: EarlierFacts): boolean {
  const untouched = earlier.facts.chunks.filter((_, index) => index > 0 && !isTouched(earlier, index)).length;
  return reused.filter((chunk) => chunk !== undefined).length < untouched;
}

/** Whether the module lost names that no touched function had, or untouched functions are in another class. */
function losesNames(facts: FileFacts, earlier: EarlierFacts): boolean {
  const holder = ({ chunks, outers }: FileFacts, index: number): string | undefined =>
    chunks[0]?.scopes[outers[index] as number]?.name;
  const indices = new Map(facts.chunks.map((chunk, index) => [chunk, index]));
  const renamed = new Set<string>();
  for (let index = 1; index < earlier.facts.chunks.length; index++) {
    const chunk = earlier.facts.chunks[index] as Chunk;
    if (isTouched(earlier, index)) renamed.add(chunk.scopes[0]?.name ?? "");
    else if (holder(earlier.facts, index) !== holder(facts, indices.get(chunk) ?? 0)) return true;
  }
  const [before, after] = [earlier.facts.chunks[0]?.scopes[0]?.exit ?? {}, facts.chunks[0]?.scopes[0]?.exit ?? {}];
  return Object.keys(before).some((name) => !renamed.has(name) && !Object.hasOwn(after, name));
}

/** Text typed right beside a function may belong to it. */
function isTouched({ facts: { chunkSpans }, edit }: EarlierFacts, index: number): boolean {
  return (chunkSpans[index * 2 + 1] as number) >= edit.start && (chunkSpans[index * 2] as number) <= edit.oldEnd;
}

/** The edit lies inside one function, which is a function still: everything else stands where it stood, or moved. */
function readInside(
  grammar: Grammar,
  tree: Tree,
  text: string,
  { facts, edit }: EarlierFacts,
  lineStarts: readonly number[],
): FileFacts | undefined {
  const shift = edit.newEnd - edit.oldEnd;
  const { chunkSpans } = facts;
  let edited = -1;
  for (let index = 1; index < facts.chunks.length && edited < 0; index++) {
    const [start, end] = [chunkSpans[index * 2] as number, chunkSpans[index * 2 + 1] as number];
    if (edit.start > start && edit.oldEnd < end) edited = index;
  }
  if (edited < 0) return undefined;
  const start = chunkSpans[edited * 2] as number;
  const flat = flattenFunction(grammar, tree, text, start, (chunkSpans[edited * 2 + 1] as number) + shift);
  if (!flat) return undefined;
  const fresh = extractFunction(flat, start);
  const before = facts.chunks[edited] as Chunk;
  // A function that gets another name or other decorators changes what the module binds.
  if (headOf(fresh.chunk) !== headOf(before)) return undefined;
  const chunks = [...facts.chunks];
  const spans = [...facts.spans];
  if (!isSameChunk(before, fresh.chunk)) chunks[edited] = fresh.chunk;
  spans[edited] = fresh.spans;
  const move = (offset: number): number => (offset > edit.start ? offset + shift : offset);
  if (shift !== 0) spans[0] = moveSpans(spans[0] as ChunkSpans, move);
  return {
    chunks,
    spans,
    outers: facts.outers,
    chunkSpans: shift === 0 ? chunkSpans : chunkSpans.map(move),
    lineStarts,
    broken: false,
  };
}

/** What the module chunk reads of a function: its name and the names of its decorators. */
function headOf(chunk: Chunk): string {
  const scope = chunk.scopes[0];
  return scope ? [scope.name, ...decoratorNames(chunk, scope)].join(" ") : "";
}

/** The same facts: the edit changed a comment, a string or a blank. Comments that speak to us count with their lines. */
function isSameChunk(before: Chunk, after: Chunk): boolean {
  if (before.exprs.length !== after.exprs.length || before.sites.length !== after.sites.length) return false;
  return before.directives.length === 0 && after.directives.length === 0 && JSON.stringify(before) === JSON.stringify(after);
}

function moveSpans(spans: ChunkSpans, move: (offset: number) => number): ChunkSpans {
  return { sites: spans.sites.map(move), scopes: spans.scopes.map(move), directives: spans.directives.map(move) };
}

interface ReadFile {
  readonly flat: FlatFile;
  /** Per function chunk of `flat`: the earlier chunk that stands for it, or one that is still to be extracted. */
  readonly reused: readonly (ExtractedChunk | undefined)[];
}

function readAll(grammar: Grammar, tree: Tree, text: string, earlier?: EarlierFacts): ReadFile {
  const known = earlier && untouchedChunks(earlier, tree.rootNode.hasError);
  const reused: (ExtractedChunk | undefined)[] = [];
  const flat = flattenFile(grammar, tree, text, (start, end) => {
    const chunk = known?.(start, end);
    reused.push(chunk);
    return chunk !== undefined;
  });
  return { flat, reused };
}

/**
 * Functions as a broken text left them: read off a tree with errors, or kept from before although their text was touched. They
 * stand until the text is good again, and are then read whether somebody touched them or not.
 */
const unsure = new WeakSet<Chunk>();

/** Finds the earlier function whose text now stands at `[start, end)` untouched. */
function untouchedChunks(
  { facts, edit }: EarlierFacts,
  broken: boolean,
): (start: number, end: number) => ExtractedChunk | undefined {
  const byStart = new Map<number, number>();
  for (let index = 1; index < facts.chunks.length; index++) byStart.set(facts.chunkSpans[index * 2] as number, index);
  const shift = edit.newEnd - edit.oldEnd;
  return (start, end) => {
    // Touching counts as touched: text typed right behind a function may belong to it.
    const isBefore = end < edit.start;
    if (!isBefore && start <= edit.newEnd) return undefined;
    const index = byStart.get(isBefore ? start : start - shift);
    if (index === undefined || (facts.chunkSpans[index * 2 + 1] as number) !== (isBefore ? end : end - shift)) return undefined;
    const chunk = facts.chunks[index] as Chunk;
    return broken || !unsure.has(chunk) ? { chunk, spans: facts.spans[index] as ChunkSpans } : undefined;
  };
}

function extracted(chunk: FlatChunk | undefined, reused: ExtractedChunk | undefined): ExtractedChunk {
  if (reused) return reused;
  if (!chunk?.tree) throw new Error("A function was neither read nor known.");
  return extractFunction(chunk.tree, chunk.start);
}

function assemble(text: string, { flat, reused }: ReadFile, lineStarts: readonly number[], broken: boolean): FileFacts {
  const functions = flat.chunks.map((chunk, index) => extracted(chunk, reused[index]));
  if (broken) for (const [index, { chunk }] of functions.entries()) if (!reused[index]) unsure.add(chunk);
  const module = extractModule(
    flat.module,
    functions.map(({ chunk }) => chunk),
  );
  const chunkSpans = [0, text.length];
  for (const chunk of flat.chunks) chunkSpans.push(chunk.start, chunk.end);
  return {
    chunks: [module.chunk, ...functions.map(({ chunk }) => chunk)],
    spans: [module.spans, ...functions.map(({ spans }) => spans)],
    outers: [0, ...module.outers],
    chunkSpans,
    lineStarts,
    broken,
  };
}

/**
 * The error swallowed functions or names. The module's facts stay those of the last good text; functions the edit did not
 * touch keep theirs at their new place, touched ones are taken from the tree where it has them and nothing more.
 */
function keepLastGood(
  text: string,
  { facts, edit }: EarlierFacts,
  { flat, reused }: ReadFile,
  lineStarts: readonly number[],
): FileFacts {
  const shift = edit.newEnd - edit.oldEnd;
  const move = (offset: number): number => {
    if (offset <= edit.start) return offset;
    return offset >= edit.oldEnd ? offset + shift : Math.min(offset, edit.newEnd);
  };
  const { chunkSpans: before } = facts;
  const chunkSpans = before.map(move);
  chunkSpans[1] = text.length;
  const chunks = [...facts.chunks];
  const spans = facts.spans.map((old, index) => {
    const [start, end] = [before[index * 2] as number, before[index * 2 + 1] as number];
    // What stands before or behind the edit has moved as a whole.
    if (index > 0 && (edit.start >= end || edit.oldEnd <= start)) return old;
    const seen = index === 0 ? -1 : flat.chunks.findIndex((chunk) => chunk.start === chunkSpans[index * 2]);
    const inTree = flat.chunks[seen];
    const swallows =
      inTree && chunkSpans.some((offset, at) => at > 1 && at % 2 === 0 && offset > inTree.start && offset < inTree.end);
    if (inTree && !swallows) {
      const fresh = extracted(inTree, reused[seen]);
      chunks[index] = fresh.chunk;
      unsure.add(fresh.chunk);
      chunkSpans[index * 2 + 1] = inTree.end;
      return fresh.spans;
    }
    const isDeleted = (site: SiteId): boolean =>
      start + (old.sites[site * 2] as number) >= edit.start && start + (old.sites[site * 2 + 1] as number) <= edit.oldEnd;
    const kept = withoutSites(facts.chunks[index] as Chunk, isDeleted);
    unsure.add(kept);
    chunks[index] = kept;
    return moveSpans(old, (offset) => move(start + offset) - (chunkSpans[index * 2] as number));
  });
  const kept = { chunks, spans, outers: facts.outers, chunkSpans, lineStarts, broken: true };
  return wasGood(facts) ? { ...kept, wasGood: true } : kept;
}

/** The chunk as if nobody ran some of its sites; the same object when it has none of them. */
function withoutSites(chunk: Chunk, isDeleted: (site: SiteId) => boolean): Chunk {
  if (!chunk.scopes.some(({ sites }) => sites.some(isDeleted))) return chunk;
  const scopes = chunk.scopes.map((scope) => ({ ...scope, sites: scope.sites.filter((site) => !isDeleted(site)) }));
  return { ...chunk, scopes };
}
