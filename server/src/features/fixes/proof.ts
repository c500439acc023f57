/**
 * Proof that an edit does what it says: the result parses, the finding is gone and nothing new is reported. Ordinals in
 * fingerprints move when one of several equal findings goes, so findings are counted by what they are about.
 */
import type { Finding, Severity } from "../../analysis/findings.js";
import { applyEdits, type Edit } from "./edits.js";
import type { FixHost } from "./request.js";

/** Why the edits must not be offered; undefined when they are proven. */
export function whyNotProven(
  host: FixHost,
  path: string,
  text: string,
  finding: Finding,
  edits: readonly Edit[],
): string | undefined {
  const trial = host.trial(path, applyEdits(text, edits));
  if (trial.broken) return "the result would not be valid Python";
  const before = countBySubject(host.findings(path), "hint");
  const after = countBySubject(trial.findings, "hint");
  const subject = subjectOf(finding);
  if ((after.get(subject) ?? 0) >= (before.get(subject) ?? 0)) return "the finding would still be there";
  return newFinding(host.findings(path), trial.findings);
}

/**
 * What is reported after at warning or above and was not known before at all: the reads of a file come forward when its
 * opening is dealt with, which is nothing new.
 */
export function newFinding(before: readonly Finding[], after: readonly Finding[]): string | undefined {
  const known = countBySubject(before, "hint");
  const counted = countBySubject(after, "warning");
  for (const finding of after) {
    const subject = subjectOf(finding);
    if ((counted.get(subject) ?? 0) > (known.get(subject) ?? 0)) return `it would bring a new finding: ${finding.message}`;
  }
  return undefined;
}

/** The rule, the coroutine, and both ends of the path. */
export function subjectOf(finding: Finding): string {
  return [finding.rule, finding.entry.function, finding.path[0]?.callee, finding.path.at(-1)?.callee].join("|");
}

const RANK: Readonly<Record<Severity, number>> = { error: 3, warning: 2, information: 1, hint: 0 };

function countBySubject(findings: readonly Finding[], from: Severity): Map<string, number> {
  const counts = new Map<string, number>();
  for (const finding of findings) {
    if (RANK[finding.severity] < RANK[from]) continue;
    const subject = subjectOf(finding);
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  }
  return counts;
}
