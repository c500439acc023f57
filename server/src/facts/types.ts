/**
 * Facts: what one file's text alone says, as plain data without positions; positions stand in tables beside it, in the
 * same order. Symbolic and never resolved here: `facts/` knows no library. The same shapes hold user files, installed
 * packages, typeshed and our own stubs. Everything is JSON: facts are cached on disk as they are.
 *
 * A file is cut into chunks (module skeleton, and one per function at module or class level), so that an edit inside one
 * function leaves every other chunk the same object. Ids (`ExprId`, `DefId`, ...) are indices into the chunk's arrays.
 */

/** Raised whenever the shape or the meaning of facts changes, so that caches are rebuilt. */
export const FACTS_SCHEMA = 5;

export type ExprId = number;
export type DefId = number;
export type ScopeId = number;
export type SiteId = number;
export type RegionId = number;

/** Scope a chunk's outermost names are looked up from: the scope of the module chunk that holds the function. */
export const OUTER_SCOPE: ScopeId = -1;
/** The root region of every scope. */
export const NO_REGION: RegionId = -1;

export interface Argument {
  readonly value: ExprId;
  /** Keyword, absent when positional. */
  readonly name?: string;
  /** `*value` or `**value`. */
  readonly star?: "*" | "**";
}

export type Constant = string | number | boolean | null;

export type Expr =
  /** A name that is not bound before this point in its own scope: looked up from `scope` outwards. */
  | { readonly kind: "name"; readonly name: string; readonly scope: ScopeId }
  /** A local name, with the bindings that reach this place. */
  | { readonly kind: "local"; readonly name: string; readonly defs: readonly DefId[] }
  | { readonly kind: "attribute"; readonly of: ExprId; readonly name: string }
  | { readonly kind: "call"; readonly callee: ExprId; readonly args: readonly Argument[]; readonly site: SiteId }
  | { readonly kind: "await"; readonly of: ExprId }
  | { readonly kind: "subscript"; readonly of: ExprId; readonly index: ExprId }
  | { readonly kind: "constant"; readonly value: Constant }
  /** A literal whose value does not matter. */
  | { readonly kind: "literal"; readonly type: "str" | "bytes" | "int" | "float" | "complex" | "ellipsis" | "slice" }
  | { readonly kind: "sequence"; readonly type: "tuple" | "list" | "set"; readonly items: readonly ExprId[] }
  /** `open`: other dictionaries are unpacked into it. */
  | { readonly kind: "dict"; readonly keys: readonly ExprId[]; readonly values: readonly ExprId[]; readonly open?: true }
  | { readonly kind: "binary"; readonly operator: string; readonly left: ExprId; readonly right: ExprId }
  | { readonly kind: "compare"; readonly operators: readonly string[]; readonly operands: readonly ExprId[] }
  | { readonly kind: "unary"; readonly operator: string; readonly of: ExprId }
  | { readonly kind: "boolean"; readonly operator: "and" | "or"; readonly left: ExprId; readonly right: ExprId }
  | { readonly kind: "conditional"; readonly condition: ExprId; readonly then: ExprId; readonly else: ExprId }
  | { readonly kind: "lambda"; readonly scope: ScopeId }
  | { readonly kind: "generator"; readonly scope: ScopeId; readonly async: boolean }
  | { readonly kind: "comprehension"; readonly type: "list" | "set" | "dict"; readonly element: ExprId; readonly value?: ExprId }
  | { readonly kind: "star"; readonly of: ExprId }
  | { readonly kind: "yield"; readonly of?: ExprId; readonly from: boolean }
  /** `tooDeep`: nested in more brackets than are followed. */
  | { readonly kind: "unknown"; readonly tooDeep?: true };

/** A binding of a name, or an assignment to an attribute of the first parameter. */
export type Def =
  | { readonly kind: "assign"; readonly value: ExprId }
  | { readonly kind: "annotated"; readonly annotation: ExprId; readonly value?: ExprId }
  | { readonly kind: "augmented"; readonly operator: string; readonly target: ExprId; readonly value: ExprId }
  /** `scope` is the function's own scope; `index` counts its parameters from 0. */
  | { readonly kind: "parameter"; readonly scope: ScopeId; readonly index: number }
  /** `import a.b` binds `a`; `import a.b as c` binds the last module. */
  | { readonly kind: "import"; readonly module: string; readonly whole: boolean }
  | { readonly kind: "from"; readonly level: number; readonly module: string; readonly name: string }
  /** Function of this chunk (`scope`), or the first scope of the file's chunk number `chunk`. */
  | { readonly kind: "function"; readonly scope: ScopeId; readonly chunk?: number }
  | { readonly kind: "class"; readonly scope: ScopeId }
  /** Element `index` of an unpacked value; `star` for `*rest`; negative indices count from the end. */
  | { readonly kind: "unpack"; readonly of: DefId; readonly index: number; readonly star: boolean }
  | { readonly kind: "iterate"; readonly value: ExprId; readonly async: boolean }
  | { readonly kind: "enter"; readonly value: ExprId; readonly async: boolean }
  | { readonly kind: "except"; readonly type: ExprId }
  /** `isinstance(x, type)` held (or did not) for the bindings in `of`. */
  | {
      readonly kind: "narrow";
      readonly name: string;
      readonly of: readonly DefId[];
      readonly type: ExprId;
      readonly negated: boolean;
    }
  /** What reaches the head of a loop: the bindings before it and those of its body. */
  | { readonly kind: "join"; readonly of: readonly DefId[] }
  /**
   * What reaches the end of an `if` over the Python or the platform, way by way; the last way has no condition. Only in
   * facts as extracted: `target.ts` chooses.
   */
  | { readonly kind: "select"; readonly ways: readonly { readonly condition?: ExprId; readonly defs: readonly DefId[] }[] }
  /** `global`/`nonlocal`: the name as the outer scopes have it. */
  | { readonly kind: "outer"; readonly name: string; readonly scope: ScopeId; readonly global: boolean }
  | { readonly kind: "typealias"; readonly value: ExprId }
  /** `class Box[T: bound]`, `def first[T](...)`. */
  | { readonly kind: "typevar"; readonly name: string; readonly bound?: ExprId }
  | { readonly kind: "unknown" };

export interface Parameter {
  readonly name: string;
  readonly kind: "positional-only" | "positional" | "var-positional" | "keyword-only" | "var-keyword";
  readonly annotation?: ExprId;
  readonly default?: ExprId;
}

/**
 * Why and under what condition a place is reached. Regions form a tree through `parent`; `NO_REGION` is the root.
 * Code behind `if c: return` stands in the region of `not c`.
 */
export type Region =
  | { readonly kind: "if"; readonly parent: RegionId; readonly condition: ExprId; readonly negated: boolean }
  /** Body of a `with`; `site` is the enter site. */
  | { readonly kind: "with"; readonly parent: RegionId; readonly site: SiteId; readonly async: boolean }
  /** `steady`: no await, `async for`/`with`, yield, break, return or raise in it: its head alone says when it ends. */
  | {
      readonly kind: "loop";
      readonly parent: RegionId;
      readonly type: "for" | "while" | "comprehension";
      readonly async: boolean;
      /** Condition of a `while`, iterable of a `for`. */
      readonly head: ExprId;
      readonly steady: boolean;
      /** A `break` may end it early. */
      readonly breaks?: true;
    }
  | { readonly kind: "try"; readonly parent: RegionId }
  /** A handler of the try region `of`; `type` absent for a bare except; `ends`: what its ways lead to. */
  | {
      readonly kind: "except";
      readonly parent: RegionId;
      readonly of: RegionId;
      readonly type?: ExprId;
      readonly ends: readonly HandlerEnd[];
      /** The definitions and the returned values of its scope that stand in it: from the first up to the one behind them. */
      readonly defs: readonly [DefId, DefId];
      readonly returns: readonly [number, number];
    }
  | { readonly kind: "finally"; readonly parent: RegionId; readonly of: RegionId };

/** How a way through a handler ends; `fall`: behind the `try`. */
export type HandlerEnd = "fall" | "raise" | "return" | "break" | "continue";

export type SiteKind = "call" | "enter" | "exit" | "iterate" | "read" | "operate" | "await" | "loop" | "except";

/** A place that runs somebody's code. */
export interface Site {
  readonly kind: SiteKind;
  /** call: the call; enter/exit: the context manager; iterate: the iterable; read: the attribute; await: the operand; loop: its head; except: the type. */
  readonly expr: ExprId;
  readonly region: RegionId;
  /** enter, exit, iterate: `async with`, `async for`; call: directly awaited. */
  readonly async?: true;
  /** What becomes of a call's result: dropped as a statement, or bound to these definitions. */
  readonly dropped?: true;
  /** operate: the special methods tried, in order. */
  readonly methods?: readonly string[];
  /** operate: the attribute of `expr` that is set or deleted. */
  readonly attribute?: string;
  /** exit: its enter site; iterate and enter: the consuming call when the site stands for an argument. */
  readonly partner?: SiteId;
}

/**
 * Something put into a container: `self.items.append(x)`, `POOL[key] = x`, `rows.setdefault(key, []).append(x)`. It tells
 * what an empty literal holds later on.
 */
export interface Fill {
  /** The container's name, before any subscripts. */
  readonly container: ExprId;
  /** It is this attribute of the first parameter. */
  readonly attribute?: string;
  /** 0: put into the container itself, 1: into what it holds. */
  readonly depth: number;
  /** Of a mapping. */
  readonly key?: ExprId;
  /** What is put in, as a binding. */
  readonly item: DefId;
}

export type ScopeKind = "module" | "class" | "function" | "lambda" | "generator";

export interface Scope {
  readonly kind: ScopeKind;
  readonly name: string;
  /** Enclosing scope in this chunk; OUTER_SCOPE for the chunk's first scope. The module scope is its own root. */
  readonly parent: ScopeId;
  readonly async?: true;
  /** Has `yield` in its own body. */
  readonly yields?: readonly ExprId[];
  readonly parameters: readonly Parameter[];
  readonly decorators: readonly ExprId[];
  readonly returns?: ExprId;
  readonly returnValues: readonly ExprId[];
  /** Classes: type parameters in brackets, in order. */
  readonly typeParameters?: readonly DefId[];
  /** Classes: bases and keyword arguments. */
  readonly bases: readonly Argument[];
  /** Every binding of a name in this scope, in order. */
  readonly bindings: Readonly<Record<string, readonly DefId[]>>;
  /** Bindings that reach the end of the scope's code: what a module or class exposes. */
  readonly exit: Readonly<Record<string, readonly DefId[]>>;
  /** Assignments to attributes of the first parameter. */
  readonly attributes: readonly (readonly [string, DefId])[];
  /** What its code puts into containers; into those of `self` also what lambdas and nested functions do. */
  readonly fills?: readonly Fill[];
  /** Names declared `global` here, with their bindings. */
  readonly globals: Readonly<Record<string, readonly DefId[]>>;
  readonly sites: readonly SiteId[];
  /** The body is only a docstring, `...`, `pass` or `raise NotImplementedError`. */
  readonly stub?: true;
  /** Module scope: the modules of its `from m import *`, in order, as [level, module], with what it stands under. */
  readonly stars?: readonly (readonly [level: number, module: string, under?: readonly TargetGuard[]])[];
}

/** A condition over the Python or the platform; negated: it does not hold there. */
export type TargetGuard = readonly [condition: ExprId, negated: boolean];

export interface Chunk {
  readonly scopes: readonly Scope[];
  readonly exprs: readonly Expr[];
  readonly defs: readonly Def[];
  readonly sites: readonly Site[];
  readonly regions: readonly Region[];
  /** Comments that speak to a linter: their texts behind the `#`. */
  readonly directives: readonly string[];
  /** Bindings depend on the Python or the platform, and are not chosen yet. */
  readonly branches?: true;
}

/** Positions of one chunk, in the order of its arrays. Offsets count from the chunk's start. */
export interface ChunkSpans {
  /** Start and end of each site, flattened. */
  readonly sites: readonly number[];
  /** Start and end of each scope's whole text and of its name, four numbers a scope. */
  readonly scopes: readonly number[];
  /** Start and end of each directive, flattened. */
  readonly directives: readonly number[];
}

export interface FileFacts {
  /** Chunk 0 is the module with its classes, the others its functions in order. */
  readonly chunks: readonly Chunk[];
  /** Per chunk, its positions. */
  readonly spans: readonly ChunkSpans[];
  /** Per chunk, the scope of chunk 0 it stands in. */
  readonly outers: readonly ScopeId[];
  /** Absolute start and end of each chunk's text, flattened: offsets in UTF-16 code units. */
  readonly chunkSpans: readonly number[];
  readonly lineStarts: readonly number[];
  /** The text has a syntax error; facts of untouched code may stem from the last good text. */
  readonly broken: boolean;
  /** Broken, but a text before it was not. */
  readonly wasGood?: true;
}
