/**
 * Evaluates symbolic expressions to types, on demand, with a memo in each unit. An evaluation that meets itself is
 * unknown by `cycle`. One that goes too deep for the stack is given up, what it stopped at is evaluated on its own, and
 * then it is evaluated again: a chain of helpers has no length at which types end.
 */

import { OPERATOR_METHODS } from "../facts/operators.js";
import type { Argument, Constant, Def, DefId, Expr, ExprId, Scope, ScopeId } from "../facts/types.js";
import { Annotations } from "./annotations.js";
import { bindArguments } from "./arguments.js";
import { type Cell, cellOf, cellOfDef, cellOfExpr } from "./cells.js";
import { Classes, type MemberPlace } from "./classes.js";
import type { Lineage, Sequence, Value } from "./conditions.js";
import { Declarations } from "./declarations.js";
import {
  type ClassEntity,
  classAt,
  decoratorsOf,
  exprOf,
  type FunctionEntity,
  fullName,
  functionAt,
  isAsync,
  isGenerator,
  onlyDef,
  parentScope,
  type SourceFile,
  scopeOf,
  type Unit,
} from "./entities.js";
import { Fills } from "./fills.js";
import { classesOf, hasTypeVariables, type Substitution, substitute, withoutConstant } from "./generics.js";
import type { Modules } from "./modules.js";
import { type Found, Names } from "./names.js";
import { Receivers } from "./receivers.js";
import { Signatures } from "./signatures.js";
import { callForm, decoratorForm, lazyForm } from "./special.js";
import { type FunctionType, type Module, membersOf, NONE, type Place, type Type, unionOf, unknown } from "./types.js";

/** Evaluations inside one another before the stack is given back. */
const MAX_DEPTH = 90;
/** A written collection with more items is no table that code asks by name. */
const MAX_COLLECTION = 200;
/** More subclasses that define a method than this are not asked for its result. */
const MAX_ANSWERING = 24;
/** Questions that wait for one another, each as deep as the stack allows; beyond that the answer is unknown by `budget`. */
const MAX_WAITING = 200;

/** What the effects of stubs add to types: who offloads, who marks a place. Implemented by effects/specs. */
export interface DecoratorKnowledge {
  /** Whether the stub of a module's library names all that blocks in it. */
  isComplete(module: string): boolean;
  /** Its result does the work while it is iterated. */
  isLazy(entity: FunctionEntity): boolean;
  /** What one of our stubs has for a definition of an installed package; only effects, or only types perhaps. */
  describes(file: SourceFile, qualifiedName: string): FunctionEntity | ClassEntity | undefined;
  /** The parameter of `Depends` and its like that makes the value which is put in place of the call. */
  providerOf(callee: FunctionEntity): string | undefined;
  /** What calling `callee` with a callable gives: offloaded, placed, or nothing known. */
  wrapping(
    callee: FunctionEntity,
  ): { readonly wraps?: Place; readonly decorates?: Place; readonly transparent?: boolean } | undefined;
  /** The value that one of our stubs gives to a name which its module only declares. */
  constantOf(symbol: string): Constant | undefined;
}

/** A receiver whose class says what a name means. */
export type Receiver = Type & { kind: "instance" | "class" };

/** The classes below a class, which may say what it leaves open. Implemented by the hierarchy. */
export interface Descendants {
  /** Classes of the program below the receiver's that define `name` themselves. */
  definers(receiver: Receiver, name: string): readonly ClassEntity[];
}

export class Evaluator {
  #depth = 0;

  /** How many evaluations wait for one that their stack did not reach. */
  #waiting = 0;

  #postponed: (() => unknown) | undefined;

  #cell: Cell | undefined;

  #builtins = new Map<string, ClassEntity | undefined>();

  #descendants: Descendants | undefined;

  readonly names = new Names(this);
  readonly annotations = new Annotations(this);
  readonly classes = new Classes(this);
  readonly signatures = new Signatures(this);
  readonly fills = new Fills(this);
  readonly declarations = new Declarations(this);
  readonly receivers = new Receivers(this);

  constructor(
    readonly modules: Modules,
    readonly decorators: DecoratorKnowledge,
  ) {}

  /** Before it is asked anything: who knows the classes below a class. */
  attach(descendants: Descendants): void {
    this.#descendants = descendants;
  }

  /**
   * Whether the stack does not reach to ask `question` here. It will be asked on its own, and what led to it again; until
   * then everybody answers `budget` and remembers nothing.
   */
  isPostponed(question: () => unknown): boolean {
    if (this.#depth <= MAX_DEPTH && !this.#postponed) return false;
    if (this.#waiting < MAX_WAITING) this.#postponed ??= question;
    return true;
  }

  /** Answers given meanwhile are not to be remembered. */
  get isGivingUp(): boolean {
    return this.#postponed !== undefined;
  }

  /** Evaluates what is remembered for the whole program, whoever happens to ask for it first. */
  apart<Result>(evaluate: () => Result): Result {
    const [depth, postponed] = [this.#depth, this.#postponed];
    this.#depth = 0;
    this.#postponed = undefined;
    try {
      return evaluate();
    } finally {
      this.#depth = depth;
      this.#postponed = postponed;
    }
  }

  /** A class of the standard library that the language itself uses: `str`, `list`, `Generator`. */
  builtinClass(name: string, module = "builtins"): ClassEntity | undefined {
    const key = `${module}.${name}`;
    if (!this.#builtins.has(key)) {
      const file = this.modules.typeshed(module);
      const found = file ? this.names.inModule(file, name) : [];
      const type = found[0] ? this.typeOfDefs(found[0].unit, found[0].defs) : undefined;
      const entity = type?.kind === "class" ? type.class : undefined;
      if (this.isGivingUp) return entity;
      this.#builtins.set(key, entity);
    }
    return this.#builtins.get(key);
  }

  instance(name: string, args: readonly Type[] = [], module = "builtins"): Type {
    const entity = this.builtinClass(name, module);
    return entity ? { kind: "instance", class: entity, args, exact: true } : unknown("import");
  }

  /** What is being derived: it is derived again when what it reads has changed. */
  get asking(): Cell | undefined {
    return this.#cell;
  }

  /** Notes that what is being derived was read off `cell`. */
  depends(cell: Cell): void {
    if (this.#cell) cell.noteDependent(this.#cell);
  }

  /** Derives something that belongs to `cell`. */
  deriving<Result>(cell: Cell, derive: () => Result): Result {
    const outer = this.#cell;
    this.#cell = cell;
    try {
      return derive();
    } finally {
      this.#cell = outer;
    }
  }

  // ---- Types of definitions and expressions ----
  typeOfDefs(unit: Unit, defs: readonly DefId[]): Type {
    if (defs.length === 1) return this.typeOfDef(unit, defs[0] as DefId);
    const overloaded = this.#overloaded(unit, defs);
    if (overloaded) return overloaded;
    const types: Type[] = [];
    for (const def of defs) {
      const type = this.typeOfDef(unit, def);
      // A definition that is still being evaluated adds nothing to its own union.
      if (type.kind === "unknown" && type.reason === "cycle") continue;
      types.push(type);
    }
    return types.length > 0 ? unionOf(types) : unknown(defs.length > 0 ? "cycle" : "name");
  }

  #overloaded(unit: Unit, defs: readonly DefId[]): Type | undefined {
    const entities: FunctionEntity[] = [];
    for (const id of defs) {
      const def = unit.chunk.defs[id];
      if (def?.kind !== "function") return undefined;
      entities.push(this.#functionOf(unit, def));
    }
    const isOverload = (entity: FunctionEntity): boolean => decoratorsOf(entity).some((name) => /(^|\.)overload$/.test(name));
    if (!entities.some(isOverload)) return undefined;
    const implementation = entities.find((entity) => !isOverload(entity)) ?? (entities[0] as FunctionEntity);
    const type = this.#shape(implementation);
    const overloads = entities.filter(isOverload);
    return type.kind === "function" ? { ...type, overloads } : type;
  }

  #functionOf(unit: Unit, def: Def & { kind: "function" }): FunctionEntity {
    const owner = def.chunk === undefined ? unit : (unit.file.units[def.chunk] ?? unit);
    return functionAt(owner, def.scope);
  }

  typeOfDef(unit: Unit, id: DefId): Type {
    const cell = cellOfDef(unit, id);
    this.depends(cell);
    const known = unit.defTypes[id];
    if (known !== undefined) return known ?? unknown("cycle");
    if (this.isPostponed(() => this.typeOfDef(unit, id))) return unknown("budget");
    unit.defTypes[id] = null;
    const type = this.within(cell, () => this.#typeOfDef(unit, unit.chunk.defs[id] as Def));
    unit.defTypes[id] = this.isGivingUp ? undefined : type;
    return type;
  }

  /** Derives something that belongs to `cell` one step further down. */
  within<Result>(cell: Cell, evaluate: () => Result): Result {
    let result = this.#nested(cell, evaluate);
    while (this.#depth === 0 && this.#postponed) {
      const question = this.#postponed;
      this.#postponed = undefined;
      this.#waiting++;
      question();
      this.#waiting--;
      result = this.#nested(cell, evaluate);
    }
    return result;
  }

  #nested<Result>(cell: Cell, evaluate: () => Result): Result {
    const outer = this.#cell;
    const { nesting } = this.receivers;
    this.#cell = cell;
    this.#depth++;
    this.receivers.nesting = 0;
    try {
      return evaluate();
    } finally {
      this.#depth--;
      this.#cell = outer;
      this.receivers.nesting = nesting;
    }
  }

  #typeOfDef(unit: Unit, def: Def): Type {
    switch (def.kind) {
      case "assign":
        return this.typeOf(unit, def.value);
      case "annotated": {
        const declared = this.annotations.annotation(unit, def.annotation);
        if (def.value === undefined) return declared;
        if (declared.kind === "unknown") return this.typeOf(unit, def.value);
        // The value may be more exact than its annotation: `store: Store = SqlStore()`.
        const value = this.typeOf(unit, def.value);
        if (value.kind !== "instance" || !value.exact || !this.#isAssignable(value, declared)) return declared;
        // `rows: list[Row] = []`: the annotation knows what is in it.
        const same = membersOf(declared).find((member) => member.kind === "instance" && member.class === value.class);
        return same?.kind === "instance" ? { ...same, exact: true } : value;
      }
      case "augmented": {
        const left = this.typeOf(unit, def.target);
        return this.#operator(left, def.operator, this.typeOf(unit, def.value));
      }
      case "parameter":
        return this.#parameter(unit, def.scope, def.index);
      case "import": {
        const name = def.whole ? def.module : (def.module.split(".")[0] as string);
        // The whole path is looked up too, so that a missing submodule does not hide behind its package.
        const module = this.modules.resolve(name, unit.file);
        return module ? { kind: "module", module } : this.#missing(name);
      }
      case "from":
        return this.#importFrom(unit, def);
      case "function":
        return this.#shape(this.#functionOf(unit, def));
      case "class":
        return { kind: "class", class: this.#implementationOf(classAt(unit, def.scope)), args: [] };
      case "unpack": {
        const whole = this.typeOfDef(unit, def.of);
        return this.#element(whole, def.index, def.star);
      }
      case "iterate":
        return this.iterated(this.typeOf(unit, def.value), def.async);
      case "enter":
        return this.entered(this.typeOf(unit, def.value), def.async);
      case "except":
        return this.#instancesOf(this.typeOf(unit, def.type));
      case "narrow":
        return this.#narrowed(this.typeOfDefs(unit, def.of), this.typeOf(unit, def.type), def.negated);
      case "join":
        return this.typeOfDefs(unit, def.of);
      case "outer": {
        const start = def.global ? { unit: unit.file.moduleUnit, scopeId: 0 } : parentScope(unit, def.scope);
        if (!start) return unknown("name");
        return this.typeOfFound(this.names.lookup(start.unit, start.scopeId, def.name));
      }
      case "typealias":
        return this.typeOf(unit, def.value);
      case "typevar": {
        const variable = { kind: "typevar" as const, name: def.name };
        return def.bound === undefined ? variable : { ...variable, bound: this.annotations.annotation(unit, def.bound) };
      }
      // Chosen before: no such binding is left in a file of the program.
      case "select":
      case "unknown":
        return unknown("dynamic");
    }
  }

  typeOfFound(found: readonly Found[]): Type {
    if (found.length === 0) return unknown("name");
    if (found.length === 1) return this.typeOfDefs((found[0] as Found).unit, (found[0] as Found).defs);
    return unionOf(found.map((place) => this.typeOfDefs(place.unit, place.defs)));
  }

  #importFrom(unit: Unit, def: Def & { kind: "from" }): Type {
    const module = this.names.moduleOf(def, unit.file);
    return module ? this.moduleMember(module, def.name, unit.file) : this.#missing(def.level > 0 ? "" : def.module);
  }

  /** What a module gives that is not there. */
  #missing(module: string): Type {
    return unknown(this.decorators.isComplete(module) ? "complete" : "import");
  }

  moduleMember(module: Module, name: string, from: SourceFile): Type {
    const { file } = module;
    if (file) {
      const found = this.names.inModule(file, name);
      if (found.length > 0) {
        const type = this.fills.ofGlobal(this.typeOfFound(found), file, name);
        // `from . import x` inside the package's own __init__ names the submodule.
        if (type.kind !== "unknown") return type;
        if (type.reason !== "cycle") return this.declarations.ofModule(file, name) ?? type;
      }
    }
    const submodule = this.modules.submodule(module, name, file ?? from);
    if (submodule) return { kind: "module", module: submodule };
    const declared = file && this.declarations.ofModule(file, name);
    if (declared) return declared;
    // What a text with a syntax error defines may be more than what could be read of it.
    if (file?.facts.broken) return unknown("broken");
    if (file) return unknown(this.#isDescribed(file) ? "complete" : "attribute");
    return unknown(module.unread ?? "import");
  }

  /** A library whose stub names all of it that blocks. */
  #isDescribed({ origin, module }: SourceFile): boolean {
    return (origin === "stub" || origin === "package") && this.decorators.isComplete(module);
  }

  #parameter(unit: Unit, scopeId: ScopeId, index: number): Type {
    const entity = functionAt(unit, scopeId);
    const scope = scopeOf(entity);
    const parameter = scope.parameters[index];
    if (!parameter) return unknown("parameter");
    const declared =
      parameter.annotation === undefined
        ? (this.declarations.parameter(entity, parameter.name) ?? unknown("parameter"))
        : this.annotations.annotation(unit, parameter.annotation);
    if (parameter.annotation !== undefined || declared.kind !== "unknown") {
      if (parameter.kind === "var-positional") return this.instance("tuple", [declared]);
      if (parameter.kind === "var-keyword") return this.instance("dict", [this.instance("str"), declared]);
      // `cls: type[T]` is the class all the same.
      const isClass = index === 0 && entity.owner !== undefined && declared.kind === "callable";
      if (declared.kind !== "unknown" && !isClass) return declared;
    }
    if (index === 0 && entity.owner && scope.kind === "function") {
      const shape = this.#binding(entity);
      if (shape === "class")
        return { kind: "class", class: entity.owner, args: this.classes.ownParameters(entity.owner), self: true };
      if (shape !== "static") return { ...this.classes.selfType(entity.owner), self: true };
    }
    if (parameter.kind === "var-positional") return this.instance("tuple", [unknown("parameter")]);
    if (parameter.kind === "var-keyword") return this.instance("dict", [this.instance("str"), unknown("parameter")]);
    if (parameter.default !== undefined) {
      const provided = this.provided(unit, parameter.default);
      if (provided) return provided;
      const value = this.typeOf(unit, parameter.default);
      // A default of None says nothing; any other says what kind of thing is meant.
      if (value.kind === "instance") return { kind: "instance", class: value.class, args: value.args, exact: false };
    }
    // What the annotation lacks is why nothing is known; where it says anything goes, nobody said what comes.
    return declared.kind === "unknown" && declared.reason !== "dynamic" ? declared : unknown("parameter");
  }

  #binding(entity: FunctionEntity): FunctionType["binding"] {
    const { name } = scopeOf(entity);
    if (name === "__new__") return "static";
    if (name === "__init_subclass__" || name === "__class_getitem__") return "class";
    for (const decorator of decoratorsOf(entity)) {
      if (decorator === "staticmethod") return "static";
      if (decorator === "classmethod" || decorator === "validator" || decorator === "root_validator") return "class";
    }
    return undefined;
  }

  typeOf(unit: Unit, id: ExprId): Type {
    const cell = cellOfExpr(unit, id);
    this.depends(cell);
    const known = unit.exprTypes[id];
    if (known !== undefined) return known ?? unknown("cycle");
    if (this.isPostponed(() => this.typeOf(unit, id))) return unknown("budget");
    unit.exprTypes[id] = null;
    const type = this.within(cell, () => this.#typeOfExpr(unit, exprOf(unit, id)));
    unit.exprTypes[id] = this.isGivingUp ? undefined : type;
    return type;
  }

  #typeOfExpr(unit: Unit, expr: Expr): Type {
    switch (expr.kind) {
      case "name": {
        const found = this.names.lookup(unit, expr.scope, expr.name);
        const type = this.typeOfFound(found);
        const [place] = found;
        if (!place) return type;
        if (place.unit.index === 0) return this.fills.ofGlobal(type, place.unit.file, expr.name);
        return this.fills.ofLocal(type, place.unit, expr.name, place.defs);
      }
      case "local":
        return this.fills.ofLocal(this.typeOfDefs(unit, expr.defs), unit, expr.name, expr.defs);
      case "attribute":
        return this.member(this.typeOf(unit, expr.of), expr.name, unit.file);
      case "call":
        return this.#call(unit, expr);
      case "await":
        return this.awaited(this.typeOf(unit, expr.of));
      case "subscript":
        return this.#subscript(unit, expr);
      case "constant":
        return this.constant(expr.value);
      case "literal":
        return expr.type === "ellipsis" ? unknown("dynamic") : this.instance(expr.type);
      case "sequence":
        if (expr.type === "tuple") return { kind: "tuple", items: expr.items.map((item) => this.typeOf(unit, item)) };
        return this.instance(expr.type, [this.#elementUnion(unit, expr.items)]);
      case "dict":
        return this.instance("dict", [this.#elementUnion(unit, expr.keys), this.#elementUnion(unit, expr.values)]);
      case "binary":
        return this.#binary(unit, expr);
      case "compare":
        return this.instance("bool");
      case "unary":
        return expr.operator === "not" ? this.instance("bool") : withoutConstant(this.typeOf(unit, expr.of));
      case "boolean":
        return unionOf([this.typeOf(unit, expr.left), this.typeOf(unit, expr.right)]);
      case "conditional":
        return unionOf([this.typeOf(unit, expr.then), this.typeOf(unit, expr.else)]);
      case "lambda":
        return { kind: "function", function: functionAt(unit, expr.scope) };
      case "generator":
        return this.#generatorType(functionAt(unit, expr.scope), expr.async);
      case "comprehension":
        if (expr.type === "dict" && expr.value !== undefined) {
          return this.instance("dict", [
            withoutConstant(this.typeOf(unit, expr.element)),
            withoutConstant(this.typeOf(unit, expr.value)),
          ]);
        }
        return this.instance(expr.type, [withoutConstant(this.typeOf(unit, expr.element))]);
      case "unknown":
        return unknown(expr.tooDeep ? "budget" : "dynamic");
      case "yield":
      case "star":
        return unknown("dynamic");
    }
  }

  #elementUnion(unit: Unit, items: readonly ExprId[]): Type {
    if (items.length === 0) return unknown("dynamic");
    return unionOf(items.slice(0, 12).map((item) => withoutConstant(this.typeOf(unit, item))));
  }

  constant(value: string | number | boolean | null): Type {
    if (value === null) return NONE;
    const name =
      typeof value === "string" ? "str" : typeof value === "boolean" ? "bool" : Number.isInteger(value) ? "int" : "float";
    const type = this.instance(name);
    return type.kind === "instance" ? { ...type, constant: value } : type;
  }

  // ---- Operators, subscripts, iteration ----
  #binary(unit: Unit, expr: Expr & { kind: "binary" }): Type {
    const left = this.typeOf(unit, expr.left);
    if (expr.operator === "|" && (left.kind === "class" || left.kind === "none" || left.kind === "union")) {
      // A union written as a value: an alias of types.
      const right = this.typeOf(unit, expr.right);
      if (left.kind !== "union" || left.members.some((member) => member.kind === "class")) return unionOf([left, right]);
    }
    return this.#operator(left, expr.operator, this.typeOf(unit, expr.right));
  }

  #operator(left: Type, operator: string, right: Type): Type {
    const method = OPERATOR_METHODS[operator];
    if (!method) return unknown("dynamic");
    const results: Type[] = [];
    for (const member of membersOf(left)) {
      if (member.kind === "none") continue;
      const direct = this.callMethod(member, `__${method}__`, [right]);
      if (direct && !(direct.kind === "unknown")) results.push(direct);
      else {
        const reflected = this.callMethod(right, `__r${method}__`, [member]);
        results.push(reflected ?? direct ?? unknown("dynamic"));
      }
    }
    return results.length > 0 ? unionOf(results) : unknown("dynamic");
  }

  /** Result of calling a method with argument types; undefined when the type has no such method. */
  callMethod(type: Type, name: string, args: readonly Type[]): Type | undefined {
    if (type.kind !== "instance" && type.kind !== "tuple") return undefined;
    const method = this.member(type, name);
    if (method.kind !== "function") return undefined;
    return this.#result(method, { types: args });
  }

  #subscript(unit: Unit, expr: Expr & { kind: "subscript" }): Type {
    const of = this.typeOf(unit, expr.of);
    const results: Type[] = [];
    for (const member of membersOf(of)) {
      if (member.kind === "none") continue;
      results.push(this.#subscriptMember(unit, expr, member));
    }
    return results.length > 0 ? unionOf(results) : unknown("dynamic");
  }

  #subscriptMember(unit: Unit, expr: Expr & { kind: "subscript" }, given: Type): Type {
    const of = this.#asTuple(given);
    const index = exprOf(unit, expr.index);
    if (of.kind === "tuple") {
      if (index.kind === "constant" && typeof index.value === "number") return of.items.at(index.value) ?? unknown("dynamic");
      return of.items.length > 0 ? unionOf(of.items) : unknown("dynamic");
    }
    if (of.kind === "class") {
      const items = index.kind === "sequence" && index.type === "tuple" ? index.items : [expr.index];
      return { kind: "class", class: of.class, args: items.map((item) => this.annotations.annotation(unit, item)) };
    }
    if (of.kind !== "instance") return of.kind === "unknown" ? of : unknown("dynamic");
    if (index.kind === "constant" && index.value !== null) {
      const field = typeof index.value === "string" ? this.#typedItem(of, index.value) : undefined;
      const item = field ?? this.#writtenItem(unit, expr.of, index.value);
      if (item) return item;
    }
    return this.callMethod(of, "__getitem__", [this.typeOf(unit, expr.index)]) ?? unknown("dynamic");
  }

  /** `row["name"]` of a typed dictionary. */
  #typedItem(of: Type & { kind: "instance" }, key: string): Type | undefined {
    if (of.class.unit.file.origin === "typeshed" || !this.#isTypedDict(of.class)) return undefined;
    const [place] = this.classes.memberPlaces(of.class, key);
    if (!place) return undefined;
    const map = this.classes.substitutionFor(of.class, of.args, place.owner);
    const type = this.typeOfDefs(place.unit, place.defs);
    return map ? substitute(type, map) : type;
  }

  /** `TABLE["name"]` of a table that is written down and never added to. */
  #writtenItem(unit: Unit, id: ExprId, key: Constant): Type | undefined {
    const written = this.names.writtenFor(unit, id);
    const table = written && exprOf(written.unit, written.id);
    if (!written || table?.kind !== "dict" || table.open || this.fills.isFilled(unit, id)) return undefined;
    const keys = table.keys.map((at) => exprOf(written.unit, at));
    if (keys.some((at) => at.kind !== "constant")) return undefined;
    const index = keys.findLastIndex((at) => at.kind === "constant" && at.value === key);
    const value = table.values[index];
    return value === undefined ? undefined : withoutConstant(this.typeOf(written.unit, value));
  }

  /** `row.get("name")` of a typed dictionary, or of a table that is written down. */
  #typedGet(unit: Unit, expr: Expr & { kind: "call" }): Type | undefined {
    const callee = exprOf(unit, expr.callee);
    const key = expr.args[0] && exprOf(unit, expr.args[0].value);
    if (callee.kind !== "attribute" || callee.name !== "get" || key?.kind !== "constant" || typeof key.value !== "string")
      return undefined;
    const of = this.typeOf(unit, callee.of);
    if (of.kind !== "instance") return undefined;
    const item = this.#typedItem(of, key.value);
    if (item) return unionOf([item, expr.args[1] ? this.typeOf(unit, expr.args[1].value) : NONE]);
    return this.#writtenItem(unit, callee.of, key.value);
  }

  #isTypedDict(entity: ClassEntity): boolean {
    return this.classes
      .mro(entity)
      .some((link) =>
        scopeOf(link).bases.some((base) => /(^|\.)TypedDict$/.test(this.names.symbol(link.unit, base.value) ?? "")),
      );
  }

  #element(whole: Type, index: number, star: boolean): Type {
    const elements = membersOf(whole).map((given): Type => {
      const member = this.#asTuple(given);
      if (member.kind === "tuple") {
        if (star) return this.instance("list", [unionOf(member.items.length > 0 ? member.items : [unknown("dynamic")])]);
        return member.items.at(index) ?? unknown("dynamic");
      }
      const element = this.iterated(member, false);
      return star ? this.instance("list", [element]) : element;
    });
    return unionOf(elements);
  }

  /** A named tuple as the tuple of its fields. */
  #asTuple(type: Type): Type {
    if (type.kind !== "instance") return type;
    const named = this.classes
      .mro(type.class)
      .find((entity) =>
        scopeOf(entity).bases.some((base) => /^typing\w*\.NamedTuple$/.test(this.names.symbol(entity.unit, base.value) ?? "")),
      );
    if (!named) return type;
    const fields = Object.entries(scopeOf(named).bindings).filter(([, defs]) =>
      defs.some((def) => named.unit.chunk.defs[def]?.kind === "annotated"),
    );
    return { kind: "tuple", items: fields.map(([name]) => this.member(type, name)) };
  }

  /** What a `for` over the type gives. */
  iterated(type: Type, isAsync: boolean): Type {
    const elements: Type[] = [];
    for (const member of membersOf(type)) {
      if (member.kind === "none") continue;
      if (member.kind === "tuple" && !isAsync)
        elements.push(member.items.length > 0 ? unionOf(member.items) : unknown("dynamic"));
      else if (member.kind === "instance") {
        const iterator = this.callMethod(member, isAsync ? "__aiter__" : "__iter__", []);
        const next = iterator && this.callMethod(iterator, isAsync ? "__anext__" : "__next__", []);
        elements.push(next ? (isAsync ? this.awaited(next) : next) : unknown("dynamic"));
      } else if (member.kind === "class" && !isAsync && this.#isEnum(member.class))
        elements.push({ kind: "instance", class: member.class, args: member.args, exact: true });
      else elements.push(unknown("dynamic"));
    }
    return elements.length > 0 ? unionOf(elements) : unknown("dynamic");
  }

  /** What `with value as x` binds. */
  entered(type: Type, isAsync: boolean): Type {
    const results = membersOf(type)
      .filter((member) => member.kind !== "none")
      .map((member): Type => {
        if (member.kind === "manager") return member.of;
        if (member.kind !== "instance") return unknown(member.kind === "unknown" ? member.reason : "dynamic");
        const entered = this.callMethod(member, isAsync ? "__aenter__" : "__enter__", []);
        if (!entered) return unknown("attribute");
        return isAsync ? this.awaited(entered) : entered;
      });
    return results.length > 0 ? unionOf(results) : unknown("dynamic");
  }

  awaited(type: Type): Type {
    const results = membersOf(type).flatMap((member): Type[] => {
      if (member.kind === "awaitable") return [member.of];
      if (member.kind !== "instance") return member.kind === "unknown" ? [member] : [];
      const generator = this.callMethod(member, "__await__", []);
      if (generator?.kind === "instance") return [generator.args[2] ?? unknown("dynamic")];
      return [];
    });
    // Awaiting is evidence: what cannot be awaited is not what stands there.
    return results.length > 0 ? unionOf(results) : unknown("awaited");
  }

  isAwaitable(type: Type): boolean | undefined {
    if (type.kind === "awaitable") return true;
    if (type.kind === "unknown" || type.kind === "typevar" || type.kind === "callable") return undefined;
    if (type.kind === "union") {
      const answers = type.members.map((member) => this.isAwaitable(member));
      return answers.every((answer) => answer === true) ? true : answers.every((answer) => answer === false) ? false : undefined;
    }
    if (type.kind === "instance") {
      if (this.classes.memberPlaces(type.class, "__await__").length > 0) return true;
      return this.classes.hasUnknownBase(type.class) ? undefined : false;
    }
    return false;
  }

  #instancesOf(type: Type): Type {
    const members = membersOf(type).flatMap((member) => (member.kind === "tuple" ? member.items.flatMap(membersOf) : [member]));
    const classes = members.filter((member) => member.kind === "class");
    if (classes.length === 0) return unknown("dynamic");
    return unionOf(classes.map((member) => ({ kind: "instance", class: member.class, args: [], exact: false })));
  }

  /** The one value that a name stands for: a constant of a module, a member of an enumeration. */
  valueOf(unit: Unit, id: ExprId): Value | undefined {
    const constant = this.names.moduleConstant(unit, id) ?? this.#declaredConstant(unit, id);
    if (constant !== undefined) return { kind: "constant", value: constant };
    const expr = exprOf(unit, id);
    if (expr.kind !== "attribute") return undefined;
    const of = this.typeOf(unit, expr.of);
    if (of.kind !== "class") return undefined;
    const place = this.classes.memberPlaces(of.class, expr.name)[0];
    return place && this.#isEnumMember(place, expr.name)
      ? { kind: "member", name: `${fullName(place.owner)}.${expr.name}` }
      : undefined;
  }

  /** typeshed declares `WNOHANG: Final[int]`; the stub beside it says which number that is. */
  #declaredConstant(unit: Unit, id: ExprId): Constant | undefined {
    const expr = exprOf(unit, id);
    if (expr.kind === "attribute" && this.typeOf(unit, expr.of).kind !== "module") return undefined;
    if (this.typeOf(unit, id).kind !== "instance") return undefined;
    const symbol = this.names.symbol(unit, id);
    return symbol === undefined ? undefined : this.decorators.constantOf(symbol);
  }

  /** Lineages of everything an expression may be; undefined where something of it is unknown. */
  classesOf(unit: Unit, id: ExprId): readonly Lineage[] | undefined {
    const lineages = membersOf(this.typeOf(unit, id)).map((member): Lineage | undefined => {
      if (member.kind === "none") return ["types.NoneType"];
      const entity = this.#classOf(member);
      return entity && !this.classes.hasUnknownBase(entity) && !this.#isOther(entity) ? this.#lineage(entity) : undefined;
    });
    const known = lineages.filter((lineage) => lineage !== undefined);
    return known.length === lineages.length ? known : undefined;
  }

  /** Lineages of the classes that `isinstance(x, <expression>)` asks for; undefined where other classes may answer to them. */
  checkedClasses(unit: Unit, id: ExprId): readonly Lineage[] | undefined {
    const wanted = membersOf(this.#instancesOf(this.typeOf(unit, id)));
    const isOpen = wanted.some((member) => member.kind !== "instance" || this.#answersForOthers(member.class));
    return isOpen ? undefined : wanted.flatMap((member) => (member.kind === "instance" ? [this.#lineage(member.class)] : []));
  }

  /** What a collection holds that a name stands for, where it is written down: a tuple, or a table that may still grow. */
  itemsOf(unit: Unit, id: ExprId): Sequence | undefined {
    const written = this.names.writtenFor(unit, id);
    const expr = written && exprOf(written.unit, written.id);
    const items = expr?.kind === "sequence" ? expr.items : expr?.kind === "dict" ? expr.keys : undefined;
    if (!written || !items || items.length > MAX_COLLECTION) return undefined;
    const known = items.map((item) => exprOf(written.unit, item)).filter((item) => item.kind === "constant");
    const isWhole = known.length === items.length && expr?.kind === "sequence" && expr.type === "tuple";
    return { kind: "sequence", items: known, ...(isWhole ? {} : { open: true }) };
  }

  /** Abstract classes of the standard library and protocols ask for methods, not for bases. */
  #answersForOthers(entity: ClassEntity): boolean {
    return (
      this.signatures.isProtocol(entity) || /^(?:typing|collections\.abc|_collections_abc|numbers)$/.test(entity.unit.file.module)
    );
  }

  /** A declared class whose values may be of another: protocols, typed dictionaries, and `float`, which takes an `int`. */
  #isOther(entity: ClassEntity): boolean {
    if (this.signatures.isProtocol(entity) || fullName(entity) === "builtins.float") return true;
    return this.classes
      .mro(entity)
      .some((link) =>
        scopeOf(link).bases.some((base) =>
          /(^|\.)(?:TypedDict|NamedTuple)$/.test(this.names.symbol(link.unit, base.value) ?? ""),
        ),
      );
  }

  #lineage(entity: ClassEntity): Lineage {
    return this.classes.mro(entity).map(fullName);
  }

  #narrowed(before: Type, test: Type, negated: boolean): Type {
    const wanted = this.#instancesOf(test);
    if (wanted.kind === "unknown") return before;
    const classes = membersOf(wanted).flatMap((member) => (member.kind === "instance" ? [member.class] : []));
    const isOne = (member: Type): boolean => {
      const entity = this.#classOf(member);
      return entity !== undefined && classes.some((candidate) => this.classes.isSubclass(entity, candidate));
    };
    if (negated) {
      const left = membersOf(before).filter((member) => !isOne(member));
      return left.length > 0 ? unionOf(left) : before;
    }
    const kept = membersOf(before).filter(isOne);
    return kept.length > 0 ? unionOf(kept) : wanted;
  }

  #classOf(type: Type): ClassEntity | undefined {
    if (type.kind === "instance") return type.class;
    return type.kind === "tuple" ? this.builtinClass("tuple") : undefined;
  }

  #isAssignable(value: Type, declared: Type): boolean {
    const entity = this.#classOf(value);
    if (!entity) return false;
    return membersOf(declared).some((member) => member.kind === "instance" && this.classes.isSubclass(entity, member.class));
  }

  // ---- Attributes ----
  /** The type of `of.name`, methods bound. */
  member(of: Type, name: string, from?: SourceFile): Type {
    switch (of.kind) {
      case "unknown":
        return of;
      case "none":
        return unknown("attribute");
      case "module":
        return this.moduleMember(of.module, name, from ?? (of.module.file as SourceFile));
      case "union": {
        const types = of.members.filter((member) => member.kind !== "none").map((member) => this.member(member, name, from));
        // A member without the attribute is not what stands there, as long as another has it.
        const known = types.filter(
          (type) => !(type.kind === "unknown" && (type.reason === "attribute" || type.reason === "complete")),
        );
        return unionOf(known.length > 0 ? known : types.length > 0 ? types : [unknown("attribute")]);
      }
      case "instance":
        return this.#instanceMember(of, name);
      case "class":
        return this.#classMember(of, name);
      case "super": {
        const order = this.classes.mro(of.class).slice(1);
        const place = this.classes.memberPlaces(of.class, name, order)[0];
        if (!place)
          return unknown(
            this.classes.unknownBase(of.class) ?? (this.#isDescribed(of.class.unit.file) ? "complete" : "attribute"),
          );
        // The method of the base is meant, whatever subclasses define.
        const bound: Type = of.bound.kind === "instance" ? { ...of.bound, exact: true } : of.bound;
        return this.#bind(this.typeOfDefs(place.unit, place.defs), bound, bound, undefined);
      }
      case "tuple":
        return this.member(this.instance("tuple", [of.items.length > 0 ? unionOf(of.items) : unknown("dynamic")]), name);
      case "typevar":
        return of.bound ? this.member(of.bound, name, from) : unknown("dynamic");
      case "awaitable": {
        const coroutine = this.builtinClass("Coroutine", "typing");
        return coroutine
          ? this.#instanceMember({ kind: "instance", class: coroutine, args: [], exact: false }, name)
          : unknown("attribute");
      }
      case "callable":
        return of.class && of.returns.kind === "typevar" && of.returns.bound
          ? this.member(classesOf(of.returns.bound), name, from)
          : unknown("attribute");
      case "partial":
        return name === "func" ? of.callee : unknown("attribute");
      case "function":
        if (name === "__wrapped__" || name === "__func__") return of;
        if (of.cached && (name === "cache_clear" || name === "cache_info")) return { kind: "callable", returns: NONE };
        return unknown("attribute");
      default:
        return unknown("attribute");
    }
  }

  #instanceMember(of: Type & { kind: "instance" }, name: string): Type {
    if (name === "__class__") return classOf(of);
    const places = this.classes.memberPlaces(of.class, name);
    const first = places[0];
    if (!first) {
      const below = this.#memberBelow(of, name);
      if (below) return below;
      const declared = this.declarations.ofAttribute(of.class, name);
      if (declared) return this.#bind(declared, of, of, undefined);
      if (this.classes.memberPlaces(of.class, "__getattr__").some((place) => place.owner.qualifiedName !== "object"))
        return this.callMethod(of, "__getattr__", [this.instance("str")]) ?? unknown("dynamic");
      return unknown(this.classes.unknownBase(of.class) ?? (this.#isDescribed(of.class.unit.file) ? "complete" : "attribute"));
    }
    const substitution = this.classes.substitutionFor(of.class, of.args, first.owner);
    const assigned = this.fills.ofAttribute(this.#declaredType(places, of), of.class, name);
    const declared = (assigned.kind === "unknown" && this.declarations.ofAttribute(first.owner, name)) || assigned;
    if (isLeftOpen(declared)) return this.#memberBelow(of, name) ?? this.#bind(declared, of, of, substitution);
    return this.#orBelow(this.#bind(declared, of, of, substitution), declared, places, of, name);
  }

  /**
   * What subclasses set an attribute to that their base leaves open: `model = None` of a base class whose methods use
   * `cls.model`. Undefined where the receiver's class is known exactly, or no subclass says anything.
   */
  #memberBelow(receiver: Receiver, name: string): Type | undefined {
    if (!receiver.self || !isOpenReceiver(receiver) || !this.#descendants) return undefined;
    const types = this.#descendants.definers(receiver, name).flatMap((entity): Type[] => {
      const declared = this.#declaredType(this.classes.memberPlaces(entity, name, [entity]));
      const lowered: Receiver = { ...receiver, class: entity, args: [] };
      // A method is found where it is called.
      if (isLeftOpen(declared) || (declared.kind === "function" && !declared.binding?.endsWith("property"))) return [];
      return [this.#bind(declared, lowered.kind === "instance" ? lowered : undefined, lowered, undefined)];
    });
    return types.length > 0 ? this.#joined(types) : undefined;
  }

  /**
   * What a class says of an attribute that its subclasses set to something else: `client_class = Client`. An annotation
   * speaks for all of them; which of their methods runs is found where they are called.
   */
  #orBelow(type: Type, declared: Type, places: readonly MemberPlace[], receiver: Receiver, name: string): Type {
    if (!isOpenReceiver(receiver) || receiver.class.unit.file.origin !== "workspace" || !this.#descendants) return type;
    const says = ({ unit, defs }: MemberPlace): boolean => defs.some((def) => unit.chunk.defs[def]?.kind === "annotated");
    const isSettled = (member: Type): boolean =>
      member.kind === "function" && (!member.binding?.endsWith("property") || scopeOf(member.function).returns !== undefined);
    if (membersOf(declared).some(isSettled) || places.some(says)) return type;
    const below = this.#descendants.definers(receiver, name);
    if (below.length === 0) return type;
    const types = below.flatMap((entity): Type[] => {
      const lowered: Receiver = { ...receiver, class: entity, args: [] };
      const set = this.#declaredType(this.classes.memberPlaces(entity, name, [entity]));
      if (set.kind === "none") return [];
      return [withoutConstant(this.#bind(set, lowered.kind === "instance" ? lowered : undefined, lowered, undefined))];
    });
    const own = withoutConstant(type);
    const joined = this.#joined([own, ...types]);
    return joined.kind === "unknown" ? unionOf([own, unknown("dynamic")]) : joined;
  }

  /** The methods whose results a call may give: also those of subclasses, where no annotation speaks for them. */
  #answering(type: FunctionType): readonly Type[] {
    const { bound, function: entity } = type;
    const isOpen = (bound?.kind === "instance" || bound?.kind === "class") && isOpenReceiver(bound);
    if (!isOpen || entity.unit.file.origin !== "workspace" || !this.#descendants) return [type];
    const { name, returns, stub } = scopeOf(entity);
    if (returns !== undefined || type.overloads) return [type];
    const below = this.#descendants.definers(bound, name);
    if (below.length > MAX_ANSWERING) return [type, unknown("dynamic")];
    const methods = below.flatMap((below): Type[] => {
      const set = this.#declaredType(this.classes.memberPlaces(below, name, [below]));
      if (set.kind === "function" && scopeOf(set.function).stub) return [];
      const lowered: Receiver = { ...bound, class: below, args: [] };
      return [this.#bind(set, lowered.kind === "instance" ? lowered : undefined, lowered, undefined)];
    });
    return stub && methods.length > 0 ? methods : [type, ...methods];
  }

  /** The union; of more classes than a union holds, their nearest common base. */
  #joined(types: readonly Type[]): Type {
    const union = unionOf(types);
    if (union.kind !== "unknown" || union.reason !== "budget") return union;
    const [first, ...rest] = types;
    if (first?.kind !== "instance" && first?.kind !== "class") return union;
    const common = this.classes
      .mro(first.class)
      .find((base) => rest.every((type) => type.kind === first.kind && this.classes.isSubclass(type.class, base)));
    if (!common || common.qualifiedName === "object") return union;
    return first.kind === "class"
      ? { kind: "class", class: common, args: [] }
      : { kind: "instance", class: common, args: [], exact: false };
  }

  /** Of several places in one class: what an annotation says, else the union of what is assigned, as the receiver sees it. */
  #declaredType(places: readonly MemberPlace[], receiver?: Receiver): Type {
    for (const place of places) {
      const annotated = place.defs.find((id) => place.unit.chunk.defs[id]?.kind === "annotated");
      if (annotated !== undefined) {
        const type = this.typeOfDef(place.unit, annotated);
        if (type.kind !== "unknown") return type;
      }
    }
    const seen = receiver && this.receivers.attribute(places, receiver);
    if (seen) return seen;
    const types = places.map((place) => this.typeOfDefs(place.unit, place.defs));
    const known = types.filter((type) => type.kind !== "none");
    return unionOf(known.length > 0 ? known : types);
  }

  #classMember(receiver: Type & { kind: "class" }, name: string): Type {
    const { class: entity, args } = receiver;
    const places = this.classes.memberPlaces(entity, name);
    const [place] = places;
    if (!place) {
      const below = this.#memberBelow(receiver, name);
      if (below) return below;
      if (name === "__name__" || name === "__qualname__" || name === "__module__") return this.instance("str");
      const declared = this.declarations.ofAttribute(entity, name);
      if (declared) return this.#bind(declared, undefined, receiver, undefined);
      return unknown(this.classes.unknownBase(entity) ?? (this.#isDescribed(entity.unit.file) ? "complete" : "attribute"));
    }
    if (this.#isEnumMember(place, name)) return { kind: "instance", class: entity, args, exact: true };
    const inBody = this.typeOfDefs(place.unit, place.defs);
    // `_instance = None` in the body, and `cls._instance = cls()` in a method.
    const declared = isLeftOpen(inBody) && places.length > 1 ? this.#declaredType(places) : inBody;
    const type = this.fills.ofAttribute(declared, entity, name);
    const substitution = this.classes.substitutionFor(entity, args, place.owner);
    const bound = (): Type => this.#bind(type, undefined, receiver, substitution);
    if (isLeftOpen(type)) return this.#memberBelow(receiver, name) ?? bound();
    return this.#orBelow(bound(), type, places, receiver, name);
  }

  /** `Speed.SLOW` of `class Speed(Enum): SLOW = 1`. */
  #isEnumMember({ owner, unit, defs }: MemberPlace, name: string): boolean {
    const isAssigned = defs.every((def) => unit.chunk.defs[def]?.kind === "assign");
    return isAssigned && !name.startsWith("_") && this.#isEnum(owner);
  }

  #isEnum(entity: ClassEntity): boolean {
    return this.classes.mro(entity).some((base) => fullName(base) === "enum.Enum");
  }

  /** Binds what a class holds to the receiver it is read from; `instance` is undefined when read from the class itself. */
  #bind(type: Type, instance: Type | undefined, receiver: Type, substitution: Substitution | undefined): Type {
    const bindOne = (member: Type): Type => {
      if (member.kind === "instance" && instance && !member.constant) {
        const read = this.#readDescriptor(member, instance);
        if (read) return substitution ? substitute(read, substitution) : read;
      }
      if (member.kind !== "function") {
        const self = new Map<string, Type>(substitution).set("Self", instance ?? instancesOf(receiver));
        return substitute(member, self);
      }
      switch (member.binding) {
        case "static":
          return member;
        case "class":
          return {
            ...member,
            bound: instance?.kind === "instance" ? classOf(instance) : receiver,
          };
        case "property":
        case "cached-property":
          if (!instance) return member;
          return this.#result({ ...member, bound: instance }, { types: [] });
        default:
          return instance ? { ...member, bound: instance } : member;
      }
    };
    return unionOf(membersOf(type).map(bindOne));
  }

  /** What an attribute gives whose class says so itself: a descriptor, `Mapped[User]`. */
  #readDescriptor(value: Type & { kind: "instance" }, instance: Type): Type | undefined {
    const [place] = this.classes.memberPlaces(value.class, "__get__");
    if (!place || place.owner.qualifiedName === "object") return undefined;
    const owner: Type = instance.kind === "instance" ? { kind: "class", class: instance.class, args: instance.args } : NONE;
    const read = this.callMethod(value, "__get__", [instance, owner]);
    return read?.kind === "unknown" ? undefined : read;
  }

  /** The property behind `of.name`, for each member of the receiver that has one. */
  propertiesOf(of: Type, name: string): FunctionType[] {
    const found: FunctionType[] = [];
    for (const member of membersOf(of)) {
      if (member.kind !== "instance") continue;
      const place = this.classes.memberPlaces(member.class, name)[0];
      if (!place) {
        const getter = this.#getterOf(member);
        if (getter) found.push(getter);
        continue;
      }
      const type = this.typeOfDefs(place.unit, place.defs);
      if (type.kind === "function" && (type.binding === "property" || type.binding === "cached-property")) {
        found.push({ ...type, bound: member });
      }
    }
    return found;
  }

  /** The function behind `@name.setter`, or `@name.deleter`, of the class that has the property. */
  setterOf(receiver: Type & { kind: "instance" }, name: string, deletes: boolean): FunctionType | undefined {
    const [place] = this.classes.memberPlaces(receiver.class, name);
    if (!place || place.owner.unit.file.origin === "typeshed") return undefined;
    const type = this.typeOfDefs(place.unit, place.defs);
    if (type.kind !== "function" || type.binding !== "property") return undefined;
    const decorator = `${name}.${deletes ? "deleter" : "setter"}`;
    for (const { unit, scopeId, scope } of this.classes.methodScopes(place.owner)) {
      if (scope.name !== name) continue;
      const entity = functionAt(unit, scopeId);
      if (decoratorsOf(entity).includes(decorator)) return { kind: "function", function: entity, bound: receiver };
    }
    return undefined;
  }

  /** `__getattr__`, which answers for what nothing else defines. */
  #getterOf(receiver: Type & { kind: "instance" }): FunctionType | undefined {
    const place = this.classes.memberPlaces(receiver.class, "__getattr__")[0];
    if (!place || place.owner.unit.file.origin === "typeshed" || this.classes.hasUnknownBase(receiver.class)) return undefined;
    const type = this.typeOfDefs(place.unit, place.defs);
    return type.kind === "function" ? { ...type, bound: receiver } : undefined;
  }

  // ---- Functions ----
  /** The type of a function's name: what its decorators make of it. */
  #shape(entity: FunctionEntity): Type {
    const cell = cellOf(entity);
    this.depends(cell);
    const { shapes } = entity.unit;
    const known = shapes[entity.scopeId];
    if (known !== undefined) return known ?? { kind: "function", function: entity };
    shapes[entity.scopeId] = null;
    const type = this.within(cell, () => this.#decorated(entity));
    shapes[entity.scopeId] = this.isGivingUp ? undefined : type;
    return type;
  }

  shapeOf(entity: FunctionEntity): Type {
    return this.#shape(entity);
  }

  #decorated(entity: FunctionEntity): Type {
    const scope = scopeOf(entity);
    let type: Type = { kind: "function", function: entity };
    const overloads = this.declarations.signaturesOf(entity);
    if (overloads.length > 1) type = { ...type, overloads };
    if (entity.owner) {
      if (scope.name === "__new__") type = { ...type, binding: "static" };
      else if (scope.name === "__init_subclass__" || scope.name === "__class_getitem__") type = { ...type, binding: "class" };
    }
    for (const decorator of [...scope.decorators].reverse()) type = this.#applyDecorator(entity.unit, decorator, type);
    return type;
  }

  #applyDecorator(unit: Unit, decorator: ExprId, type: Type): Type {
    const symbol = this.names.symbol(unit, decorator);
    const form = symbol === undefined ? undefined : decoratorForm(symbol);
    if (type.kind === "function") {
      switch (form) {
        case "identity":
          return type;
        case "property":
        case "cached-property":
          return { ...type, binding: form };
        case "static":
        case "class":
          return { ...type, binding: form };
        case "contextmanager":
          return { ...type, manager: "sync" };
        case "asynccontextmanager":
          return { ...type, manager: "async" };
        case "cache": {
          const parameters = scopeOf(type.function).parameters.length - (type.function.owner ? 1 : 0);
          return { ...type, cached: parameters === 0 && !type.function.owner ? "once" : "arguments" };
        }
        default:
      }
    }
    const factory = this.#factory(unit, decorator);
    if (factory) return type.kind === "function" ? { ...type, ...factory } : type;
    const applied = this.#applyCallable(this.typeOf(unit, decorator), type);
    if (applied) return applied;
    if (symbol && /\.(setter|getter|deleter)$/.test(symbol)) return type;
    // Stubs write down what decorators do: one they do not explain changes nothing.
    const isWritten = unit.file.origin === "stub" || unit.file.origin === "typeshed";
    return type.kind === "function" && !isWritten ? { ...type, uncertain: true } : type;
  }

  /** `@app.get("/")`: where the stub of the factory says that what it decorates runs. */
  #factory(unit: Unit, decorator: ExprId): Pick<FunctionType, "place" | "decorator"> | undefined {
    const expr = exprOf(unit, decorator);
    if (expr.kind !== "call") return undefined;
    for (const member of membersOf(this.typeOf(unit, expr.callee))) {
      const place = member.kind === "function" ? this.decorators.wrapping(member.function)?.decorates : undefined;
      if (member.kind === "function" && place) return { place, decorator: { factory: member.function, unit, call: decorator } };
    }
    return undefined;
  }

  /** What calling a decorator with `type` gives; undefined when that cannot be read from its body or stub. */
  #applyCallable(decorator: Type, type: Type): Type | undefined {
    if (decorator.kind === "class" && type.kind === "function") {
      const { origin } = decorator.class.unit.file;
      const isDescriptor = this.classes.memberPlaces(decorator.class, "__get__").length > 0;
      const made = origin === "workspace" && !isDescriptor ? this.#construct(decorator, { types: [type] }) : undefined;
      return made?.kind === "instance" ? { ...made, wraps: { ...type, uncertain: true } } : undefined;
    }
    if (decorator.kind === "instance" && decorator.class.unit.file.origin === "stub") {
      const called = this.member(decorator, "__call__");
      return called.kind === "function" ? this.#applyCallable(called, type) : undefined;
    }
    if (decorator.kind !== "function") return undefined;
    const { function: entity } = decorator;
    const wrapping = this.decorators.wrapping(entity);
    if (wrapping?.wraps) return wrapping.wraps === "now" ? type : { kind: "offloaded", callee: type, place: wrapping.wraps };
    if (wrapping?.decorates) return type.kind === "function" ? { ...type, place: wrapping.decorates } : type;
    if (wrapping?.transparent) return type;
    if (entity.unit.file.origin === "stub") return this.#made(entity, type);
    if (entity.unit.file.origin === "typeshed") return undefined;
    const scope = scopeOf(entity);
    const parameter = scope.parameters[decorator.bound ? 1 : 0];
    if (!parameter || scope.async) return undefined;
    const returned = scope.returnValues.map((value) => this.typeOf(entity.unit, value));
    const captured = new Map<string, Type>([...(decorator.captured ?? []), [parameter.name, type]]);
    const results = returned.map((result, index): Type | undefined => {
      const expr = exprOf(entity.unit, scope.returnValues[index] as ExprId);
      // `return func` gives back what came in.
      if (expr.kind === "local" && expr.name === parameter.name) return type;
      if (result.kind === "function" && result.function.unit === entity.unit) return close(result, captured);
      if (result.kind === "partial" && result.callee.kind === "function") return close(result.callee, captured);
      return undefined;
    });
    const read = results.filter((result) => result !== undefined);
    if (read.length === 0 || read.length < results.length) return undefined;
    const known = sameKind(type, read);
    // A method stays one: the wrapper is bound like the function it replaces.
    const binding = type.kind === "function" ? type.binding : undefined;
    const union = unionOf(known);
    return binding && union.kind === "function" ? { ...union, binding } : union;
  }

  /** The object that a decorator of a stub makes of a function: a task, an actor. It can still be called. */
  #made(decorator: FunctionEntity, type: Type): Type | undefined {
    const made = this.returnType(decorator);
    if (made.kind !== "instance" || made.class.unit.file.origin !== "stub" || type.kind !== "function") return undefined;
    return { ...made, wraps: { ...type, uncertain: true } };
  }

  /** Declared, else inferred type of what a call of the function gives, before substitution. */
  returnType(entity: FunctionEntity): Type {
    const cell = cellOf(entity);
    this.depends(cell);
    const { returns } = entity.unit;
    const known = returns[entity.scopeId];
    if (known !== undefined) return known ?? unknown("cycle");
    if (this.isPostponed(() => this.returnType(entity))) return unknown("budget");
    returns[entity.scopeId] = null;
    const type = this.within(cell, () => this.#returnType(entity));
    returns[entity.scopeId] = this.isGivingUp ? undefined : type;
    return type;
  }

  #returnType(entity: FunctionEntity): Type {
    const scope = scopeOf(entity);
    const { unit } = entity;
    const declared = scope.returns === undefined ? undefined : this.annotations.annotation(unit, scope.returns);
    const isGenerator = scope.yields !== undefined;
    if (declared && (declared.kind !== "unknown" || unit.file.origin === "typeshed")) {
      return scope.async && !isGenerator ? { kind: "awaitable", of: declared, function: entity } : declared;
    }
    const typed = this.declarations.returned(entity);
    if (typed) return typed;
    if (isGenerator) return this.#generatorType(entity, scope.async === true);
    let result: Type;
    if (scope.returnValues.length > 0)
      result = unionOf(scope.returnValues.map((value) => withoutConstant(this.typeOf(unit, value))));
    else if (scope.stub || unit.file.origin === "stub") result = unknown("dynamic");
    else result = NONE;
    return scope.async ? { kind: "awaitable", of: result, function: entity } : result;
  }

  /** The class whose types a stub gives: it has the bodies. */
  #implementationOf(entity: ClassEntity): ClassEntity {
    const module = this.modules.sourceOf(entity.unit.file);
    if (!module || entity.qualifiedName.includes("<locals>")) return entity;
    const [first, ...rest] = entity.qualifiedName.split(".") as [string, ...string[]];
    let type = this.moduleMember(module, first, entity.unit.file);
    for (const name of rest) type = this.member(type, name);
    return type.kind === "class" ? type.class : entity;
  }

  #generatorType(entity: FunctionEntity, isAsyncGenerator: boolean): Type {
    const scope = scopeOf(entity);
    const yielded = (scope.yields ?? []).map((id) => {
      const expr = exprOf(entity.unit, id);
      if (expr.kind !== "yield") return withoutConstant(this.typeOf(entity.unit, id));
      if (expr.of === undefined) return NONE;
      const value = this.typeOf(entity.unit, expr.of);
      return expr.from ? this.iterated(value, false) : withoutConstant(value);
    });
    const element = yielded.length > 0 ? unionOf(yielded) : unknown("dynamic");
    const type = this.instance(
      isAsyncGenerator ? "AsyncGenerator" : "Generator",
      [element, unknown("dynamic"), unknown("dynamic")],
      "typing",
    );
    return type.kind === "instance" ? { ...type, runs: entity } : type;
  }

  // ---- Calls ----
  #call(unit: Unit, expr: Expr & { kind: "call" }): Type {
    const special = this.#specialCall(unit, expr) ?? this.#typedGet(unit, expr);
    if (special) return special;
    return this.callResult(this.typeOf(unit, expr.callee), { unit, args: expr.args });
  }

  #specialCall(unit: Unit, expr: Expr & { kind: "call" }): Type | undefined {
    const callee = exprOf(unit, expr.callee);
    if (callee.kind !== "name" && callee.kind !== "attribute" && callee.kind !== "local") return undefined;
    if (!SPECIAL_NAMES.has(callee.name)) return undefined;
    const symbol = this.names.symbol(unit, expr.callee);
    const argument = (index: number): ExprId | undefined => expr.args[index]?.value;
    switch (symbol === undefined ? undefined : callForm(symbol)) {
      case "super":
        return this.#super(unit, expr);
      case "cast": {
        const type = argument(0);
        return type === undefined ? undefined : this.annotations.annotation(unit, type);
      }
      case "getattr": {
        const [of, name] = [argument(0), argument(1)];
        if (of === undefined || name === undefined) return undefined;
        const constant = exprOf(unit, name);
        if (constant.kind !== "constant" || typeof constant.value !== "string") return unknown("dynamic");
        return this.member(this.typeOf(unit, of), constant.value, unit.file);
      }
      case "partial": {
        const of = argument(0);
        return of === undefined ? undefined : { kind: "partial", callee: this.typeOf(unit, of) };
      }
      case "typevar": {
        const name = argument(0);
        const constant = name === undefined ? undefined : exprOf(unit, name);
        const bound = expr.args.find((arg) => arg.name === "bound");
        if (constant?.kind !== "constant") return undefined;
        const variable = { kind: "typevar" as const, name: String(constant.value) };
        return bound ? { ...variable, bound: this.annotations.annotation(unit, bound.value) } : variable;
      }
      case "type": {
        const of = expr.args.length === 1 ? argument(0) : undefined;
        const type = of === undefined ? undefined : this.typeOf(unit, of);
        return type?.kind === "instance" ? classOf(type) : undefined;
      }
      case "newtype": {
        const of = argument(1);
        return of === undefined ? undefined : this.typeOf(unit, of);
      }
      case "copy-type": {
        const of = argument(0);
        return of === undefined ? undefined : this.typeOf(unit, of);
      }
      default:
        return undefined;
    }
  }

  #super(unit: Unit, expr: Expr & { kind: "call" }): Type {
    const callee = exprOf(unit, expr.callee);
    let at: { unit: Unit; scopeId: ScopeId } | undefined = { unit, scopeId: callee.kind === "name" ? callee.scope : 0 };
    while (at) {
      const scope: Scope | undefined = at.unit.chunk.scopes[at.scopeId];
      const parent = parentScope(at.unit, at.scopeId);
      if (scope?.kind === "function" && parent && parent.unit.chunk.scopes[parent.scopeId]?.kind === "class") {
        const entity = classAt(parent.unit, parent.scopeId);
        return { kind: "super", class: entity, bound: this.classes.selfType(entity) };
      }
      at = parent;
    }
    return unknown("dynamic");
  }

  /** What calling `callee` gives. */
  callResult(callee: Type, args: CallArguments): Type {
    const results: Type[] = [];
    for (const member of membersOf(callee)) {
      switch (member.kind) {
        case "none":
          break;
        case "class": {
          const made = this.#lazily(member.class, this.#construct(member, args), args);
          const isOpen = (member.self || member.open) && made.kind === "instance" && made.class === member.class;
          results.push(isOpen ? { ...made, exact: false, ...(member.self ? { self: true } : {}) } : made);
          break;
        }
        case "function":
          for (const answering of this.#answering(member)) {
            if (answering.kind === "function")
              results.push(this.#lazily(answering.function, this.#result(answering, args), args));
            else results.push(answering.kind === "unknown" ? answering : this.callResult(answering, args));
          }
          break;
        case "instance": {
          const call = this.member(member, "__call__");
          results.push(call.kind === "function" ? this.#result(call, args) : unknown("dynamic"));
          break;
        }
        case "partial":
          results.push(this.callResult(member.callee, { types: [] }));
          break;
        case "offloaded":
          results.push({ kind: "awaitable", of: this.callResult(member.callee, { types: [] }) });
          break;
        case "callable":
          results.push(member.returns);
          break;
        case "unknown":
          results.push(member);
          break;
        default:
          results.push(unknown("dynamic"));
      }
    }
    return results.length > 0 ? unionOf(results) : unknown("dynamic");
  }

  /** `map(load, rows)` runs nothing yet; what it will run is remembered. */
  #lazily(entity: ClassEntity | FunctionEntity, made: Type, args: CallArguments): Type {
    if (entity.unit.file.origin !== "typeshed" || made.kind !== "instance" || !("args" in args)) return made;
    const positional = args.args.filter(({ name, star }) => name === undefined && star === undefined).map(({ value }) => value);
    const form = lazyForm(fullSymbol(entity), positional.length);
    if (!form) return made;
    const named = args.args.find(({ name }) => name !== undefined && name === form.keyword)?.value;
    const called = (form.calls === undefined ? undefined : positional[form.calls]) ?? named;
    const [first, end] = form.iterates;
    return {
      ...made,
      lazy: { unit: args.unit, calls: called === undefined ? [] : [called], iterates: positional.slice(first, end) },
    };
  }

  #construct(type: Type & { kind: "class" }, args: CallArguments): Type {
    // A constructor that says what it makes: `Popen.__new__` overloads, factories.
    const maker = this.classes.memberPlaces(type.class, "__new__")[0];
    if (maker && maker.owner.qualifiedName !== "object") {
      const made = this.typeOfDefs(maker.unit, maker.defs);
      if (made.kind === "function") {
        const result = this.#result({ ...made, bound: type }, args);
        if (result.kind === "instance" && result.class !== type.class) return { ...result, exact: true };
        if (result.kind === "instance" && result.args.length > 0) return { ...result, exact: true };
      }
    }
    if (type.args.length > 0 || this.classes.ownParameters(type.class).length === 0) {
      return { kind: "instance", class: type.class, args: type.args, exact: true };
    }
    return { kind: "instance", class: type.class, args: this.#inferredArguments(type, args), exact: true };
  }

  /** Type arguments of a generic class from its constructor's annotations, overloads' `self: C[str]` included. */
  #inferredArguments(type: Type & { kind: "class" }, args: CallArguments): readonly Type[] {
    const maker = ["__init__", "__new__"].map((name) => this.classes.memberPlaces(type.class, name)[0]);
    const place = maker.find((candidate) => candidate && candidate.owner.qualifiedName !== "object");
    const init = place && this.typeOfDefs(place.unit, place.defs);
    if (init?.kind !== "function") return [];
    const receiver: Type = { kind: "instance", class: type.class, args: [], exact: true };
    const chosen = this.signatures.choose({ ...init, bound: receiver }, args);
    const scope = scopeOf(chosen);
    const self = scope.parameters[0]?.annotation;
    if (self !== undefined) {
      const declared = this.annotations.annotation(chosen.unit, self);
      if (declared.kind === "instance" && declared.class === type.class) {
        const map = this.signatures.infer(chosen, args, 1);
        return declared.args.map((arg) => substitute(arg, map));
      }
    }
    const map = this.signatures.infer(chosen, args, 1);
    return this.classes.ownParameters(type.class).map((parameter) => substitute(parameter, map));
  }

  /** The result of calling a function type: overload chosen, type variables filled in. */
  #result(type: FunctionType, args: CallArguments): Type {
    if (this.isGivingUp) return unknown("budget");
    // What is remembered is put off long before: calls that lead from one to the next without it go round in a circle.
    if (this.#depth > 2 * MAX_DEPTH) return unknown("cycle");
    const { nesting } = this.receivers;
    return this.within(this.#cell ?? cellOf(type.function), () => {
      this.receivers.nesting = nesting;
      return this.#resultOf(type, args);
    });
  }

  #resultOf(type: FunctionType, args: CallArguments): Type {
    const entity = this.signatures.choose(type, args);
    if (type.manager) {
      const declared = this.returnType(entity);
      const of = declared.kind === "instance" ? (declared.args[0] ?? unknown("dynamic")) : unknown("dynamic");
      return {
        kind: "manager",
        function: type,
        async: type.manager === "async",
        of: this.signatures.fill(of, type, entity, args),
      };
    }
    const wrapping = this.decorators.wrapping(entity);
    if (wrapping?.wraps) {
      const callable = this.#argumentType(
        args,
        scopeOf(entity).parameters[type.bound ? 1 : 0]?.name ?? "",
        entity,
        type.bound ? 1 : 0,
      );
      if (callable) {
        return wrapping.wraps === "now" ? callable : { kind: "offloaded", callee: callable, place: wrapping.wraps };
      }
    }
    const given = this.#throughCaptured(type, entity) ?? this.#passedThrough(type, entity, args);
    // An annotation of the package speaks first, our stub next, what can be read of its body last.
    const isAnnotated = scopeOf(entity).returns !== undefined;
    let result = given || isAnnotated ? undefined : this.#described(type, entity, args);
    if (!result) {
      const declared = given ?? this.receivers.returned(entity, type.bound) ?? this.returnType(entity);
      result = ofReceiver(this.signatures.fill(declared, type, entity, args), type.bound);
      if (isAnnotated && result.kind === "unknown") result = this.#described(type, entity, args) ?? result;
    }
    const isGenerator = scopeOf(entity).yields !== undefined;
    // What our stub says of the iteration spares reading the generator.
    const [stub] = isGenerator ? this.declarations.described(entity, type.bound) : [];
    const runs = stub && this.decorators.isLazy(stub) ? stub : entity;
    if ((isGenerator || this.decorators.isLazy(entity)) && result.kind === "instance") return { ...result, runs };
    return this.#withCaptures(result, type, entity, args);
  }

  /** What our stub says of a call of an installed package's function. */
  #described(type: FunctionType, entity: FunctionEntity, args: CallArguments): Type | undefined {
    const [first, ...more] = this.declarations.described(entity, type.bound);
    if (!first) return undefined;
    const overloads = more.length > 0 ? [first, ...more] : undefined;
    const signature = overloads ? this.signatures.choose({ ...type, function: first, overloads }, args) : first;
    const result = ofReceiver(this.signatures.fill(this.returnType(signature), type, signature, args), type.bound);
    return result.kind === "unknown" ? undefined : result;
  }

  /** The wrapper that a decorator makes returns what the function gives that it was made for. */
  #throughCaptured({ captured }: FunctionType, entity: FunctionEntity): Type | undefined {
    const scope = scopeOf(entity);
    const { unit } = entity;
    if (!captured || scope.yields || scope.returnValues.length === 0) return undefined;
    const declared = scope.returns === undefined ? undefined : this.annotations.annotation(unit, scope.returns);
    if (declared && declared.kind !== "unknown" && !hasTypeVariables(declared)) return undefined;
    // What it wraps may be such a wrapper itself: asked twice on every level, a dozen of them would be asked thousands of times.
    const answers = new Map<Type, Type>();
    const given = (id: ExprId, depth: number): Type | undefined => {
      const expr = exprOf(unit, id);
      if (expr.kind === "await") {
        const of = given(expr.of, depth);
        return of && this.awaited(of);
      }
      if (expr.kind === "local" && depth < 3) {
        const def = onlyDef(unit, expr.defs);
        return def?.kind === "assign" ? given(def.value, depth + 1) : undefined;
      }
      const callee = expr.kind === "call" ? exprOf(unit, expr.callee) : undefined;
      if (callee?.kind !== "name") return undefined;
      const [found] = this.names.lookup(unit, callee.scope, callee.name);
      const def = found?.unit === unit ? onlyDef(unit, found.defs) : undefined;
      const wrapped = def?.kind === "parameter" ? captured.get(callee.name) : undefined;
      const answer = wrapped && (answers.get(wrapped) ?? this.callResult(wrapped, { types: [] }));
      if (wrapped && answer) answers.set(wrapped, answer);
      return answer;
    };
    const results = scope.returnValues.map((id) => given(id, 0));
    if (results.every((result) => result === undefined)) return undefined;
    const result = unionOf(
      results.map((type, index) => type ?? withoutConstant(this.typeOf(unit, scope.returnValues[index] as ExprId))),
    );
    return scope.async ? { kind: "awaitable", of: result, function: entity } : result;
  }

  /** `def tagged(function): ...; return function`: what such a function returns is what it was given. */
  #passedThrough(type: FunctionType, entity: FunctionEntity, args: CallArguments): Type | undefined {
    const scope = scopeOf(entity);
    const { unit } = entity;
    if (!("args" in args) || scope.returns !== undefined || scope.async || scope.yields) return undefined;
    const parameterOf = (id: ExprId): string | undefined => {
      const expr = exprOf(unit, id);
      const def = expr.kind === "local" ? onlyDef(unit, expr.defs) : undefined;
      const parameter = def?.kind === "parameter" ? scope.parameters[def.index] : undefined;
      return parameter?.annotation === undefined && parameter?.kind === "positional" ? parameter.name : undefined;
    };
    if (!scope.returnValues.some((id) => parameterOf(id) !== undefined)) return undefined;
    const bound = bindArguments(scope.parameters, args.args, type.bound && type.binding !== "static" ? 1 : 0);
    const results = scope.returnValues.map((id) => {
      const argument = bound.byName.get(parameterOf(id) ?? "");
      return argument ? this.typeOf(args.unit, argument.value) : withoutConstant(this.typeOf(unit, id));
    });
    return unionOf(results);
  }

  /** A closure remembers what the parameters around it stood for. */
  #withCaptures(result: Type, type: FunctionType, entity: FunctionEntity, args: CallArguments): Type {
    if (result.kind !== "function" || result.function.unit !== entity.unit || result.function === entity || !("args" in args))
      return result;
    const captured = new Map<string, Type>(type.captured ?? []);
    const bound = bindArguments(scopeOf(entity).parameters, args.args, type.bound ? 1 : 0);
    for (const [name, argument] of bound.byName) captured.set(name, this.typeOf(args.unit, argument.value));
    return close(result, captured);
  }

  /** What a framework puts where `Depends(get_db)` is written; undefined when the expression is no such call. */
  provided(unit: Unit, id: ExprId): Type | undefined {
    const expr = exprOf(unit, id);
    if (expr.kind !== "call") return undefined;
    const callee = this.typeOf(unit, expr.callee);
    const parameter = callee.kind === "function" ? this.decorators.providerOf(callee.function) : undefined;
    if (callee.kind !== "function" || parameter === undefined) return undefined;
    const { parameters } = scopeOf(callee.function);
    const maker = bindArguments(parameters, expr.args, 0).byName.get(parameter);
    if (!maker) return unknown("parameter");
    const made = membersOf(this.callResult(this.typeOf(unit, maker.value), { types: [] })).map((member): Type => {
      if (member.kind === "awaitable") return member.of;
      if (member.kind === "manager") return member.of;
      return member.kind === "instance" && member.runs ? (member.args[0] ?? unknown("dynamic")) : member;
    });
    return unionOf(made);
  }

  #argumentType(args: CallArguments, name: string, entity: FunctionEntity, skip: number): Type | undefined {
    if (!("args" in args)) return args.types[0];
    const bound = bindArguments(scopeOf(entity).parameters, args.args, skip);
    const argument = bound.byName.get(name) ?? bound.rest[0];
    return argument && this.typeOf(args.unit, argument.value);
  }
}

/** Arguments of a call: as written in a unit, or as bare types. */
export type CallArguments = { readonly unit: Unit; readonly args: readonly Argument[] } | { readonly types: readonly Type[] };

/** `module.name`, builtins too. */
export function fullSymbol(entity: ClassEntity | FunctionEntity): string {
  return `${entity.unit.file.module}.${entity.qualifiedName}`;
}

/** What a method returns of itself (`return self`, `return cls()`), as its receiver is. */
function ofReceiver(result: Type, receiver: Type | undefined): Type {
  if (receiver?.kind !== "instance" && receiver?.kind !== "class") return result;
  const made: Type =
    receiver.kind === "instance"
      ? receiver
      : {
          kind: "instance",
          class: receiver.class,
          args: receiver.args,
          exact: !receiver.self && !receiver.open,
          ...(receiver.self ? { self: true } : {}),
        };
  const replace = (member: Type): Type => (member.kind === "instance" && member.self ? made : member);
  return result.kind === "union" ? unionOf(result.members.map(replace)) : replace(result);
}

/** What calling a class gives, as far as its type is concerned. */
function instancesOf(type: Type): Type {
  return type.kind === "class" ? { kind: "instance", class: type.class, args: type.args, exact: false } : type;
}

/** The class of a receiver: of `self` it is the receiver's own, as `cls` is. */
export function classOf({ class: entity, args, exact, self }: Type & { kind: "instance" }): Type & { kind: "class" } {
  if (exact) return { kind: "class", class: entity, args };
  return { kind: "class", class: entity, args, ...(self ? { self } : { open: true }) };
}

/** Whether objects of classes below it are meant, too. */
export function isOpenReceiver(receiver: Receiver): boolean {
  return receiver.kind === "instance" ? !receiver.exact : receiver.self === true || receiver.open === true;
}

/** What a base class leaves to the classes below it: None, nothing, `...`, `NotImplemented`, a body that implements nothing. */
function isLeftOpen(type: Type): boolean {
  switch (type.kind) {
    case "none":
    case "unknown":
      return true;
    case "instance":
      return /^_?NotImplementedType$/.test(type.class.qualifiedName);
    case "function":
      return type.binding?.endsWith("property") === true && scopeOf(type.function).stub === true;
    default:
      return false;
  }
}

function close(type: FunctionType, captured: ReadonlyMap<string, Type>): FunctionType {
  return { ...type, captured: new Map([...captured, ...(type.captured ?? [])]) };
}

/** A decorator with one wrapper for coroutine functions and one for the rest tells them apart by what it is given. */
function sameKind(decorated: Type, wrappers: readonly Type[]): readonly Type[] {
  if (decorated.kind !== "function" || wrappers.length < 2) return wrappers;
  const { function: entity } = decorated;
  const awaited = wrappers.filter((wrapper) => wrapper.kind === "function" && isAsync(wrapper.function) === isAsync(entity));
  const same = awaited.filter((wrapper) => wrapper.kind === "function" && isGenerator(wrapper.function) === isGenerator(entity));
  return [same, awaited, wrappers].find((chosen) => chosen.length > 0) ?? wrappers;
}

/** Last names of the callables `special.ts` knows, so that other calls skip the look-up. */
const SPECIAL_NAMES = new Set([
  "super",
  "cast",
  "getattr",
  "partial",
  "partialmethod",
  "TypeVar",
  "type",
  "NewType",
  "copy",
  "deepcopy",
]);
