/**
 * Effects: which functions block when called, by which rule and how badly, each with one witness, the next hop. They
 * flow from callee to caller to a fixpoint without a depth limit; of several witnesses the nearest to a primitive stands,
 * which makes the fixpoint the only one. What it explains is always one hop further away, so paths never loop.
 */

import type { RuleName } from "../base/rules.js";
import { type Confidence, STALL_CLASSES, type StallClass } from "../base/stall.js";
import type { StepRole } from "../base/step.js";
import { isAboutTarget, targetTruth } from "../facts/target.js";
import type { Expr, ExprId, Region, RegionId, Scope, Site, SiteId } from "../facts/types.js";
import { NO_REGION } from "../facts/types.js";
import { bindArguments } from "./arguments.js";
import { type Calls, type Choice, parameterBehind, runsWhenCalled, type Target, textOf } from "./calls.js";
import { contractOf } from "./comments.js";
import {
  type Condition,
  conditionKey,
  conjunction,
  mentionsParameter,
  readCondition,
  rewrite,
  type Said,
  saidBy,
  truthOf,
  type Values,
} from "./conditions.js";
import type { StubEffects } from "./effects.js";
import { exprOf, type FunctionEntity, fullName, isAsync, isGenerator, type SourceFile, scopeOf, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import { Fixpoint, type Readers } from "./fixpoint.js";
import { functionsIn, type Holders } from "./locks.js";
import { isOffLoop, isWithoutLoop } from "./loopless.js";
import { silencedAt } from "./openings.js";
import { isFallback, isInside } from "./regions.js";
import { asksForCoroutineFunction, startsDebugger, stopsEarly } from "./special.js";
import type { BlockSpec, Spec, TwinSpec } from "./specs.js";
import { refine } from "./state.js";
import { TraitAnalysis } from "./traits.js";
import { type FunctionType, membersOf, type Place, type Type } from "./types.js";
import { callsItselfTwice, DOUBLED_TOO_OFTEN, loopAt } from "./work.js";

/** An amount of seconds that may depend on a parameter. `null`: no bound at all. */
export type Quantity =
  | { readonly kind: "constant"; readonly value: number | null }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "unknown" };

export interface Primitive {
  readonly kind: "primitive";
  readonly name: string;
  readonly twins: readonly TwinSpec[];
}

export interface Effect {
  readonly rule: RuleName;
  readonly stall: StallClass;
  readonly confidence: Confidence;
  /** Hops to the primitive. */
  readonly distance: number;
  /** Happens when the function's result is iterated or entered, not when it is called. */
  readonly iterated: boolean;
  /** Over the function's own parameters; absent: always. */
  readonly condition?: Condition;
  readonly seconds?: Quantity;
  readonly bound?: Quantity;
  /** Of work: C code keeps the GIL or lets go of it, Python gives it up every few milliseconds ("shared"). */
  readonly gil?: "held" | "released" | "shared";
  /** Runs in a thread, and still holds up the loop, in turns: it keeps the GIL. */
  readonly inThread?: true;
  /** Waits for a lock while somebody else does what the next hop says. */
  readonly contended?: true;
  /** Of a file: what is written decides how long it takes, and not what is there. */
  readonly writes?: true;
  /** Where in the function it happens, and what is run there. */
  readonly site: SiteId;
  readonly role: StepRole;
  readonly via: Primitive | { readonly kind: "function"; readonly function: FunctionEntity; readonly key: string };
  readonly implementations?: readonly [blocking: number, all: number];
}

/** What blocks in a function, by `effectKey`. */
export type Effects = ReadonlyMap<string, Effect>;

/** What becomes of what a function's parameters (or those of functions around it) hold, by `scope:name`. */
export type Fates = ReadonlyMap<string, ReadonlySet<Fate>>;

/** A callable is run somewhere, an iterable is run through on the spot. */
export type Fate = Place | "iterated";

/** Cases of one function's effects; more than this are not told apart. */
const MAX_EFFECTS = 24;
/** Names followed from one to the next for one condition. */
const MAX_NAME_HOPS = 6;
/** Functions run at one site; more of them are closures that capture each other. */
const MAX_CLOSURES = 100;
const ONE_WAY: Choice = { alternatives: 1 };

/**
 * What is told apart of a function. Confidence is part of it: the nearest of the definite and the nearest of the probable
 * witnesses are kept both, since a caller that may also do something else is probable by either, and then the nearer counts.
 */
function effectKey(effect: Pick<Effect, "rule" | "stall" | "iterated" | "inThread" | "condition" | "confidence">): string {
  return `${effect.rule}|${effect.stall}|${effect.iterated ? "i" : ""}${effect.inThread ? "t" : ""}|${conditionKey(effect.condition)}|${effect.confidence}`;
}

/** As if it happened always: said of a function with too many cases to keep apart. */
function withoutCondition({ condition: _, ...effect }: Effect): Effect {
  return effect;
}

/** The effect of some of the alternatives at a site; where they cannot be counted, what was counted further down stands. */
function asOneOf(effect: Effect, implementations: Effect["implementations"]): Effect {
  return { ...effect, confidence: "probable", ...(implementations ? { implementations } : {}) };
}

/** Which of two effects a reader should hear first. Negative: `a`. */
export function compareEffects(a: Effect, b: Effect): number {
  if (a.inThread !== b.inThread) return a.inThread ? 1 : -1;
  const byStall = STALL_CLASSES.indexOf(a.stall) - STALL_CLASSES.indexOf(b.stall);
  if (byStall !== 0) return byStall;
  if (a.confidence !== b.confidence) return a.confidence === "definite" ? -1 : 1;
  return a.distance - b.distance || Number(isUnbounded(b)) - Number(isUnbounded(a)) || compareTexts(a.rule, b.rule);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `get()` beside `get(timeout=5)`: the one that may never return speaks. */
function isUnbounded({ bound }: Effect): boolean {
  return bound?.kind === "constant" && bound.value === null;
}

/** What decides whether a file's functions report themselves. */
export interface Reporting {
  /** Findings of this file are shown: nothing flows out of its coroutines. */
  reports(file: SourceFile): boolean;
  /** The file belongs to the tests. */
  isTest(file: SourceFile): boolean;
}

export class Propagation {
  readonly #readers: Readers = new Map();
  readonly #effects: Fixpoint<Effects>;
  readonly #fates: Fixpoint<Fates>;
  readonly #values: Values;
  /** What a function does that decides whether it may run elsewhere. */
  readonly traits: TraitAnalysis;

  constructor(
    private readonly calls: Calls,
    private readonly evaluator: Evaluator,
    private readonly stubs: StubEffects,
    private readonly reporting: Reporting,
    /** Told of each summary that is computed. */
    onCompute: () => void,
  ) {
    const fates = {
      empty: new Map(),
      compute: (entity: FunctionEntity) => evaluator.deriving(entity.unit.cell, () => this.#computeFates(entity)),
      isSame: sameFates,
      join: joinFates,
    };
    this.#fates = new Fixpoint<Fates>(fates, this.#readers, onCompute);
    const effects = {
      empty: new Map(),
      compute: (entity: FunctionEntity) => evaluator.deriving(entity.unit.cell, () => this.#computeEffects(entity)),
      isSame: sameEffects,
      join: joinEffects,
    };
    this.#effects = new Fixpoint<Effects>(effects, this.#readers, onCompute);
    this.traits = new TraitAnalysis(this, evaluator, stubs, this.#readers, onCompute);
    this.#values = {
      valueOf: (unit, id) => evaluator.valueOf(unit, id),
      itemsOf: (unit, id) => evaluator.itemsOf(unit, id),
      classesOf: (unit, id) => evaluator.classesOf(unit, id),
      checkedBy: (unit, id) => evaluator.checkedClasses(unit, id),
    };
  }

  /** Forgets the summaries of functions and of everybody who calls them. Returns all that were forgotten. */
  forget(functions: Iterable<FunctionEntity>): ReadonlySet<FunctionEntity> {
    this.#reaches = new WeakMap();
    const gone = new Set<FunctionEntity>();
    const queue = [...functions];
    for (let entity = queue.pop(); entity; entity = queue.pop()) {
      if (gone.has(entity)) continue;
      gone.add(entity);
      this.#effects.forget(entity);
      this.#fates.forget(entity);
      this.traits.forget(entity);
      for (const caller of this.#readers.get(entity) ?? []) queue.push(caller);
      this.#readers.delete(entity);
    }
    return gone;
  }

  /** What blocks when `entity` is called, or its result iterated over. */
  effectsOf(entity: FunctionEntity): Effects {
    return this.#effects.of(entity);
  }

  /** What `entity` does with what it is given. */
  fatesOf(entity: FunctionEntity): Fates {
    return this.#fates.of(entity);
  }

  /** Notes that what `reader` is depends on `entity`. */
  reads(reader: FunctionEntity, entity: FunctionEntity): FunctionEntity {
    const readers = this.#readers.get(entity) ?? new Set();
    this.#readers.set(entity, readers.add(reader));
    if (this.#waiting) readers.add(this.#waiting);
    return entity;
  }

  /** The function that waits for a lock, while the sites of one that holds it are looked at. */
  #waiting: FunctionEntity | undefined;

  readonly #holders: Holders = {
    watch: (reader) => {
      const { file } = reader.unit;
      for (const entity of functionsIn(file)) if (entity !== reader) this.reads(reader, entity);
      // A function that is new there, too.
      this.evaluator.depends(file.moduleUnit.cell);
    },
    effectsIn: (reader, holder, sites) => {
      // A holder may take other locks: what holds those up is not followed any further.
      if (this.#waiting) return [];
      this.#waiting = reader;
      const effects = sites.flatMap((site) =>
        this.effectsAt(holder, site).filter((effect) => !silencedAt(this.evaluator, holder.unit, site, effect)),
      );
      this.#waiting = undefined;
      return effects;
    },
    keyOf: effectKey,
  };

  /** The functions whose bodies run at a site of `entity`, before it is done and in its thread. */
  runsAt(entity: FunctionEntity, siteId: SiteId): readonly Target[] {
    const { unit } = entity;
    const site = unit.chunk.sites[siteId] as Site;
    if (this.#reach(unit, scopeOf(entity), site) === "never") return [];
    const link = this.calls.link(unit, siteId);
    const targets = [...this.#meant(unit, site, link.targets)];
    for (const { place, callee } of link.handed) if (place === "now") targets.push(...targetsOfCallable(callee));
    for (const given of link.given) {
      const fates = this.fatesOf(this.reads(entity, given.to.function));
      const places = fates.get(parameterKey(given.to.function.scopeId, given.parameter));
      if (places && runsNow(places)) targets.push(...targetsOfCallable(given.callee));
      if (places?.has("iterated")) targets.push(...this.calls.iteration(given.callee));
    }
    for (let at = 0; at < targets.length && at < MAX_CLOSURES; at++) {
      const { type } = targets[at] as Target;
      for (const captured of this.#calledClosures(entity, type)) targets.push(...targetsOfCallable(captured));
    }
    return targets;
  }

  #computeFates(entity: FunctionEntity): Fates {
    const fates = new Map<string, Set<Fate>>();
    for (const site of scopeOf(entity).sites) this.#parametersAt(entity, site, fates);
    return fates;
  }

  #computeEffects(entity: FunctionEntity): Effects {
    const effects = new Map<string, Effect>();
    const contract = contractOf(entity.unit, entity.scopeId);
    if (contract.never || contract.blocks.length > 0) return effects;
    // A summary says everything, whoever happened to ask for it.
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const site of scopeOf(entity).sites) {
      for (const effect of this.effectsAt(entity, site)) {
        if (silencedAt(this.evaluator, entity.unit, site, effect)) continue;
        add(effects, isGenerator(entity) ? { ...effect, iterated: true } : effect);
      }
    }
    this.#waiting = waiting;
    return effects.size > MAX_EFFECTS ? withFewerCases(effects) : effects;
  }

  // ---- Effects of one site ----

  /** What happens to the thread at a site of `entity`, best witness of each kind, conditions over `entity`'s parameters. */
  effectsAt(entity: FunctionEntity, siteId: SiteId): Effect[] {
    const { unit } = entity;
    const site = unit.chunk.sites[siteId] as Site;
    const reach = this.#reach(unit, scopeOf(entity), site);
    if (reach === "never") return [];
    const found = new Map<string, Effect>();
    const loop = site.kind === "loop" || site.kind === "iterate" ? loopAt(this.calls, entity, siteId) : undefined;
    if (loop) add(found, loop);
    const link = this.calls.link(unit, siteId);
    const blocking = new Map<Choice, Map<string, Set<number>>>();
    const candidates: [Effect, Choice][] = [];
    const isStandIn = link.targets.length > 0 && isFallback(unit, site.region);
    const isCoroutineFunction = site.kind === "call" && isCheckedCoroutineFunction(unit, site);
    for (const target of this.#meant(unit, site, link.targets)) {
      if (isCoroutineFunction && !isAsync(target.type.function)) continue;
      for (const born of this.#effectsOf(entity, unit, siteId, target)) {
        if (target.iterated && isWorkOfGenerator(born) && !this.#takesAll(unit, site)) continue;
        const refined = refine(this.calls, entity, born, this.#holders);
        if (!refined) continue;
        const effect = isStandIn ? { ...refined, confidence: "probable" as const } : refined;
        candidates.push([effect, target.choice]);
        const kinds = blocking.get(target.choice) ?? new Map<string, Set<number>>();
        const key = `${effect.rule}|${effect.stall}`;
        kinds.set(key, (kinds.get(key) ?? new Set()).add(target.alternative));
        blocking.set(target.choice, kinds);
      }
    }
    for (const [effect, choice] of candidates) {
      const block = blocking.get(choice)?.get(`${effect.rule}|${effect.stall}`)?.size ?? 0;
      const sure = block === choice.alternatives;
      // What is not known is no implementation that could be counted.
      const seen = new Set(link.targets.filter((target) => target.choice === choice).map(({ alternative }) => alternative)).size;
      add(found, sure ? effect : asOneOf(effect, seen === choice.alternatives ? [block, seen] : undefined));
    }
    if (site.kind === "await")
      for (const effect of this.#scheduled(entity, siteId, this.evaluator.typeOf(unit, site.expr))) add(found, effect);
    for (const handed of link.handed) {
      if (handed.place === "loop") for (const effect of this.#scheduled(entity, siteId, handed.callee)) add(found, effect);
      if (handed.place === "now") for (const effect of this.#effectsOfCallable(entity, siteId, handed.callee)) add(found, effect);
      if (handed.place === "thread") for (const effect of this.#keepingGil(entity, siteId, handed.callee)) add(found, effect);
    }
    for (const given of link.given) {
      const fates = this.fatesOf(this.reads(entity, given.to.function));
      const places = fates.get(parameterKey(given.to.function.scopeId, given.parameter));
      if (places && runsNow(places)) {
        for (const effect of this.#effectsOfCallable(entity, siteId, given.callee)) add(found, effect);
      } else if (places?.has("thread")) {
        for (const effect of this.#keepingGil(entity, siteId, given.callee)) add(found, effect);
      }
      if (!places?.has("iterated")) continue;
      for (const target of this.calls.iteration(given.callee)) {
        for (const effect of this.#effectsOf(entity, unit, siteId, target)) add(found, effect);
      }
    }
    const once = reach.once || isOnce(link.targets);
    // A helper that chooses by some state may well choose by whether a loop runs.
    const mayAvoid = ({ rule }: Effect): boolean => rule === "nested-event-loop" && reach.chosen && !isAsync(entity);
    return [...found.values()].map((effect) => ({
      ...effect,
      ...(mayAvoid(effect) ? { confidence: "probable" as const } : {}),
      ...(reach.condition ? { condition: conjunction(effect.condition, reach.condition) as Condition } : {}),
      ...(once && effect.stall !== "never" && effect.stall !== "large-input" ? { stall: "once" as const } : {}),
    }));
  }

  /** Whether a site is reached where a loop may run: not under `TYPE_CHECKING`, nor in the handler of a missing loop. */
  isReached({ unit, scopeId }: FunctionEntity, siteId: SiteId): boolean {
    return this.#reach(unit, unit.chunk.scopes[scopeId] as Scope, unit.chunk.sites[siteId] as Site) !== "never";
  }

  /** `sum(...)` runs through all of a generator expression; `next(...)`, `any(...)` and a loop may stop early. */
  #takesAll(unit: Unit, site: Site): boolean {
    const call = site.kind === "call" ? exprOf(unit, site.expr) : undefined;
    return call?.kind === "call" && !stopsEarly(this.evaluator.names.symbol(unit, call.callee) ?? "");
  }

  /**
   * Await is evidence: a call that is awaited does not mean a function whose result cannot be, nor, beside implementations
   * that surely can be awaited, one of which nobody knows.
   */
  #meant(unit: Unit, site: Site, targets: readonly Target[]): readonly Target[] {
    if (!site.async || site.kind !== "call") return targets;
    const answers = new Map(targets.map((target) => [target, this.#givesAwaitable(unit, site, target)]));
    const isMeant = (target: Target): boolean => {
      const answer = answers.get(target);
      if (answer !== undefined) return answer;
      return !targets.some(
        (other) => other.choice === target.choice && other.alternative !== target.alternative && answers.get(other),
      );
    };
    return targets.filter(isMeant);
  }

  /** Whether what a call gives can be awaited; undefined: nobody knows. */
  #givesAwaitable(unit: Unit, site: Site, target: Target): boolean | undefined {
    const entity = target.type.function;
    if (target.iterated || isAsync(entity)) return true;
    const isMaker =
      scopeOf(entity).name === "__init__" || scopeOf(entity).name === "__new__" || scopeOf(entity).name === "__post_init__";
    if (isMaker) return this.evaluator.isAwaitable(this.evaluator.typeOf(unit, site.expr)) !== false;
    const awaitable = this.evaluator.isAwaitable(this.evaluator.callResult(target.type, { types: [] }));
    const isLeaf = entity.unit.file.origin === "typeshed" || entity.unit.file.origin === "stub";
    return isLeaf ? awaitable === true : awaitable;
  }

  /** A coroutine of a file nobody reports on blocks where it is given to the loop. */
  #scheduled(reader: FunctionEntity, siteId: SiteId, scheduled: Type): Effect[] {
    return membersOf(scheduled).flatMap((member) => {
      if (member.kind !== "awaitable" || !member.function || this.reporting.reports(member.function.unit.file)) return [];
      const target = {
        type: { kind: "function", function: member.function },
        role: "await",
        skip: 0,
        iterated: false,
        alternative: 0,
        choice: ONE_WAY,
      } as const;
      return this.#effectsOf(reader, reader.unit, siteId, target);
    });
  }

  #effectsOf(reader: FunctionEntity, unit: Unit, siteId: SiteId, target: Target, closures: Closures = { followed: 0 }): Effect[] {
    return [...this.#effectsOfBody(reader, unit, siteId, target, closures), ...this.#effectsOfDecorator(siteId, target)];
  }

  /** What a decorator adds to a call: it sleeps between two attempts, if the first one fails. */
  #effectsOfDecorator(siteId: SiteId, { type, role, iterated }: Target): Effect[] {
    const { decorator, function: entity } = type;
    const spec = decorator && this.stubs.of(decorator.factory);
    if (!spec || iterated || !runsWhenCalled(entity)) return [];
    const { args } = exprOf(decorator.unit, decorator.call) as Expr & { kind: "call" };
    const factory: FunctionType = { kind: "function", function: this.stubs.stubFor(decorator.factory) ?? decorator.factory };
    const target: Target = { type: factory, role, args, skip: 0, iterated, alternative: 0, choice: ONE_WAY };
    return spec.blocks.flatMap((block) => {
      const effect = block.decorated && this.#primitive(decorator.unit, siteId, target, block, spec, "probable");
      return effect && !effect.condition ? [effect] : [];
    });
  }

  #effectsOfBody(reader: FunctionEntity, unit: Unit, siteId: SiteId, target: Target, closures: Closures): Effect[] {
    const { type, role } = target;
    const entity = type.function;
    const spec = this.stubs.ofCall(type);
    const confidence: Confidence = type.uncertain ? "probable" : "definite";
    if (spec && (spec.never || spec.blocks.length > 0)) {
      if (spec.never) return [];
      // A package stops for a debugger when it is itself debugged.
      if (unit.file.origin === "package" && startsDebugger(primitiveName(spec))) return [];
      return spec.blocks.flatMap((block) => {
        if (block.iterated !== target.iterated || block.decorated) return [];
        const effect = this.#primitive(unit, siteId, target, block, spec, confidence);
        return effect ? [effect] : [];
      });
    }
    const { file } = entity.unit;
    if (file.origin === "typeshed" || file.origin === "stub") return [];
    const declared = contractOf(entity.unit, entity.scopeId).blocks;
    if (declared.length > 0) return declared.map((rule) => declaredEffect(rule, siteId, target));
    if (isAsync(entity)) {
      // A coroutine of a file that is reported on reports itself.
      const awaited = target.role === "await" || unit.chunk.sites[siteId]?.async === true;
      if (this.reporting.reports(file) || !awaited) return this.#captured(reader, siteId, type, closures);
    } else if (target.iterated ? !isGenerator(entity) : !runsWhenCalled(entity)) return [];
    if (type.manager && !target.iterated) return [];
    if (file.origin === "package" && reader.unit.file.origin !== "package" && this.stubs.isComplete(file.module)) return [];
    const said = this.saidAt(unit, target);
    const effects: Effect[] = [];
    for (const [key, effect] of this.effectsOf(this.reads(reader, entity))) {
      if (effect.iterated !== target.iterated) continue;
      // Reported where the lock is held across the await; who asks for it through a helper could change nothing.
      if (effect.contended && effect.rule === "loop-deadlock") continue;
      const passed = this.#passBorder(effect, file, reader.unit.file);
      if (!passed) continue;
      const condition = effect.condition && rewrite(effect.condition, said);
      if (condition && truthOf(condition) === false) continue;
      const seconds = effect.seconds && rewriteQuantity(effect.seconds, said);
      if (seconds?.kind === "constant" && seconds.value === 0) continue;
      const bound = effect.bound && rewriteQuantity(effect.bound, said);
      const isSure = passed === "definite" && confidence === "definite" && !this.#leadsElsewhere(unit, siteId, entity, effect);
      effects.push({
        rule: effect.rule,
        stall: effect.stall,
        confidence: isSure ? effect.confidence : "probable",
        distance: effect.distance + 1,
        iterated: false,
        site: siteId,
        role,
        via: { kind: "function", function: entity, key },
        ...(condition && mentionsParameter(condition) ? { condition } : {}),
        ...(seconds ? { seconds } : {}),
        ...(bound ? { bound } : {}),
        ...(effect.gil ? { gil: effect.gil } : {}),
        ...(effect.contended ? { contended: true } : {}),
        ...(effect.writes ? { writes: true } : {}),
        ...(effect.inThread ? { inThread: effect.inThread } : {}),
        ...(effect.implementations ? { implementations: effect.implementations } : {}),
      });
    }
    const doubling = reader === entity || type.cached ? undefined : callsItselfTwice(this.calls, entity);
    const doubled = doubling && this.#doubled(doubling, entity, siteId, role, said);
    return [...effects, ...(doubled ? [doubled] : []), ...this.#captured(reader, siteId, type, closures)];
  }

  /**
   * `if loop_runs(): return work()` before `return run(work())`: who awaits the call counts on what the first way returns, and
   * what the second blocks on it probably never meets.
   */
  #leadsElsewhere({ chunk }: Unit, siteId: SiteId, callee: FunctionEntity, { site }: Effect): boolean {
    if (!chunk.sites[siteId]?.async || isAsync(callee)) return false;
    const { returnValues } = scopeOf(callee);
    const born = callee.unit.chunk.sites[site];
    if (born?.kind !== "call" || !returnValues.includes(born.expr)) return false;
    const isAwaitable = (id: ExprId) => this.evaluator.isAwaitable(this.evaluator.typeOf(callee.unit, id)) === true;
    return !isAwaitable(born.expr) && returnValues.some(isAwaitable);
  }

  /** A call of a function that calls itself twice, each time with a little less, where it begins high enough. */
  #doubled(
    parameter: string,
    entity: FunctionEntity,
    site: SiteId,
    role: StepRole,
    said: (name: string) => Said,
  ): Effect | undefined {
    const isHigh: Condition = {
      kind: "compare",
      operator: ">=",
      left: { kind: "parameter", name: parameter },
      right: { kind: "constant", value: DOUBLED_TOO_OFTEN },
    };
    const condition = rewrite(isHigh, said);
    if (truthOf(condition) === false) return undefined;
    return {
      rule: "blocking-cpu",
      stall: "cpu",
      confidence: truthOf(condition) ? "definite" : "probable",
      distance: 0,
      iterated: false,
      gil: "shared",
      site,
      role,
      via: { kind: "primitive", name: fullName(entity), twins: [] },
      ...(mentionsParameter(condition) ? { condition } : {}),
    };
  }

  /** What leaves an installed package that no stub describes. */
  #passBorder(effect: Effect, from: SourceFile, to: SourceFile): Confidence | undefined {
    if (from.origin !== "package" || to.origin === "package") return "definite";
    if (effect.stall === "once" || effect.stall === "inode" || effect.stall === "spawn" || effect.stall === "lock")
      return undefined;
    if (effect.rule === "blocking-file" || effect.rule === "blocking-filesystem" || effect.rule === "blocking-cpu")
      return undefined;
    if (effect.rule === "blocking-wait" && effect.bound?.kind === "constant" && effect.bound.value !== null) return undefined;
    return effect.rule.startsWith("blocking-") ? "probable" : undefined;
  }

  /** A closure runs what it captured: the function under a decorator. */
  #captured(reader: FunctionEntity, siteId: SiteId, type: FunctionType, closures: Closures): Effect[] {
    return this.#calledClosures(reader, type).flatMap((captured) => {
      closures.followed++;
      return closures.followed > MAX_CLOSURES ? [] : this.#effectsOfCallable(reader, siteId, captured, closures);
    });
  }

  /** What a closure captured and calls on the spot. */
  #calledClosures(reader: FunctionEntity, type: FunctionType): readonly Type[] {
    if (!type.captured) return [];
    const called: Type[] = [];
    for (const [key, places] of this.fatesOf(this.reads(reader, type.function))) {
      const captured = type.captured.get(key.slice(key.indexOf(":") + 1));
      if (captured && runsNow(places) && !key.startsWith(`${type.function.scopeId}:`)) called.push(captured);
    }
    return called;
  }

  /** Work whose C code keeps the GIL holds up the loop from a thread too. In a process it does not. */
  #keepingGil(reader: FunctionEntity, siteId: SiteId, callee: Type): Effect[] {
    return this.#effectsOfCallable(reader, siteId, callee).flatMap((effect) =>
      effect.gil === "held" ? [{ ...effect, inThread: true as const }] : [],
    );
  }

  /** Effects of a callable that is called at a site with arguments nobody sees. */
  #effectsOfCallable(reader: FunctionEntity, siteId: SiteId, callee: Type, closures: Closures = { followed: 0 }): Effect[] {
    const isSure = membersOf(callee).length === 1;
    return targetsOfCallable(callee).flatMap((target) =>
      this.#effectsOf(reader, reader.unit, siteId, target, closures).map((effect) =>
        isSure ? effect : { ...effect, confidence: "probable" as const },
      ),
    );
  }

  /** What a site says of the parameters of what it runs; `parameters`: where a stub speaks of its own. */
  saidAt(unit: Unit, target: Target, parameters = scopeOf(target.type.function).parameters): (name: string) => Said {
    if (!target.args) return () => ({ kind: "unknown", given: true });
    const entity = target.type.function;
    const bound = bindArguments(parameters, target.args, target.skip);
    return saidBy(unit, parameters, entity.unit, bound, this.#values);
  }

  #primitive(
    unit: Unit,
    siteId: SiteId,
    target: Target,
    block: BlockSpec,
    spec: Spec,
    confidence: Confidence,
  ): Effect | undefined {
    const said = this.saidAt(unit, target);
    const unless = block.unless && rewrite(block.unless, said);
    if (unless && truthOf(unless) === true) return undefined;
    const condition: Condition | undefined = unless && mentionsParameter(unless) ? { kind: "not", of: unless } : undefined;
    const seconds = this.#quantity(target, block.seconds, said);
    if (seconds?.kind === "constant" && seconds.value === 0) return undefined;
    const bound = this.#quantity(target, block.timeout, said);
    const readsFile = block.stall === "large-input" && this.#takesFile(unit, target);
    return {
      rule: readsFile ? "blocking-file" : block.rule,
      stall: readsFile ? "whole-file" : block.stall,
      confidence,
      distance: 0,
      iterated: false,
      site: siteId,
      role: target.role,
      via: { kind: "primitive", name: primitiveName(spec), twins: spec.twins },
      ...(condition ? { condition } : {}),
      ...(seconds ? { seconds } : {}),
      ...(bound ? { bound } : {}),
      ...(block.gil ? { gil: block.gil } : {}),
      ...((readsFile || block.stall === "whole-file") && writesFile(primitiveName(spec), said("mode")) ? { writes: true } : {}),
    };
  }

  /** `json.load(file)`: what only large input makes slow reads a file when it is given one. */
  #takesFile(unit: Unit, target: Target): boolean {
    return (target.args ?? []).some(({ value }) =>
      membersOf(this.evaluator.typeOf(unit, value)).some((member) => {
        if (member.kind !== "instance") return false;
        const read = this.evaluator.member(member, "read");
        return (
          read.kind === "function" && (this.stubs.ofCall(read)?.blocks.some((block) => block.rule === "blocking-file") ?? false)
        );
      }),
    );
  }

  #quantity(target: Target, parameter: string | number | undefined, said: (name: string) => Said): Quantity | undefined {
    if (parameter === undefined) return undefined;
    const positional = scopeOf(target.type.function)
      .parameters.filter(({ kind }) => kind !== "keyword-only")
      .slice(target.skip);
    const name = typeof parameter === "number" ? positional[parameter]?.name : parameter;
    const fallback =
      typeof parameter === "string" && !scopeOf(target.type.function).parameters.some((p) => p.name === parameter)
        ? positional[0]?.name
        : undefined;
    const value = said(name ?? fallback ?? "");
    if (value.kind === "parameter") return { kind: "parameter", name: value.name };
    if (value.kind === "constant") {
      if (typeof value.value === "number") return { kind: "constant", value: value.value < 0 ? null : value.value };
      return value.value === null ? { kind: "constant", value: null } : { kind: "unknown" };
    }
    return value.given || hasOwnDefault(target.type.function, name ?? fallback)
      ? { kind: "unknown" }
      : { kind: "constant", value: null };
  }

  // ---- Under what condition a site is reached ----

  #reach(unit: Unit, scope: Scope, site: Site): Reach | "never" {
    const known = this.#reachesIn(unit, scope);
    const path: RegionId[] = [];
    let reach: Reach | "never" = ANYWHERE;
    for (let id: RegionId = site.region; id !== NO_REGION; id = (unit.chunk.regions[id] as Region).parent) {
      const found = known.get(id);
      if (found) {
        reach = found;
        break;
      }
      path.push(id);
    }
    for (const id of path.reverse()) {
      if (reach !== "never") reach = this.#reachWithin(unit, scope, id, reach);
      if (!this.evaluator.isGivingUp) known.set(id, reach);
    }
    return reach;
  }

  /**
   * How the regions of a function are reached: each of its sites asks for all that are around it. Remembered until something is
   * forgotten, and only for its own unit, which notes what the answers were read off.
   */
  #reachesIn(unit: Unit, scope: Scope): Map<RegionId, Reach | "never"> {
    if (this.evaluator.asking !== unit.cell) return new Map();
    const known = this.#reaches.get(scope) ?? new Map<RegionId, Reach | "never">();
    this.#reaches.set(scope, known);
    return known;
  }
  #reaches = new WeakMap<Scope, Map<RegionId, Reach | "never">>();

  /** How a region is reached that stands in another, which is reached like `outer`. */
  #reachWithin(unit: Unit, scope: Scope, id: RegionId, outer: Reach): Reach | "never" {
    const region = unit.chunk.regions[id] as Region;
    if (region.kind === "except") return isWithoutLoop(unit, scope, region) ? "never" : outer;
    if (region.kind !== "if") return outer;
    if (isOffLoop(this.evaluator, unit, scope, region) || this.#isForOthers(unit, region)) return "never";
    const once = outer.once || guardsOnce(unit, scope, region, (name) => this.#setsIn(unit, scope, id, name));
    const read = readCondition(unit, region.condition, this.#values);
    const truth = truthOf(read);
    if (truth !== undefined && truth === region.negated) return "never";
    if (!mentionsParameter(read)) return { ...outer, once, chosen: outer.chosen || truth === undefined };
    const condition = conjunction(region.negated ? { kind: "not", of: read } : read, outer.condition);
    return { ...outer, once, ...(condition ? { condition } : {}) };
  }

  /** `if self._connection is None: self._connect()`, where `_connect` sets it. */
  #setsIn(unit: Unit, scope: Scope, region: RegionId, attribute: string): boolean {
    return scope.sites.some((id) => {
      const site = unit.chunk.sites[id] as Site;
      const call = site.kind === "call" && isInside(unit, site.region, region) ? exprOf(unit, site.expr) : undefined;
      const callee = call?.kind === "call" ? exprOf(unit, call.callee) : undefined;
      if (callee?.kind !== "attribute" || !isReceiver(scope, exprOf(unit, callee.of))) return false;
      return this.calls.link(unit, id).targets.some(({ type }) => {
        this.evaluator.depends(type.function.unit.cell);
        return scopeOf(type.function).attributes.some(([name]) => name === attribute);
      });
    });
  }

  /** Code for another Python or platform than those that run the file. */
  #isForOthers(unit: Unit, { condition, negated }: Region & { kind: "if" }): boolean {
    return this.#truthOnTarget(unit, condition, 0) === negated;
  }

  /** Packages give such conditions names, `WINDOWS = sys.platform == "win32"`, and hand them around. */
  #truthOnTarget(unit: Unit, id: ExprId, hops: number): boolean | undefined {
    const { exprs } = unit.chunk;
    const expr = exprOf(unit, id);
    if (isAboutTarget(exprs, id)) return targetTruth(exprs, id, this.evaluator.modules.runsOn(unit.file));
    if (unit.file.origin !== "package" || hops > MAX_NAME_HOPS) return undefined;
    if (expr.kind === "unary" && expr.operator === "not") {
      const truth = this.#truthOnTarget(unit, expr.of, hops + 1);
      return truth === undefined ? undefined : !truth;
    }
    if (expr.kind !== "name" && expr.kind !== "local" && expr.kind !== "attribute") return undefined;
    const written = this.evaluator.names.writtenFor(unit, id);
    return written && this.#truthOnTarget(written.unit, written.id, hops + 1);
  }

  // ---- Parameters ----

  /** Records what a site does with callables that parameters hold. */
  #parametersAt(entity: FunctionEntity, siteId: SiteId, parameters: Map<string, Set<Fate>>): void {
    const { unit } = entity;
    const link = this.calls.link(unit, siteId);
    const record = (expr: number, place: Fate, at = unit): void => {
      const reference = at === unit ? parameterBehind(unit, expr, this.evaluator) : undefined;
      // `partial(f, *args)` runs through the arguments, and through none of them.
      if (reference && !(place === "iterated" && reference.packed))
        addPlace(parameters, parameterKey(reference.scope, reference.name), place);
    };
    for (const { expr, unit: at } of link.iterates) record(expr, "iterated", at);
    if (link.parameter) addPlace(parameters, parameterKey(link.parameter.scope, link.parameter.name), "now");
    for (const handed of link.handed) {
      record(handed.expr, handed.place, handed.unit);
      this.#throughClosure(entity, handed.callee, handed.place, parameters);
    }
    for (const given of link.given) {
      const fates = this.fatesOf(this.reads(entity, given.to.function));
      for (const place of fates.get(parameterKey(given.to.function.scopeId, given.parameter)) ?? []) {
        record(given.expr, place);
        this.#throughClosure(entity, given.callee, place, parameters);
      }
    }
    // A nested function called here does with the parameters around it what it does.
    for (const target of link.targets) {
      if (target.type.function.unit === unit && !target.type.captured) {
        this.#throughClosure(entity, target.type, "now", parameters);
      }
    }
  }

  /** `run_in_executor(None, lambda: func(*args))`: what the closure calls runs where the closure runs. */
  #throughClosure(entity: FunctionEntity, callee: Type, place: Fate, parameters: Map<string, Set<Fate>>): void {
    if (callee.kind !== "function" || callee.function.unit !== entity.unit || callee.function === entity) return;
    for (const [key, places] of this.fatesOf(this.reads(entity, callee.function))) {
      if (key.startsWith(`${callee.function.scopeId}:`)) continue;
      for (const inner of places) {
        const runsThere = inner === "now" || (inner === "iterated" && place !== "now" && place !== "iterated");
        addPlace(parameters, key, runsThere ? place : inner);
      }
    }
  }
}

/** The rounds of a generator expression. */
function isWorkOfGenerator({ rule, via }: Effect): boolean {
  return rule === "blocking-cpu" && via.kind === "function" && scopeOf(via.function).kind === "generator";
}

/** What calling a callable runs, with arguments nobody sees. */
function targetsOfCallable(callee: Type): Target[] {
  return membersOf(callee).flatMap((member): Target[] => {
    const type = member.kind === "partial" ? member.callee : member;
    if (type.kind !== "function") return [];
    return [{ type, role: "call", skip: type.bound ? 1 : 0, iterated: false, alternative: 0, choice: ONE_WAY }];
  });
}

/** What was followed from closure to closure at one site: decorators above one another are a chain, of any length. */
interface Closures {
  followed: number;
}

/** Under what conditions a site is reached. */
interface Reach {
  /** Over the function's parameters. */
  readonly condition?: Condition;
  readonly once: boolean;
  /** By state that nobody can read off here. */
  readonly chosen: boolean;
}

const ANYWHERE: Reach = { once: false, chosen: false };

export function parameterKey(scope: number, name: string): string {
  return `${scope}:${name}`;
}

/** `open(path, "w")`, `path.write_text(text)`, `file.write(data)`, `json.dump(data, file)`, `frame.to_csv(path)`. */
function writesFile(primitive: string, mode: Said): boolean {
  if (mode.kind === "constant" && typeof mode.value === "string") return /[wax]/.test(mode.value);
  return /(^|[._])(write\w*|dump(_all)?|to_\w+)$/.test(primitive);
}

/** A library that has a timeout of its own says so by a default that is not None; typeshed leaves defaults out. */
function hasOwnDefault({ unit, scopeId }: FunctionEntity, parameter: string | undefined): boolean {
  if (unit.file.origin === "typeshed") return false;
  const known = unit.chunk.scopes[scopeId]?.parameters.find(({ name }) => name === parameter);
  const value = known?.default === undefined ? undefined : exprOf(unit, known.default);
  return value !== undefined && !(value.kind === "constant" && value.value === null);
}

/** What a contract comment on a function says of its calls: `# loopguard: blocks[cpu]`. */
function declaredEffect(rule: RuleName, site: SiteId, { type, role }: Target): Effect {
  const stall = rule === "blocking-cpu" ? "cpu" : "wait";
  const via: Primitive = { kind: "primitive", name: fullName(type.function), twins: [] };
  return { rule, stall, confidence: "definite", distance: 0, iterated: false, site, role, via };
}

/** A callable that is called here on one way and handed to a thread on another: which, nobody sees. */
export function runsNow(places: ReadonlySet<Fate>): boolean {
  return places.has("now") && !places.has("thread") && !places.has("process") && !places.has("worker");
}

function addPlace(parameters: Map<string, Set<Fate>>, key: string, place: Fate): void {
  const places = parameters.get(key);
  if (places) places.add(place);
  else parameters.set(key, new Set([place]));
}

/** `if iscoroutinefunction(self.load): await self.load()`: what is called there is one. */
function isCheckedCoroutineFunction(unit: Unit, site: Site): boolean {
  let called: string | undefined;
  for (let id = site.region; id !== NO_REGION; ) {
    const region = unit.chunk.regions[id] as Region;
    if (region.kind === "if" && !region.negated) {
      called ??= textOf(unit, (exprOf(unit, site.expr) as Expr & { kind: "call" }).callee);
      if (checksCoroutineFunction(unit, region.condition, called)) return true;
    }
    id = region.parent;
  }
  return false;
}

function checksCoroutineFunction(unit: Unit, id: ExprId, called: string): boolean {
  const expr = exprOf(unit, id);
  if (expr.kind === "boolean" && expr.operator === "and") {
    return checksCoroutineFunction(unit, expr.left, called) || checksCoroutineFunction(unit, expr.right, called);
  }
  if (expr.kind !== "call") return false;
  const checked = expr.args[0];
  const isCheck = asksForCoroutineFunction(textOf(unit, expr.callee));
  return isCheck && checked !== undefined && textOf(unit, checked.value) === called;
}

/** Takes the effect in unless a nearer witness is known, also one that is surer. */
function add(effects: Map<string, Effect>, effect: Effect): void {
  const key = effectKey(effect);
  const known = effects.get(key);
  if (known && compareWitnesses(known, effect) <= 0) return;
  const isProbable = effect.confidence === "probable";
  const otherKey = effectKey({ ...effect, confidence: isProbable ? "definite" : "probable" });
  const other = effects.get(otherKey);
  if (isProbable && other && other.distance <= effect.distance) return;
  if (!isProbable && other && other.distance >= effect.distance) effects.delete(otherKey);
  effects.set(key, effect);
}

/** Of two witnesses of the same the one that stands, whichever came first. Negative: `a`. */
function compareWitnesses(a: Effect, b: Effect): number {
  return (
    a.distance - b.distance ||
    Number(isUnbounded(b)) - Number(isUnbounded(a)) ||
    a.site - b.site ||
    compareTexts(witnessKey(a), witnessKey(b))
  );
}

function witnessKey({ via }: Effect): string {
  return via.kind === "primitive" ? via.name : `${fullName(via.function)} ${via.key}`;
}

/** The nearest cases are kept apart, the others told as if they happened always. */
function withFewerCases(effects: Effects): Effects {
  const sorted = [...effects].sort(([a, one], [b, other]) => one.distance - other.distance || compareTexts(a, b));
  const kept = new Map<string, Effect>();
  for (const [index, [, effect]] of sorted.entries()) add(kept, index < MAX_EFFECTS ? effect : withoutCondition(effect));
  return kept;
}

/** Without the cases: conditions over parameters may grow with every turn of a recursion, the rest is finite. */
function joinEffects(a: Effects, b: Effects): Effects {
  const both = new Map<string, Effect>();
  for (const effect of [...a.values(), ...b.values()]) add(both, withoutCondition(effect));
  return both;
}

function sameEffects(a: Effects, b: Effects): boolean {
  if (a.size !== b.size) return false;
  for (const [key, effect] of a) {
    const other = b.get(key);
    const isSame =
      other !== undefined &&
      other.distance === effect.distance &&
      other.site === effect.site &&
      sameQuantity(other.seconds, effect.seconds) &&
      sameQuantity(other.bound, effect.bound) &&
      other.gil === effect.gil &&
      other.implementations?.join() === effect.implementations?.join() &&
      witnessKey(other) === witnessKey(effect);
    if (!isSame) return false;
  }
  return true;
}

function sameQuantity(a: Quantity | undefined, b: Quantity | undefined): boolean {
  if (a?.kind === "constant" && b?.kind === "constant") return a.value === b.value;
  if (a?.kind === "parameter" && b?.kind === "parameter") return a.name === b.name;
  return a?.kind === b?.kind;
}

function sameFates(a: Fates, b: Fates): boolean {
  return a.size === b.size && [...a].every(([key, places]) => b.get(key)?.size === places.size);
}

function joinFates(a: Fates, b: Fates): Fates {
  const both = new Map<string, Set<Fate>>();
  for (const [key, places] of [...a, ...b]) for (const place of places) addPlace(both, key, place);
  return both;
}

function rewriteQuantity(quantity: Quantity, said: (name: string) => Said): Quantity {
  if (quantity.kind !== "parameter") return quantity;
  const value = said(quantity.name);
  if (value.kind === "parameter") return { kind: "parameter", name: value.name };
  if (value.kind === "constant") return { kind: "constant", value: typeof value.value === "number" ? value.value : null };
  return { kind: "unknown" };
}

/** A cached property, or a cached function without parameters: runs once. */
function isOnce(targets: readonly Target[]): boolean {
  return targets.length > 0 && targets.every(({ type }) => type.binding === "cached-property" || type.cached === "once");
}

/**
 * Done once, then remembered: `if self._x is None: self._x = ...`, `if KEY not in data: data[KEY] = ...`,
 * `value = data.get(KEY)` with `if value is None` before `data[KEY] = ...`.
 */
function guardsOnce(
  unit: Unit,
  scope: Scope,
  region: Region & { kind: "if" },
  isSetByCall: (attribute: string) => boolean,
): boolean {
  let expr = exprOf(unit, region.condition);
  let { negated } = region;
  while (expr.kind === "unary" && expr.operator === "not") {
    expr = exprOf(unit, expr.of);
    negated = !negated;
  }
  if (expr.kind === "boolean") return false;
  if (expr.kind !== "compare") return negated && isRemembered(unit, scope, expr, isSetByCall);
  const [leftId, rightId] = expr.operands;
  if (expr.operators.length !== 1 || leftId === undefined || rightId === undefined) return false;
  const operator = expr.operators[0];
  if (operator === "in" || operator === "not in")
    return (operator === "in") === negated && isFixedKey(unit, leftId, 0) && isFilled(unit, scope, rightId);
  const right = exprOf(unit, rightId);
  if (right.kind !== "constant" || right.value !== null) return false;
  const isMissing = operator === "is" || operator === "==";
  return isMissing !== negated && isRemembered(unit, scope, exprOf(unit, leftId), isSetByCall);
}

/** The function itself, or a method it calls there, sets what the condition found missing. */
function isRemembered(unit: Unit, scope: Scope, expr: Expr, isSetByCall: (attribute: string) => boolean): boolean {
  if (expr.kind === "attribute") {
    if (!isReceiver(scope, exprOf(unit, expr.of))) return false;
    return scope.attributes.some(([name]) => name === expr.name) || isSetByCall(expr.name);
  }
  if (expr.kind === "call") return isLookup(unit, scope, expr);
  if (expr.kind === "local") {
    const looked = expr.defs.some((id) => {
      const def = unit.chunk.defs[id];
      const value = def?.kind === "assign" ? exprOf(unit, def.value) : undefined;
      return value?.kind === "call" && isLookup(unit, scope, value);
    });
    if (looked) return true;
  }
  return (expr.kind === "name" || expr.kind === "local") && Object.hasOwn(scope.globals, expr.name);
}

/** `self` of a method. */
function isReceiver(scope: Scope, expr: Expr): boolean {
  return expr.kind === "local" && expr.name === scope.parameters[0]?.name;
}

/** `cache.get(key)` of a container that the function fills. */
function isLookup(unit: Unit, scope: Scope, call: Expr & { kind: "call" }): boolean {
  const callee = exprOf(unit, call.callee);
  const key = call.args[0];
  const isGet = callee.kind === "attribute" && callee.name === "get" && key !== undefined;
  return isGet && isFixedKey(unit, key.value, 0) && isFilled(unit, scope, callee.of);
}

/** One of a few keys the program itself names. A cache by argument misses again and again. */
function isFixedKey(unit: Unit, id: number, depth: number): boolean {
  const expr = exprOf(unit, id);
  switch (expr.kind) {
    case "constant":
    case "name":
      return true;
    case "conditional":
      return isFixedKey(unit, expr.then, depth + 1) && isFixedKey(unit, expr.else, depth + 1);
    case "local":
      return (
        depth < 4 &&
        expr.defs.every((defId) => {
          const def = unit.chunk.defs[defId];
          return def?.kind === "assign" && isFixedKey(unit, def.value, depth + 1);
        })
      );
    default:
      return false;
  }
}

/** The function stores into the container: `cache[key] = ...`. */
function isFilled(unit: Unit, scope: Scope, container: number): boolean {
  const text = textOf(unit, container);
  return scope.sites.some((id) => {
    const site = unit.chunk.sites[id] as Site;
    return site.kind === "operate" && site.methods?.[0] === "__setitem__" && textOf(unit, site.expr) === text;
  });
}

/** A primitive as people write it: constructors, `with` and called objects go by the name of what is constructed, entered or called. */
function primitiveName(spec: Spec): string {
  return spec.name.replace(/\.__(?:init|new|call|enter|exit|iter|next)__$/, "");
}
