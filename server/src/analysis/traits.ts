/**
 * What fixes ask before they move code: the traits of the sites in a stretch of text, each with the way that leads to it.
 */
import type { ExprId, Site, SiteId, SiteKind } from "../facts/types.js";
import type { SiteLink } from "../link/calls.js";
import { exprOf, type FunctionEntity, fullName, isAsync, type SourceFile, scopeOf, spansOf } from "../link/entities.js";
import { functionsOf, type Program } from "../link/program.js";
import type { Trait } from "../link/traits.js";
import { membersOf, type Type } from "../link/types.js";
import { type Sendability, sendabilityOf } from "./sendable.js";

export interface TraitWay {
  readonly kind: Trait["kind"];
  /** The parameter of the function that is changed; absent: something that others may see. */
  readonly parameter?: string;
  /** What is called, from the site to where the trait comes from. */
  readonly callees: readonly string[];
  /** The file in which the last of them is called. */
  readonly file: string;
}

export interface SiteTraits {
  readonly kind: SiteKind;
  /** Offsets in the file's text. */
  readonly start: number;
  readonly end: number;
  /** Only functions of the program run there, which can be followed, or none at all; none of them is a coroutine. */
  readonly isOurs: boolean;
  /** A call whose value is known, and known to be nothing that can be called. */
  readonly givesPlainValue: boolean;
  /** A call whose value belongs to the thread that makes it. */
  readonly givesBoundValue: boolean;
  readonly traits: readonly TraitWay[];
  /** A call whose value is to be awaited. */
  readonly givesAwaitable: boolean;
  /** What runs there, if all of it is known; undefined otherwise. */
  readonly targets?: readonly SiteTarget[];
  /** Of a call: whether its arguments, in the order of the text, and its value can be sent to another process. */
  readonly argumentsAre: readonly Sendability[];
  readonly valueIs: Sendability;
}

export interface SiteTarget {
  /** `json.loads`, `Store.load`. */
  readonly name: string;
  /** Where a function of the program is defined: from its `def` to its end, offsets in the file's text. */
  readonly definition?: { readonly file: string; readonly start: number; readonly end: number };
}

/** Traits of the sites between two offsets that run where the text stands, not in functions defined there. */
export function traitsBetween(program: Program, file: SourceFile, start: number, end: number): SiteTraits[] {
  const found: SiteTraits[] = [];
  for (const unit of file.units) {
    const base = file.facts.chunkSpans[unit.index * 2] ?? 0;
    const { sites, scopes } = spansOf(unit);
    for (const entity of functionsOf(unit)) {
      const isAround = base + (scopes[entity.scopeId * 4] ?? 0) <= start && base + (scopes[entity.scopeId * 4 + 1] ?? 0) >= end;
      if (!isAround) continue;
      for (const id of scopeOf(entity).sites) {
        const [from, to] = [base + (sites[id * 2] ?? 0), base + (sites[id * 2 + 1] ?? 0)];
        if (from >= start && to <= end) found.push({ ...traitsAt(program, entity, id), start: from, end: to });
      }
    }
  }
  return found;
}

function traitsAt(program: Program, entity: FunctionEntity, id: SiteId): Omit<SiteTraits, "start" | "end"> {
  const { traits } = program.propagation;
  const { unit } = entity;
  const site = unit.chunk.sites[id] as Site;
  const link = program.calls.link(unit, id);
  const ways = traits.at(entity, id).map((trait) => wayOf(program, entity, trait));
  // The value would belong to the thread in which it is made.
  const bound = site.kind === "call" ? traits.bindsValue(unit, site.expr) : undefined;
  const call = site.kind === "call" ? exprOf(unit, site.expr) : undefined;
  const args = call?.kind === "call" ? call.args : [];
  const sendability = (expr: ExprId): Sendability => sendabilityOf(program, program.evaluator.typeOf(unit, expr));
  const targets = targetsOf(link);
  if (bound !== undefined) ways.push({ kind: "own-thread", callees: [program.calls.nameAt(unit, id)], file: unit.file.path });
  // What is given to a function is used there, seen or not.
  for (const { value } of args) {
    const given = traits.bindsValue(unit, value);
    if (given !== undefined)
      ways.push({ kind: "own-thread", callees: [program.calls.nameAt(unit, id), given], file: unit.file.path });
  }
  return {
    kind: site.kind,
    isOurs:
      runsOurs(link) || (call?.kind === "call" && makesBareObject(program, link, program.evaluator.typeOf(unit, call.callee))),
    givesPlainValue: site.kind === "call" && isPlain(program, program.evaluator.typeOf(unit, site.expr)),
    givesBoundValue: bound !== undefined,
    givesAwaitable: call !== undefined && isAwaitable(program, program.evaluator.typeOf(unit, site.expr)),
    traits: ways,
    ...(targets ? { targets } : {}),
    argumentsAre: args.map(({ value }) => sendability(value)),
    valueIs: site.kind === "call" ? sendability(site.expr) : "unknown",
  };
}

function isAwaitable(program: Program, type: Type): boolean {
  return membersOf(type).some((member) => {
    if (member.kind === "awaitable" || (member.kind === "manager" && member.async)) return true;
    const kinds = ["__await__", "__aenter__", "__aiter__"];
    return (
      member.kind === "instance" && kinds.some((name) => program.evaluator.classes.memberPlaces(member.class, name).length > 0)
    );
  });
}

function targetsOf({ targets, unknown }: SiteLink): readonly SiteTarget[] | undefined {
  if (unknown !== undefined || targets.length === 0) return undefined;
  return targets.map(({ type }) => {
    const { unit, scopeId } = type.function;
    const name = fullName(type.function);
    if (unit.file.origin !== "workspace") return { name };
    const base = unit.file.facts.chunkSpans[unit.index * 2] ?? 0;
    const { scopes } = spansOf(unit);
    const [start, end] = [base + (scopes[scopeId * 4] ?? 0), base + (scopes[scopeId * 4 + 1] ?? 0)];
    return { name, definition: { file: unit.file.path, start, end } };
  });
}

function isPlain(program: Program, type: Type): boolean {
  const members = membersOf(type);
  const arePlain = members.every((member) => {
    if (member.kind !== "instance") return member.kind === "none";
    if (member.wraps || program.evaluator.classes.hasUnknownBase(member.class)) return false;
    return program.evaluator.classes.memberPlaces(member.class, "__call__").length === 0;
  });
  return members.length > 0 && arePlain;
}

function runsOurs({ targets, unknown }: SiteLink): boolean {
  const areOurs = targets.every(({ type }) => type.function.unit.file.origin === "workspace" && !isAsync(type.function));
  return unknown === undefined && targets.length > 0 && areOurs;
}

/** A class of the program is called that has no code to make its objects: a dataclass, a class of attributes only. */
function makesBareObject(program: Program, { targets, unknown }: SiteLink, callee: Type): boolean {
  const members = membersOf(callee);
  if (unknown !== undefined || targets.length > 0 || members.length === 0) return false;
  const { classes } = program.evaluator;
  return members.every((member) => {
    if (member.kind !== "class" || member.class.unit.file.origin !== "workspace") return false;
    // A metaclass may make them as it likes.
    const isMadeOtherwise = classes
      .mro(member.class)
      .some((base) => base.unit.file.origin === "workspace" && scopeOf(base).bases.some(({ name }) => name === "metaclass"));
    return !isMadeOtherwise && !classes.hasUnknownBase(member.class);
  });
}

/** What a function does as a whole: what it makes for itself keeps nobody from running it elsewhere. */
export function traitsOf(program: Program, entity: FunctionEntity): TraitWay[] {
  return [...program.propagation.traits.of(entity).values()].map((trait) => wayOf(program, entity, trait));
}

function wayOf(program: Program, entity: FunctionEntity, first: Trait): TraitWay {
  const callees: string[] = [];
  let trait: Trait | undefined = first;
  let at = entity;
  while (trait) {
    const via: Trait["via"] = trait.via;
    callees.push(via.kind === "primitive" ? via.name : fullName(via.function));
    if (via.kind === "primitive") break;
    at = via.function;
    trait = program.propagation.traits.of(at).get(via.key);
  }
  const parameter = first.parameter === undefined ? {} : { parameter: first.parameter };
  return { kind: first.kind, ...parameter, callees, file: at.unit.file.path };
}
