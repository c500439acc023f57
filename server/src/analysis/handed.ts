/**
 * Which functions other code hands to the loop, to threads and to start-up, and who hands them. A hand-over stands until
 * the code that made it has been read again, so that nothing flickers while that code is being edited.
 */
import type { Site } from "../facts/types.js";
import { type FunctionEntity, isAsync, type SourceFile, type Unit } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { regionsFrom } from "../link/regions.js";
import { membersOf, type Type } from "../link/types.js";

/**
 * Where a callable that some function gave away runs. `task`: a coroutine that is started on its own; `rounds`: one that
 * is awaited in a loop.
 */
export type GivenPlace = "loop" | "thread" | "startup" | "task" | "rounds";

type Given = readonly [place: GivenPlace, entity: FunctionEntity];

/** Units read again at one question; the others wait for the next, so that an edit of a hub keeps nobody waiting. */
const UNITS_AT_ONCE = 500;

export class Handed {
  readonly #givers: Readonly<Record<GivenPlace, Map<FunctionEntity, Set<Unit>>>> = {
    loop: new Map(),
    thread: new Map(),
    startup: new Map(),
    task: new Map(),
    rounds: new Map(),
  };
  /** What each unit hands over, as it was last read. */
  readonly #given = new Map<Unit, readonly Given[]>();
  readonly #stale = new Set<Unit>();

  constructor(
    private readonly program: Program,
    /** Told of every function that is handed somewhere for the first time, or not any more. */
    private readonly onChange: (entity: FunctionEntity) => void,
  ) {}

  isHanded(place: GivenPlace, entity: FunctionEntity): boolean {
    return this.#givers[place].has(entity);
  }

  /** What these units hand over may have changed, or they are gone. */
  forget(units: Iterable<Unit>): void {
    for (const unit of units) if (this.#given.has(unit)) this.#stale.add(unit);
  }

  /** Reads a file, and what an edit made stale elsewhere. */
  collect(file: SourceFile): void {
    for (const unit of file.units) if (!this.#given.has(unit) || this.#stale.has(unit)) this.#read(unit);
    let left = UNITS_AT_ONCE;
    for (const unit of this.#stale) {
      if (left-- === 0) return;
      this.#read(unit);
    }
  }

  #read(unit: Unit): void {
    this.#stale.delete(unit);
    const before = this.#given.get(unit) ?? [];
    const { file } = unit;
    const isAlive = this.program.modules.known(file.path) === file && file.units[unit.index] === unit;
    const after = isAlive ? this.#givenBy(unit) : [];
    if (isAlive) this.#given.set(unit, after);
    else this.#given.delete(unit);
    for (const [place, entity] of after) {
      const givers = this.#givers[place].get(entity);
      if (givers) givers.add(unit);
      else {
        this.#givers[place].set(entity, new Set([unit]));
        this.onChange(entity);
      }
    }
    for (const [place, entity] of before) {
      if (after.some((given) => given[0] === place && given[1] === entity)) continue;
      const givers = this.#givers[place].get(entity);
      givers?.delete(unit);
      if (givers?.size !== 0) continue;
      this.#givers[place].delete(entity);
      this.onChange(entity);
    }
  }

  #givenBy(unit: Unit): readonly Given[] {
    const given: Given[] = [];
    unit.chunk.sites.forEach((site, siteId) => {
      if (site.kind !== "call") return;
      const link = this.program.calls.link(unit, siteId);
      if (site.async && isInRounds(unit, site)) {
        for (const { type } of link.targets) if (isAsync(type.function)) given.push(["rounds", type.function]);
      }
      for (const { place, callee } of link.handed) {
        if (place === "loop") given.push(...startedBy(callee));
        if (place === "loop" || place === "startup") given.push(...handedBy(place, callee));
        else if (place === "thread" || place === "loop-or-thread" || place === "worker")
          given.push(...handedBy("thread", callee));
      }
      for (const { callee, to, parameter } of link.given) {
        if (callee.kind !== "function" && callee.kind !== "partial" && callee.kind !== "awaitable") continue;
        const places = this.program.propagation.fatesOf(to.function).get(`${to.function.scopeId}:${parameter}`);
        if (places?.has("loop")) given.push(...handedBy("loop", callee), ...startedBy(callee));
        if (places?.has("thread")) given.push(...handedBy("thread", callee));
      }
    });
    return given;
  }
}

/** The coroutines among what the loop is given. */
function startedBy(callee: Type): Given[] {
  return membersOf(callee).flatMap((member): Given[] => {
    if (member.kind === "awaitable") return member.function ? [["task", member.function]] : [];
    const type = member.kind === "partial" ? member.callee : member;
    return type.kind === "function" && isAsync(type.function) ? [["task", type.function]] : [];
  });
}

/** A `while`, or an `async for`, that may go on for as long as the program runs. */
function isInRounds(unit: Unit, site: Site): boolean {
  for (const [, region] of regionsFrom(unit, site.region)) {
    if (region.kind === "loop" && (region.type === "while" || region.async)) return true;
  }
  return false;
}

function handedBy(place: GivenPlace, callee: Type): Given[] {
  return membersOf(callee).flatMap((member): Given[] => {
    const type = member.kind === "partial" ? member.callee : member;
    if (type.kind !== "function" || (isAsync(type.function) && place !== "startup")) return [];
    // A function's own role beats the role of the place it is handed to.
    const own = type.place;
    return [[own === "loop" || own === "thread" ? own : place, type.function]];
  });
}
