/**
 * Who uses a function, and how: the places that call it, and those that hand it to the loop, to threads, processes and
 * start-up. The reverse of the linked calls, kept per unit, so that an edit costs the units it touched. A use stands until
 * the code that made it has been read again, so that nothing flickers while that code is being edited.
 */
import type { ScopeId, Site, SiteId } from "../facts/types.js";
import { runsWhenCalled, type SiteLink } from "../link/calls.js";
import { type FunctionEntity, functionAt, isAsync, type SourceFile, type Unit } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { type Fate, type Fates, parameterKey, runsNow } from "../link/propagate.js";
import { regionsFrom } from "../link/regions.js";
import { type FunctionType, membersOf, type Place, type Type } from "../link/types.js";
import { Readings } from "./readings.js";

/**
 * Where a callable that some function gave away runs. `task`: a coroutine that is started on its own; `rounds`: one that
 * is awaited in a loop.
 */
export type GivenPlace = "loop" | "thread" | "process" | "startup" | "task" | "rounds";

/** `runs`: its body, there and then. `makes`: a coroutine or a generator, whose body runs later. */
export type UseKind = "runs" | "makes" | GivenPlace;

export interface Use {
  readonly callee: FunctionEntity;
  readonly kind: UseKind;
  readonly unit: Unit;
  readonly site: SiteId;
  /** The function around the site; undefined at module level and in class bodies. */
  readonly caller: FunctionEntity | undefined;
}

const KINDS: readonly UseKind[] = ["runs", "makes", "loop", "thread", "process", "startup", "task", "rounds"];
const NOBODY: ReadonlySet<Use> = new Set();

export class Callers {
  readonly #users: ReadonlyMap<UseKind, Map<FunctionEntity, Set<Use>>> = new Map(KINDS.map((kind) => [kind, new Map()]));
  readonly #readings: Readings<readonly Use[]>;
  /** Functions whose bodies say what becomes of a callable, with the units that give them one. */
  readonly #givers = new Map<FunctionEntity, Set<Unit>>();

  constructor(
    private readonly program: Program,
    /** Told of every function that is handed somewhere for the first time, or not any more. */
    private readonly onChange: (entity: FunctionEntity) => void,
  ) {
    this.#readings = new Readings(
      program,
      (unit) => this.#usesOf(unit),
      (_, before = [], after = []) => this.#note(before, after),
    );
  }

  isHanded(place: GivenPlace, entity: FunctionEntity): boolean {
    return this.of(place, entity).size > 0;
  }

  /** The uses of one kind, as the files read so far have them. */
  of(kind: UseKind, entity: FunctionEntity): ReadonlySet<Use> {
    return this.#users.get(kind)?.get(entity) ?? NOBODY;
  }

  /** What a unit uses; also of a unit in a file that nobody collected. */
  usesOf(unit: Unit): readonly Use[] {
    return this.#readings.of(unit) ?? this.#usesOf(unit);
  }

  /** Calls in these units may mean something else now, or the units are gone. */
  forget(units: Iterable<Unit>): void {
    this.#readings.forget(units);
  }

  /** These functions may do something else with their arguments now. */
  forgetFates(functions: Iterable<FunctionEntity>): void {
    for (const entity of functions) {
      this.#readings.forget(this.#givers.get(entity) ?? []);
      this.#givers.delete(entity);
    }
  }

  /** Reads a file, and what an edit made stale elsewhere. */
  collect(file: SourceFile): void {
    this.#readings.collect(file);
  }

  /** Reads what an edit made stale, as much of it as fits into one question. Answers whether something is left. */
  collectStale(): boolean {
    return this.#readings.refresh();
  }

  #note(before: readonly Use[], after: readonly Use[]): void {
    const wasHanded = new Map<FunctionEntity, Set<UseKind>>();
    for (const use of before) {
      const users = this.#users.get(use.kind)?.get(use.callee);
      users?.delete(use);
      if (users?.size !== 0) continue;
      this.#users.get(use.kind)?.delete(use.callee);
      if (isGiven(use.kind)) wasHanded.set(use.callee, (wasHanded.get(use.callee) ?? new Set()).add(use.kind));
    }
    for (const use of after) {
      const users = this.#users.get(use.kind) as Map<FunctionEntity, Set<Use>>;
      const known = users.get(use.callee);
      if (known) known.add(use);
      else {
        users.set(use.callee, new Set([use]));
        if (isGiven(use.kind) && !wasHanded.get(use.callee)?.delete(use.kind)) this.onChange(use.callee);
      }
    }
    for (const [entity, kinds] of wasHanded) if (kinds.size > 0) this.onChange(entity);
  }

  #usesOf(unit: Unit): readonly Use[] {
    const uses: Use[] = [];
    unit.chunk.scopes.forEach((scope, scopeId) => {
      if (scope.sites.length === 0) return;
      const isBody = scope.kind !== "module" && scope.kind !== "class";
      const caller = isBody ? functionAt(unit, scopeId as ScopeId) : undefined;
      for (const site of scope.sites) {
        const link = this.program.calls.link(unit, site);
        const used = this.#usedAt(link, unit);
        if (isInRounds(unit, unit.chunk.sites[site] as Site)) {
          for (const { type } of link.targets) if (isAsync(type.function)) used.push(["rounds", type.function]);
        }
        for (const [index, [kind, callee]] of used.entries()) {
          const isKnown = used.findIndex((other) => other[0] === kind && other[1] === callee) < index;
          if (!isKnown && hasSource(callee)) uses.push({ callee, kind, unit, site, caller });
        }
      }
    });
    return uses;
  }

  /** What a site does with which functions. */
  #usedAt(link: SiteLink, unit: Unit): UsedFunction[] {
    const used: UsedFunction[] = [];
    for (const { type, iterated } of link.targets) used.push(...this.#calledBy(type, iterated, unit));
    for (const { place, callee } of link.handed) used.push(...this.#handedBy(place, callee, unit));
    for (const { callee, to, parameter } of link.given) {
      const fates = this.#fatesOf(to.function, unit).get(parameterKey(to.function.scopeId, parameter));
      if (!fates) continue;
      used.push(...this.#givenTo(fates, callee, unit));
      if (!fates.has("iterated")) continue;
      for (const target of this.program.calls.iteration(callee)) used.push(...this.#calledBy(target.type, target.iterated, unit));
    }
    return used;
  }

  #fatesOf(entity: FunctionEntity, giver: Unit): Fates {
    const givers = this.#givers.get(entity);
    if (givers) givers.add(giver);
    else this.#givers.set(entity, new Set([giver]));
    return this.program.propagation.fatesOf(entity);
  }

  /** A call of a function; a closure also runs the functions that it captured: what stands under a decorator. */
  #calledBy(type: FunctionType, iterated: boolean, unit: Unit, depth = 0): UsedFunction[] {
    const isMade = type.manager ? !iterated : !iterated && !runsWhenCalled(type.function);
    const called: UsedFunction[] = [[isMade ? "makes" : "runs", type.function]];
    if (!type.captured || depth > MAX_CLOSURES) return called;
    for (const [key, fates] of this.#fatesOf(type.function, unit)) {
      const captured = type.captured.get(key.slice(key.indexOf(":") + 1));
      const isOwn = key.startsWith(`${type.function.scopeId}:`);
      if (captured && !isOwn) called.push(...this.#givenTo(fates, captured, unit, depth + 1));
    }
    return called;
  }

  /** A callable whose fate the body of some function decides. */
  #givenTo(fates: ReadonlySet<Fate>, callee: Type, unit: Unit, depth = 0): UsedFunction[] {
    const used = runsNow(fates) ? this.#handedBy("now", callee, unit, depth) : [];
    for (const fate of fates) if (fate !== "now" && fate !== "iterated") used.push(...this.#handedBy(fate, callee, unit, depth));
    return used;
  }

  /** A callable that is given to somebody who runs it at `place`. */
  #handedBy(place: Place, callee: Type, unit: Unit, depth = 0): UsedFunction[] {
    return membersOf(callee).flatMap((member): UsedFunction[] => {
      if (member.kind === "awaitable") return place === "loop" && member.function ? [["task", member.function]] : [];
      const type = member.kind === "partial" ? member.callee : member;
      if (type.kind !== "function") return [];
      if (place === "now") return this.#calledBy(type, false, unit, depth);
      if (isAsync(type.function)) return place === "startup" || place === "loop" ? [[STARTED[place], type.function]] : [];
      // A function's own role beats the role of the place it is handed to.
      const own = type.place;
      return [[own === "loop" || own === "thread" ? own : GIVEN[place], type.function]];
    });
  }
}

type UsedFunction = readonly [kind: UseKind, callee: FunctionEntity];

/** Decorators upon decorators that are looked through. */
const MAX_CLOSURES = 6;

const GIVEN: Readonly<Record<Exclude<Place, "now">, GivenPlace>> = {
  loop: "loop",
  thread: "thread",
  process: "process",
  worker: "thread",
  "loop-or-thread": "thread",
  startup: "startup",
};

const STARTED = { loop: "task", startup: "startup" } as const;

/** A call that is awaited in a `while`, or an `async for`: it may go on for as long as the program runs. */
function isInRounds(unit: Unit, site: Site): boolean {
  if (site.kind !== "call" || !site.async) return false;
  for (const [, region] of regionsFrom(unit, site.region)) {
    if (region.kind === "loop" && (region.type === "while" || region.async)) return true;
  }
  return false;
}

function isGiven(kind: UseKind): kind is GivenPlace {
  return kind !== "runs" && kind !== "makes";
}

/** What has no source here has no callers that anybody could look at. */
function hasSource({ unit }: FunctionEntity): boolean {
  return unit.file.origin === "workspace" || unit.file.origin === "package";
}
