/**
 * What a site runs: the functions behind a call, a `with`, an iteration, a property or an operator, and the callables it
 * hands over to be run elsewhere.
 */

import type { StepRole } from "../base/step.js";
import type { Argument, Def, Expr, ExprId, Site, SiteId } from "../facts/types.js";
import { bindArguments } from "./arguments.js";
import { cellOf } from "./cells.js";
import type { StubEffects } from "./effects.js";
import { type ClassEntity, exprOf, type FunctionEntity, fullName, isAsync, onlyDef, scopeOf, type Unit } from "./entities.js";
import { type Evaluator, fullSymbol, type Receiver } from "./evaluate.js";
import {
  callsArgument,
  consumesFirstArgument,
  entersArgument,
  isProcessExecutor,
  makesField,
  mayCallArgument,
  methodConsumes,
  protocolOf,
} from "./special.js";
import { type FunctionType, membersOf, type Place, type Type, type UnknownReason } from "./types.js";

/** A function that a site may run. */
export interface Target {
  readonly type: FunctionType;
  readonly role: StepRole;
  /** Arguments as written; absent when they are not known here. */
  readonly args?: readonly Argument[];
  /** Leading parameters that are filled already. */
  readonly skip: number;
  /** The site runs what iterating it does, not what calling it does. */
  readonly iterated: boolean;
  /** Targets of one alternative run together; of the alternatives of a choice one runs. */
  readonly alternative: number;
  readonly choice: Choice;
}

/** A choice made at run time: which member of a union, which override. A call that also runs through its argument makes two. */
export interface Choice {
  readonly alternatives: number;
}

/** A callable given away. */
export interface Handed {
  readonly place: Place;
  readonly callee: Type;
  /** The argument's expression: to see whether it is a parameter of the function around the site. */
  readonly expr: ExprId;
  /** Where that expression stands, if not in the site's unit. */
  readonly unit?: Unit;
}

/** A callable argument, or a default in its place, whose fate only the callee's body tells. */
export interface Given {
  readonly to: FunctionType;
  readonly parameter: string;
  readonly callee: Type;
  /** -1: the default. */
  readonly expr: ExprId;
}

type Making = Pick<Target, "skip"> & { readonly args: readonly Argument[] };

export interface SiteLink {
  readonly targets: readonly Target[];
  readonly handed: readonly Handed[];
  readonly given: readonly Given[];
  /** What is run through on the spot, so that a parameter among it can be told. */
  readonly iterates: readonly IteratedExpr[];
  readonly unknown?: UnknownReason;
  /** Calls a parameter of the function around it (or of one further out). */
  readonly parameter?: ParameterReference;
}

export interface IteratedExpr {
  readonly unit: Unit;
  readonly expr: ExprId;
}

export interface ParameterReference {
  readonly scope: number;
  readonly name: string;
  /** All that `*args` or `**kwargs` holds, not one of it. */
  readonly packed?: true;
}

/** A program has more sites than anything else: what many of them have in common is one object. */
const NONE: readonly never[] = [];
const NOTHING: SiteLink = { targets: NONE, handed: NONE, given: NONE, iterates: NONE };
const LOST = new Map<UnknownReason, SiteLink>();

/** Overrides of a method in the workspace's subclasses, and which bodies implement nothing. */
export interface Overrides {
  of(type: FunctionType): readonly FunctionType[];
  /** Methods of that name in subclasses; undefined when there are too many. */
  below(receiver: Receiver, name: string): readonly FunctionType[] | undefined;
}

export class Calls {
  constructor(
    readonly evaluator: Evaluator,
    readonly stubs: StubEffects,
    private readonly overrides: Overrides,
  ) {}

  /** What the site runs; remembered in its unit. */
  link(unit: Unit, siteId: SiteId): SiteLink {
    const known = unit.links[siteId];
    if (known) return known;
    const link = this.evaluator.deriving(unit.cell, () => this.#link(unit, unit.chunk.sites[siteId] as Site));
    unit.links[siteId] = link;
    return link;
  }

  /** What the site runs, for people; empty where nothing of the program or a library is run. */
  nameAt(unit: Unit, siteId: SiteId): string {
    const { kind, expr, attribute } = unit.chunk.sites[siteId] as Site;
    const named = exprOf(unit, expr);
    switch (kind) {
      case "call":
        return named.kind === "call" ? this.#nameOf(unit, named.callee) : "";
      case "enter":
      case "exit":
      case "iterate":
        return this.#nameOf(unit, expr);
      case "read":
        return named.kind === "attribute" && this.link(unit, siteId).targets.length > 0 ? named.name : "";
      case "operate":
        return this.link(unit, siteId).targets.length > 0 ? (attribute ?? "") : "";
      default:
        return "";
    }
  }

  #link(unit: Unit, site: Site): SiteLink {
    switch (site.kind) {
      case "call":
        return this.#call(unit, site, exprOf(unit, site.expr) as Expr & { kind: "call" });
      case "enter":
      case "exit":
        return this.#context(unit, site);
      case "iterate":
        return this.#iterate(unit, site);
      case "read":
        return this.#read(unit, site);
      case "operate":
        return this.#operate(unit, site);
      case "await":
        return this.#await(unit, site);
      case "loop":
      case "except":
        return NOTHING;
    }
  }

  // ---- Calls ----

  #call(unit: Unit, site: Site, expr: Expr & { kind: "call" }): SiteLink {
    const callee = this.evaluator.typeOf(unit, expr.callee);
    const builder = new LinkBuilder();
    const mixed = callee.kind === "unknown" && callee.reason === "attribute" ? this.#ofSubclasses(unit, expr.callee) : [];
    for (const member of mixed.length > 0 ? mixed : membersOf(callee)) {
      if (member.kind === "none") continue;
      builder.alternatives++;
      this.#callMember(unit, member, expr.args, builder);
    }
    const method = exprOf(unit, expr.callee);
    if (method.kind === "attribute" && callee.kind !== "function") {
      this.#getters(this.evaluator.typeOf(unit, method.of), method.name, builder);
    }
    if (site.async) this.#awaited(this.evaluator.typeOf(unit, site.expr), builder);
    const first = expr.args[0];
    if (first && first.star === undefined && first.name === undefined) this.#firstArgument(unit, callee, first.value, builder);
    this.#calledArgument(unit, expr, builder);
    const parameter = parameterBehind(unit, expr.callee, this.evaluator);
    return builder.build(parameter);
  }

  /** A mixin calls on `self` what only the classes that use it define. */
  #ofSubclasses(unit: Unit, id: ExprId): readonly FunctionType[] {
    const callee = exprOf(unit, id);
    const receiver = callee.kind === "attribute" ? this.evaluator.typeOf(unit, callee.of) : undefined;
    if (callee.kind !== "attribute" || (receiver?.kind !== "instance" && receiver?.kind !== "class")) return [];
    if (!receiver.self || (receiver.kind === "instance" && receiver.exact)) return [];
    return this.overrides.below(receiver, callee.name) ?? [];
  }

  /** What a built-in function does at once with its first argument. */
  #firstArgument(unit: Unit, callee: Type, argument: ExprId, builder: LinkBuilder): void {
    for (const member of membersOf(callee)) {
      // `list(rows)` runs through a generator on the spot.
      if (consumesArgument(member)) {
        builder.choose();
        builder.iterates.push({ unit, expr: argument });
        this.#iterated(this.evaluator.typeOf(unit, argument), builder, false, this.#making(unit, argument));
        return;
      }
      if (
        member.kind === "function" &&
        member.bound?.kind === "instance" &&
        entersArgument(member.bound.class.qualifiedName, scopeOf(member.function).name)
      ) {
        builder.choose();
        this.#entered(this.evaluator.typeOf(unit, argument), "enter", "__", builder, this.#making(unit, argument));
        return;
      }
      const entity =
        member.kind === "class" ? member.class : member.kind === "function" && !member.bound ? member.function : undefined;
      const methods = entity?.unit.file.origin === "typeshed" ? protocolOf(fullSymbol(entity)) : undefined;
      if (!methods) continue;
      builder.choose();
      this.#special(this.evaluator.typeOf(unit, argument), methods, builder);
      return;
    }
  }

  #callMember(unit: Unit, member: Type, args: readonly Argument[], builder: LinkBuilder): void {
    const alternative = builder.alternatives - 1;
    switch (member.kind) {
      case "function":
        this.#callFunction(unit, member, args, builder, alternative);
        return;
      case "class":
        this.#construct(unit, member, args, builder, alternative);
        return;
      case "instance": {
        const call = this.evaluator.member(member, "__call__");
        if (call.kind === "function") this.#callFunction(unit, call, args, builder, alternative);
        if (member.wraps) this.#callFunction(unit, member.wraps, args, builder, alternative);
        else if (call.kind !== "function") builder.unknown = call.kind === "unknown" ? call.reason : "dynamic";
        return;
      }
      case "partial":
        for (const inner of membersOf(member.callee)) {
          if (inner.kind === "function") {
            builder.add({ type: inner, role: "call", skip: inner.bound ? 1 : 0, iterated: false, alternative });
          } else if (inner.kind === "unknown") builder.unknown = inner.reason;
        }
        return;
      case "offloaded":
        builder.handed.push({ place: member.place, callee: member.callee, expr: -1 });
        return;
      case "unknown":
        builder.unknown = member.reason;
        return;
      case "callable":
      case "typevar":
        builder.unknown = "parameter";
        return;
      default:
        builder.unknown = "dynamic";
    }
  }

  /** `def poll(sleep=time.sleep)`: what a call leaves out is its default. */
  #defaults(type: FunctionType, args: readonly Argument[], skip: number, builder: LinkBuilder): void {
    const { unit } = type.function;
    const { parameters } = scopeOf(type.function);
    if (unit.file.origin === "typeshed" || unit.file.origin === "stub") return;
    const isNamed = (id: ExprId | undefined): id is ExprId => {
      const kind = id === undefined ? undefined : exprOf(unit, id).kind;
      return kind === "name" || kind === "local" || kind === "attribute";
    };
    if (!parameters.some((parameter) => isNamed(parameter.default)) || this.stubs.ofCall(type)) return;
    const bound = bindArguments(parameters, args, skip);
    if (bound.open) return;
    for (const { name, default: value } of parameters) {
      if (!isNamed(value) || bound.byName.has(name)) continue;
      const callee = this.evaluator.typeOf(unit, value);
      if (callee.kind === "function" || callee.kind === "partial")
        builder.given.push({ to: type, parameter: name, callee, expr: -1 });
    }
  }

  #callFunction(unit: Unit, type: FunctionType, args: readonly Argument[], builder: LinkBuilder, alternative: number): void {
    const skip = type.bound && type.binding !== "static" ? 1 : 0;
    const implementations = this.overrides.of(type);
    implementations.forEach((implementation, index) => {
      if (index > 0) builder.alternatives++;
      const place = index === 0 ? alternative : builder.alternatives - 1;
      builder.add({ type: implementation, role: "call", args, skip, iterated: false, alternative: place });
      this.#arguments(unit, implementation, args, skip, builder);
      this.#defaults(implementation, args, skip, builder);
    });
  }

  /** Callables among the arguments: run where the stub says, or where the callee's body does. */
  #arguments(unit: Unit, type: FunctionType, args: readonly Argument[], skip: number, builder: LinkBuilder): void {
    if (args.length === 0) return;
    const spec = this.stubs.ofCall(type);
    const { origin } = type.function.unit.file;
    // Without a stub a library's function may do anything with a callable; only bodies of ours are read.
    if (!spec && (origin === "typeshed" || origin === "stub")) return;
    // Where a stub speaks, its parameters count: typeshed may have other overloads.
    const parameters = spec && spec.parameters.size > 0 ? spec.signature : scopeOf(type.function).parameters;
    const bound = bindArguments(parameters, args, skip);
    const hand = (name: string, argument: Argument): void => {
      const place = spec?.parameters.get(name);
      const value = exprOf(unit, argument.value);
      // `on_startup=[connect, migrate]`: each of them.
      const exprs = place && value.kind === "sequence" ? value.items : [argument.value];
      for (const id of exprs) {
        const callee = this.evaluator.typeOf(unit, id);
        if (place) builder.handed.push({ place: this.#worker(unit, place, args), callee, expr: id });
        else if (!spec || origin === "workspace") builder.given.push({ to: type, parameter: name, callee, expr: id });
      }
    };
    for (const [name, argument] of bound.byName) hand(name, argument);
    const variadic = parameters.find((parameter) => parameter.kind === "var-positional");
    if (variadic) for (const argument of bound.rest) hand(variadic.name, argument);
  }

  /** An executor's own kind decides where its work runs. */
  #worker(unit: Unit, place: Place, args: readonly Argument[]): Place {
    if (place !== "worker") return place;
    const executor = args[0] && this.evaluator.typeOf(unit, args[0].value);
    const isProcess =
      executor?.kind === "instance" &&
      this.evaluator.classes.mro(executor.class).some((link) => isProcessExecutor(link.qualifiedName));
    return isProcess ? "process" : "thread";
  }

  #construct(
    unit: Unit,
    type: Type & { kind: "class" },
    args: readonly Argument[],
    builder: LinkBuilder,
    alternative: number,
  ): void {
    const receiver: Type = { kind: "instance", class: type.class, args: type.args, exact: true };
    let found = false;
    for (const name of ["__new__", "__init__", "__post_init__"]) {
      const place = this.evaluator.classes.memberPlaces(type.class, name)[0];
      if (!place || place.owner.qualifiedName === "object") continue;
      const method = this.evaluator.typeOfDefs(place.unit, place.defs);
      if (method.kind !== "function") continue;
      found = true;
      const bound: FunctionType = { ...method, bound: receiver };
      builder.add({
        type: bound,
        role: "call",
        args: name === "__post_init__" ? [] : args,
        skip: 1,
        iterated: false,
        alternative,
      });
      if (name === "__post_init__") continue;
      this.#arguments(unit, bound, args, 1, builder);
      this.#defaults(bound, args, 1, builder);
    }
    const [init] = this.evaluator.classes.memberPlaces(type.class, "__init__");
    if (init?.owner.unit.file.origin !== "workspace") this.#fieldFactories(type, args, builder);
    if (!found) builder.unknown = this.evaluator.classes.unknownBase(type.class);
  }

  /** `rows: list = field(default_factory=load)`: what makes the values of the fields that no argument gives. */
  #fieldFactories(type: Type & { kind: "class" }, args: readonly Argument[], builder: LinkBuilder): void {
    const given = args.filter(({ name, star }) => name === undefined && star === undefined).length;
    let position = 0;
    for (const { unit, name, value } of this.#fieldsOf(type.class)) {
      const field = value === undefined ? undefined : exprOf(unit, value);
      const factory = field?.kind === "call" ? field.args.find((argument) => makesField(argument.name ?? ""))?.value : undefined;
      const isGiven = position++ < given || args.some((argument) => argument.name === name || argument.star !== undefined);
      if (factory === undefined || isGiven) continue;
      builder.handed.push({ place: "now", callee: this.evaluator.typeOf(unit, factory), expr: factory, unit });
    }
  }

  /** The annotated names of a class and its bases, those of the bases first. */
  #fieldsOf(entity: ClassEntity): readonly { readonly unit: Unit; readonly name: string; readonly value?: ExprId }[] {
    const owners = this.evaluator.classes.mro(entity).filter(({ unit }) => unit.file.origin !== "typeshed");
    return [...owners].reverse().flatMap((owner) => {
      this.evaluator.depends(cellOf(owner));
      const { unit } = owner;
      return Object.entries(scopeOf(owner).exit).flatMap(([name, defs]) => {
        const def = onlyDef(unit, defs);
        return def?.kind === "annotated" ? [{ unit, name, ...(def.value === undefined ? {} : { value: def.value }) }] : [];
      });
    });
  }

  /** `sorted(rows, key=load)`, `functools.reduce(step, rows)`: call their argument now. */
  #calledArgument(unit: Unit, expr: Expr & { kind: "call" }, builder: LinkBuilder): void {
    const callee = exprOf(unit, expr.callee);
    if (callee.kind !== "name" && callee.kind !== "attribute") return;
    if (!mayCallArgument(callee.name)) return;
    const symbol = callee.name === "sort" ? "list.sort" : this.evaluator.names.symbol(unit, expr.callee);
    const called = symbol === undefined ? undefined : callsArgument(symbol);
    if (called === undefined) return;
    const argument = typeof called === "number" ? expr.args[called] : expr.args.find((arg) => arg.name === called);
    if (argument)
      builder.handed.push({ place: "now", callee: this.evaluator.typeOf(unit, argument.value), expr: argument.value });
  }

  // ---- Implicit calls ----

  /** What running through a value of the type runs, wherever that happens. */
  iteration(type: Type): readonly Target[] {
    const builder = new LinkBuilder();
    this.#iterated(type, builder, false);
    return builder.targets;
  }

  #context(unit: Unit, site: Site): SiteLink {
    const type = this.evaluator.typeOf(unit, site.expr);
    const builder = new LinkBuilder();
    this.#entered(type, site.kind as "enter" | "exit", site.async ? "__a" : "__", builder, this.#making(unit, site.expr));
    return builder.build();
  }

  #entered(type: Type, role: "enter" | "exit", prefix: "__" | "__a", builder: LinkBuilder, making: Making | undefined): void {
    for (const member of membersOf(type)) {
      if (member.kind === "none") continue;
      builder.alternatives++;
      const alternative = builder.alternatives - 1;
      if (member.kind === "manager") {
        if (role === "enter" && !member.async) {
          builder.add({ type: member.function, role, skip: 0, ...making, iterated: true, alternative });
        }
      } else if (member.kind === "instance") {
        const method = this.evaluator.member(member, `${prefix}${role}__`);
        if (method.kind === "function") builder.add({ type: method, role, args: [], skip: 1, iterated: false, alternative });
        else if (method.kind === "unknown") builder.unknown = method.reason;
      } else if (member.kind === "unknown") builder.unknown = member.reason;
    }
  }

  #iterate(unit: Unit, site: Site): SiteLink {
    const type = this.evaluator.typeOf(unit, site.expr);
    const builder = new LinkBuilder();
    if (!site.async) builder.iterates.push({ unit, expr: site.expr });
    this.#iterated(type, builder, site.async === true, this.#making(unit, site.expr));
    return builder.build();
  }

  /** The arguments of the call that made a generator or a context manager: they decide what it does. */
  #making(unit: Unit, id: ExprId, depth = 0): Making | undefined {
    const expr = exprOf(unit, id);
    if (expr.kind === "call") {
      const callee = this.evaluator.typeOf(unit, expr.callee);
      return callee.kind === "function"
        ? { args: expr.args, skip: callee.bound && callee.binding !== "static" ? 1 : 0 }
        : undefined;
    }
    if (expr.kind !== "local" || depth > 3) return undefined;
    const def = onlyDef(unit, expr.defs);
    return def?.kind === "assign" ? this.#making(unit, def.value, depth + 1) : undefined;
  }

  /** What running through a value of this type runs. */
  #iterated(type: Type, builder: LinkBuilder, isAsync: boolean, making?: Making): void {
    for (const member of membersOf(type)) {
      if (member.kind === "none" || member.kind === "tuple") continue;
      builder.alternatives++;
      const alternative = builder.alternatives - 1;
      if (member.kind === "unknown") {
        builder.unknown = member.reason;
        continue;
      }
      if (member.kind !== "instance") continue;
      if (member.lazy) {
        const { unit, calls, iterates } = member.lazy;
        for (const expr of calls) builder.handed.push({ place: "now", callee: this.evaluator.typeOf(unit, expr), expr, unit });
        for (const expr of iterates) builder.iterates.push({ unit, expr });
        for (const expr of iterates) this.#iterated(this.evaluator.typeOf(unit, expr), builder, false);
        continue;
      }
      if (member.runs) {
        const type: FunctionType = { kind: "function", function: member.runs };
        builder.add({ type, role: "iterate", skip: 0, ...making, iterated: true, alternative });
        continue;
      }
      for (const name of isAsync ? ["__aiter__"] : ["__iter__"]) {
        const method = this.evaluator.member(member, name);
        if (method.kind !== "function") continue;
        builder.add({ type: method, role: "iterate", args: [], skip: 1, iterated: false, alternative });
        // `__iter__` written as a generator runs its body round by round.
        if (name === "__iter__" && scopeOf(method.function).yields) {
          builder.add({ type: method, role: "iterate", skip: 1, iterated: true, alternative });
        }
        if (isAsync) continue;
        // What is an iterator itself is run through itself, also where `__iter__` declares less.
        const own = this.evaluator.member(member, "__next__");
        const iterator = own.kind === "function" ? member : this.evaluator.callResult(method, { types: [] });
        const next = own.kind === "function" || iterator.kind !== "instance" ? own : this.evaluator.member(iterator, "__next__");
        if (next.kind === "function")
          builder.add({ type: next, role: "iterate", args: [], skip: 1, iterated: false, alternative });
      }
    }
  }

  #read(unit: Unit, site: Site): SiteLink {
    const expr = exprOf(unit, site.expr) as Expr & { kind: "attribute" };
    const receiver = this.evaluator.typeOf(unit, expr.of);
    const builder = new LinkBuilder();
    this.#getters(receiver, expr.name, builder);
    return builder.targets.length > 0 ? builder.build() : NOTHING;
  }

  /** Functions that reading an attribute runs. */
  #getters(receiver: Type, name: string, builder: LinkBuilder): void {
    const properties = this.evaluator.propertiesOf(receiver, name);
    if (properties.length === 0) return;
    builder.choose();
    // Where the receiver may also be of a class with a plain attribute, reading it may run nothing.
    builder.alternatives = membersOf(receiver).filter(({ kind }) => kind !== "none").length - properties.length;
    for (const property of properties) {
      const implementations = this.overrides.of(property);
      for (const implementation of implementations) {
        builder.alternatives++;
        builder.add({
          type: implementation,
          role: "read",
          args: [],
          skip: 1,
          iterated: false,
          alternative: builder.alternatives - 1,
        });
      }
    }
  }

  #operate(unit: Unit, site: Site): SiteLink {
    const builder = new LinkBuilder();
    const type = this.evaluator.typeOf(unit, site.expr);
    if (site.attribute === undefined) this.#special(type, site.methods ?? [], builder);
    else this.#stored(type, site.attribute, site.methods ?? [], builder);
    return builder.targets.length > 0 ? builder.build() : NOTHING;
  }

  /** What `x.name = value` and `del x.name` run: the property's own function, or what the class has for all names. */
  #stored(type: Type, name: string, methods: readonly string[], builder: LinkBuilder): void {
    const members = membersOf(type).filter(({ kind }) => kind !== "none");
    const setters = members.map((member) =>
      member.kind === "instance" ? this.evaluator.setterOf(member, name, methods.includes("__delattr__")) : undefined,
    );
    if (setters.every((setter) => setter === undefined)) {
      this.#special(type, methods, builder);
      return;
    }
    builder.alternatives = members.length;
    for (const [index, setter] of setters.entries()) {
      if (setter) builder.add({ type: setter, role: "operate", skip: 1, iterated: false, alternative: index });
    }
  }

  /** The first of the special methods that the program's own classes have. */
  #special(type: Type, methods: readonly string[], builder: LinkBuilder): void {
    for (const member of membersOf(type)) {
      if (member.kind === "none") continue;
      // `x in rows` runs through a generator.
      const isRunThrough =
        member.kind === "instance" && methods.includes("__iter__") && (member.runs !== undefined || member.lazy !== undefined);
      if (isRunThrough) {
        this.#iterated(member, builder, false);
        continue;
      }
      builder.alternatives++;
      if (member.kind !== "instance" || member.class.unit.file.origin === "typeshed") continue;
      for (const name of methods) {
        const method = this.evaluator.member(member, name);
        if (method.kind !== "function" || method.function.owner?.qualifiedName === "object") continue;
        builder.add({ type: method, role: "operate", skip: 1, iterated: false, alternative: builder.alternatives - 1 });
        break;
      }
    }
  }

  #await(unit: Unit, site: Site): SiteLink {
    const builder = new LinkBuilder();
    this.#awaited(this.evaluator.typeOf(unit, site.expr), builder);
    return builder.targets.length > 0 ? builder.build() : NOTHING;
  }

  /** Awaiting an object of the program runs its `__await__`. */
  #awaited(type: Type, builder: LinkBuilder): void {
    const awaited: FunctionType[] = [];
    for (const member of membersOf(type)) {
      if (member.kind !== "instance" || member.class.unit.file.origin === "typeshed") continue;
      const method = this.evaluator.member(member, "__await__");
      if (method.kind === "function") awaited.push(method);
    }
    if (awaited.length === 0) return;
    builder.choose();
    for (const method of awaited) {
      builder.alternatives++;
      builder.add({ type: method, role: "await", skip: 1, iterated: true, alternative: builder.alternatives - 1 });
    }
  }

  /** The callee as people would write it: its full name when resolved, else its text as far as it is names. */
  #nameOf(unit: Unit, id: ExprId): string {
    const type = this.evaluator.typeOf(unit, id);
    if (type.kind === "function") return fullName(type.function);
    if (type.kind === "class") return fullName(type.class);
    return textOf(unit, id);
  }
}

class LinkBuilder {
  readonly targets: Target[] = [];
  readonly handed: Handed[] = [];
  readonly given: Given[] = [];
  readonly iterates: IteratedExpr[] = [];
  #choice: { alternatives: number } = { alternatives: 0 };
  unknown: UnknownReason | undefined;

  get alternatives(): number {
    return this.#choice.alternatives;
  }

  set alternatives(count: number) {
    this.#choice.alternatives = count;
  }

  /** What is added from here on happens whatever was chosen before. */
  choose(): void {
    this.#choice = { alternatives: 0 };
  }

  add(target: Omit<Target, "choice">): void {
    this.targets.push({ ...target, choice: this.#choice });
  }

  build(parameter?: ParameterReference): SiteLink {
    const { unknown } = this;
    const targets = packed(this.targets);
    const handed = packed(this.handed);
    const given = packed(this.given);
    const iterates = packed(this.iterates);
    const isLost = [targets, handed, given, iterates].every((list) => list === NONE) && parameter === undefined;
    if (isLost) return unknown === undefined ? NOTHING : lostBy(unknown);
    return {
      targets,
      handed,
      given,
      iterates,
      ...(unknown === undefined ? {} : { unknown }),
      ...(parameter === undefined ? {} : { parameter }),
    };
  }
}

/** As long as it is: an array that was pushed to has room for more. */
function packed<Item>(list: readonly Item[]): readonly Item[] {
  return list.length === 0 ? NONE : list.slice();
}

function lostBy(unknown: UnknownReason): SiteLink {
  let link = LOST.get(unknown);
  if (!link) {
    link = { ...NOTHING, unknown };
    LOST.set(unknown, link);
  }
  return link;
}

/** Source text of an expression of names, attributes and calls; "…" where it is anything else. */
export function textOf(unit: Unit, id: ExprId): string {
  const expr = exprOf(unit, id);
  switch (expr.kind) {
    case "name":
    case "local":
      return expr.name;
    case "attribute":
      return `${textOf(unit, expr.of)}.${expr.name}`;
    case "call":
      return `${textOf(unit, expr.callee)}()`;
    case "subscript":
      return `${textOf(unit, expr.of)}[]`;
    case "await":
      return textOf(unit, expr.of);
    default:
      return "…";
  }
}

/** The parameter an expression names: of the function it stands in, or of a function around it. */
export function parameterBehind(unit: Unit, id: ExprId, evaluator: Evaluator, depth = 0): ParameterReference | undefined {
  if (id < 0 || depth > 4) return undefined;
  const expr = exprOf(unit, id);
  if (expr.kind === "call") {
    // `partial(func, 1)` stands for `func`.
    const callee = exprOf(unit, expr.callee);
    const isPartial =
      (callee.kind === "name" || callee.kind === "attribute" || callee.kind === "local") && callee.name === "partial";
    return isPartial && expr.args[0] ? parameterBehind(unit, expr.args[0].value, evaluator, depth + 1) : undefined;
  }
  // `lifespan or default_lifespan`, `hook if hook else default`: one that is given is meant.
  const ways = expr.kind === "boolean" ? [expr.left, expr.right] : expr.kind === "conditional" ? [expr.then, expr.else] : [];
  for (const way of ways) {
    const reference = parameterBehind(unit, way, evaluator, depth + 1);
    if (reference) return reference;
  }
  if (expr.kind === "local") {
    const def = onlyDef(unit, expr.defs);
    if (def?.kind === "assign") return parameterBehind(unit, def.value, evaluator, depth + 1);
    if (def?.kind === "iterate") return variadicBehind(unit, def.value);
    return def?.kind === "parameter" ? referenceTo(unit, def) : undefined;
  }
  if (expr.kind !== "name") return undefined;
  const found = evaluator.names.lookup(unit, expr.scope, expr.name)[0];
  if (!found || found.unit !== unit) return undefined;
  const def = onlyDef(unit, found.defs);
  if (def?.kind === "assign") return parameterBehind(unit, def.value, evaluator, depth + 1);
  return def?.kind === "parameter" ? referenceTo(unit, def) : undefined;
}

function referenceTo(unit: Unit, { scope, index }: Def & { kind: "parameter" }): ParameterReference | undefined {
  const parameter = unit.chunk.scopes[scope]?.parameters[index];
  const isPacked = parameter?.kind === "var-positional" || parameter?.kind === "var-keyword";
  return parameter && { scope, name: parameter.name, ...(isPacked ? { packed: true } : {}) };
}

/** `for function in functions` of `def run(*functions)`: each stands for the parameter. */
function variadicBehind(unit: Unit, id: ExprId): ParameterReference | undefined {
  const expr = exprOf(unit, id);
  const def = expr.kind === "local" ? onlyDef(unit, expr.defs) : undefined;
  const parameter = def?.kind === "parameter" ? unit.chunk.scopes[def.scope]?.parameters[def.index] : undefined;
  return def?.kind === "parameter" && parameter?.kind === "var-positional"
    ? { scope: def.scope, name: parameter.name }
    : undefined;
}

/** Whether calling it runs through its first argument on the spot. */
function consumesArgument(callee: Type): boolean {
  if (callee.kind === "class") return consumesFirstArgument(fullSymbol(callee.class));
  if (callee.kind !== "function") return false;
  const receiver = callee.bound;
  if (receiver?.kind === "instance") return methodConsumes(receiver.class.qualifiedName, scopeOf(callee.function).name);
  return consumesFirstArgument(fullSymbol(callee.function));
}

/** Whether calling the function runs its body: not so for coroutines and generators. */
export function runsWhenCalled(entity: FunctionEntity): boolean {
  return !isAsync(entity) && scopeOf(entity).yields === undefined;
}
