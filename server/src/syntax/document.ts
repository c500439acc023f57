/**
 * An open document: its text, its tree, and the edits between them. Owns the tree: every tree a document replaces is
 * deleted at once, and `dispose` deletes the last one. Wasm memory is not seen by the garbage collector.
 */
import type { Node, Tree } from "web-tree-sitter";
import { lineStartsOf, offsetAt, type Position, positionAt } from "../base/lines.js";
import type { Grammar } from "./grammar.js";

/** One change of a text: `range` absent replaces everything. Positions refer to the text as changed so far. */
export interface TextChange {
  readonly range?: { readonly start: Position; readonly end: Position };
  readonly text: string;
}

/** What was changed since some earlier text: `[start, oldEnd)` of that text became `[start, newEnd)` of this one. */
export interface TextEdit {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** Trees alive in this process; a test holds it equal to the number of open documents. */
let liveTrees = 0;
export function liveTreeCount(): number {
  return liveTrees;
}

export class SyntaxDocument {
  #text: string;
  #lineStarts: number[] | undefined;
  #tree: Tree | undefined;
  /** Edits were made since the tree was parsed. */
  #stale = true;
  /** The smallest single edit that covers all since `takeEdit`. */
  #edit: TextEdit | undefined;

  constructor(
    private readonly grammar: Grammar,
    text: string,
  ) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  get lineStarts(): readonly number[] {
    this.#lineStarts ??= lineStartsOf(this.#text);
    return this.#lineStarts;
  }

  /** Applies the changes of one notification, in order, each against the text the one before left. */
  apply(changes: readonly TextChange[]): void {
    for (const change of changes) {
      if (change.range) this.#replaceRange(change.range, change.text);
      else {
        // Whoever sends whole texts changed little of them: what stands is not read again.
        const { start, oldEnd, newEnd } = editBetween(this.#text, change.text);
        this.#replace(start, oldEnd, change.text.slice(start, newEnd));
      }
    }
  }

  #replaceRange(range: { start: Position; end: Position }, inserted: string): void {
    const start = offsetAt(this.lineStarts, this.#text, range.start);
    const end = offsetAt(this.lineStarts, this.#text, range.end);
    // A reversed range is malformed; reading it the other way round loses nothing.
    this.#replace(Math.min(start, end), Math.max(start, end), inserted);
  }

  #replace(start: number, end: number, inserted: string): void {
    const { lineStarts } = this;
    const startPosition = positionAt(lineStarts, start);
    const oldEndPosition = positionAt(lineStarts, end);
    this.#text = this.#text.slice(0, start) + inserted + this.#text.slice(end);
    this.#lineStarts = spliceLineStarts(lineStarts, this.#text, startPosition.line, oldEndPosition.line, start, end, inserted);
    const newEnd = start + inserted.length;
    this.#edit = joinEdits(this.#edit, { start, oldEnd: end, newEnd });
    this.#tree?.edit(treeEdit({ start, oldEnd: end, newEnd }, lineStarts, this.#lineStarts));
    this.#stale = true;
  }

  /** What changed since the last call; undefined when nothing did. */
  takeEdit(): TextEdit | undefined {
    const edit = this.#edit;
    this.#edit = undefined;
    return edit;
  }

  /** The tree of the current text, parsed incrementally. Owned by the document: never delete it, never keep it. */
  tree(): Tree {
    if (this.#tree && !this.#stale) return this.#tree;
    const old = this.#tree;
    const fresh = this.grammar.parser.parse(this.#text, old ?? null);
    if (!fresh) throw new Error("The parser gave no tree.");
    liveTrees++;
    this.#deleteTree();
    this.#tree = fresh;
    this.#stale = false;
    return fresh;
  }

  /** Parses another text, of which most is this document's, and hands its tree to `read`; the tree is gone afterwards. */
  parseAs<Result>(text: string, read: (tree: Tree) => Result): Result {
    const old = this.tree().copy();
    liveTrees++;
    try {
      const { start, oldEnd, newEnd } = editBetween(this.#text, text);
      old.edit(treeEdit({ start, oldEnd, newEnd }, this.lineStarts, lineStartsOf(text)));
      return parseOnce(this.grammar, text, read, old);
    } finally {
      old.delete();
      liveTrees--;
    }
  }

  #deleteTree(): void {
    if (this.#tree) {
      this.#tree.delete();
      liveTrees--;
    }
    this.#tree = undefined;
    this.#stale = true;
  }

  dispose(): void {
    this.#deleteTree();
  }
}

/** An edit as the parser wants it: in offsets and in rows and columns, before and after. */
function treeEdit(
  { start, oldEnd, newEnd }: TextEdit,
  before: readonly number[],
  after: readonly number[],
): Parameters<Tree["edit"]>[0] {
  const point = ({ line, column }: Position): { row: number; column: number } => ({ row: line, column });
  return {
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition: point(positionAt(before, start)),
    oldEndPosition: point(positionAt(before, oldEnd)),
    newEndPosition: point(positionAt(after, newEnd)),
    // The edit's methods belong to the library's class, not to its data.
  } as Parameters<Tree["edit"]>[0];
}

/** One edit that covers `first` and then `second`, which counts in the text that `first` left. */
function joinEdits(first: TextEdit | undefined, second: TextEdit): TextEdit {
  if (first === undefined) return second;
  return {
    start: Math.min(first.start, second.start),
    oldEnd: first.oldEnd + Math.max(0, second.oldEnd - first.newEnd),
    newEnd: Math.max(first.newEnd, second.oldEnd) + (second.newEnd - second.oldEnd),
  };
}

/** The one edit between two texts: everything between their common start and end. */
export function editBetween(before: string, after: string): TextEdit {
  const limit = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < limit && before.charCodeAt(prefix) === after.charCodeAt(prefix)) prefix++;
  let suffix = 0;
  while (
    suffix < limit - prefix &&
    before.charCodeAt(before.length - 1 - suffix) === after.charCodeAt(after.length - 1 - suffix)
  ) {
    suffix++;
  }
  return { start: prefix, oldEnd: before.length - suffix, newEnd: after.length - suffix };
}

/** Line starts after an edit: the lines before it stand, those behind it move, only the edited ones are read. */
function spliceLineStarts(
  old: readonly number[],
  text: string,
  firstLine: number,
  lastLine: number,
  start: number,
  end: number,
  inserted: string,
): number[] {
  // A `\r` at either edge may join with or part from a `\n`; that is rare enough to start over.
  const edge = text.charCodeAt(start - 1) === 13 || inserted.includes("\r");
  if (edge) return lineStartsOf(text);
  const shift = inserted.length - (end - start);
  if (firstLine === lastLine && !inserted.includes("\n")) {
    const moved = old.slice();
    for (let line = lastLine + 1; line < moved.length; line++) moved[line] = (moved[line] as number) + shift;
    return moved;
  }
  const starts = old.slice(0, firstLine + 1);
  for (let index = 0; index < inserted.length; index++) {
    if (inserted.charCodeAt(index) === 10) starts.push(start + index + 1);
  }
  for (let line = lastLine + 1; line < old.length; line++) starts.push((old[line] as number) + shift);
  return starts;
}

/** Line, from 0, of the first place that the parser could not read; undefined when the text is good. */
export function brokenLine({ rootNode }: Tree): number | undefined {
  let node = rootNode.hasError ? rootNode : undefined;
  while (node && !node.isError && !node.isMissing) {
    const inner: Node | undefined = node.children.find((child) => child?.hasError || child?.isMissing) ?? undefined;
    if (!inner) break;
    node = inner;
  }
  return node?.startPosition.row;
}

/** Parses a text that is not open, hands the tree to `read` and deletes it. `old`: an edited tree whose parts are reused. */
export function parseOnce<Result>(grammar: Grammar, text: string, read: (tree: Tree) => Result, old?: Tree): Result {
  const tree = grammar.parser.parse(text, old ?? null);
  if (!tree) throw new Error("The parser gave no tree.");
  liveTrees++;
  try {
    return read(tree);
  } finally {
    tree.delete();
    liveTrees--;
  }
}
