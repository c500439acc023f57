/**
 * Turns a tree into flat arrays, in pre-order, so that nobody else touches wasm objects. A file is cut into chunks: chunk
 * 0 is the module with its classes, without the bodies of functions; every function at module or class level is a chunk
 * of its own. After an edit only the chunks whose text changed are flattened again.
 */
import type { Tree, TreeCursor } from "web-tree-sitter";
import { DROP, type Grammar, KEEP_COMMENT, KEEP_INNER, KEEP_LEAF, KEEP_TOKEN, type Runtime } from "./grammar.js";

/** Nodes of one chunk in pre-order. `next[n]` is the first node behind the subtree of `n`. Offsets count from the file's start. */
export class FlatTree {
  readonly kinds: number[] = [];
  readonly fields: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly next: number[] = [];
  /** Node index of a function whose body is a chunk of its own -> number of that chunk. */
  readonly chunkOf = new Map<number, number>();

  constructor(
    readonly grammar: Grammar,
    readonly text: string,
  ) {}

  kind(node: number): string {
    return this.grammar.kindNames[this.kinds[node] as number] as string;
  }

  field(node: number): string {
    return this.grammar.fieldNames[this.fields[node] as number] as string;
  }

  textOf(node: number): string {
    return this.text.slice(this.starts[node], this.ends[node]);
  }

  /** Direct children of `node` without comments and tokens. */
  children(node: number): number[] {
    const { keep } = this.grammar;
    const children: number[] = [];
    const end = this.next[node] as number;
    for (let child = node + 1; child < end; child = this.next[child] as number) {
      const disposition = keep[this.kinds[child] as number];
      if (disposition === KEEP_INNER || disposition === KEEP_LEAF) children.push(child);
    }
    return children;
  }

  /** The tokens (`async`, operators, `from`, ...) directly below `node`, as texts. */
  tokens(node: number): string[] {
    const { keep } = this.grammar;
    const tokens: string[] = [];
    const end = this.next[node] as number;
    for (let child = node + 1; child < end; child = this.next[child] as number) {
      if (keep[this.kinds[child] as number] === KEEP_TOKEN) tokens.push(this.kind(child));
    }
    return tokens;
  }

  /** Comments anywhere in the chunk, in order. */
  comments(): number[] {
    const { keep } = this.grammar;
    const comments: number[] = [];
    for (let node = 0; node < this.kinds.length; node++) {
      if (keep[this.kinds[node] as number] === KEEP_COMMENT) comments.push(node);
    }
    return comments;
  }

  /** The first child in the named field, or undefined. */
  child(node: number, field: string): number | undefined {
    const end = this.next[node] as number;
    for (let child = node + 1; child < end; child = this.next[child] as number) {
      if (this.field(child) === field) return child;
    }
    return undefined;
  }
}

/** One chunk of a file: flattened, or found unchanged by the caller and skipped. */
export interface FlatChunk {
  readonly start: number;
  readonly end: number;
  /** Absent when `reuse` said that the caller holds the facts of this text already. */
  readonly tree?: FlatTree;
}

export interface FlatFile {
  readonly module: FlatTree;
  readonly chunks: readonly FlatChunk[];
}

/**
 * Flattens a whole file. `reuse(start, end)` is asked for every function chunk and says whether the text in that range
 * need not be read.
 */
export function flattenFile(
  grammar: Grammar,
  tree: Tree,
  text: string,
  reuse: (start: number, end: number) => boolean,
): FlatFile {
  return walking(grammar, tree.walk(), (walk) => {
    const module = new FlatTree(grammar, text);
    const chunks: FlatChunk[] = [];
    const definitions = definitionKinds(grammar);
    const onFunction = (): number | undefined => {
      const { start, end } = walk;
      const number = chunks.length;
      if (reuse(start, end)) chunks.push({ start, end });
      else {
        const chunk: { start: number; end: number; tree: FlatTree } = { start, end, tree: new FlatTree(grammar, text) };
        chunks.push(chunk);
        append(chunk.tree, walk, undefined, definitions);
      }
      return number;
    };
    append(module, walk, onFunction, definitions);
    return { module, chunks };
  });
}

/**
 * Flattens the function that covers exactly `[start, end)`, decorators included. Undefined when the tree has no such
 * function: the edit changed where functions begin and end.
 */
export function flattenFunction(grammar: Grammar, tree: Tree, text: string, start: number, end: number): FlatTree | undefined {
  const definitions = definitionKinds(grammar);
  let node = tree.rootNode.descendantForIndex(start, end);
  while (node && node.startIndex === start && node.endIndex === end) {
    const isFunction = node.typeId === definitions.function;
    if (isFunction || node.typeId === definitions.decorated) {
      if (node.hasError || (!isFunction && node.childForFieldName("definition")?.typeId !== definitions.function))
        return undefined;
      // The undecorated function below a decorated one does not start where its chunk does.
      const flat = new FlatTree(grammar, text);
      walking(grammar, node.walk(), (walk) => append(flat, walk, undefined, definitions));
      return flat;
    }
    node = node.parent;
  }
  return undefined;
}

/** Flattens a whole file into one tree, function bodies included: for edits, which need every node of one text. */
export function flattenWhole(grammar: Grammar, tree: Tree, text: string): FlatTree {
  const flat = new FlatTree(grammar, text);
  walking(grammar, tree.walk(), (walk) => append(flat, walk, undefined, definitionKinds(grammar)));
  return flat;
}

/** What stands on a tree and moves over its nodes: a `TreeCursor` that stays in wasm memory while it is at work. */
class Walk {
  readonly #tree: number;

  constructor(
    private readonly runtime: Runtime["exports"],
    cursor: TreeCursor,
  ) {
    this.#tree = (cursor as unknown as { readonly tree: readonly number[] }).tree[0] as number;
  }

  get kind(): number {
    return this.runtime._ts_tree_cursor_current_node_type_id_wasm(this.#tree);
  }

  get field(): number {
    return this.runtime._ts_tree_cursor_current_field_id_wasm(this.#tree);
  }

  /** In UTF-16 code units. */
  get start(): number {
    return this.runtime._ts_tree_cursor_start_index_wasm(this.#tree);
  }

  get end(): number {
    return this.runtime._ts_tree_cursor_end_index_wasm(this.#tree);
  }

  toFirstChild(): boolean {
    return this.runtime._ts_tree_cursor_goto_first_child_wasm(this.#tree) === 1;
  }

  toLastChild(): boolean {
    return this.runtime._ts_tree_cursor_goto_last_child_wasm(this.#tree) === 1;
  }

  toNextSibling(): boolean {
    return this.runtime._ts_tree_cursor_goto_next_sibling_wasm(this.#tree) === 1;
  }

  toParent(): void {
    this.runtime._ts_tree_cursor_goto_parent_wasm(this.#tree);
  }
}

/** Works with a cursor that was just made, and nothing else of the runtime meanwhile; gives it up in the end. */
function walking<Result>({ runtime }: Grammar, cursor: TreeCursor, work: (walk: Walk) => Result): Result {
  try {
    return work(new Walk(runtime.exports, cursor));
  } finally {
    // What it holds may stand elsewhere now: it is given up as it is in the end.
    const { exports, cursorAt } = runtime;
    for (let index = 0; index < 4; index++) (cursor as unknown as number[])[index] = exports.HEAP32[cursorAt + index] as number;
    cursor.delete();
  }
}

interface DefinitionKinds {
  readonly function: number;
  readonly decorated: number;
  readonly class: number;
}

const definitionKindsByGrammar = new WeakMap<Grammar, DefinitionKinds>();

function definitionKinds(grammar: Grammar): DefinitionKinds {
  let kinds = definitionKindsByGrammar.get(grammar);
  if (!kinds) {
    kinds = {
      function: grammar.kindNames.indexOf("function_definition"),
      decorated: grammar.kindNames.indexOf("decorated_definition"),
      class: grammar.kindNames.indexOf("class_definition"),
    };
    definitionKindsByGrammar.set(grammar, kinds);
  }
  return kinds;
}

/**
 * Appends the cursor's subtree to `flat`. With `onFunction`, functions are handed over as chunks instead of descended
 * into. Iterative, because nesting depth is the user's choice and the stack is not.
 */
function append(
  flat: FlatTree,
  walk: Walk,
  onFunction: (() => number | undefined) | undefined,
  definitions: DefinitionKinds,
): void {
  const { kinds, fields, starts, ends, next, grammar } = flat;
  const { keep } = grammar;
  const open: number[] = [];
  let depth = 0;
  for (;;) {
    const { kind } = walk;
    const disposition = keep[kind] ?? KEEP_INNER;
    let descend = false;
    if (disposition !== DROP) {
      const node = kinds.length;
      kinds.push(kind);
      fields.push(walk.field);
      starts.push(walk.start);
      ends.push(walk.end);
      next.push(0);
      if (
        onFunction &&
        (kind === definitions.function || (kind === definitions.decorated && decoratesFunction(walk, definitions)))
      ) {
        const chunk = onFunction();
        if (chunk !== undefined) flat.chunkOf.set(node, chunk);
        next[node] = kinds.length;
      } else if (disposition === KEEP_INNER && walk.toFirstChild()) {
        open.push(node);
        depth++;
        descend = true;
      } else next[node] = kinds.length;
    }
    if (descend) continue;
    while (depth > 0 && !walk.toNextSibling()) {
      walk.toParent();
      depth--;
      next[open.pop() as number] = kinds.length;
    }
    if (depth === 0) return;
  }
}

function decoratesFunction(walk: Walk, definitions: DefinitionKinds): boolean {
  walk.toLastChild();
  const { kind } = walk;
  walk.toParent();
  return kind === definitions.function;
}
