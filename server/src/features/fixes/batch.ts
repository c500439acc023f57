/**
 * Fixes a whole file: applies the preferred fix of every finding, as many at a time as do not touch each other, until
 * nothing is left to apply. For `check --fix` and `source.fixAll`.
 */
import type { Finding, Location } from "../../analysis/findings.js";

import type { Grammar } from "../../syntax/grammar.js";
import { type Fix, preferredFixFor } from "./engine.js";
import { whyNotProven } from "./proof.js";
import type { FixHost } from "./request.js";
import { applyEdits, arrangeEdits, type Edit } from "./text/edits.js";

export interface AppliedFix {
  readonly finding: Finding;
  readonly fix: Fix;
}

/** More rounds than nested findings, and blocks of one function, need. */
const MAX_ROUNDS = 60;

/** The text of `path` with all preferred fixes applied, and which these were, in order. */
export function fixAll(
  host: FixHost,
  grammar: Grammar,
  path: string,
): { readonly text: string; readonly applied: readonly AppliedFix[] } {
  let text = host.text(path) ?? "";
  const applied: AppliedFix[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stage = hostOf(host, path, text);
    const findings = stage.findings(path);
    const batch = chooseFixes(stage, grammar, path, findings);
    const accepted = isProven(stage, path, text, findings, batch) ? batch : batch.slice(0, 1);
    if (accepted.length === 0) break;
    text = applyEdits(text, arrangeEdits(accepted.flatMap(({ fix }) => fix.edits)) ?? []);
    applied.push(...accepted);
  }
  return { text, applied };
}

/** The analysis as it would be with `text` in place of the file's own. */
function hostOf(host: FixHost, path: string, text: string): FixHost {
  let findings: readonly Finding[] | undefined;
  const { projectFacts } = host;
  // Each finding of a client asks the same of all its uses, and another text is read anew for each question.
  const answers = new Map<string, unknown>();
  const once = <Answer>(question: readonly unknown[], ask: () => Answer): Answer => {
    const key = JSON.stringify(question);
    if (!answers.has(key)) answers.set(key, ask());
    return answers.get(key) as Answer;
  };
  return {
    text: (other) => (other === path ? text : host.text(other)),
    trial: (other, trialText) => host.trial(other, trialText),
    mentions: (other, offset) => host.within(new Map([[path, text]]), () => host.mentions(other, offset)),
    naming: (name) => host.within(new Map([[path, text]]), () => host.naming(name)),
    within: (texts, ask) => host.within(new Map([[path, text], ...texts]), ask),
    traits: (other, start, end) => host.traits(other, start, end, other === path ? text : undefined),
    siblings: (other, start, end) => host.siblings(other, start, end, other === path ? text : undefined),
    twins: (other, start, end) =>
      once(["twins", other, start, end], () => host.twins(other, start, end, other === path ? text : undefined)),
    twinCalls: (other, start, end) => host.twinCalls(other, start, end, other === path ? text : undefined),
    twinUse: (other, made, name, steps) =>
      once(["twinUse", other, made, name, steps], () =>
        host.twinUse(other, made, name, steps, other === path ? text : undefined),
      ),
    findings: (other) => {
      if (other !== path) return host.findings(other);
      findings ??= text === host.text(path) ? host.findings(path) : host.trial(path, text).findings;
      return findings;
    },
    ...(projectFacts ? { projectFacts: (other: string) => projectFacts.call(host, other) } : {}),
  };
}

/**
 * The preferred fixes that can be applied side by side: their edits neither overlap nor meet, but for equal imports, and
 * none stands in text that another one moves.
 */
function chooseFixes(host: FixHost, grammar: Grammar, path: string, findings: readonly Finding[]): AppliedFix[] {
  const chosen: AppliedFix[] = [];
  for (const finding of findings) {
    const fix = preferredFixFor(host, grammar, path, finding);
    if (fix && !chosen.some((other) => disturb({ finding, fix }, other))) chosen.push({ finding, fix });
  }
  return chosen;
}

function disturb(one: AppliedFix, other: AppliedFix): boolean {
  const isSameFunction = isEqual(one.finding.entry.location, other.finding.entry.location);
  if (isSameFunction && (one.fix.reshapes || other.fix.reshapes)) return true;
  return one.fix.edits.some((edit) => other.fix.edits.some((beside) => collide(edit, beside)));
}

function isEqual({ start }: Location, { start: other }: Location): boolean {
  return start.line === other.line && start.column === other.column;
}

function collide(edit: Edit, other: Edit): boolean {
  if (edit.start === other.start && edit.end === other.end && edit.text === other.text) return false;
  return edit.start <= other.end && other.start <= edit.end;
}

/** Each fix is proven alone; side by side they are proven again. */
function isProven(
  host: FixHost,
  path: string,
  text: string,
  findings: readonly Finding[],
  batch: readonly AppliedFix[],
): boolean {
  if (batch.length < 2) return true;
  const edits = arrangeEdits(batch.flatMap(({ fix }) => fix.edits));
  const fixed = batch.map(({ finding }) => finding);
  return edits !== undefined && whyNotProven(host, path, text, findings, fixed, edits) === undefined;
}
