/**
 * From effects to findings. A finding is one site in an entry that blocks, at the outermost place that lies on the loop;
 * its path is rebuilt here from the witnesses of the effects. Positions are looked up last.
 */
import { hashText } from "../base/hash.js";
import { positionAt } from "../base/lines.js";
import { type RuleName, severityOf } from "../base/rules.js";
import type { Site, SiteId } from "../facts/types.js";
import { type FunctionEntity, fullName, isAsync, scopeOf, spansOf, type Unit } from "../link/entities.js";
import { openingsBehind, silencedAt, worksOnFiles } from "../link/openings.js";
import type { Program } from "../link/program.js";
import { compareEffects, type Effect } from "../link/propagate.js";
import type { Place } from "../link/types.js";
import type { Configuration } from "./configuration.js";
import { messageOf, stallOf } from "./describe.js";
import type { Finding, Location, Severity, Step, StepRole, Way } from "./findings.js";

/** What blocks at one site of an entry, strongest first, before settings and positions. */
export interface SiteEffects {
  readonly entry: FunctionEntity;
  readonly site: SiteId;
  readonly effects: readonly Effect[];
}

/** How a step that begins at the site runs the next. A handler runs nothing: it is where the matter ends. */
export function roleOf({ kind }: Site): StepRole {
  return kind === "except" ? "cause" : kind;
}

/** Everything that blocks in the body of an entry, nothing suppressed. */
export function detect(program: Program, entry: FunctionEntity): readonly SiteEffects[] {
  const found: SiteEffects[] = [];
  for (const site of scopeOf(entry).sites) {
    const effects = program.propagation.effectsAt(entry, site).sort(compareEffects);
    if (effects.length > 0) found.push({ entry, site, effects });
  }
  return found;
}

/** The same effects as things that happen only once. */
export function onlyOnce(found: SiteEffects): SiteEffects {
  const effects = found.effects.map((effect) =>
    effect.stall === "never" || effect.stall === "large-input" ? effect : { ...effect, stall: "once" as const },
  );
  return { ...found, effects };
}

// ---- Presentation ----

export interface PresentOptions {
  readonly configuration: Configuration;
  /** The file lies in a tests folder. */
  readonly isTest: boolean;
}

/**
 * Findings of one unit from what was detected in its entries: suppressed, rated, with texts and positions. `ordinals`
 * counts equal findings over the whole file.
 */
export function present(
  program: Program,
  unit: Unit,
  detected: readonly SiteEffects[],
  ordinals: Map<string, number>,
  options: PresentOptions,
): Finding[] {
  const findings: Finding[] = [];
  const bySite = new Map<SiteId, Finding>();
  for (const { entry, site, effects } of detected) {
    const reported = effects
      .filter((effect) => effect.rule !== "nested-event-loop" || !program.patches.nestsLoops)
      .filter((effect) => !silencedAt(program.evaluator, unit, site, effect))
      .flatMap((effect) => {
        const severity = rate(effect, options);
        return severity ? [{ effect, severity }] : [];
      })
      .sort(
        (a, b) =>
          SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
          // Of two that are equally loud the sure one speaks.
          Number(a.effect.confidence !== "definite") - Number(b.effect.confidence !== "definite") ||
          compareEffects(a.effect, b.effect),
      );
    const first = reported[0];
    if (!first) continue;
    const path = pathOf(program, entry, first.effect);
    const callee = path[0]?.callee ?? "";
    const identity = `${fullName(entry)}|${callee}|${first.effect.rule}`;
    const ordinal = ordinals.get(identity) ?? 0;
    ordinals.set(identity, ordinal + 1);
    const whole = worksOnFiles(first.effect) ? openedBy(program, unit, site, bySite) : undefined;
    const isStep = whole !== undefined;
    const stall = stallOf(first.effect);
    const also = [...new Set(reported.slice(1).map(({ effect }) => effect.rule))].filter((rule) => rule !== first.effect.rule);
    const finding: Finding = {
      rule: first.effect.rule,
      severity: isStep ? "hint" : first.severity,
      confidence: first.effect.confidence,
      message: messageOf(first.effect, path, stall),
      location: siteLocation(unit, site),
      entry: { function: entry.qualifiedName, location: nameLocation(entry) },
      path,
      stall,
      also,
      ...(first.effect.gil ? { gil: first.effect.gil } : {}),
      ways: waysOf(program, first.effect),
      ...(isStep ? { partOf: whole.partOf ?? whole.fingerprint } : {}),
      ...(first.effect.implementations ? { implementations: first.effect.implementations } : {}),
      fingerprint: hashText(`${identity}|${ordinal}`),
    };
    findings.push(finding);
    bySite.set(site, finding);
  }
  return findings.sort(byPosition);
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "information", "hint"];

/** How loudly an effect speaks under these settings; undefined: not at all. */
export function rate(effect: Effect, options: PresentOptions): Severity | undefined {
  const usual = severityOf(effect.rule, effect.stall, effect.confidence, options.configuration.largeInput);
  return usual && asSet(effect.rule, isShort(effect) || effect.inThread ? "hint" : usual, options);
}

/** How loudly a rule speaks that knows no stall. */
export function rateRule(rule: RuleName, options: PresentOptions): Severity | undefined {
  const usual = severityOf(rule, "none", "definite", false);
  return usual && asSet(rule, usual, options);
}

function asSet(rule: RuleName, severity: Severity, { configuration, isTest }: PresentOptions): Severity | undefined {
  const chosen = configuration.severity[rule];
  if (chosen === "off") return undefined;
  // A severity that the user chose for a rule holds for what would be a warning or worse: hints stay hints.
  const rated = chosen && (severity === "warning" || severity === "error") ? chosen : severity;
  if (!isTest || configuration.testsSeverity === "same") return rated;
  // Fixtures import inside functions, look at files and stub out the rest: of tests only what is plainly wrong is worth a word.
  if (configuration.testsSeverity === "off" || rated === "information" || rated === "hint") return undefined;
  return SEVERITIES[Math.max(SEVERITIES.indexOf(rated), SEVERITIES.indexOf(configuration.testsSeverity))];
}

/** A stall this short, in seconds, is no longer than a look at the disk. */
const SHORT = 0.005;

function isShort({ seconds, bound }: Effect): boolean {
  const limit = seconds ?? bound;
  return limit?.kind === "constant" && limit.value !== null && limit.value <= SHORT;
}

/** Units in which steps of these findings stand: their positions are in the findings. */
export function unitsOf(program: Program, detected: readonly SiteEffects[]): Set<Unit> {
  const units = new Set<Unit>();
  for (const { entry, effects } of detected) {
    units.add(entry.unit);
    for (const first of effects) {
      let effect: Effect | undefined = first;
      for (let hops = 0; effect && hops < 1000; hops++) {
        const via: Effect["via"] = effect.via;
        if (via.kind === "primitive") break;
        units.add(via.function.unit);
        effect = program.propagation.effectsOf(via.function).get(via.key);
      }
    }
  }
  return units;
}

export function byPosition(a: Finding, b: Finding): number {
  const [left, right] = [a.location.start, b.location.start];
  return left.line - right.line || left.column - right.column;
}

/** The hops from a site to the primitive. */
export function pathOf(program: Program, entry: FunctionEntity, first: Effect): Step[] {
  const steps: Step[] = [];
  let entity = entry;
  let effect: Effect | undefined = first;
  // A witness is always nearer than what it explains; the bound guards against a broken invariant.
  for (let hops = 0; effect && hops < 1000; hops++) {
    const via: Effect["via"] = effect.via;
    const location = effect.site < 0 ? nameLocation(entity) : siteLocation(entity.unit, effect.site);
    steps.push({
      role: effect.role,
      function: entity.qualifiedName,
      callee: via.kind === "primitive" ? via.name : fullName(via.function),
      location,
    });
    if (via.kind === "primitive") break;
    entity = via.function;
    effect = program.propagation.effectsOf(via.function).get(via.key);
  }
  return steps;
}

/** The async ways of the primitive at the end. */
function waysOf(program: Program, first: Effect): readonly Way[] {
  let effect: Effect | undefined = first;
  for (let hops = 0; effect && hops < 1000; hops++) {
    const via: Effect["via"] = effect.via;
    if (via.kind === "primitive") return via.twins;
    effect = program.propagation.effectsOf(via.function).get(via.key);
  }
  return [];
}

export function siteLocation(unit: Unit, site: SiteId): Location {
  const { sites } = spansOf(unit);
  return locationOf(unit, sites[site * 2], sites[site * 2 + 1]);
}

export function nameLocation(entity: FunctionEntity): Location {
  const { scopes } = spansOf(entity.unit);
  return locationOf(entity.unit, scopes[entity.scopeId * 4 + 2], scopes[entity.scopeId * 4 + 3]);
}

/** The whole text of a function. */
export function scopeLocation(entity: FunctionEntity): Location {
  const { scopes } = spansOf(entity.unit);
  return locationOf(entity.unit, scopes[entity.scopeId * 4], scopes[entity.scopeId * 4 + 1]);
}

/** Whether a line of the file may belong to a unit. */
export function mayHold(unit: Unit, line: number): boolean {
  const { chunkSpans, lineStarts } = unit.file.facts;
  const start = positionAt(lineStarts, chunkSpans[unit.index * 2] ?? 0).line;
  const end = positionAt(lineStarts, chunkSpans[unit.index * 2 + 1] ?? 0).line;
  return line >= start && line <= end;
}

/** Where a stretch of a unit's text stands, by offsets in its chunk. */
export function locationOf(unit: Unit, start: number | undefined, end: number | undefined): Location {
  const { file } = unit;
  const zero = { line: 0, column: 0 };
  if (start === undefined || end === undefined || file.origin === "typeshed" || file.origin === "stub")
    return { file: "", start: zero, end: zero };
  const base = file.facts.chunkSpans[unit.index * 2] ?? 0;
  const { lineStarts } = file.facts;
  return { file: file.path, start: positionAt(lineStarts, base + start), end: positionAt(lineStarts, base + end) };
}

/** The finding at the opening of a file that a site works on, through readers made of it: `csv.reader(file)`. */
function openedBy(program: Program, unit: Unit, site: SiteId, bySite: ReadonlyMap<SiteId, Finding>): Finding | undefined {
  for (const opening of openingsBehind(program.evaluator, unit, site)) {
    const finding = bySite.get(opening);
    if (finding?.rule === "blocking-file") return finding;
  }
  return undefined;
}

/** Whether a function is an entry by itself: its body runs on a loop whoever calls it. */
export function isEntry(program: Program, entity: FunctionEntity): boolean {
  const scope = scopeOf(entity);
  if (scope.kind !== "function") return false;
  if (isAsync(entity)) return true;
  const place = placeOfShape(program, entity);
  return place === "loop" || place === "startup" || program.stubs.hookPlace(entity) === "loop";
}

/** Where a function's decorators say that it runs. */
export function placeOfShape(program: Program, entity: FunctionEntity): Place | undefined {
  const shape = program.evaluator.shapeOf(entity);
  return shape.kind === "function" ? shape.place : undefined;
}
