/**
 * What fixes ask before they move code: the traits of the sites in a stretch of text, each with the way that leads to it.
 */
import type { Site, SiteId, SiteKind } from "../facts/types.js";
import type { SiteLink } from "../link/calls.js";
import { type FunctionEntity, fullName, isAsync, type SourceFile, scopeOf, spansOf } from "../link/entities.js";
import { functionsOf, type Program } from "../link/program.js";
import type { Trait } from "../link/traits.js";
import { membersOf, type Type } from "../link/types.js";

export interface TraitWay {
  readonly kind: Trait["kind"];
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
  /** Only functions of the program run there, which can be followed; none of them is a coroutine. */
  readonly isOurs: boolean;
  /** A call whose value is known, and known to be nothing that can be called. */
  readonly givesPlainValue: boolean;
  readonly traits: readonly TraitWay[];
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
  if (bound !== undefined) ways.push({ kind: "own-thread", callees: [link.name], file: unit.file.path });
  return {
    kind: site.kind,
    isOurs: runsOurs(link),
    givesPlainValue: site.kind === "call" && isPlain(program, program.evaluator.typeOf(unit, site.expr)),
    traits: ways,
  };
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
  return { kind: first.kind, callees, file: at.unit.file.path };
}
