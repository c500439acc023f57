/**
 * Files that are opened in one place and worked on in others: what is read and written is a step of the opening, and
 * what a comment says there holds for the steps, too.
 */
import type { Expr, ExprId, Site, SiteId } from "../facts/types.js";
import { type Comment, commentsOf, ignoredAt } from "./comments.js";
import { exprOf, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import type { Effect } from "./propagate.js";

/** The comment that silences an effect at a site: on a line of it, for the whole file, or where its file was opened. */
export function silencedAt(evaluator: Evaluator, unit: Unit, site: SiteId, effect: Effect): Comment | undefined {
  const comment = ignoredAt(unit, site, effect.rule);
  if (comment || commentsOf(unit).length === 0 || !worksOnFiles(effect)) return comment;
  for (const opening of openingsBehind(evaluator, unit, site)) {
    const atOpening = ignoredAt(unit, opening, effect.rule);
    if (atOpening) return atOpening;
  }
  return undefined;
}

/** Reads, writes, copies what its caller opened. */
export function worksOnFiles({ rule, stall, distance }: Effect): boolean {
  return distance === 0 && (rule === "blocking-file" || (rule === "blocking-filesystem" && stall === "whole-file"));
}

/** The openings of files that a site works on, through readers made of them: `csv.reader(file)`. Nearest first. */
export function* openingsBehind(evaluator: Evaluator, unit: Unit, site: SiteId): Generator<SiteId> {
  let openings = openingsOf(unit, site);
  for (let hops = 0; openings.length > 0 && hops < 4; hops++) {
    for (const opening of openings) {
      // What was read whole, a data frame, is no open file: writing it is work of its own.
      const made = evaluator.typeOf(unit, (unit.chunk.sites[opening] as Site).expr);
      if (evaluator.member(made, "read").kind === "function") yield opening;
    }
    openings = openings.flatMap((opening) => openingsOf(unit, opening)).slice(0, 20);
  }
}

/** The calls that made what a site works on: `open(p)` of `f` in `f.read()` and in `json.dump(data, f)`. */
function openingsOf(unit: Unit, siteId: SiteId): readonly SiteId[] {
  const site = unit.chunk.sites[siteId] as Site;
  let candidates: readonly ExprId[] = [];
  if (site.kind === "call") {
    const call = exprOf(unit, site.expr) as Expr & { kind: "call" };
    const callee = exprOf(unit, call.callee);
    candidates = [...(callee.kind === "attribute" ? [callee.of] : []), ...call.args.map(({ value }) => value)];
  } else if (site.kind === "iterate" || site.kind === "enter" || site.kind === "exit") candidates = [site.expr];
  return candidates.flatMap((candidate) => madeBy(unit, siteId, exprOf(unit, candidate)) ?? []);
}

/** The call whose result an expression is, through local names. */
function madeBy(unit: Unit, siteId: SiteId, expr: Expr): SiteId | undefined {
  let at: Expr | undefined = expr;
  for (let hops = 0; at && hops < 4; hops++) {
    if (at.kind === "call") return at.site === siteId ? undefined : at.site;
    if (at.kind !== "local") return undefined;
    const def: unknown = at.defs.length > 0 ? unit.chunk.defs[at.defs[at.defs.length - 1] as number] : undefined;
    const value = def as { kind: string; value?: number } | undefined;
    at =
      value && (value.kind === "enter" || value.kind === "assign") && value.value !== undefined
        ? exprOf(unit, value.value)
        : undefined;
  }
  return undefined;
}
