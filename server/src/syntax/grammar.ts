/**
 * The Python grammar and its parser. The only place that starts web-tree-sitter; the wasm bytes come from the platform,
 * so this file works in node and in a browser alike.
 */
import { Language, Parser } from "web-tree-sitter";

/** ABI the extractor was written against; another one may number or shape nodes differently. */
const SUPPORTED_ABI = 15;

/** The wasm files of the runtime and of the grammar, as bytes. */
export interface GrammarSource {
  readonly runtime: Uint8Array;
  readonly python: Uint8Array;
}

/** What flattening does with a node: drop it, keep it with its children, or keep it as a leaf. */
export const DROP = 0;
export const KEEP_INNER = 1;
export const KEEP_LEAF = 2;
/** An anonymous token that changes the meaning of its parent. */
export const KEEP_TOKEN = 3;
export const KEEP_COMMENT = 4;

/** A loaded grammar: one parser, and what each numeric node kind and field is called. */
export interface Grammar {
  readonly parser: Parser;
  readonly runtime: Runtime;
  readonly kindNames: readonly string[];
  readonly fieldNames: readonly string[];
  /** Per kind, one of the `KEEP_*` values. */
  readonly keep: Uint8Array;
}

/**
 * The functions of the runtime below `TreeCursor`, which copies the cursor into wasm memory and back at every question. They
 * take the address of a tree and work on the cursor that the runtime has at hand: the one that was made or moved last.
 */
export interface Runtime {
  /** Address of the cursor at hand in `HEAP32`, counted in its numbers: four of them. */
  readonly cursorAt: number;
  readonly exports: RuntimeExports;
}

interface RuntimeExports {
  /** Another array when the memory has grown. */
  readonly HEAP32: Int32Array;
  /** Starts the runtime anew and answers with the address of what it has at hand, in bytes. */
  _ts_init(): number;
  _ts_tree_cursor_goto_first_child_wasm(tree: number): number;
  _ts_tree_cursor_goto_last_child_wasm(tree: number): number;
  _ts_tree_cursor_goto_next_sibling_wasm(tree: number): number;
  _ts_tree_cursor_goto_parent_wasm(tree: number): number;
  _ts_tree_cursor_current_node_type_id_wasm(tree: number): number;
  _ts_tree_cursor_current_field_id_wasm(tree: number): number;
  _ts_tree_cursor_start_index_wasm(tree: number): number;
  _ts_tree_cursor_end_index_wasm(tree: number): number;
}

/** A process has one. */
let runtime: Runtime | undefined;

/** Starts the runtime. emscripten fills the object that it is given with what it exports. */
async function initialize(bytes: Uint8Array): Promise<void> {
  // It takes any view of the bytes; its type names only the buffer.
  const module = { wasmBinary: bytes as unknown as ArrayBuffer };
  await Parser.init(module);
  if (runtime) return;
  const exports = module as unknown as RuntimeExports;
  runtime = { exports, cursorAt: exports._ts_init() / Int32Array.BYTES_PER_ELEMENT };
}

/** Loads the runtime and the grammar. Throws when the grammar's ABI is not the supported one. */
export async function loadGrammar(source: GrammarSource): Promise<Grammar> {
  await initialize(source.runtime);
  const language = await Language.load(source.python);
  if (language.abiVersion !== SUPPORTED_ABI) {
    throw new Error(`The Python grammar has ABI ${language.abiVersion}; this build needs ABI ${SUPPORTED_ABI}.`);
  }
  const parser = new Parser();
  parser.setLanguage(language);
  const kindNames: string[] = [];
  const keep = new Uint8Array(language.nodeTypeCount + 1);
  for (let kind = 0; kind < language.nodeTypeCount; kind++) {
    const name = language.nodeTypeForId(kind) ?? "";
    kindNames.push(name);
    keep[kind] = disposition(name, language.nodeTypeIsNamed(kind));
  }
  const fieldNames = [""];
  for (let field = 1; field <= language.fieldCount; field++) fieldNames.push(language.fieldNameForId(field) ?? "");
  return { parser, runtime: runtime as Runtime, kindNames, fieldNames, keep };
}

const LEAVES = new Set(
  "identifier integer float true false none ellipsis string_start string_end string_content type_conversion".split(" "),
);
/** Anonymous tokens that change the meaning of their parent. */
const TOKENS = new Set(
  "async from not is in and or + - * / % ** // @ & | ^ ~ << >> < > <= >= == != <> is_not not_in += -= *= /= %= **= //= &= |= ^= <<= >>= @="
    .split(" ")
    .map((token) => token.replace("_", " ")),
);

function disposition(name: string, named: boolean): number {
  if (!named) return TOKENS.has(name) ? KEEP_TOKEN : DROP;
  if (name === "line_continuation") return DROP;
  if (name === "comment") return KEEP_COMMENT;
  return LEAVES.has(name) ? KEEP_LEAF : KEEP_INNER;
}
