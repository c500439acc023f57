/**
 * What hover and `explain` say of any site: why it is reported, or why it is not.
 */
import { type Position, positionAt } from "../base/lines.js";
import type { Site, SiteId } from "../facts/types.js";
import type { SiteLink } from "../link/calls.js";
import { ignoredAt } from "../link/comments.js";
import { type FunctionEntity, fullName, isAsync, type SourceFile, scopeOf, spansOf, type Unit } from "../link/entities.js";
import { functionsOf, type Program } from "../link/program.js";
import type { UnknownReason } from "../link/types.js";
import { roleOf, type SiteEffects, siteLocation } from "./detect.js";
import type { Explanation, Finding, Verdict } from "./findings.js";

export interface ExplainKnowledge {
  readonly findings: readonly Finding[];
  readonly detected: (entity: FunctionEntity) => readonly SiteEffects[];
  readonly isOnLoop: (entity: FunctionEntity) => boolean;
  readonly isInThread: (entity: FunctionEntity) => boolean;
}

/** Explanations of the sites at a position, innermost first; without a column of all that start on the line. */
export function explainSites(
  program: Program,
  file: SourceFile,
  at: { readonly line: number; readonly column?: number },
  knowledge: ExplainKnowledge,
): Explanation[] {
  const explanations: { explanation: Explanation; size: number }[] = [];
  for (const unit of file.units) {
    if (!mayHold(unit, at.line)) continue;
    for (const entity of functionsOf(unit)) {
      for (const site of scopeOf(entity).sites) {
        const role = roleOf(unit.chunk.sites[site] as Site);
        const location = siteLocation(unit, site);
        if (!covers(location, at)) continue;
        const link = program.calls.link(unit, site);
        const verdict = verdictOf(program, entity, site, link, knowledge);
        // A plain attribute or operator runs nobody's code: there is nothing to say of it.
        if (!verdict || (verdict.kind === "harmless" && role !== "call")) continue;
        const start = spansOf(unit).sites[site * 2] ?? 0;
        explanations.push({
          explanation: {
            location,
            role,
            callee: link.name,
            function: entity.qualifiedName,
            context: contextOf(program, entity, knowledge),
            verdict,
          },
          size: (spansOf(unit).sites[site * 2 + 1] ?? 0) - start,
        });
      }
    }
  }
  explanations.sort((a, b) => rank(a.explanation.verdict) - rank(b.explanation.verdict) || a.size - b.size);
  if (at.column !== undefined) explanations.sort((a, b) => a.size - b.size);
  return explanations.map(({ explanation }) => explanation);
}

function rank(verdict: Verdict): number {
  return ["reported", "silent", "offloaded", "unknown", "harmless"].indexOf(verdict.kind);
}

function mayHold(unit: Unit, line: number): boolean {
  const { chunkSpans, lineStarts } = unit.file.facts;
  const start = positionAt(lineStarts, chunkSpans[unit.index * 2] ?? 0).line;
  const end = positionAt(lineStarts, chunkSpans[unit.index * 2 + 1] ?? 0).line;
  return line >= start && line <= end;
}

function covers(location: { start: Position; end: Position }, at: { line: number; column?: number }): boolean {
  const { start, end } = location;
  if (at.column === undefined) return start.line === at.line;
  if (at.line < start.line || at.line > end.line) return false;
  if (at.line === start.line && at.column < start.column) return false;
  return at.line !== end.line || at.column <= end.column;
}

function verdictOf(
  program: Program,
  entity: FunctionEntity,
  site: SiteId,
  link: SiteLink,
  knowledge: ExplainKnowledge,
): Verdict | undefined {
  const location = siteLocation(entity.unit, site);
  const isLoop = knowledge.isOnLoop(entity);
  if (isLoop) {
    const finding = knowledge.findings.find(
      (candidate) =>
        candidate.path[0]?.role === roleOf(entity.unit.chunk.sites[site] as Site) &&
        candidate.location.start.line === location.start.line &&
        candidate.location.start.column === location.start.column &&
        candidate.location.end.line === location.end.line &&
        candidate.location.end.column === location.end.column,
    );
    if (finding) return { kind: "reported", finding };
  }
  const blocking = knowledge.detected(entity).find((detected) => detected.site === site)?.effects[0];
  if (blocking) {
    const ignored = ignoredAt(entity.unit, site, blocking.rule);
    if (ignored) return { kind: "silent", reason: `${blocking.rule} is silenced by a comment on this line.` };
    if (blocking.stall === "large-input") {
      return { kind: "silent", reason: "Slow only for large input; the setting loopguard.largeInput reports such calls." };
    }
    if (!isLoop) {
      return {
        kind: "silent",
        reason: `Blocks (${blocking.rule}), but ${AWAY[contextOf(program, entity, knowledge)]}.`,
      };
    }
    return { kind: "silent", reason: `${blocking.rule} is switched off for this file.` };
  }
  const away = link.handed.find(({ place }) => place !== "now" && place !== "loop");
  if (away)
    return {
      kind: "offloaded",
      reason: `Hands its work to a ${away.place === "process" ? "process" : "thread"}; a thread cannot be cancelled.`,
    };
  if (link.targets.length === 0) {
    if (link.unknown) return { kind: "unknown", reason: UNKNOWN_TEXTS[link.unknown] };
    return link.name === "" ? undefined : { kind: "harmless", reason: "Runs nothing that is known to block." };
  }
  const first = link.targets[0]?.type.function;
  if (first && isAsync(first))
    return { kind: "harmless", reason: `${fullName(first)} is a coroutine function: its own body is checked.` };
  return { kind: "harmless", reason: "Followed to its end: nothing in it is known to block." };
}

function contextOf(program: Program, entity: FunctionEntity, knowledge: ExplainKnowledge): Explanation["context"] {
  let onLoop = false;
  let inThread = false;
  const seen = new Set<FunctionEntity>();
  const queue = [entity];
  for (let at = queue.pop(); at; at = queue.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (knowledge.isInThread(at)) inThread = true;
    if (knowledge.isOnLoop(at)) {
      onLoop = true;
      continue;
    }
    for (const caller of program.propagation.callersOf(at)) queue.push(caller);
  }
  if (onLoop && inThread) return "both";
  if (onLoop) return "loop";
  return inThread ? "thread" : "unknown";
}

/** Why what blocks in a function is not reported there. */
const AWAY: Readonly<Record<Explanation["context"], string>> = {
  loop: "this function is only called from coroutines: it is reported where they call it",
  both: "this function is called from coroutines and from threads: it is reported where coroutines call it",
  thread: "this function runs in a thread",
  unknown: "nothing that is known to run on the event loop calls this function",
};

const UNKNOWN_TEXTS: Readonly<Record<UnknownReason, string>> = {
  parameter: "It comes in as an argument without a type annotation.",
  import: "Its module is neither in the workspace nor among the installed packages.",
  attribute: "The type has no such attribute that could be seen.",
  name: "Nothing binds this name.",
  dynamic: "It is made at run time.",
  decorator: "What its decorator returns could not be read.",
  awaited: "It is awaited, so it cannot be the synchronous function of that name.",
  cycle: "It is defined by itself.",
  budget: "Following it would take too long.",
};
