/**
 * One text as fixes see it: the flat tree with its parents, the scopes of its names, and small questions about places in
 * it. Knows Python's grammar and nothing of libraries or findings.
 */
import { lineStartsOf, positionAt } from "../../../base/lines.js";
import { parseOnce } from "../../../syntax/document.js";
import { type FlatTree, flattenWhole } from "../../../syntax/flatten.js";
import type { Grammar } from "../../../syntax/grammar.js";
import { readScopes, type Scopes } from "./scopes.js";

/** Index of a node in the flat tree; parents come before their children. */
export type NodeId = number;
export const NO_NODE: NodeId = -1;

export interface Source {
  readonly text: string;
  readonly tree: FlatTree;
  /** Parent of each node; NO_NODE for the module. */
  readonly parents: Int32Array;
  readonly lineStarts: readonly number[];
  /** The line end the text uses first. */
  readonly newline: string;
  readonly scopes: Scopes;
}

/** The texts read last: the remedies of all findings of a file ask for the same ones. */
const recent = new WeakMap<Grammar, Source[]>();
const RECENT = 8;

/** Reads `text`, which is parsed unless `parsed` has its tree. */
export function readSource(grammar: Grammar, text: string, parsed: () => FlatTree | undefined = () => undefined): Source {
  const known = recent.get(grammar) ?? [];
  const source = known.find((candidate) => candidate.text === text) ?? sourceOf(text, parsed() ?? parse(grammar, text));
  recent.set(grammar, [source, ...known.filter((candidate) => candidate !== source)].slice(0, RECENT));
  return source;
}

/** The tree-sitter tree is gone when this returns. */
function parse(grammar: Grammar, text: string): FlatTree {
  return parseOnce(grammar, text, (tree) => flattenWhole(grammar, tree, text));
}

function sourceOf(text: string, tree: FlatTree): Source {
  const parents = parentsOf(tree);
  return {
    text,
    tree,
    parents,
    lineStarts: lineStartsOf(text),
    newline: /\r\n|\n|\r/.exec(text)?.[0] ?? "\n",
    scopes: readScopes(tree, parents),
  };
}

function parentsOf(tree: FlatTree): Int32Array {
  const parents = new Int32Array(tree.kinds.length).fill(NO_NODE);
  const open: NodeId[] = [];
  for (let node = 0; node < parents.length; node++) {
    while (open.length > 0 && (tree.next[open.at(-1) as NodeId] as number) <= node) open.pop();
    parents[node] = open.at(-1) ?? NO_NODE;
    open.push(node);
  }
  return parents;
}

export function startOf(source: Source, node: NodeId): number {
  return source.tree.starts[node] as number;
}

/**
 * Where the expression begins: in lists, sets and bare tuples the grammar takes the star of `[*f(1)]` for a part of `f`.
 */
export function expressionStart(source: Source, node: NodeId): number {
  const start = startOf(source, node);
  return start + (/^\*+\s*/.exec(source.text.slice(start, endOf(source, node)))?.[0].length ?? 0);
}

export function endOf(source: Source, node: NodeId): number {
  return source.tree.ends[node] as number;
}

export function textOf(source: Source, node: NodeId): string {
  return source.tree.textOf(node);
}

export function parentOf(source: Source, node: NodeId): NodeId {
  return source.parents[node] ?? NO_NODE;
}

/** Kind of the node; "" for NO_NODE. */
export function kindOf(source: Source, node: NodeId): string {
  return node === NO_NODE ? "" : source.tree.kind(node);
}

/** The parents of `node`, innermost first. */
export function* ancestorsOf(source: Source, node: NodeId): Generator<NodeId> {
  for (let at = parentOf(source, node); at !== NO_NODE; at = parentOf(source, at)) yield at;
}

/** `inner` is `outer` or stands in it. */
export function contains(source: Source, outer: NodeId, inner: NodeId): boolean {
  return outer <= inner && inner < (source.tree.next[outer] as number);
}

/** Every node of the subtree, `node` itself included. */
export function* descendantsOf(source: Source, node: NodeId): Generator<NodeId> {
  const end = source.tree.next[node] as number;
  for (let at = node; at < end; at++) yield at;
}

/** Descendants that run with `node`: the bodies of functions, classes and lambdas in it are passed over. */
export function* runningIn(source: Source, node: NodeId): Generator<NodeId> {
  const end = source.tree.next[node] as number;
  for (let at = node; at < end; at++) {
    yield at;
    if (at !== node && /^(function_definition|lambda)$/.test(source.tree.kind(at))) at = (source.tree.next[at] as number) - 1;
  }
}

/** The node of this kind that spans exactly [start, end), outermost first; else the outermost of that kind at `start`. */
export function nodeAt(source: Source, kind: string, start: number, end: number): NodeId | undefined {
  const { tree } = source;
  let atStart: NodeId | undefined;
  for (let node = 0; node < tree.kinds.length; node++) {
    if (tree.starts[node] !== start || tree.kind(node) !== kind) continue;
    if (tree.ends[node] === end) return node;
    atStart ??= node;
  }
  return atStart;
}

/** The statement `node` stands in: the ancestor that is a direct child of a block or of the module. */
export function statementOf(source: Source, node: NodeId): NodeId {
  let statement = node;
  for (const ancestor of ancestorsOf(source, node)) {
    if (isSuite(source, ancestor)) return statement;
    statement = ancestor;
  }
  return statement;
}

export function isSuite(source: Source, node: NodeId): boolean {
  const kind = kindOf(source, node);
  return kind === "block" || kind === "module";
}

/** The function whose body runs `node`, lambdas and classes in between included; NO_NODE at module level. */
export function functionAround(source: Source, node: NodeId): NodeId {
  for (const ancestor of ancestorsOf(source, node)) {
    if (kindOf(source, ancestor) === "function_definition") return ancestor;
  }
  return NO_NODE;
}

/** Statements of a suite, comments left out. */
export function statementsOf(source: Source, suite: NodeId): NodeId[] {
  return source.tree.children(suite);
}

export function lineOf(source: Source, offset: number): number {
  return positionAt(source.lineStarts, offset).line;
}

export function lineStart(source: Source, offset: number): number {
  return source.lineStarts[lineOf(source, offset)] as number;
}

/** Where the text of the line of `offset` ends, before its line end. */
export function lineEnd(source: Source, offset: number): number {
  return textEndOfLine(source, lineOf(source, offset));
}

export function textEndOfLine(source: Source, line: number): number {
  let end = source.lineStarts[line + 1] ?? source.text.length;
  const start = source.lineStarts[line] as number;
  while (end > start && /[\r\n]/.test(source.text.charAt(end - 1))) end--;
  return end;
}

/** White space before the first character of the line of `offset`. */
export function indentOf(source: Source, offset: number): string {
  const start = lineStart(source, offset);
  return /^[ \t\f]*/.exec(source.text.slice(start, textEndOfLine(source, lineOf(source, offset))))?.[0] ?? "";
}

/** Only white space stands before `offset` on its line. */
export function isFirstOnLine(source: Source, offset: number): boolean {
  return /^[ \t\f]*$/.test(source.text.slice(lineStart(source, offset), offset));
}

/** One step of indentation as this text does it: read from the suites around `node`, else from any suite of the text. */
export function indentStep(source: Source, node: NodeId): string {
  const around = [...ancestorsOf(source, node)].filter((ancestor) => kindOf(source, ancestor) === "block");
  for (let at = 0; at < source.tree.kinds.length; at++) if (kindOf(source, at) === "block") around.push(at);
  for (const block of around) {
    const inner = startOf(source, block);
    if (!isFirstOnLine(source, inner)) continue;
    const deep = indentOf(source, inner);
    const shallow = indentOf(source, startOf(source, statementOf(source, block)));
    if (deep.startsWith(shallow) && deep.length > shallow.length) return deep.slice(shallow.length);
  }
  return "    ";
}

/** `offset` lies strictly inside a string, where white space and comments are text. */
export function isInString(source: Source, offset: number): boolean {
  const { tree } = source;
  for (let node = 0; node < tree.kinds.length; node++) {
    if ((tree.starts[node] as number) >= offset) return false;
    if ((tree.ends[node] as number) > offset && tree.kind(node) === "string") return true;
    if ((tree.ends[node] as number) <= offset) node = (tree.next[node] as number) - 1;
  }
  return false;
}

/** A comment stands in [start, end). */
export function hasComment(source: Source, start: number, end: number): boolean {
  return source.tree.comments().some((comment) => startOf(source, comment) >= start && startOf(source, comment) < end);
}

/** Arguments of a call in order: the expressions, `keyword_argument`s and splats. */
export function argumentsOf(source: Source, call: NodeId): NodeId[] {
  const list = source.tree.child(call, "arguments");
  if (list === undefined) return [];
  return kindOf(source, list) === "generator_expression" ? [list] : source.tree.children(list);
}

/** The expression inside any parentheses. */
export function withoutParentheses(source: Source, node: NodeId): NodeId {
  let inner = node;
  while (kindOf(source, inner) === "parenthesized_expression") {
    const child = source.tree.children(inner)[0];
    if (child === undefined) break;
    inner = child;
  }
  return inner;
}
