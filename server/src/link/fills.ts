/**
 * What containers hold that begin empty: `self.clients = {}`, and somewhere `self.clients[key] = Client()`. The facts say
 * what is put where; here it becomes the type of the items.
 */
import type { Chunk, DefId, Expr, ExprId, Fill, Scope } from "../facts/types.js";
import { cellOf } from "./cells.js";
import { type ClassEntity, exprOf, onlyDef, type SourceFile, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import { withoutConstant } from "./generics.js";
import { membersOf, type Type, unionOf, unknown } from "./types.js";

/** A fill with the unit it stands in. */
export interface PlacedFill {
  readonly unit: Unit;
  readonly fill: Fill;
}

/** Containers in containers further in than this are not followed. */
const MAX_LEVELS = 3;
/** Imports followed from one module to the next. */
const MAX_HOPS = 8;

export class Fills {
  /** How many type parameters classes of the standard library have, which nobody edits. */
  readonly #widths = new WeakMap<ClassEntity, number>();

  constructor(private readonly evaluator: Evaluator) {}

  /** What `name` of an instance of `entity` holds, when it is an empty container at first. */
  ofAttribute(type: Type, entity: ClassEntity, name: string): Type {
    if (!this.#mayBeOpen(type)) return type;
    const fills = this.evaluator.classes.mro(entity).flatMap((link) => this.#ofClass(link, name));
    return this.#filled(type, fills, 0);
  }

  /** What a module's `name` holds. */
  ofGlobal(type: Type, file: SourceFile, name: string): Type {
    return this.#mayBeOpen(type) ? this.#filled(type, this.#ofFile(file, name), 0) : type;
  }

  /** What a name of a function holds, by the bindings that reach a place; functions inside fill it by name. */
  ofLocal(type: Type, unit: Unit, name: string, defs: readonly DefId[]): Type {
    if (!filledNames(unit.chunk).has(name) || !this.#mayBeOpen(type)) return type;
    const roots = rootsOf(unit.chunk, defs);
    const fills = fillsOf(unit, unit.chunk.scopes, ({ attribute, container }) => {
      const expr = exprOf(unit, container);
      if (attribute !== undefined || (expr.kind !== "local" && expr.kind !== "name") || expr.name !== name) return false;
      return expr.kind === "name" || [...rootsOf(unit.chunk, expr.defs)].some((def) => roots.has(def));
    });
    return this.#filled(type, fills, 0);
  }

  /** Whether anything is put into what a name stands for, wherever it was imported from. */
  isFilled(unit: Unit, id: ExprId): boolean {
    const expr = exprOf(unit, id);
    if (!("name" in expr)) return false;
    let { name } = expr;
    let [place] = this.evaluator.names.foundOf(unit, id);
    for (let hop = 0; place && hop < MAX_HOPS; hop++) {
      const { file, index, chunk } = place.unit;
      if (index > 0 ? filledNames(chunk).has(name) : this.#ofFile(file, name).length > 0) return true;
      const def = onlyDef(place.unit, place.defs);
      const from = def?.kind === "from" ? this.evaluator.names.moduleOf(def, file)?.file : undefined;
      if (def?.kind !== "from" || !from) return false;
      name = def.name;
      [place] = this.evaluator.names.inModule(from, name);
    }
    return false;
  }

  #ofFile(file: SourceFile, name: string): readonly PlacedFill[] {
    this.evaluator.depends(file.moduleUnit.cell);
    return file.units.flatMap((unit) =>
      fillsOf(unit, unit.chunk.scopes, (fill) => {
        const expr = exprOf(unit, fill.container);
        return fill.attribute === undefined && "name" in expr && expr.name === name && this.#isGlobal(unit, expr);
      }),
    );
  }

  #isGlobal(unit: Unit, expr: Expr): boolean {
    if (expr.kind === "local") return unit.index === 0;
    if (expr.kind !== "name") return false;
    const [found] = this.evaluator.names.lookup(unit, expr.scope, expr.name);
    return found?.unit === unit.file.moduleUnit;
  }

  #ofClass(entity: ClassEntity, name: string): readonly PlacedFill[] {
    if (entity.unit.file.origin !== "workspace") return [];
    this.evaluator.depends(cellOf(entity));
    return this.evaluator.classes
      .methodScopes(entity)
      .flatMap(({ unit, scope }) => fillsOf(unit, [scope], ({ attribute }) => attribute === name));
  }

  /** A container of the standard library whose items nothing tells, made here and now. */
  #mayBeOpen(type: Type): boolean {
    return membersOf(type).some((member) => this.#isContainer(member));
  }

  #isContainer(type: Type): type is Type & { kind: "instance" } {
    return (
      type.kind === "instance" &&
      type.exact &&
      type.runs === undefined &&
      type.lazy === undefined &&
      type.class.unit.file.origin === "typeshed" &&
      this.#width(type.class) > 0
    );
  }

  #width(entity: ClassEntity): number {
    let width = this.#widths.get(entity);
    if (width === undefined) {
      width = this.evaluator.apart(() => this.evaluator.classes.ownParameters(entity).length);
      this.#widths.set(entity, width);
    }
    return width;
  }

  #filled(type: Type, fills: readonly PlacedFill[], depth: number): Type {
    if (fills.length === 0 || depth > MAX_LEVELS) return type;
    return unionOf(
      membersOf(type).map((member): Type => {
        if (!this.#isContainer(member)) return member;
        const width = this.#width(member.class);
        const last = member.args[width - 1];
        const put = last === undefined || last.kind === "unknown" || last.kind === "typevar" ? this.#items(fills, depth) : last;
        if (put === undefined) return member;
        const item = this.#filled(put, fills, depth + 1);
        const others = Array.from({ length: width - 1 }, (_, index) => member.args[index] ?? unknown("dynamic"));
        return { ...member, args: [...others, item] };
      }),
    );
  }

  /** Everything that is put in at one depth; undefined when nothing is. */
  #items(fills: readonly PlacedFill[], depth: number): Type | undefined {
    const items: Type[] = [];
    const named = new Set<unknown>();
    for (const { unit, fill } of fills) {
      if (fill.depth !== depth) continue;
      const type = withoutConstant(this.evaluator.typeOfDef(unit, fill.item));
      if (type.kind === "none" || (type.kind === "unknown" && type.reason === "cycle")) continue;
      items.push(type);
      const key = fill.key === undefined ? undefined : exprOf(unit, fill.key);
      if (key?.kind === "constant" && typeof key.value === "string")
        for (const member of membersOf(type)) named.add(member.kind === "instance" ? member.class : member.kind);
    }
    // Different things under names of their own are a record: which of them is meant the union cannot tell.
    if (named.size > 1) return unknown("dynamic");
    return items.length > 0 ? unionOf(items) : undefined;
  }
}

function fillsOf(unit: Unit, scopes: readonly Scope[], isMeant: (fill: Fill) => boolean): readonly PlacedFill[] {
  return scopes.flatMap(({ fills = [] }) => fills.filter(isMeant).map((fill) => ({ unit, fill })));
}

const names = new WeakMap<Chunk, ReadonlySet<string>>();

/** Names whose containers the chunk fills. */
function filledNames(chunk: Chunk): ReadonlySet<string> {
  let found = names.get(chunk);
  if (!found) {
    const containers = chunk.scopes.flatMap(({ fills = [] }) => fills.map(({ container }) => chunk.exprs[container]));
    found = new Set(containers.flatMap((expr) => (expr && "name" in expr ? [expr.name] : [])));
    names.set(chunk, found);
  }
  return found;
}

/** The bindings behind joins and narrowings. */
function rootsOf(chunk: Chunk, defs: readonly DefId[]): ReadonlySet<DefId> {
  const seen = new Set(defs);
  for (const id of seen) {
    const def = chunk.defs[id];
    if (def?.kind === "join" || def?.kind === "narrow") for (const of of def.of) seen.add(of);
  }
  return seen;
}
