/**
 * What hover and `explain` say of any site: why it is reported, or why it is not.
 */
import { type Position, positionAt } from "../base/lines.js";
import { severityOf } from "../base/rules.js";
import type { Site, SiteId } from "../facts/types.js";
import { runsWhenCalled, type SiteLink, type Target } from "../link/calls.js";
import { commentsOf, contractOf } from "../link/comments.js";
import {
  exprOf,
  type FunctionEntity,
  fullName,
  functionAt,
  isAsync,
  type SourceFile,
  scopeOf,
  spansOf,
  type Unit,
} from "../link/entities.js";
import { silencedAt } from "../link/openings.js";
import type { Program } from "../link/program.js";
import { type Effect, parameterKey } from "../link/propagate.js";
import { membersOf, type Place, type Type } from "../link/types.js";
import type { Configuration } from "./configuration.js";
import { mayHold, roleOf, type SiteEffects, siteLocation } from "./detect.js";
import type { Context, Explanation, Finding, Location, Verdict } from "./findings.js";
import { unknownText } from "./unknown.js";

export interface ExplainKnowledge {
  readonly program: Program;
  readonly findings: readonly Finding[];
  readonly configuration: Configuration;
  /** Findings of the file are shown: it is no excluded file and no library. */
  readonly reports: boolean;
  readonly isTest: boolean;
  readonly detected: (entity: FunctionEntity) => readonly SiteEffects[];
  readonly isOnLoop: (entity: FunctionEntity) => boolean;
  readonly contextOf: (entity: FunctionEntity) => Context;
  /** A place for people: `app/routes.py:12`. */
  readonly placeText: (location: Location) => string;
}

/** Explanations of the sites at a position, innermost first; without a column of all that start on the line. */
export function explainSites(
  file: SourceFile,
  at: { readonly line: number; readonly column?: number },
  knowledge: ExplainKnowledge,
): Explanation[] {
  const { program } = knowledge;
  const explanations: { explanation: Explanation; size: number }[] = [];
  for (const unit of file.units) {
    if (!mayHold(unit, at.line)) continue;
    unit.chunk.scopes.forEach((scope, scopeId) => {
      const isBody = scope.kind !== "module" && scope.kind !== "class";
      for (const site of scope.sites) {
        const role = roleOf(unit.chunk.sites[site] as Site);
        const location = siteLocation(unit, site);
        if (!covers(location, at)) continue;
        const entity = functionAt(unit, scopeId);
        const link = program.calls.link(unit, site);
        const context = isBody ? knowledge.contextOf(entity) : AT_MODULE_LEVEL;
        const verdict = verdictOf(entity, site, link, context, knowledge);
        if (!verdict || (verdict.kind === "harmless" && role !== "call" && !link.targets.some(hasBody))) continue;
        const start = spansOf(unit).sites[site * 2] ?? 0;
        explanations.push({
          explanation: {
            location,
            role,
            callee: program.calls.nameAt(unit, site),
            function: isBody ? entity.qualifiedName : "",
            context,
            verdict,
          },
          size: (spansOf(unit).sites[site * 2 + 1] ?? 0) - start,
        });
      }
    });
  }
  explanations.sort((a, b) => rank(a.explanation.verdict) - rank(b.explanation.verdict) || a.size - b.size);
  if (at.column !== undefined) explanations.sort((a, b) => a.size - b.size);
  return explanations.map(({ explanation }) => explanation);
}

const AT_MODULE_LEVEL: Context = { place: "unknown", text: "runs when the module is imported, before any event loop does" };

function rank(verdict: Verdict): number {
  return ["reported", "silent", "offloaded", "unknown", "harmless"].indexOf(verdict.kind);
}

function covers(location: { start: Position; end: Position }, at: { line: number; column?: number }): boolean {
  const { start, end } = location;
  if (at.column === undefined) return start.line === at.line;
  if (at.line < start.line || at.line > end.line) return false;
  if (at.line === start.line && at.column < start.column) return false;
  return at.line !== end.line || at.column <= end.column;
}

function verdictOf(
  entity: FunctionEntity,
  site: SiteId,
  link: SiteLink,
  context: Context,
  knowledge: ExplainKnowledge,
): Verdict | undefined {
  if (knowledge.isOnLoop(entity)) {
    const finding = findingAt(entity.unit, site, knowledge.findings);
    if (finding) return { kind: "reported", finding };
  }
  const blocking = knowledge.detected(entity).find((detected) => detected.site === site)?.effects[0];
  if (blocking) return { kind: "silent", reason: whySilent(entity, site, blocking, context, knowledge) };
  const handed = handOver(link, knowledge.program);
  if (handed) return handed;
  if (link.targets.length > 0) return followed(entity, site, link, knowledge);
  if (link.unknown) {
    const { kind, expr } = entity.unit.chunk.sites[site] as Site;
    const call = exprOf(entity.unit, expr);
    const lost = kind === "call" && call.kind === "call" ? call.callee : expr;
    const reason = unknownText(knowledge.program, entity.unit, lost, link.unknown);
    return { kind: link.unknown === "complete" ? "harmless" : "unknown", reason };
  }
  return knowledge.program.calls.nameAt(entity.unit, site) === ""
    ? undefined
    : { kind: "harmless", reason: "Runs nothing that is known to block." };
}

function findingAt(unit: Unit, site: SiteId, findings: readonly Finding[]): Finding | undefined {
  const { start, end } = siteLocation(unit, site);
  const role = roleOf(unit.chunk.sites[site] as Site);
  return findings.find(
    ({ path, location }) =>
      path[0]?.role === role &&
      location.start.line === start.line &&
      location.start.column === start.column &&
      location.end.line === end.line &&
      location.end.column === end.column,
  );
}

// ---- Blocks, and is not reported ----

function whySilent(entity: FunctionEntity, site: SiteId, effect: Effect, context: Context, knowledge: ExplainKnowledge): string {
  const { configuration, program, reports, isTest } = knowledge;
  const { rule } = effect;
  const comment = commentAt(entity.unit, site, effect, knowledge);
  if (comment !== undefined) return comment;
  if (effect.stall === "large-input" && !configuration.largeInput)
    return "It is slow only for large input; the setting `largeInput` reports such calls.";
  if (!knowledge.isOnLoop(entity)) return offLoopText(context);
  if (!configuration.enable) return "The setting `enable` switches Loopguard off.";
  if (!reports)
    return "The file is excluded, or belongs to an installed package: what blocks in it is reported where your code awaits it.";
  if (rule === "nested-event-loop" && program.patches.nestsLoops)
    return "The workspace applies a patch that lets event loops nest.";
  if (configuration.severity[rule] === "off") return `The setting \`severity\` switches ${rule} off.`;
  if (isTest && configuration.testsSeverity === "off")
    return "The setting `testsSeverity` is off, and this file belongs to the tests.";
  if (!severityOf(rule, effect.stall, effect.confidence, configuration.largeInput))
    return "It holds the loop too shortly to be worth a word.";
  if (isTest && configuration.testsSeverity !== "same") return "In tests only what would be a warning elsewhere is reported.";
  return `${rule} is not reported here.`;
}

/** Why what blocks in a function is not reported there. */
function offLoopText(context: Context): string {
  if (context === AT_MODULE_LEVEL) return "It runs when the module is imported, before any event loop does.";
  switch (context.place) {
    case "loop":
      return `It is reported where a coroutine calls this function (${context.loop}).`;
    case "both":
      return `It is reported where a coroutine calls this function (${context.loop}), not where it runs off the loop (${context.away}).`;
    case "away":
      return `This function runs off the event loop: ${context.away}.`;
    case "unknown":
      return `This function ${context.text}.`;
  }
}

function commentAt(unit: Unit, site: SiteId, effect: Effect, knowledge: ExplainKnowledge): string | undefined {
  const comment = silencedAt(knowledge.program.evaluator, unit, site, effect);
  if (comment?.kind !== "ignore") return undefined;
  const holder = comment.wholeFile ? unit.file.moduleUnit : unit;
  const text = holder.chunk.directives[spansOf(holder).directives.indexOf(comment.offset) / 2]?.trim() ?? "";
  const { lineStarts, chunkSpans } = unit.file.facts;
  const at = positionAt(lineStarts, (chunkSpans[holder.index * 2] ?? 0) + comment.offset);
  return `The comment \`# ${text}\` at ${knowledge.placeText({ file: unit.file.path, start: at, end: at })} silences ${effect.rule}.`;
}

// ---- Hands something over ----

const WHERE: Readonly<Record<Exclude<Place, "now" | "loop">, string>> = {
  thread: "a thread",
  worker: "a thread",
  "loop-or-thread": "a thread",
  process: "a process",
  startup: "the start-up of the application",
};

/** What a site sends off the loop; undefined when it sends nothing away. */
function handOver(link: SiteLink, program: Program): Verdict | undefined {
  const away: (readonly [Place, Type])[] = link.handed.map(({ place, callee }) => [place, callee]);
  for (const { to, parameter, callee } of link.given) {
    const fates = program.propagation.fatesOf(to.function).get(parameterKey(to.function.scopeId, parameter));
    for (const fate of fates ?? []) if (fate !== "iterated") away.push([fate, callee]);
  }
  for (const [place, callee] of away) {
    if (place === "now" || place === "loop") continue;
    const names = [...new Set(membersOf(callee).flatMap(nameOf))];
    const isCoroutine = membersOf(callee).some((member) => member.kind === "function" && isAsync(member.function));
    if (place === "loop-or-thread" && isCoroutine) continue;
    const what = names.length > 0 ? names.map((name) => `\`${name}\``).join(", ") : "its work";
    const reason = `Hands ${what} to ${WHERE[place]}${place === "startup" ? "" : "; the loop goes on meanwhile"}.`;
    return place === "startup" ? { kind: "harmless", reason } : { kind: "offloaded", reason };
  }
  return undefined;
}

function nameOf(type: Type): string[] {
  const callee = type.kind === "partial" ? type.callee : type;
  return membersOf(callee).flatMap((member) => {
    if (member.kind === "function") return [fullName(member.function)];
    return member.kind === "class" ? [fullName(member.class)] : [];
  });
}

// ---- Was followed ----

/** Nothing at the site blocks: what it runs, and why that does not. */
function followed(entity: FunctionEntity, siteId: SiteId, link: SiteLink, knowledge: ExplainKnowledge): Verdict {
  const { program } = knowledge;
  const { unit } = entity;
  const site = unit.chunk.sites[siteId] as Site;
  if (!program.propagation.isReached(entity, siteId)) {
    return { kind: "harmless", reason: "This place is not reached while an event loop runs." };
  }
  const [first] = link.targets as readonly [Target, ...Target[]];
  const callee = first.type.function;
  const name = `\`${program.stubs.ofCall(first.type)?.name ?? fullName(callee)}\``;
  const harmless = (reason: string): Verdict => ({
    kind: "harmless",
    reason: `${reason}${alsoUnknown(unit, site, link, program)}`,
  });
  const spec = program.stubs.ofCall(first.type);
  if (spec?.never) return harmless(`${name} is known not to wait.`);
  if (spec && spec.blocks.length > 0) {
    if (spec.blocks.every(({ iterated }) => iterated) && !first.iterated)
      return harmless(
        `${name} does nothing yet: it works where its result is iterated over${consumedAt(entity, callee, knowledge)}.`,
      );
    if (site.async && !isAsync(callee)) return { kind: "unknown", reason: unknownText(program, unit, site.expr, "awaited") };
    return harmless(`${name} can block, but not with these arguments, or not on this object.`);
  }
  if (isAsync(callee) && !first.iterated) {
    const isReported = callee.unit.file.origin === "workspace";
    const told = isReported ? "what blocks in its body is reported there" : "nothing in its body is known to block";
    return harmless(`${name} is a coroutine function: ${told}.`);
  }
  if ((first.type.manager || !runsWhenCalled(callee)) && !first.iterated) {
    const where = first.type.manager ? "is entered" : "is iterated over";
    return harmless(`${name} runs nothing yet: its body runs where its result ${where}${consumedAt(entity, callee, knowledge)}.`);
  }
  if (!hasBody(first)) return harmless("Nothing in it is known to wait.");
  const told = bodiesText(link.targets, name, knowledge);
  return told.silenced ? { kind: "silent", reason: told.text } : harmless(told.text);
}

/** One of the types it may be of is not known. */
function alsoUnknown(unit: Unit, site: Site, link: SiteLink, program: Program): string {
  if (link.unknown === undefined || link.unknown === "complete") return "";
  const call = exprOf(unit, site.expr);
  const lost = site.kind === "call" && call.kind === "call" ? call.callee : site.expr;
  return ` What else it may be is not known: ${unknownText(program, unit, lost, link.unknown)}`;
}

function consumedAt(entity: FunctionEntity, made: FunctionEntity, { program, placeText }: ExplainKnowledge): string {
  for (const site of scopeOf(entity).sites) {
    const { targets } = program.calls.link(entity.unit, site);
    if (targets.some(({ iterated, type }) => iterated && type.function === made))
      return `, here at ${placeText(siteLocation(entity.unit, site))}`;
  }
  return "";
}

function hasBody({ type }: Target): boolean {
  const { origin } = type.function.unit.file;
  return origin === "workspace" || origin === "package";
}

/** Functions looked into for one answer. */
const MAX_FUNCTIONS = 300;

/** What was found on the way down: how far it went, what was silenced there, and where the trail was lost. */
function bodiesText(
  targets: readonly Target[],
  name: string,
  knowledge: ExplainKnowledge,
): { readonly text: string; readonly silenced?: true } {
  const { program, placeText } = knowledge;
  const seen = new Set(targets.filter(runsNow).map(({ type }) => type.function));
  let lost = 0;
  let firstLost = "";
  for (const at of seen) {
    const { unit } = at;
    const contract = contractOf(unit, at.scopeId);
    const hasComments = commentsOf(unit).length > 0;
    if (contract.never) return { text: `A comment on \`${fullName(at)}\` says that it never blocks.`, silenced: true };
    for (const site of scopeOf(at).sites) {
      const link = program.calls.link(unit, site);
      const silenced = hasComments
        ? program.propagation.effectsAt(at, site).find((effect) => silencedAt(program.evaluator, unit, site, effect))
        : undefined;
      const comment = silenced && commentAt(unit, site, silenced, knowledge);
      if (comment !== undefined) {
        return { text: `${comment} It stands in \`${fullName(at)}\` and counts for every caller.`, silenced: true };
      }
      const isLost = link.targets.length === 0 && link.unknown !== undefined && link.unknown !== "complete";
      if (isLost && (unit.chunk.sites[site] as Site).kind === "call") {
        lost++;
        firstLost ||= `\`${program.calls.nameAt(unit, site)}\` at ${placeText(siteLocation(unit, site))}`;
      }
      for (const target of link.targets) if (seen.size < MAX_FUNCTIONS && runsNow(target)) seen.add(target.type.function);
    }
  }
  if (lost === 0) return { text: `${name} was followed to its end: nothing in it is known to block.` };
  const calls =
    lost === 1
      ? `one call in it could not be followed: ${firstLost}`
      : `${lost} calls in it could not be followed, the first is ${firstLost}`;
  return { text: `Nothing in ${name} is known to block; ${calls}.` };
}

function runsNow(target: Target): boolean {
  return hasBody(target) && (target.iterated || runsWhenCalled(target.type.function));
}
