/**
 * The surface of a file: everything its text says that can change what another function means by a name of it.
 * Signatures, decorators, classes, module bindings, attributes, and, where no annotation says what a function returns,
 * the expressions it returns. A body edit that leaves the surface alone re-resolves nobody.
 */
import { hashText } from "../base/hash.js";
import type { Chunk, Def, DefId, Expr, ExprId, FileFacts, Scope } from "./types.js";

const surfaces = new WeakMap<Chunk, string>();

/** Hash of what others can see of the file. */
export function surfaceOf(facts: FileFacts): string {
  const parts = facts.chunks.map((chunk, index) => {
    let surface = surfaces.get(chunk);
    if (surface === undefined) {
      surface = index === 0 ? moduleSurface(chunk) : functionSurface(chunk);
      surfaces.set(chunk, surface);
    }
    return surface;
  });
  return hashText(`${facts.outers.join(",")}|${parts.join("|")}`);
}

function moduleSurface(chunk: Chunk): string {
  const scopes = chunk.scopes.map(({ sites: _, ...scope }) => scope);
  return hashText(JSON.stringify([scopes, chunk.exprs, chunk.defs, chunk.directives]));
}

function functionSurface(chunk: Chunk): string {
  const scope = chunk.scopes[0] as Scope;
  const writer = new SurfaceWriter(chunk);
  writer.scope(scope);
  // Methods of classes inside the function may set attributes that its result shows.
  for (const inner of chunk.scopes) for (const [name, def] of inner.attributes) writer.attribute(name, def);
  for (const inner of chunk.scopes) for (const name of Object.keys(inner.globals)) writer.text(`global ${name}`);
  return hashText(writer.result());
}

/** Writes expressions and the definitions they reach, each once. */
class SurfaceWriter {
  readonly #out: string[] = [];
  readonly #seenDefs = new Set<DefId>();
  readonly #seenScopes = new Set<number>();

  constructor(private readonly chunk: Chunk) {}

  result(): string {
    return this.#out.join("\n");
  }

  text(text: string): void {
    this.#out.push(text);
  }

  attribute(name: string, def: DefId): void {
    this.text(`.${name}`);
    this.#def(def);
  }

  scope(scope: Scope): void {
    this.text(`${scope.kind} ${scope.name} ${scope.async ?? ""} ${scope.stub ?? ""}`);
    for (const parameter of scope.parameters) {
      this.text(`${parameter.kind} ${parameter.name}`);
      this.#expr(parameter.annotation);
      this.#expr(parameter.default);
    }
    for (const decorator of scope.decorators) this.#expr(decorator);
    this.#expr(scope.returns);
    if (scope.yields) this.text("yields");
    if (scope.returns !== undefined) return;
    for (const value of scope.returnValues) this.#expr(value);
    for (const value of scope.yields ?? []) this.#expr(value);
  }

  #expr(id: ExprId | undefined): void {
    const expr = id === undefined ? undefined : this.chunk.exprs[id];
    if (!expr) return;
    this.text(expr.kind);
    for (const [key, value] of Object.entries(expr as Expr)) {
      if (key === "kind" || key === "site") continue;
      if (key === "defs") for (const def of value as DefId[]) this.#def(def);
      else if (key === "scope" && (expr.kind === "lambda" || expr.kind === "generator")) this.#inner(value as number);
      else if (key === "scope" || key === "value" || key === "name" || key === "operator" || key === "type") {
        if (expr.kind === "comprehension" && key === "value") this.#expr(value as ExprId);
        else this.text(String(value));
      } else if (key === "args") {
        for (const argument of value as { value: ExprId; name?: string; star?: string }[]) {
          this.text(`${argument.star ?? ""}${argument.name ?? ""}`);
          this.#expr(argument.value);
        }
      } else if (Array.isArray(value)) {
        for (const item of value) typeof item === "number" ? this.#expr(item) : this.text(String(item));
      } else if (typeof value === "number") this.#expr(value);
      else this.text(String(value));
    }
  }

  #def(id: DefId): void {
    if (this.#seenDefs.has(id)) return;
    this.#seenDefs.add(id);
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
        this.text(`${def.index} ${def.star}`);
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
      case "class":
        this.#inner(def.scope);
        return;
      case "parameter":
        this.text(String(def.index));
        return;
      case "import":
        this.text(def.module);
        return;
      case "from":
        this.text(`${def.level} ${def.module} ${def.name}`);
        return;
      case "outer":
        this.text(def.name);
        return;
      case "unknown":
        return;
    }
  }

  /** A function or class made inside: what is returned of it counts, its exact text stands for it. */
  #inner(id: number): void {
    if (this.#seenScopes.has(id)) return;
    this.#seenScopes.add(id);
    const scope = this.chunk.scopes[id];
    if (!scope) return;
    this.scope(scope);
    for (const defs of Object.values(scope.exit)) for (const def of defs) this.#def(def);
  }
}
