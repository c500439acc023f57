/**
 * What names mean: Python's scopes, imports and re-exports. Follows a name to its bindings, and a symbol to the module
 * that defines it; what the bindings are worth is the evaluator's business.
 */
import type { Constant, Def, DefId, ExprId, Scope, ScopeId } from "../facts/types.js";
import { OUTER_SCOPE } from "../facts/types.js";
import { cellOfDef, cellOfName, isEdited } from "./cells.js";
import { exprOf, fullName, onlyDef, parentScope, type SourceFile, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import type { Module } from "./types.js";

/** Imports followed from one module to the next. */
const MAX_IMPORTS = 6;

/** A name's bindings in one scope. */
export interface Found {
  readonly unit: Unit;
  readonly defs: readonly DefId[];
}

export class Names {
  /** Star imports followed one after the other. */
  #starDepth = 0;

  constructor(private readonly evaluator: Evaluator) {}

  /** Bindings a name has when looked up from `scopeId` outwards, by Python's scoping. */
  lookup(unit: Unit, scopeId: ScopeId, name: string): readonly Found[] {
    let at: { unit: Unit; scopeId: ScopeId } | undefined =
      scopeId === OUTER_SCOPE ? parentScope(unit, OUTER_SCOPE) : { unit, scopeId };
    let first = true;
    while (at) {
      const scope: Scope = at.unit.chunk.scopes[at.scopeId] as Scope;
      // A class's names are seen from its own body only.
      if (scope.kind !== "class" || first) {
        const found = this.#inScope(at.unit, scope, name);
        if (found.length > 0) return found;
      }
      if (scope.kind === "module") break;
      first = false;
      at = parentScope(at.unit, at.scopeId);
    }
    return this.#builtin(unit.file, name);
  }

  #inScope(unit: Unit, scope: Scope, name: string): readonly Found[] {
    if (scope.kind === "module") return this.inModule(unit.file, name);
    const defs = (scope.kind === "class" ? own(scope.exit, name) : undefined) ?? own(scope.bindings, name);
    return defs ? [{ unit, defs }] : [];
  }

  inModule(file: SourceFile, name: string): readonly Found[] {
    if (isEdited(file)) {
      this.evaluator.depends(cellOfName(file, name));
      return this.#findInModule(file, name);
    }
    let found = file.found.get(name);
    if (!found) {
      found = this.#findInModule(file, name);
      // Modules that star-import one another answer each other incompletely.
      if (this.#starDepth === 0) file.found.set(name, found);
    }
    return found;
  }

  #findInModule(file: SourceFile, name: string): readonly Found[] {
    const unit = file.moduleUnit;
    const scope = unit.chunk.scopes[0] as Scope;
    const found: Found[] = [];
    const defs = own(scope.exit, name) ?? own(scope.bindings, name);
    if (defs) found.push({ unit, defs });
    for (const place of file.globals.get(name) ?? []) found.push(place);
    if (found.length > 0) return found;
    for (const [level, moduleName] of scope.stars ?? []) {
      const module =
        level > 0 ? this.evaluator.modules.relative(level, moduleName, file) : this.evaluator.modules.resolve(moduleName, file);
      if (!module?.file || module.file === file) continue;
      if (this.#starDepth > 8) continue;
      this.#starDepth++;
      const starred = this.#exported(module.file, name) ? this.inModule(module.file, name) : [];
      this.#starDepth--;
      if (starred.length > 0) return starred;
    }
    return [];
  }

  /** Whether `from file import *` brings `name`. */
  #exported(file: SourceFile, name: string): boolean {
    const scope = file.moduleUnit.chunk.scopes[0] as Scope;
    this.evaluator.depends(cellOfName(file, "__all__"));
    const all = own(scope.exit, "__all__");
    if (all) {
      const names = this.#allNames(file.moduleUnit, all);
      if (names) return names.has(name);
    }
    return !name.startsWith("_");
  }

  /** The names of a literal `__all__`; undefined when it is built at run time. */
  #allNames(unit: Unit, defs: readonly DefId[], outer: readonly Unit[] = []): ReadonlySet<string> | undefined {
    // Two modules may each add the other's names.
    if (outer.includes(unit)) return new Set();
    const names = new Set<string>();
    // Behind every `if c: __all__ += [...]` two bindings reach the next: each is read once, or the ways double.
    const read = new Set<DefId>();
    const addAll = (id: ExprId): boolean => {
      const value = exprOf(unit, id);
      if (value.kind === "binary") return value.operator === "+" && addAll(value.left) && addAll(value.right);
      if (value.kind === "local") return addDefs(value.defs);
      if (value.kind === "attribute" && value.name === "__all__") {
        // `__all__ += sub.__all__`
        const of = this.evaluator.typeOf(unit, value.of);
        const file = of.kind === "module" ? of.module.file : undefined;
        const inner = file && file !== unit.file ? own((file.moduleUnit.chunk.scopes[0] as Scope).exit, "__all__") : undefined;
        const more = file && inner && this.#allNames(file.moduleUnit, inner, [...outer, unit]);
        for (const name of more ?? []) names.add(name);
        return more !== undefined;
      }
      if (value.kind !== "sequence") return false;
      return value.items.every((item) => {
        const constant = exprOf(unit, item);
        if (constant.kind !== "constant" || typeof constant.value !== "string") return false;
        names.add(constant.value);
        return true;
      });
    };
    const addDefs = (ids: readonly DefId[]): boolean =>
      ids.every((id) => {
        if (read.has(id)) return true;
        read.add(id);
        this.evaluator.depends(cellOfDef(unit, id));
        const def = unit.chunk.defs[id];
        if (def?.kind === "assign") return addAll(def.value);
        if (def?.kind === "annotated") return def.value !== undefined && addAll(def.value);
        return def?.kind === "augmented" && addAll(def.target) && addAll(def.value);
      });
    return addDefs(defs) ? names : undefined;
  }

  #builtin(from: SourceFile, name: string): readonly Found[] {
    const file = this.evaluator.modules.typeshed("builtins");
    if (!file || file === from) return [];
    return this.inModule(file, name);
  }

  /** `module.name` of what a name or attribute finally means, through imports; undefined for anything computed. */
  symbol(unit: Unit, id: ExprId, depth = 0): string | undefined {
    const expr = exprOf(unit, id);
    if (depth > 20) return undefined;
    if (expr.kind === "local") return this.#symbolOfDefs([{ unit, defs: expr.defs }], expr.name, depth);
    if (expr.kind === "name") return this.#symbolOfDefs(this.lookup(unit, expr.scope, expr.name), expr.name, depth);
    if (expr.kind === "call") return this.symbol(unit, expr.callee, depth + 1);
    if (expr.kind === "subscript") return this.symbol(unit, expr.of, depth + 1);
    if (expr.kind !== "attribute") return undefined;
    const of = this.evaluator.typeOf(unit, expr.of);
    if (of.kind === "module") return this.#symbolInModule(of.module, expr.name, depth);
    if (of.kind === "class") return `${fullName(of.class)}.${expr.name}`;
    if (of.kind === "instance") return `${fullName(of.class)}.${expr.name}`;
    return undefined;
  }

  /** `module.name` of the definition that a module's name finally means. */
  symbolInModule(module: Module, name: string): string {
    return this.#symbolInModule(module, name, 0);
  }

  #symbolInModule(module: Module, name: string, depth: number): string {
    const found = module.file ? this.inModule(module.file, name) : [];
    return (found.length > 0 ? this.#symbolOfDefs(found, name, depth + 1) : undefined) ?? `${module.name}.${name}`;
  }

  #symbolOfDefs(found: readonly Found[], name: string, depth: number): string | undefined {
    const place = found[0];
    const id = place?.defs.at(-1);
    if (!place || id === undefined || depth > 20) return undefined;
    const { unit } = place;
    this.evaluator.depends(cellOfDef(unit, id));
    const def = unit.chunk.defs[id] as Def;
    switch (def.kind) {
      case "from": {
        const module = this.moduleOf(def, unit.file);
        return module ? this.#symbolInModule(module, def.name, depth + 1) : `${def.module}.${def.name}`;
      }
      case "import":
        return def.whole ? def.module : def.module.split(".")[0];
      case "narrow":
      case "join":
        return this.#symbolOfDefs([{ unit, defs: def.of }], name, depth + 1);
      case "assign":
        // An alias: `contextmanager = contextlib.contextmanager`.
        return this.#isAlias(unit, def.value) ? this.symbol(unit, def.value, depth + 1) : `${unit.file.module}.${name}`;
      case "parameter":
        return undefined;
      default:
        return `${unit.file.module}.${name}`;
    }
  }

  /** The value of a name that a module binds to one constant, and nobody binds again. */
  moduleConstant(unit: Unit, id: ExprId): Constant | undefined {
    const expr = exprOf(unit, id);
    if (expr.kind === "attribute" && this.evaluator.typeOf(unit, expr.of).kind !== "module") return undefined;
    const type = this.evaluator.typeOf(unit, id);
    return type.kind === "instance" ? type.constant : undefined;
  }

  /** The expression a name stands for that is bound once, followed through imports to where it is written. */
  writtenFor(unit: Unit, id: ExprId): { readonly unit: Unit; readonly id: ExprId } | undefined {
    let found = this.foundOf(unit, id);
    for (let hop = 0; hop < MAX_IMPORTS && found.length === 1; hop++) {
      const place = found[0] as Found;
      for (const defId of place.defs) this.evaluator.depends(cellOfDef(place.unit, defId));
      const def = onlyDef(place.unit, place.defs);
      if (def?.kind === "assign") return { unit: place.unit, id: def.value };
      if (def?.kind === "annotated" && def.value !== undefined) return { unit: place.unit, id: def.value };
      const file = def?.kind === "from" ? this.moduleOf(def, place.unit.file)?.file : undefined;
      found = def?.kind === "from" && file ? this.inModule(file, def.name) : [];
    }
    return undefined;
  }

  #isAlias(unit: Unit, id: ExprId): boolean {
    const { kind } = exprOf(unit, id);
    return kind === "name" || kind === "attribute" || kind === "local";
  }

  moduleOf(def: Def & { kind: "from" }, file: SourceFile): Module | undefined {
    return def.level > 0
      ? this.evaluator.modules.relative(def.level, def.module, file)
      : this.evaluator.modules.resolve(def.module, file);
  }

  foundOf(unit: Unit, id: ExprId): readonly Found[] {
    const expr = exprOf(unit, id);
    if (expr.kind === "local") return [{ unit, defs: expr.defs }];
    if (expr.kind === "name") return this.lookup(unit, expr.scope, expr.name);
    if (expr.kind !== "attribute") return [];
    const of = this.evaluator.typeOf(unit, expr.of);
    return of.kind === "module" && of.module.file ? this.inModule(of.module.file, expr.name) : [];
  }
}

export function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
