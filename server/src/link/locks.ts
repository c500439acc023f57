/**
 * Thread locks: which lock a `with` takes, where else the file takes it, and so how long somebody may have to wait for
 * it. A lock stalls as long as the longest section under it; a section that awaits keeps it for as long as it likes.
 *
 * Locks are told apart as far as one file shows them: names of the module, and attributes of its classes.
 */
import type { ExprId, Site, SiteId } from "../facts/types.js";
import { type Calls, textOf } from "./calls.js";
import { exprOf, type FunctionEntity, fullName, functionAt, isAsync, type SourceFile, scopeOf, type Unit } from "./entities.js";
import type { Effect } from "./propagate.js";
import { isInside, isSuspension } from "./regions.js";
import { mayBeTakenTwice, releasesLock, takesLock } from "./special.js";

/** What a lock may ask about the functions that hold it. */
export interface Holders {
  /** Any function of its file may decide it after an edit: `reader` depends on all of them from now on. */
  watch(reader: FunctionEntity): void;
  /** Effects of places in another function of the file. */
  effectsIn(reader: FunctionEntity, holder: FunctionEntity, sites: readonly SiteId[]): readonly Effect[];
  /** Key of an effect in the summary of its function. */
  keyOf(effect: Effect): string;
}

/** Code that runs while a lock is held: places of one function. */
interface Section {
  readonly holder: FunctionEntity;
  readonly taken: SiteId;
  readonly sites: readonly SiteId[];
}

/** What taking a thread lock at `effect.site` of `entry` comes to: as the stub says, or worse. */
export function refineLock(calls: Calls, entry: FunctionEntity, effect: Effect, holders: Holders): Effect {
  const { unit } = entry;
  const taken = lockTakenAt(calls, unit, effect.site);
  if (taken === undefined) return effect;
  const own = sectionAt(entry, effect.site);
  if (own.some((id) => isSuspension(unit.chunk.sites[id] as Site)))
    return { ...effect, rule: "loop-deadlock", stall: "wait", confidence: "probable" };
  const lock = unit.file.origin === "workspace" ? identityOf(calls, unit, taken) : undefined;
  if (lock === undefined || effect.via.kind !== "primitive") return effect;
  holders.watch(entry);
  let worst = effect;
  for (const { holder, sites, taken: site } of otherSections(calls, entry, lock)) {
    const awaits = sites.some((id) => isSuspension(holder.unit.chunk.sites[id] as Site));
    const inside = holders.effectsIn(entry, holder, awaits ? [site] : sites);
    // What another coroutine of this loop does without awaiting is over before anybody else may ask for the lock.
    if (isAsync(holder) && (!awaits || mayBeTakenTwice(effect.via.name))) continue;
    for (const held of inside) {
      if (!isLong(held) || (held.rule === "loop-deadlock") !== awaits) continue;
      const { confidence } = held;
      const longer: Effect = {
        ...effect,
        ...(awaits ? { rule: "loop-deadlock" } : {}),
        stall: held.stall === "never" ? "wait" : held.stall,
        contended: true,
        confidence,
        distance: held.distance + 1,
        via: { kind: "function", function: holder, key: holders.keyOf(held) },
      };
      if (isWorse(longer, worst)) worst = longer;
    }
  }
  return worst;
}

/** A total order, so that the first section in the file does not win for being first. */
function isWorse(effect: Effect, than: Effect): boolean {
  if (than.via.kind === "primitive" || effect.via.kind === "primitive") return than.via.kind === "primitive";
  const rank = ({ rule, confidence, distance }: Effect): number =>
    (rule === "loop-deadlock" ? 0 : 1e6) + (confidence === "definite" ? 0 : 1e5) + distance;
  const [a, b] = [effect, than].map((one) => (one.via.kind === "function" ? fullName(one.via.function) : "")) as [string, string];
  return rank(effect) - rank(than) < 0 || (rank(effect) === rank(than) && (a < b || (a === b && effect.via.key < than.via.key)));
}

function isLong({ stall }: Effect): boolean {
  return stall === "never" || stall === "wait" || stall === "tree" || stall === "cpu" || stall === "whole-file";
}

/** Sections under the same lock in the other functions of the file. */
function otherSections(calls: Calls, entry: FunctionEntity, lock: string): readonly Section[] {
  return functionsIn(entry.unit.file).flatMap((holder) => {
    if (holder === entry) return [];
    const { unit } = holder;
    return scopeOf(holder).sites.flatMap((site): Section[] => {
      const taken = lockTakenAt(calls, unit, site);
      if (taken === undefined || identityOf(calls, unit, taken) !== lock) return [];
      return [{ holder, taken: site, sites: sectionAt(holder, site) }];
    });
  });
}

export function functionsIn(file: SourceFile): readonly FunctionEntity[] {
  return file.units.flatMap((unit) =>
    unit.chunk.scopes.flatMap((scope, scopeId) =>
      scope.kind === "function" || scope.kind === "lambda" || scope.kind === "generator" ? [functionAt(unit, scopeId)] : [],
    ),
  );
}

/** The lock that `with lock:` or `lock.acquire()` takes. */
function lockTakenAt(calls: Calls, unit: Unit, siteId: SiteId): ExprId | undefined {
  const site = unit.chunk.sites[siteId] as Site;
  const method = site.kind === "call" ? methodOf(unit, site) : undefined;
  const lock = site.kind === "enter" && !site.async ? site.expr : method && takesLock(method.name) ? method.of : undefined;
  if (lock === undefined) return undefined;
  const isLock = calls
    .link(unit, siteId)
    .targets.some(({ type }) =>
      calls.stubs.ofCall(type)?.blocks.some((block) => block.stall === "lock" && block.rule === "blocking-wait"),
    );
  return isLock ? lock : undefined;
}

function methodOf(unit: Unit, site: Site): { readonly of: ExprId; readonly name: string } | undefined {
  const call = exprOf(unit, site.expr);
  const callee = call.kind === "call" ? exprOf(unit, call.callee) : undefined;
  return callee?.kind === "attribute" ? callee : undefined;
}

/** The places that are reached while the lock taken at `taken` is held. */
function sectionAt(holder: FunctionEntity, taken: SiteId): readonly SiteId[] {
  const { unit } = holder;
  const site = unit.chunk.sites[taken] as Site;
  const { sites } = scopeOf(holder);
  if (site.kind === "enter") {
    const body = unit.chunk.regions.findIndex((region) => region.kind === "with" && region.site === taken);
    return body < 0 ? [] : sites.filter((id) => isInside(unit, (unit.chunk.sites[id] as Site).region, body));
  }
  const lock = methodOf(unit, site);
  const text = lock && textOf(unit, lock.of);
  const behind = sites.filter((id) => id > taken);
  const released = behind.findIndex((id) => {
    const method = methodOf(unit, unit.chunk.sites[id] as Site);
    return method !== undefined && releasesLock(method.name) && textOf(unit, method.of) === text;
  });
  return released < 0 ? [] : behind.slice(0, released);
}

/** Which lock of the file an expression means; undefined where it cannot be told. */
function identityOf({ evaluator }: Calls, unit: Unit, id: ExprId): string | undefined {
  const expr = exprOf(unit, id);
  if (expr.kind === "attribute") {
    const of = evaluator.typeOf(unit, expr.of);
    if (of.kind !== "instance" && of.kind !== "class") return undefined;
    const owner = evaluator.classes.memberPlaces(of.class, expr.name)[0]?.owner;
    return owner?.unit.file === unit.file ? `${owner.qualifiedName}.${expr.name}` : undefined;
  }
  if (expr.kind !== "name") return undefined;
  const found = evaluator.names.lookup(unit, expr.scope, expr.name)[0];
  const isGlobal = found?.unit === unit.file.moduleUnit && found.unit.chunk.scopes[0]?.bindings[expr.name] !== undefined;
  return isGlobal ? expr.name : undefined;
}
