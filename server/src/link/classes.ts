/**
 * Classes: bases, method resolution order, type parameters, and the places that define an attribute.
 */
import type { DefId, Scope, ScopeId } from "../facts/types.js";
import { cellOf } from "./cells.js";
import { type ClassEntity, derivedOf, exprOf, scopeOf, type Unit } from "./entities.js";
import type { Evaluator, Receiver } from "./evaluate.js";
import { type Substitution, substitute, typeVariables, unify } from "./generics.js";
import { type Found, own } from "./names.js";
import { typingForm } from "./special.js";
import { membersOf, type Type } from "./types.js";

/** A place where a class or one of its bases defines an attribute. */
export interface MemberPlace {
  readonly owner: ClassEntity;
  readonly unit: Unit;
  readonly defs: readonly DefId[];
}

interface MethodScope {
  readonly unit: Unit;
  readonly scopeId: ScopeId;
  readonly scope: Scope;
}

const NO_PLACES: readonly MemberPlace[] = [];

export class Classes {
  constructor(private readonly evaluator: Evaluator) {}

  selfType(owner: ClassEntity): Type & { kind: "instance" } {
    return { kind: "instance", class: owner, args: this.ownParameters(owner), exact: false };
  }

  /** What the type parameters of `base`, a base of the instance's class or a protocol it satisfies, stand for. */
  argumentsAs(type: Type & { kind: "instance" }, base: ClassEntity): readonly (Type | undefined)[] {
    const parameters = this.ownParameters(base).map((parameter) => (parameter as Type & { kind: "typevar" }).name);
    if (this.isSubclass(type.class, base)) {
      const map = this.substitutionFor(type.class, type.args, base);
      return parameters.map((name) => map?.get(name));
    }
    const map = new Map<string, Type>();
    // `def fresh(self) -> Maker[T]` of the protocol Maker: whether what it gives satisfies Maker is what is being asked.
    const asked = this.#matching.get(base) ?? new Set();
    if (!this.evaluator.signatures.isProtocol(base) || asked.has(type.class)) return [];
    this.#matching.set(base, asked.add(type.class));
    for (const name of Object.keys(scopeOf(base).exit)) {
      const place = this.memberPlaces(base, name, [base])[0];
      const method = place && this.evaluator.typeOfDefs(place.unit, place.defs);
      const result = method?.kind === "function" ? this.evaluator.callMethod(type, name, []) : undefined;
      if (method?.kind === "function" && result) unify(this.evaluator.returnType(method.function), result, map, this.evaluator);
    }
    asked.delete(type.class);
    return parameters.map((name) => map.get(name));
  }
  /** Classes that are being matched with a protocol. */
  readonly #matching = new Map<ClassEntity, Set<ClassEntity>>();

  bases(entity: ClassEntity): readonly { class: ClassEntity; args: readonly Type[] }[] {
    this.evaluator.depends(cellOf(entity));
    const derived = derivedOf(entity);
    if (derived.bases) return derived.bases;
    derived.bases = [];
    const { unit } = entity;
    const bases: { class: ClassEntity; args: readonly Type[] }[] = [];
    for (const base of scopeOf(entity).bases) {
      if (base.name !== undefined || base.star) continue;
      const type = this.evaluator.typeOf(unit, base.value);
      for (const member of membersOf(type)) {
        if (member.kind === "class" && member.class !== entity) bases.push({ class: member.class, args: member.args });
        // `class Rows(NamedTuple)`, `class Rows(List[int])` through forms of typing.
        else if (member.kind === "instance" && member.class !== entity && exprOf(unit, base.value).kind === "subscript") {
          const alias = this.evaluator.annotations.annotation(unit, base.value);
          if (alias.kind === "instance") bases.push({ class: alias.class, args: alias.args });
        }
      }
    }
    derived.bases = this.evaluator.isGivingUp ? undefined : bases;
    return bases;
  }

  /** A base that could not be resolved may define anything. */
  hasUnknownBase(entity: ClassEntity): boolean {
    return this.unknownBase(entity) !== undefined;
  }

  /** Why a base could not be resolved: it is not there, or all its library does is described and nothing of it blocks. */
  unknownBase(entity: ClassEntity): "import" | "complete" | undefined {
    let reason: "complete" | undefined;
    for (const link of this.mro(entity)) {
      for (const base of scopeOf(link).bases) {
        if (base.name !== undefined) continue;
        const type = this.evaluator.typeOf(link.unit, base.value);
        if (type.kind !== "unknown") continue;
        const symbol = this.evaluator.names.symbol(link.unit, base.value);
        if (symbol !== undefined && typingForm(symbol) !== undefined) continue;
        if (type.reason !== "complete") return "import";
        reason = type.reason;
      }
    }
    return reason;
  }

  /** Method resolution order by C3; where the bases contradict each other, depth first. */
  mro(entity: ClassEntity): readonly ClassEntity[] {
    this.evaluator.depends(cellOf(entity));
    const { order } = derivedOf(entity);
    if (order) return order;
    // Bases first, those furthest up before all, so that no line of ancestors is longer than the stack.
    const line = new Set([entity]);
    for (const link of line) for (const base of this.bases(link)) if (!derivedOf(base.class).order) line.add(base.class);
    for (const link of [...line].reverse()) this.#linearize(link);
    return this.#linearize(entity);
  }

  #linearize(entity: ClassEntity): readonly ClassEntity[] {
    const derived = derivedOf(entity);
    if (derived.order) return derived.order;
    derived.order = [entity];
    const bases = this.bases(entity).map((base) => base.class);
    const order = [entity, ...merge([...bases.map((base) => this.#linearize(base)), bases]).filter((link) => link !== entity)];
    const object =
      entity.unit.file.module === "builtins" && entity.qualifiedName === "object"
        ? undefined
        : this.evaluator.builtinClass("object");
    if (object && !order.includes(object)) order.push(object);
    derived.order = this.evaluator.isGivingUp ? undefined : order;
    return order;
  }

  isSubclass(entity: ClassEntity, of: ClassEntity): boolean {
    return entity === of || this.mro(entity).includes(of);
  }

  /** The class's own type parameters, in order. */
  ownParameters(entity: ClassEntity): readonly Type[] {
    this.evaluator.depends(cellOf(entity));
    const { typeParameters } = scopeOf(entity);
    if (typeParameters) return typeParameters.map((def) => this.evaluator.typeOfDef(entity.unit, def));
    const parameters = new Map<string, Type>();
    let declared: Type[] | undefined;
    for (const base of scopeOf(entity).bases) {
      const expr = exprOf(entity.unit, base.value);
      if (expr.kind !== "subscript") continue;
      const index = exprOf(entity.unit, expr.index);
      const items = index.kind === "sequence" ? index.items : [expr.index];
      const variables = items.map((item) => this.evaluator.annotations.annotation(entity.unit, item)).flatMap(typeVariables);
      const symbol = this.evaluator.names.symbol(entity.unit, expr.of);
      if (symbol !== undefined && typingForm(symbol) === "generic") declared = variables;
      for (const variable of variables) if (variable.kind === "typevar") parameters.set(variable.name, variable);
    }
    return declared ?? [...parameters.values()];
  }

  /** What the type variables of `owner` stand for in an instance of `entity` with `args`. */
  substitutionFor(entity: ClassEntity, args: readonly Type[], owner: ClassEntity, depth = 0): Substitution | undefined {
    if (depth > 20) return undefined;
    const map = new Map<string, Type>();
    this.ownParameters(entity).forEach((parameter, index) => {
      const arg = args[index];
      if (parameter.kind === "typevar" && arg) map.set(parameter.name, arg);
    });
    if (entity === owner) return map;
    for (const base of this.bases(entity)) {
      if (!this.isSubclass(base.class, owner)) continue;
      const found = this.substitutionFor(
        base.class,
        base.args.map((arg) => substitute(arg, map)),
        owner,
        depth + 1,
      );
      if (found) return found;
    }
    return undefined;
  }

  /** `class Users(Repository[User])` is no `Repository[Report]`: whether its instances can be an instance of `of`. */
  mayBeInstance(entity: ClassEntity, of: Receiver): boolean {
    if (of.args.length === 0) return true;
    const substitution = this.substitutionFor(entity, [], of.class);
    return this.ownParameters(of.class).every((parameter, index) => {
      const wanted = of.args[index];
      const own = parameter.kind === "typevar" ? substitution?.get(parameter.name) : undefined;
      if (wanted?.kind !== "instance" || own?.kind !== "instance") return true;
      if (this.evaluator.signatures.isProtocol(wanted.class) || this.evaluator.signatures.isProtocol(own.class)) return true;
      return this.isSubclass(own.class, wanted.class) || this.isSubclass(wanted.class, own.class);
    });
  }

  /** Where the nearest class along the MRO that defines `name` does so: in its body, in its methods. */
  memberPlaces(entity: ClassEntity, name: string, order: readonly ClassEntity[] = this.mro(entity)): readonly MemberPlace[] {
    for (const owner of order) {
      const places = this.#placesIn(owner, name);
      if (places.length > 0) return places;
    }
    return NO_PLACES;
  }

  /** Places along the whole MRO that define `name`, nearest first. */
  allMemberPlaces(entity: ClassEntity, name: string): readonly MemberPlace[] {
    return this.mro(entity).flatMap((owner) => this.#placesIn(owner, name));
  }

  #placesIn(owner: ClassEntity, name: string): readonly MemberPlace[] {
    this.evaluator.depends(cellOf(owner));
    const inBody = own(scopeOf(owner).exit, name);
    const assigned = this.#attributesOf(owner).get(name);
    if (!inBody && !assigned) return NO_PLACES;
    const places: MemberPlace[] = inBody ? [{ owner, unit: owner.unit, defs: inBody }] : [];
    for (const found of assigned ?? []) places.push({ owner, unit: found.unit, defs: found.defs });
    return places;
  }

  /** What the class itself defines, in its body or by assignments of its methods. Whose answer rests on it notes that itself. */
  definedNames(entity: ClassEntity): ReadonlySet<string> {
    const derived = derivedOf(entity);
    derived.names ??= new Set([...Object.keys(scopeOf(entity).exit), ...this.#attributesOf(entity).keys()]);
    return derived.names;
  }

  /** The scopes of its methods. */
  methodScopes(entity: ClassEntity): readonly MethodScope[] {
    const { unit } = entity;
    const scopes: MethodScope[] = [];
    if (unit.index === 0) {
      unit.file.units.forEach((candidate, index) => {
        if (index > 0 && unit.file.facts.outers[index] === entity.scopeId)
          scopes.push({ unit: candidate, scopeId: 0, scope: candidate.chunk.scopes[0] as Scope });
      });
    }
    unit.chunk.scopes.forEach((scope, scopeId) => {
      if (scope.parent === entity.scopeId && scope.kind === "function") scopes.push({ unit, scopeId, scope });
    });
    return scopes;
  }

  #attributesOf(entity: ClassEntity): ReadonlyMap<string, readonly Found[]> {
    const derived = derivedOf(entity);
    if (derived.attributes) return derived.attributes;
    const table = new Map<string, Found[]>();
    for (const { unit, scope } of this.methodScopes(entity)) {
      for (const [name, def] of scope.attributes) {
        const places = table.get(name);
        if (places) places.push({ unit, defs: [def] });
        else table.set(name, [{ unit, defs: [def] }]);
      }
    }
    derived.attributes = table;
    return table;
  }
}

/** The C3 merge of several orders: what stands behind another in any of them stays behind it. */
function merge(orders: readonly (readonly ClassEntity[])[]): readonly ClassEntity[] {
  // One base: its order is the order.
  if (orders.length === 2) return orders[0] as readonly ClassEntity[];
  const sequences = orders.map((sequence) => [...sequence]);
  const order = new Set<ClassEntity>();
  for (;;) {
    const heads = sequences.filter((sequence) => sequence.length > 0);
    if (heads.length === 0) return [...order];
    const next =
      heads
        .map((sequence) => sequence[0] as ClassEntity)
        .find((head) => heads.every((sequence) => sequence.indexOf(head) <= 0)) ?? (heads[0]?.[0] as ClassEntity);
    order.add(next);
    for (const sequence of sequences) {
      const at = sequence.indexOf(next);
      if (at >= 0) sequence.splice(at, 1);
    }
  }
}
