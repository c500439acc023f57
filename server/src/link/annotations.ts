/**
 * What annotations stand for: names, generics, unions, aliases and quoted types, read as types of values.
 */
import type { Def, Expr, ExprId, ScopeId } from "../facts/types.js";
import { OUTER_SCOPE } from "../facts/types.js";
import { cellOfDef, cellOfExpr } from "./cells.js";
import { classAt, exprOf, parentScope, type SourceFile, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import { classesOf, substitute, typeVariables } from "./generics.js";
import { typingForm } from "./special.js";
import { NONE, type Type, unionOf, unknown } from "./types.js";

export class Annotations {
  constructor(private readonly evaluator: Evaluator) {}

  /** The type an annotation stands for. */
  annotation(unit: Unit, id: ExprId): Type {
    const cell = cellOfExpr(unit, id);
    this.evaluator.depends(cell);
    const known = unit.annotationTypes?.get(id);
    if (known !== undefined) return known ?? unknown("cycle");
    if (this.evaluator.isPostponed(() => this.annotation(unit, id))) return unknown("budget");
    unit.annotationTypes ??= new Map();
    unit.annotationTypes.set(id, null);
    const type = this.evaluator.within(cell, () => this.#annotation(unit, id));
    if (this.evaluator.isGivingUp) unit.annotationTypes.delete(id);
    else unit.annotationTypes.set(id, type);
    return type;
  }

  #annotation(unit: Unit, id: ExprId): Type {
    const expr = exprOf(unit, id);
    switch (expr.kind) {
      case "constant":
        if (typeof expr.value === "string") return this.#quotedAnnotation(unit, expr.value);
        return expr.value === null ? NONE : this.evaluator.constant(expr.value);
      case "binary":
        if (expr.operator !== "|") return unknown("dynamic");
        return unionOf([this.annotation(unit, expr.left), this.annotation(unit, expr.right)]);
      case "name":
      case "local":
      case "attribute":
        return this.#namedAnnotation(unit, id);
      case "subscript":
        return this.#genericAnnotation(unit, expr);
      case "unknown":
        return unknown(expr.tooDeep ? "budget" : "dynamic");
      default:
        return unknown("dynamic");
    }
  }

  #namedAnnotation(unit: Unit, id: ExprId): Type {
    const symbol = this.evaluator.names.symbol(unit, id);
    const form = symbol === undefined ? undefined : typingForm(symbol);
    if (form === "self") return this.#enclosingSelf(unit, id);
    if (form === "any" || form === "generic") return unknown("dynamic");
    if (form === "text") return this.evaluator.instance("str");
    if (form === "callable") return { kind: "callable", returns: unknown("dynamic") };
    const alias = this.#aliasTarget(unit, id);
    if (alias) return this.annotation(alias.unit, alias.id);
    return this.#asInstance(this.evaluator.typeOf(unit, id));
  }

  /** A type in quotes where the syntax tells no annotation: `cast("Store", x)`, `Store: TypeAlias = "db.Store"`. */
  #quotedAnnotation(unit: Unit, text: string): Type {
    return unionOf(
      text.split("|").map((part) => {
        const path = /^\s*([\w.]+)/.exec(part)?.[1]?.split(".");
        if (!path) return unknown("dynamic");
        if (path[0] === "None") return NONE;
        const [first, ...rest] = path as [string, ...string[]];
        let type = this.evaluator.typeOfFound(this.evaluator.names.lookup(unit.file.moduleUnit, 0, first));
        for (const name of rest) type = this.evaluator.member(type, name, unit.file);
        return this.#asInstance(type);
      }),
    );
  }

  /** A value that names types, as the type of its instances. */
  #asInstance(type: Type): Type {
    switch (type.kind) {
      case "class":
        return { kind: "instance", class: type.class, args: type.args, exact: false };
      case "union":
        return unionOf(type.members.map((member) => this.#asInstance(member)));
      case "none":
      case "typevar":
      case "unknown":
        return type;
      default:
        return unknown("dynamic");
    }
  }

  /** The value of an alias (`Rows = list[dict]`, `type Rows = ...`), to be read as an annotation. */
  #aliasTarget(unit: Unit, id: ExprId, depth = 0): { unit: Unit; id: ExprId } | undefined {
    const found = this.evaluator.names.foundOf(unit, id);
    const place = found[0];
    const last = place?.defs.at(-1);
    if (!place || last === undefined || depth > 8) return undefined;
    this.evaluator.depends(cellOfDef(place.unit, last));
    const def = place.unit.chunk.defs[last] as Def;
    if (def.kind === "typealias") return { unit: place.unit, id: def.value };
    if (def.kind === "from") {
      const module = this.evaluator.names.moduleOf(def, place.unit.file);
      return module?.file ? this.#aliasIn(module.file, def.name, depth + 1) : undefined;
    }
    const value = def.kind === "assign" || def.kind === "annotated" ? def.value : undefined;
    if (value === undefined) return undefined;
    const { kind } = exprOf(place.unit, value);
    const isQuoted = kind === "constant" && def.kind === "annotated";
    return kind === "subscript" || kind === "binary" || isQuoted ? { unit: place.unit, id: value } : undefined;
  }

  #aliasIn(file: SourceFile, name: string, depth: number): { unit: Unit; id: ExprId } | undefined {
    const place = this.evaluator.names.inModule(file, name)[0];
    const last = place?.defs.at(-1);
    if (!place || last === undefined || depth > 8) return undefined;
    this.evaluator.depends(cellOfDef(place.unit, last));
    const def = place.unit.chunk.defs[last] as Def;
    if (def.kind === "from") {
      const module = this.evaluator.names.moduleOf(def, place.unit.file);
      return module?.file ? this.#aliasIn(module.file, def.name, depth + 1) : undefined;
    }
    if (def.kind === "typealias") return { unit: place.unit, id: def.value };
    const value = def.kind === "assign" || def.kind === "annotated" ? def.value : undefined;
    if (value === undefined) return undefined;
    const { kind } = exprOf(place.unit, value);
    const isQuoted = kind === "constant" && def.kind === "annotated";
    return kind === "subscript" || kind === "binary" || isQuoted ? { unit: place.unit, id: value } : undefined;
  }

  #genericAnnotation(unit: Unit, expr: Expr & { kind: "subscript" }): Type {
    const indexExpr = exprOf(unit, expr.index);
    const items = indexExpr.kind === "sequence" && indexExpr.type === "tuple" ? indexExpr.items : [expr.index];
    const first = items[0] as ExprId;
    const symbol = this.evaluator.names.symbol(unit, expr.of);
    switch (symbol === undefined ? undefined : typingForm(symbol)) {
      case "optional":
        return unionOf([this.annotation(unit, first), NONE]);
      case "union":
        return unionOf(items.map((item) => this.annotation(unit, item)));
      case "first-argument": {
        const declared = this.annotation(unit, first);
        if (declared.kind !== "unknown") return declared;
        // `Annotated[Any, Depends(get_db)]`: what comes behind the type may say where the value comes from.
        const [provided] = items.slice(1).flatMap((item) => this.evaluator.provided(unit, item) ?? []);
        return provided ?? declared;
      }
      case "literal":
        return unionOf(items.map((item) => this.evaluator.typeOf(unit, item)));
      case "callable":
        return { kind: "callable", returns: items[1] === undefined ? unknown("dynamic") : this.annotation(unit, items[1]) };
      case "type": {
        // Of a class that is not known yet only this is: calling it gives one of its objects.
        const of = this.annotation(unit, first);
        return of.kind === "unknown" || of.kind === "none" ? unknown("dynamic") : classesOf(of);
      }
      case "self":
      case "any":
      case "text":
      case "generic":
        return unknown("dynamic");
      case "tuple": {
        const last = items.at(-1);
        const isHomogeneous = last !== undefined && items.length === 2 && isEllipsis(exprOf(unit, last));
        if (isHomogeneous) return this.evaluator.instance("tuple", [this.annotation(unit, first)]);
        return { kind: "tuple", items: items.map((item) => this.annotation(unit, item)) };
      }
      case undefined: {
        const of = this.evaluator.typeOf(unit, expr.of);
        // A class with arguments is an alias: `Table[User]` of `Table = dict[str, T]`.
        if (of.kind === "class" && of.args.length === 0) {
          return { kind: "instance", class: of.class, args: items.map((item) => this.annotation(unit, item)), exact: false };
        }
        // An alias with type variables: `FutureLike[int]` of `FutureLike = Future[T] | Awaitable[T]`.
        const alias = this.annotation(unit, expr.of);
        const names = [...new Set(typeVariables(alias).map((variable) => (variable as Type & { kind: "typevar" }).name))];
        const map = new Map(
          names.flatMap((name, index) =>
            items[index] === undefined ? [] : [[name, this.annotation(unit, items[index])] as const],
          ),
        );
        return map.size > 0 ? substitute(alias, map) : alias;
      }
    }
  }

  #enclosingSelf(unit: Unit, id: ExprId): Type {
    const expr = exprOf(unit, id);
    let at = expr.kind === "name" ? { unit, scopeId: expr.scope } : { unit, scopeId: 0 };
    if (at.scopeId === OUTER_SCOPE) at = parentScope(unit, OUTER_SCOPE) ?? at;
    for (let step: { unit: Unit; scopeId: ScopeId } | undefined = at; step; step = parentScope(step.unit, step.scopeId)) {
      if (step.unit.chunk.scopes[step.scopeId]?.kind === "class") {
        return { kind: "typevar", name: "Self", bound: this.evaluator.classes.selfType(classAt(step.unit, step.scopeId)) };
      }
    }
    return unknown("dynamic");
  }
}

function isEllipsis(expr: Expr): boolean {
  return expr.kind === "literal" && expr.type === "ellipsis";
}
