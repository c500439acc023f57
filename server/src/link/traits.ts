/**
 * Traits: what a function does besides blocking that decides whether it may run elsewhere: it needs the running loop, the
 * main thread or the thread that made an object, or it changes what others see. They flow from callee to caller as
 * effects do, each with one witness, are never reported, and are computed only when a fix asks.
 */
import type { Expr, ExprId, Parameter, Region, Scope, ScopeId, Site, SiteId } from "../facts/types.js";
import { NO_REGION } from "../facts/types.js";
import { bindArguments } from "./arguments.js";
import { runsWhenCalled, type Target, textOf } from "./calls.js";
import { rewrite, type Said, truthOf } from "./conditions.js";
import type { StubEffects } from "./effects.js";
import { exprOf, type FunctionEntity, fullName, isAsync, isGenerator, scopeOf, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import { Fixpoint, type Readers } from "./fixpoint.js";
import { caughtBy } from "./regions.js";
import { changesReceiver, END_OF_ITERATION, isCallOfSuper, takesEndOfIteration } from "./special.js";
import type { Need } from "./specs.js";
import { membersOf } from "./types.js";

export interface Trait {
  readonly kind: Need | "changes";
  /** The parameter of the function that it changes; absent: something that others may see. */
  readonly parameter?: string;
  /** Hops to where it comes from. */
  readonly distance: number;
  /** -1: what the function does in an assignment. */
  readonly site: SiteId;
  readonly via:
    | { readonly kind: "primitive"; readonly name: string }
    | { readonly kind: "function"; readonly function: FunctionEntity; readonly key: string };
}

/** By `traitKey`. */
export type Traits = ReadonlyMap<string, Trait>;

/** The part of the propagation of effects that traits share. */
export interface Running {
  /** The functions whose bodies run at a site, before it is done and in its thread. */
  runsAt(entity: FunctionEntity, site: SiteId): readonly Target[];
  /** What a site says of the parameters of what it runs; `parameters`: where a stub speaks of its own. */
  saidAt(unit: Unit, target: Target, parameters?: readonly Parameter[]): (name: string) => Said;
  reads(reader: FunctionEntity, entity: FunctionEntity): FunctionEntity;
}

function traitKey({ kind, parameter }: Pick<Trait, "kind" | "parameter">): string {
  return `${kind}|${parameter ?? ""}`;
}

/** Whose object an expression is: the function's own, that of a parameter, or one that others see. */
type Owner = { readonly kind: "own" | "shared" } | { readonly kind: "parameter"; readonly name: string };

const OWN: Owner = { kind: "own" };
const SHARED: Owner = { kind: "shared" };
/** Names that stand for each other are followed so far. */
const MAX_ALIASES = 8;

export class TraitAnalysis {
  readonly #traits: Fixpoint<Traits>;

  constructor(
    private readonly running: Running,
    private readonly evaluator: Evaluator,
    private readonly stubs: StubEffects,
    readers: Readers,
    onCompute: () => void,
  ) {
    const summarizing = { empty: new Map(), compute: (entity: FunctionEntity) => this.#compute(entity), isSame, join };
    this.#traits = new Fixpoint<Traits>(summarizing, readers, onCompute);
  }

  forget(entity: FunctionEntity): void {
    this.#traits.forget(entity);
  }

  of(entity: FunctionEntity): Traits {
    return this.#traits.of(entity);
  }

  #compute(entity: FunctionEntity): Traits {
    const traits = new Map<string, Trait>();
    const { unit } = entity;
    const scope = scopeOf(entity);
    for (const id of scope.sites) {
      const site = unit.chunk.sites[id] as Site;
      const catchesStop = isStopCaught(unit, site);
      for (const trait of this.#at(entity, id, "summary")) {
        if (trait.kind === "stop-iteration" && catchesStop) continue;
        // What is caught here is handled here.
        if (trait.kind === "handling" && isInHandler(unit, site)) continue;
        add(traits, trait);
      }
    }
    if (!isGenerator(entity) && mayRaiseStop(unit, entity.scopeId))
      add(traits, { kind: "stop-iteration", distance: 0, site: -1, via: { kind: "primitive", name: END_OF_ITERATION } });
    const global = Object.keys(scope.globals)[0] ?? outerNameOf(unit, scope);
    if (global !== undefined) add(traits, { kind: "changes", distance: 0, site: -1, via: { kind: "primitive", name: global } });
    const handedOut = [
      ...scope.returnValues,
      ...scope.attributes.flatMap(([, id]) => {
        const def = unit.chunk.defs[id];
        return def?.kind === "assign" ? [def.value] : [];
      }),
    ];
    for (const value of handedOut) {
      const name = this.#madeFor(unit, value);
      if (name) add(traits, { kind: "own-thread", distance: 0, site: -1, via: { kind: "primitive", name } });
    }
    return traits;
  }

  /** What happens at a site of `entity`, whatever a handler around it catches. */
  at(entity: FunctionEntity, siteId: SiteId): Trait[] {
    return this.#at(entity, siteId, "site");
  }

  /** What a function makes for itself keeps nobody from running it elsewhere, but its own sites belong together. */
  #at(entity: FunctionEntity, siteId: SiteId, purpose: "summary" | "site"): Trait[] {
    const traits = new Map<string, Trait>();
    const { unit } = entity;
    const site = unit.chunk.sites[siteId] as Site;
    for (const target of this.running.runsAt(entity, siteId)) {
      for (const trait of this.#ofTarget(entity, siteId, target, purpose)) {
        // That is how what is iterated over says that it has ended.
        if (trait.kind !== "stop-iteration" || site.kind !== "iterate") add(traits, trait);
      }
    }
    const attribute = attributeAt(unit, site);
    if (attribute !== undefined) {
      // `local.value`: reading or setting any attribute runs what the class says of it.
      for (const member of membersOf(this.evaluator.typeOf(unit, attribute.of))) {
        if (member.kind !== "instance") continue;
        const method = this.evaluator.member(member, attribute.method);
        if (method.kind !== "function") continue;
        for (const { need } of this.stubs.needsOf(method))
          add(traits, { kind: need, distance: 0, site: siteId, via: { kind: "primitive", name: textOf(unit, site.expr) } });
      }
    }
    const stored = storedAt(site);
    if (stored !== undefined) this.#addChange(traits, siteId, ownerOf(entity, stored), textOf(unit, stored));
    return [...traits.values()];
  }

  /** What the value of an expression is bound to: the thread in which the expression is evaluated. */
  bindsValue(unit: Unit, id: ExprId): string | undefined {
    for (const member of membersOf(this.evaluator.typeOf(unit, id))) {
      if (member.kind === "instance" && this.stubs.needsOfObject(member.class).includes("own-thread"))
        return fullName(member.class);
    }
    return undefined;
  }

  #ofTarget(entity: FunctionEntity, siteId: SiteId, target: Target, purpose: "summary" | "site"): Trait[] {
    const { unit } = entity;
    const callee = target.type.function;
    if (isAsync(callee)) return [];
    const traits: Trait[] = [];
    const receiver = receiverAt(unit, siteId);
    const name = fullName(callee);
    for (const { need, name: needy, unless, signature } of this.stubs.needsOf(target.type)) {
      const isOwn = purpose === "summary" && receiver !== undefined && this.#isMadeHere(unit, receiver);
      if (need === "own-thread" && isOwn) continue;
      if (unless && truthOf(rewrite(unless, this.running.saidAt(unit, target, signature))) === true) continue;
      traits.push({ kind: need, distance: 0, site: siteId, via: { kind: "primitive", name: needy } });
    }
    const { origin } = callee.unit.file;
    if (origin === "typeshed" || origin === "stub") {
      const bound = target.type.bound;
      const isChange = bound?.kind === "instance" && changesReceiver(bound.class.qualifiedName, scopeOf(callee).name);
      if (isChange && receiver !== undefined) {
        const found = new Map<string, Trait>();
        this.#addChange(found, siteId, ownerOf(entity, receiver), name);
        traits.push(...found.values());
      }
      return traits;
    }
    if (target.iterated ? !isGenerator(callee) : !runsWhenCalled(callee)) return traits;
    for (const [key, trait] of this.of(this.running.reads(entity, callee))) {
      const next = {
        kind: trait.kind,
        distance: trait.distance + 1,
        site: siteId,
        via: { kind: "function", function: callee, key },
      } as const;
      const owner = trait.parameter === undefined ? SHARED : ownerOfArgument(entity, siteId, target, trait.parameter);
      if (owner.kind === "own") continue;
      traits.push(owner.kind === "parameter" ? { ...next, parameter: owner.name } : next);
    }
    return traits;
  }

  #addChange(traits: Map<string, Trait>, site: SiteId, owner: Owner, name: string): void {
    if (owner.kind === "own") return;
    const change: Trait = { kind: "changes", distance: 0, site, via: { kind: "primitive", name } };
    add(traits, owner.kind === "parameter" ? { ...change, parameter: owner.name } : change);
  }

  /** Something that belongs to the thread that makes it, made here for somebody else. */
  #madeFor(unit: Unit, value: ExprId): string | undefined {
    return this.#isMadeHere(unit, value) ? this.bindsValue(unit, value) : undefined;
  }

  /** The value comes from a library's function that the function around it calls, not from elsewhere in the program. */
  #isMadeHere(unit: Unit, id: ExprId, depth = 0): boolean {
    if (depth > MAX_ALIASES) return false;
    const expr = exprOf(unit, id);
    switch (expr.kind) {
      case "local":
        return expr.defs.every((defId) => {
          const def = unit.chunk.defs[defId];
          const value = def?.kind === "assign" || def?.kind === "enter" || def?.kind === "annotated" ? def.value : undefined;
          return value !== undefined && this.#isMadeHere(unit, value, depth + 1);
        });
      case "call": {
        const callee = exprOf(unit, expr.callee);
        const isMethod =
          callee.kind === "attribute" &&
          membersOf(this.evaluator.typeOf(unit, callee.of)).some((member) => member.kind === "instance");
        if (isMethod) return this.#isMadeHere(unit, (callee as Expr & { kind: "attribute" }).of, depth + 1);
        const made = membersOf(this.evaluator.typeOf(unit, expr.callee));
        return made.every((member) => {
          const entity = member.kind === "function" ? member.function : member.kind === "class" ? member.class : undefined;
          return entity !== undefined && entity.unit.file.origin !== "workspace";
        });
      }
      default:
        return false;
    }
  }
}

function add(traits: Map<string, Trait>, trait: Trait): void {
  const key = traitKey(trait);
  const known = traits.get(key);
  if (!known || trait.distance < known.distance || (trait.distance === known.distance && isBefore(trait, known))) {
    traits.set(key, trait);
  }
}

/** Of two witnesses that are equally near, whichever was found first. */
function isBefore(a: Trait, b: Trait): boolean {
  return a.site !== b.site ? a.site < b.site : witnessOf(a) < witnessOf(b);
}

function witnessOf({ via }: Trait): string {
  return via.kind === "primitive" ? via.name : `${fullName(via.function)} ${via.key}`;
}

function isSame(a: Traits, b: Traits): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([key, trait]) => {
    const other = b.get(key);
    return other?.distance === trait.distance && other.site === trait.site && witnessOf(other) === witnessOf(trait);
  });
}

function join(a: Traits, b: Traits): Traits {
  const both = new Map<string, Trait>();
  for (const trait of [...a.values(), ...b.values()]) add(both, trait);
  return both;
}

/** A name of a function around it that the function binds again: `nonlocal count`. */
function outerNameOf(unit: Unit, scope: Scope): string | undefined {
  return Object.entries(scope.bindings).find(([, ids]) => ids.some((id) => unit.chunk.defs[id]?.kind === "outer"))?.[0];
}

const ATTRIBUTE_FUNCTIONS: Readonly<Record<string, string>> = {
  getattr: "__getattribute__",
  hasattr: "__getattribute__",
  setattr: "__setattr__",
  delattr: "__delattr__",
};

/** The object whose attribute a site reads or sets, and the method that does it: `x.name`, `getattr(x, "name")`. */
function attributeAt(unit: Unit, site: Site): { readonly of: ExprId; readonly method: string } | undefined {
  const expr = exprOf(unit, site.expr);
  if (site.kind === "read") return expr.kind === "attribute" ? { of: expr.of, method: "__getattribute__" } : undefined;
  if (site.kind === "operate") {
    const [method] = site.methods ?? [];
    return method !== undefined && /^__(set|del)attr__$/.test(method) ? { of: site.expr, method } : undefined;
  }
  if (site.kind !== "call" || expr.kind !== "call") return undefined;
  const callee = exprOf(unit, expr.callee);
  const method = callee.kind === "name" ? ATTRIBUTE_FUNCTIONS[callee.name] : undefined;
  const [first] = expr.args;
  return method !== undefined && first && first.star === undefined ? { of: first.value, method } : undefined;
}

/** What a store changes: `x` of `x[i] = ...`, `x.name = ...`, `del x[i]`. */
function storedAt(site: Site): ExprId | undefined {
  const isStore = site.kind === "operate" && /^__(set|del)(item|attr)__$/.test(site.methods?.[0] ?? "");
  return isStore ? site.expr : undefined;
}

/** What the site works on: the object of a method call, of an attribute, of an operator. */
function receiverAt(unit: Unit, siteId: SiteId): ExprId | undefined {
  const site = unit.chunk.sites[siteId] as Site;
  const expr = exprOf(unit, site.expr);
  if (site.kind === "call") {
    const callee = expr.kind === "call" ? exprOf(unit, expr.callee) : undefined;
    return callee?.kind === "attribute" ? callee.of : undefined;
  }
  return site.kind === "read" && expr.kind === "attribute" ? expr.of : site.expr;
}

const MAKERS = new Set(["__init__", "__new__", "__post_init__"]);

/** Whose object a call puts into a parameter of what it runs. */
function ownerOfArgument(entity: FunctionEntity, siteId: SiteId, target: Target, name: string): Owner {
  const { unit } = entity;
  const { parameters, name: callee } = scopeOf(target.type.function);
  const position = parameters.findIndex((parameter) => parameter.name === name);
  if (position < target.skip) {
    const receiver = receiverAt(unit, siteId);
    if (MAKERS.has(callee) && !(receiver !== undefined && isSuper(unit, receiver))) return OWN;
    return receiver === undefined ? SHARED : ownerOf(entity, receiver);
  }
  if (!target.args) return SHARED;
  const argument = bindArguments(parameters, target.args, target.skip).byName.get(name);
  return argument ? ownerOf(entity, argument.value) : SHARED;
}

function isSuper(unit: Unit, id: ExprId): boolean {
  const expr = exprOf(unit, id);
  return expr.kind === "call" && isCallOfSuper(textOf(unit, expr.callee));
}

function ownerOf(entity: FunctionEntity, id: ExprId, depth = 0): Owner {
  const { unit } = entity;
  if (depth > MAX_ALIASES) return SHARED;
  const expr = exprOf(unit, id);
  switch (expr.kind) {
    case "attribute":
    case "subscript":
      return ownerOf(entity, expr.of, depth + 1);
    case "name":
      return SHARED;
    case "local":
      return expr.defs.map((def) => ownerOfDef(entity, def, depth)).reduce(either, OWN);
    case "conditional":
      return either(ownerOf(entity, expr.then, depth + 1), ownerOf(entity, expr.else, depth + 1));
    case "boolean":
      return either(ownerOf(entity, expr.left, depth + 1), ownerOf(entity, expr.right, depth + 1));
    case "call": {
      const self = scopeOf(entity).parameters[0];
      return self && isSuper(unit, id) ? { kind: "parameter", name: self.name } : OWN;
    }
    default:
      return OWN;
  }
}

function ownerOfDef(entity: FunctionEntity, id: number, depth: number): Owner {
  const def = entity.unit.chunk.defs[id];
  switch (def?.kind) {
    case "parameter": {
      const parameter = entity.unit.chunk.scopes[def.scope]?.parameters[def.index];
      if (!parameter || def.scope !== entity.scopeId) return SHARED;
      // `*args` and `**kwargs` are made for each call.
      const isOwn = parameter.kind === "var-positional" || parameter.kind === "var-keyword";
      return isOwn ? OWN : { kind: "parameter", name: parameter.name };
    }
    case "assign":
    case "iterate":
    case "enter":
      return ownerOf(entity, def.value, depth + 1);
    case "annotated":
      return def.value === undefined ? OWN : ownerOf(entity, def.value, depth + 1);
    case "augmented":
      return ownerOf(entity, def.target, depth + 1);
    case "unpack":
      return ownerOfDef(entity, def.of, depth + 1);
    case "join":
    case "narrow":
      if (depth > MAX_ALIASES) return SHARED;
      return def.of.map((from) => ownerOfDef(entity, from, depth + 1)).reduce(either, OWN);
    case "except":
      return OWN;
    default:
      return SHARED;
  }
}

function either(a: Owner, b: Owner): Owner {
  if (a.kind === "own") return b;
  if (b.kind === "own") return a;
  return a.kind === "parameter" && b.kind === "parameter" && a.name === b.name ? a : SHARED;
}

/** A handler around the site, in the same function, takes StopIteration. */
function isStopCaught(unit: Unit, site: Site): boolean {
  for (let id = site.region; id !== NO_REGION; ) {
    const region = unit.chunk.regions[id] as Region;
    const tried = id;
    if (
      region.kind === "try" &&
      unit.chunk.regions.some((other) => other.kind === "except" && other.of === tried && takesStop(unit, other))
    )
      return true;
    id = region.parent;
  }
  return false;
}

/** A scope names the exception other than to catch it: it raises it, there is hardly anything else to do with it. */
function mayRaiseStop(unit: Unit, scopeId: ScopeId): boolean {
  const { exprs, regions } = unit.chunk;
  const isStop = (expr: Expr): boolean => expr.kind === "name" && expr.name === END_OF_ITERATION && expr.scope === scopeId;
  if (!exprs.some(isStop)) return false;
  const caught = new Set(regions.flatMap((region) => (region.kind === "except" ? caughtBy(unit, region) : [])));
  return exprs.some((expr, id) => isStop(expr) && !caught.has(id));
}

/** The site stands in an `except` of its function. */
function isInHandler(unit: Unit, site: Site): boolean {
  for (let id = site.region; id !== NO_REGION; id = (unit.chunk.regions[id] as Region).parent) {
    if ((unit.chunk.regions[id] as Region).kind === "except") return true;
  }
  return false;
}

function takesStop(unit: Unit, region: Region & { kind: "except" }): boolean {
  if (region.ends.includes("raise")) return false;
  const caught = caughtBy(unit, region).map((id) => exprOf(unit, id));
  return caught.length === 0 || caught.some((type) => type.kind === "name" && takesEndOfIteration(type.name));
}
