/**
 * What others can see of a file's text, in the pieces they ask for: one for each function, one for each binding of a
 * name at module level (a class with all it holds, an import, an assignment). A piece has a hash of everything that can
 * change what another function means by it: signatures, decorators, bases, values, and, where no annotation says what a
 * function returns, the expressions it returns. An edit that leaves the hashes alone re-resolves nobody else. What belongs to
 * which piece is asked at every step of an evaluation, the hashes only where a text is edited.
 */
import { hashText } from "../base/hash.js";
import type { Argument, Chunk, Def, DefId, Expr, ExprId, Fill, Scope, ScopeId } from "./types.js";

export interface FunctionSurface {
  /** Of everything that others can see. */
  readonly hash: string;
  /** The names it sets on its first parameter, and the containers there that it fills: attributes of the class around it. */
  readonly attributes: string;
  /** Names of the module's containers that it fills. */
  readonly fills: string;
}

/** What of a function's chunk others can see; one bit for each kind of number. */
export const MARKED = { expr: 1, def: 2, scope: 4 } as const;

/** By number of expression, definition or scope, whether others can see it: a sum of `MARKED`. The rest is its body. */
export function functionMarks(chunk: Chunk): Uint8Array {
  let known = marks.get(chunk);
  if (!known) {
    const writer = writeFunction(chunk, false);
    known = new Uint8Array(Math.max(chunk.exprs.length, chunk.defs.length, chunk.scopes.length));
    for (const id of writer.exprs) known[id] = MARKED.expr;
    for (const id of writer.defs) known[id] = (known[id] as number) | MARKED.def;
    for (const id of writer.scopes) known[id] = (known[id] as number) | MARKED.scope;
    marks.set(chunk, known);
  }
  return known;
}
const marks = new WeakMap<Chunk, Uint8Array>();

/** The surface of a function's chunk: to be compared with that of another text. */
export function functionSurface(chunk: Chunk): FunctionSurface {
  const scope = chunk.scopes[0] as Scope;
  return {
    hash: hashText(writeFunction(chunk, true).result()),
    attributes: [
      ...scope.attributes.map(([name]) => name),
      ...(scope.fills ?? []).flatMap(({ attribute }) => attribute ?? []),
    ].join(" "),
    fills: chunk.scopes.flatMap(({ fills = [] }) => fills.flatMap((fill) => outerName(chunk, fill) ?? [])).join(" "),
  };
}

function writeFunction(chunk: Chunk, asText: boolean): SurfaceWriter {
  const writer = new SurfaceWriter(chunk, asText);
  writer.scope(chunk.scopes[0] as Scope);
  writer.scopes.add(0);
  // Methods of classes inside the function may set attributes that its result shows.
  for (const inner of chunk.scopes) for (const [name, def] of inner.attributes) writer.attribute(name, def);
  for (const inner of chunk.scopes) {
    for (const fill of inner.fills ?? [])
      if (fill.attribute !== undefined || outerName(chunk, fill) !== undefined) writer.fill(fill);
  }
  for (const inner of chunk.scopes) for (const name of Object.keys(inner.globals)) writer.text("global", name);
  return writer;
}

/** The container of a fill, where it is a name that the chunk does not bind. */
function outerName(chunk: Chunk, { attribute, container }: Fill): string | undefined {
  const expr = chunk.exprs[container];
  return attribute === undefined && expr?.kind === "name" ? expr.name : undefined;
}

/** A binding of a name at module level. */
export interface Part {
  /** The name, and which of its bindings in order: `load#0`. Names the same part before and after an edit. */
  readonly key: string;
  /** Classes, lambdas and generators in it, in an order that depends on its own text only. */
  readonly scopes: readonly ScopeId[];
}

export interface ModuleSurface {
  readonly parts: ReadonlyMap<string, Part>;
  /** Keys by definition and by expression; undefined: code of the module that binds nothing others can name. */
  readonly partOfDef: readonly (string | undefined)[];
  readonly partOfExpr: readonly (string | undefined)[];
  /** Key of the part that a class, lambda or generator belongs to. */
  readonly partOfScope: readonly (string | undefined)[];
}

const modules = new WeakMap<Chunk, ModuleSurface>();

/** The surface of a module chunk. */
export function moduleSurface(chunk: Chunk): ModuleSurface {
  let surface = modules.get(chunk);
  if (!surface) {
    surface = readModule(chunk);
    modules.set(chunk, surface);
  }
  return surface;
}

function readModule(chunk: Chunk): ModuleSurface {
  const parts = new Map<string, Part>();
  const partOfDef: (string | undefined)[] = [];
  const partOfExpr: (string | undefined)[] = [];
  const partOfScope: (string | undefined)[] = [];
  for (const [key, writer] of writeParts(chunk, false)) {
    parts.set(key, { key, scopes: [...writer.scopes] });
    for (const id of writer.defs) partOfDef[id] ??= key;
    for (const id of writer.exprs) partOfExpr[id] ??= key;
    for (const id of writer.scopes) partOfScope[id] ??= key;
  }
  return { parts, partOfDef, partOfExpr, partOfScope };
}

/** Of each part of a module chunk, by key, a hash of what others can see of it: to be compared with that of another text. */
export function partHashes(chunk: Chunk): ReadonlyMap<string, string> {
  let known = hashes.get(chunk);
  if (!known) {
    known = new Map([...writeParts(chunk, true)].map(([key, writer]) => [key, hashText(writer.result())]));
    hashes.set(chunk, known);
  }
  return known;
}
const hashes = new WeakMap<Chunk, ReadonlyMap<string, string>>();

function* writeParts(chunk: Chunk, asText: boolean): Generator<readonly [key: string, SurfaceWriter], void, void> {
  const keys = new Map<DefId, string>();
  for (const [name, defs] of Object.entries(chunk.scopes[0]?.bindings ?? {})) {
    defs.forEach((def, index) => {
      if (!keys.has(def)) keys.set(def, `${name}#${index}`);
    });
  }
  for (const [def, key] of keys) {
    const writer = new SurfaceWriter(chunk, asText, { def, keys });
    writer.binding(def);
    yield [key, writer];
  }
}

/**
 * What looking up `name` in the module answers, as a text: the bindings that reach the module's end, or, where it has
 * none, the modules whose names it takes over.
 */
export function nameAnswer(chunk: Chunk, name: string): string {
  const scope = chunk.scopes[0] as Scope;
  const find = (table: Scope["exit"]): readonly DefId[] | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);
  const defs = find(scope.exit) ?? find(scope.bindings);
  const { partOfDef } = moduleSurface(chunk);
  return defs ? defs.map((def) => partOfDef[def]).join(" ") : `* ${JSON.stringify(scope.stars ?? [])}`;
}

/**
 * Writes expressions and the definitions they reach, each once. In a module it keeps to one part: what belongs to another
 * is written as that part's key, what belongs to none is taken.
 */
class SurfaceWriter {
  readonly #out: string[] = [];
  /** What was written, in the order of writing: the ids themselves change with every edit further up. */
  readonly #defs = new Map<DefId, number>();
  readonly #scopes = new Map<ScopeId, number>();
  /** Local names whose fills are written. */
  readonly #filled = new Set<string>();
  readonly exprs = new Set<ExprId>();
  readonly defs = new Set<DefId>();
  readonly scopes = new Set<ScopeId>();

  constructor(
    private readonly chunk: Chunk,
    /** Or only to note what is part of it. */
    private readonly asText: boolean,
    /** The definition that the part begins with, and the keys of those that others begin with. */
    private readonly part?: { readonly def: DefId; readonly keys: ReadonlyMap<DefId, string> },
  ) {}

  /** The definition that a part begins with. */
  binding(def: DefId): void {
    this.#def(def);
  }

  result(): string {
    return this.#out.join("\n");
  }

  text(...texts: unknown[]): void {
    if (this.asText) this.#out.push(...texts.map(String));
  }

  attribute(name: string, def: DefId): void {
    this.text(".", name);
    this.#def(def);
  }

  /** What goes into containers that other functions see. */
  fill({ container, depth, attribute, key, item }: Fill): void {
    const name = this.chunk.exprs[container] as Expr;
    if (name.kind !== "attribute" && name.kind !== "name" && name.kind !== "local") return;
    this.text("fill", depth, attribute ?? name.name);
    this.#expr(key);
    this.#def(item);
  }

  /** What a local container holds is seen by who is given it. */
  #fillsOf(name: string): void {
    if (this.#filled.has(name)) return;
    this.#filled.add(name);
    for (const { fills = [] } of this.chunk.scopes) {
      for (const fill of fills) {
        const container = this.chunk.exprs[fill.container];
        if (container?.kind === "local" && container.name === name) this.fill(fill);
      }
    }
  }

  scope(scope: Scope): void {
    this.text(scope.kind, scope.name, scope.async ?? "", scope.stub ?? "");
    for (const parameter of scope.parameters) {
      this.text(parameter.kind, parameter.name);
      this.#expr(parameter.annotation);
      this.#expr(parameter.default);
    }
    for (const decorator of scope.decorators) this.#expr(decorator);
    this.#arguments(scope.bases);
    for (const def of scope.typeParameters ?? []) this.#def(def);
    this.#expr(scope.returns);
    if (scope.yields) this.text("yields");
    if (scope.returns !== undefined) return;
    for (const value of scope.returnValues) this.#expr(value);
    for (const value of scope.yields ?? []) this.#expr(value);
  }

  #expr(id: ExprId | undefined): void {
    const expr = id === undefined ? undefined : this.chunk.exprs[id];
    if (id === undefined || !expr) return;
    this.exprs.add(id);
    this.text(expr.kind);
    switch (expr.kind) {
      case "name":
        this.text(expr.name, this.#scopes.get(expr.scope) ?? "outer");
        return;
      case "local":
        this.#fillsOf(expr.name);
        this.text(expr.name);
        for (const def of expr.defs) this.#def(def);
        return;
      case "attribute":
        this.#expr(expr.of);
        this.text(expr.name);
        return;
      case "call":
        this.#expr(expr.callee);
        this.#arguments(expr.args);
        return;
      case "await":
      case "star":
        this.#expr(expr.of);
        return;
      case "yield":
        this.#expr(expr.of);
        this.text(expr.from);
        return;
      case "subscript":
        this.#expr(expr.of);
        this.#expr(expr.index);
        return;
      case "constant":
        this.text(typeof expr.value, expr.value);
        return;
      case "literal":
        this.text(expr.type);
        return;
      case "sequence":
        this.text(expr.type, expr.items.length);
        for (const item of expr.items) this.#expr(item);
        return;
      case "dict":
        this.text(expr.keys.length, expr.open ?? "");
        for (const key of expr.keys) this.#expr(key);
        for (const value of expr.values) this.#expr(value);
        return;
      case "binary":
      case "boolean":
        this.text(expr.operator);
        this.#expr(expr.left);
        this.#expr(expr.right);
        return;
      case "compare":
        this.text(...expr.operators);
        for (const operand of expr.operands) this.#expr(operand);
        return;
      case "unary":
        this.text(expr.operator);
        this.#expr(expr.of);
        return;
      case "conditional":
        this.#expr(expr.condition);
        this.#expr(expr.then);
        this.#expr(expr.else);
        return;
      case "lambda":
        this.#inner(expr.scope);
        return;
      case "generator":
        this.text(expr.async);
        this.#inner(expr.scope);
        return;
      case "comprehension":
        this.text(expr.type);
        this.#expr(expr.element);
        this.#expr(expr.value);
        return;
      case "unknown":
        this.text(expr.tooDeep ?? "");
        return;
    }
  }

  #arguments(args: readonly Argument[]): void {
    this.text(args.length);
    for (const { value, name, star } of args) {
      this.text(star ?? "", name ?? "");
      this.#expr(value);
    }
  }

  #def(id: DefId): void {
    const known = this.#defs.get(id);
    if (known !== undefined) {
      this.text("^", known);
      return;
    }
    this.#defs.set(id, this.#defs.size);
    const other = id === this.part?.def ? undefined : this.part?.keys.get(id);
    if (other !== undefined) {
      this.text(other);
      return;
    }
    this.defs.add(id);
    const def = this.chunk.defs[id] as Def;
    this.text(def.kind);
    switch (def.kind) {
      case "assign":
      case "iterate":
      case "enter":
      case "typealias":
        this.#expr(def.value);
        return;
      case "annotated":
        this.#expr(def.annotation);
        this.#expr(def.value);
        return;
      case "augmented":
        this.text(def.operator);
        this.#expr(def.target);
        this.#expr(def.value);
        return;
      case "unpack":
        this.text(def.index, def.star);
        this.#def(def.of);
        return;
      case "except":
        this.#expr(def.type);
        return;
      case "typevar":
        this.text(def.name);
        this.#expr(def.bound);
        return;
      case "narrow":
        this.#expr(def.type);
        for (const inner of def.of) this.#def(inner);
        return;
      case "join":
        for (const inner of def.of) this.#def(inner);
        return;
      case "select":
        for (const { condition, defs } of def.ways) {
          this.#expr(condition);
          for (const inner of defs) this.#def(inner);
        }
        return;
      case "function":
        // A function with a chunk of its own has a surface of its own.
        if (def.chunk === undefined) this.#inner(def.scope);
        return;
      case "class":
        this.#inner(def.scope);
        return;
      case "parameter":
        this.text(def.index);
        return;
      case "import":
        this.text(def.module, def.whole);
        return;
      case "from":
        this.text(def.level, def.module, def.name);
        return;
      case "outer":
        this.text(def.name);
        return;
      case "unknown":
        return;
    }
  }

  /** A function or class made inside: what is returned of it counts, its exact text stands for it. */
  #inner(id: ScopeId): void {
    if (this.#scopes.has(id)) return;
    this.#scopes.set(id, this.#scopes.size);
    this.scopes.add(id);
    // Who was given a function made inside another knows it by its number.
    if (!this.part) this.text(id);
    const scope = this.chunk.scopes[id];
    if (!scope) return;
    this.scope(scope);
    for (const table of [scope.bindings, scope.exit]) {
      for (const [name, defs] of Object.entries(table)) {
        this.text(name, "=");
        for (const def of defs) this.#def(def);
      }
    }
    if (this.part) for (const [name, def] of scope.attributes) this.attribute(name, def);
  }
}
