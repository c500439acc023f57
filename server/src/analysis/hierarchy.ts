/**
 * Functions as a call hierarchy shows them: who runs a function and where that is, what it runs and what of it blocks.
 * Answers are plain values that name a function by its file, its qualified name and its place among those of that name, so
 * that they outlive edits; positions come from the facts, and no file is read for them.
 */
import { positionAt } from "../base/lines.js";
import type { SiteId } from "../facts/types.js";
import { type FunctionEntity, isAsync, type SourceFile, scopeOf, type Unit } from "../link/entities.js";
import { functionsOf, type Program } from "../link/program.js";
import { compareEffects, type Effect } from "../link/propagate.js";
import type { Callers, Use, UseKind } from "./callers.js";
import { stallOf } from "./describe.js";
import { mayHold, nameLocation, pathOf, scopeLocation, siteLocation } from "./detect.js";
import type { Context, Location } from "./findings.js";

/** Names a function across requests. */
export interface FunctionKey {
  readonly path: string;
  readonly qualifiedName: string;
  /** Its place among the functions of that name in the file, from 0. */
  readonly ordinal: number;
}

/** What blocks, and for how long. */
export interface Blocking {
  readonly primitive: string;
  /** "5 s", "up to 3 s"; may be empty. */
  readonly stall: string;
}

export interface FunctionNode {
  /** Absent: no function of the program, but a module, or a primitive of a library. */
  readonly key?: FunctionKey;
  readonly name: string;
  readonly kind: "function" | "method" | "constructor" | "module" | "primitive";
  readonly async: boolean;
  /** Its whole text, and its name. A primitive stands where it is called. */
  readonly location: Location;
  readonly nameLocation: Location;
}

export interface Caller {
  readonly node: FunctionNode;
  readonly context: Context;
  readonly use: UseKind;
  /** Where it calls, in its own file. */
  readonly sites: readonly Location[];
}

export interface Callee {
  readonly node: FunctionNode;
  readonly use: UseKind;
  /** What blocks when it is run there. */
  readonly blocking?: Blocking;
  /** Where it is called, in the caller's file. */
  readonly sites: readonly Location[];
}

export interface HierarchyKnowledge {
  readonly program: Program;
  readonly callers: Callers;
  readonly contextOf: (entity: FunctionEntity) => Context;
}

/** The functions that a position names: the one whose name stands there, else those that the call around it may run. */
export function functionsAt(
  program: Program,
  file: SourceFile,
  at: { readonly line: number; readonly column: number },
): FunctionNode[] {
  let called: { size: number; functions: FunctionEntity[] } | undefined;
  for (const unit of file.units) {
    if (!mayHold(unit, at.line)) continue;
    for (const entity of functionsOf(unit))
      if (scopeOf(entity).kind === "function" && covers(nameLocation(entity), at)) return [nodeOf(entity)];
    for (let site = 0; site < unit.chunk.sites.length; site++) {
      const location = siteLocation(unit, site);
      if (!covers(location, at)) continue;
      const functions = program.calls
        .link(unit, site)
        .targets.map(({ type }) => type.function)
        .filter(hasSource);
      const size = sizeOf(location);
      if (functions.length > 0 && (!called || size <= called.size)) called = { size, functions };
    }
  }
  return [...new Set(called?.functions)].map(nodeOf);
}

function covers({ start, end }: Location, { line, column }: { readonly line: number; readonly column: number }): boolean {
  if (line < start.line || line > end.line) return false;
  if (line === start.line && column < start.column) return false;
  return line !== end.line || column <= end.column;
}

function sizeOf({ start, end }: Location): number {
  return (end.line - start.line) * 100_000 + end.column - start.column;
}

/** The function that a key names; undefined when it is gone. */
export function functionOf(file: SourceFile, { qualifiedName, ordinal }: FunctionKey): FunctionEntity | undefined {
  return namesakes(file, qualifiedName)[ordinal];
}

function namesakes(file: SourceFile, qualifiedName: string): FunctionEntity[] {
  const last = qualifiedName.slice(qualifiedName.lastIndexOf(".") + 1);
  return file.units.flatMap((unit) => {
    if (!unit.chunk.scopes.some(({ name }) => name === last)) return [];
    return functionsOf(unit).filter((entity) => entity.qualifiedName === qualifiedName);
  });
}

export function nodeOf(entity: FunctionEntity): FunctionNode {
  const { file } = entity.unit;
  const { name } = scopeOf(entity);
  return {
    key: {
      path: file.path,
      qualifiedName: entity.qualifiedName,
      ordinal: Math.max(0, namesakes(file, entity.qualifiedName).indexOf(entity)),
    },
    name: entity.owner ? `${scopeOf(entity.owner).name}.${name}` : name,
    kind: entity.owner ? (name === "__init__" ? "constructor" : "method") : "function",
    async: isAsync(entity),
    location: scopeLocation(entity),
    nameLocation: nameLocation(entity),
  };
}

function moduleNode({ file }: Unit): FunctionNode {
  const { lineStarts, chunkSpans } = file.facts;
  const start = { line: 0, column: 0 };
  const end = positionAt(lineStarts, Math.max(...chunkSpans, 0));
  return {
    name: file.module,
    kind: "module",
    async: false,
    location: { file: file.path, start, end },
    nameLocation: { file: file.path, start, end: start },
  };
}

const IMPORTED: Context = { place: "unknown", text: "runs when the module is imported" };
const HOWS: readonly UseKind[] = ["runs", "makes", "loop", "thread", "process", "startup"];

/** Who runs a function or gives it away; those on the loop first. */
export function callersOf({ callers, contextOf }: HierarchyKnowledge, entity: FunctionEntity): Caller[] {
  const found: Caller[] = [];
  for (const kind of HOWS) {
    const byCaller = new Map<FunctionEntity | Unit, Use[]>();
    for (const use of callers.of(kind, entity)) {
      const by = use.caller ?? use.unit.file.moduleUnit;
      byCaller.set(by, [...(byCaller.get(by) ?? []), use]);
    }
    for (const [by, uses] of byCaller) {
      const isFunction = "kind" in by;
      found.push({
        node: isFunction ? nodeOf(by) : moduleNode(by),
        context: isFunction ? contextOf(by) : IMPORTED,
        use: kind,
        sites: uses.map(({ unit, site }) => siteLocation(unit, site)).sort(byStart),
      });
    }
  }
  return found.sort((a, b) => placeRank(a.context) - placeRank(b.context) || byText(a.node, b.node));
}

function placeRank({ place }: Context): number {
  return ["loop", "both", "unknown", "away"].indexOf(place);
}

function byText(a: FunctionNode, b: FunctionNode): number {
  return a.location.file < b.location.file ? -1 : a.location.file > b.location.file ? 1 : byStart(a.location, b.location);
}

function byStart(a: Location, b: Location): number {
  return a.start.line - b.start.line || a.start.column - b.start.column;
}

/** What a function runs and gives away: what blocks first, the worst before the others, the rest in the order of the text. */
export function calleesOf({ program, callers }: HierarchyKnowledge, entity: FunctionEntity): Callee[] {
  const { unit } = entity;
  const found = new Map<string, { node: FunctionNode; use: UseKind; effect?: Effect; sites: Location[] }>();
  const add = (key: string, node: () => FunctionNode, use: UseKind, location: Location, effect: Effect | undefined): void => {
    const known = found.get(key);
    if (!known) {
      found.set(key, { node: node(), use, sites: [location], ...(effect ? { effect } : {}) });
      return;
    }
    known.sites.push(location);
    if (effect && (!known.effect || compareEffects(effect, known.effect) < 0)) known.effect = effect;
  };
  const effects = new Map<SiteId, readonly Effect[]>();
  for (const site of scopeOf(entity).sites) {
    const blocking = program.propagation.effectsAt(entity, site).filter(({ stall }) => stall !== "large-input");
    effects.set(site, blocking.sort(compareEffects));
    for (const effect of blocking) {
      const { via } = effect;
      const location = siteLocation(unit, site);
      if (via.kind === "primitive")
        add(`primitive ${via.name}`, () => primitiveNode(via.name, location), "runs", location, effect);
    }
  }
  const ids = new Map<FunctionEntity, number>();
  for (const { callee, kind, site, caller } of callers.usesOf(unit)) {
    if (caller !== entity || !HOWS.includes(kind)) continue;
    const id = ids.get(callee) ?? ids.size;
    ids.set(callee, id);
    const effect = effects.get(site)?.find(({ via }) => via.kind === "function" && via.function === callee);
    add(`${kind} ${id}`, () => nodeOf(callee), kind, siteLocation(unit, site), effect);
  }
  const worstFirst = [...found.values()].sort((a, b) => {
    if (a.effect && b.effect) return compareEffects(a.effect, b.effect);
    return Number(!a.effect) - Number(!b.effect) || byStart(a.sites[0] as Location, b.sites[0] as Location);
  });
  return worstFirst.map(({ node, use, effect, sites }) => ({
    node,
    use,
    sites: sites.sort(byStart),
    ...(effect ? { blocking: blockingOf(program, entity, effect) } : {}),
  }));
}

export function blockingOf(program: Program, entity: FunctionEntity, effect: Effect): Blocking {
  return { primitive: pathOf(program, entity, effect).at(-1)?.callee ?? "", stall: stallOf(effect).text };
}

/** A primitive has no text here: it stands where it is called. */
function primitiveNode(name: string, location: Location): FunctionNode {
  return { name, kind: "primitive", async: false, location, nameLocation: location };
}

function hasSource({ unit }: FunctionEntity): boolean {
  return unit.file.origin === "workspace" || unit.file.origin === "package";
}
