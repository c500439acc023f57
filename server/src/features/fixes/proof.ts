/**
 * Proof that edits do what they say: the result parses, the findings they are for are gone and nothing new is reported.
 * Findings are recognised by where they stand, carried through the edits: what names them may change with the text.
 */
import type { Finding } from "../../analysis/findings.js";
import { lineStartsOf, offsetAt, type Span } from "../../base/lines.js";
import type { FixHost } from "./request.js";
import { applyEdits, type Edit, type FileEdits } from "./text/edits.js";

/** Why the edits of a fix for `fixed` must not be offered; undefined when they are proven. `before`: the findings of `text`. */
export function whyNotProven(
  host: FixHost,
  path: string,
  text: string,
  before: readonly Finding[],
  fixed: readonly Finding[],
  edits: readonly Edit[],
): string | undefined {
  const result = applyEdits(text, edits);
  const trial = host.trial(path, result);
  if (trial.broken) return BROKEN;
  return whyNotBetter({ text, edits, result, before, after: trial.findings }, new Set(fixed.map(keyOf)));
}

const BROKEN = "the result would not be valid Python";

/**
 * The same for edits of several files at once, those of the finding's own first: nothing new may be reported in any file
 * whose findings they concern. What a helper did for its callers may come to be reported in the helper itself.
 */
export function whyNotProvenAcross(host: FixHost, files: readonly FileEdits[], fixed: Finding): string | undefined {
  const edits = new Map(files.map((file) => [file.path, file.edits]));
  const results = new Map(files.map((file) => [file.path, applyEdits(host.text(file.path) ?? "", file.edits)]));
  const after = host.within(results, ({ broken, concerned }) =>
    broken.length > 0 ? undefined : new Map(concerned.map((path) => [path, host.findings(path)] as const)),
  );
  if (!after) return BROKEN;
  const before = [...after.keys()].map((path) => [path, host.findings(path)] as const);
  const known = new Set(before.flatMap(([, findings]) => findings.flatMap((finding) => ledTo(finding))));
  for (const key of ledTo(fixed, [fixed.rule])) known.delete(key);
  const goals = new Set([keyOf(fixed)]);
  for (const [path, findings] of before) {
    const text = host.text(path) ?? "";
    const result = results.get(path) ?? text;
    const fresh = (after.get(path) ?? []).filter(({ rule, entry }) => !known.has(keyIn(rule, entry.function, path)));
    const reason = whyNotBetter({ text, edits: edits.get(path) ?? [], result, before: findings, after: fresh }, goals);
    if (reason) return reason;
  }
  return undefined;
}

/** What the functions on a finding's way were known to do, as findings of their own would say it. */
function ledTo({ rule, also, path }: Finding, rules: readonly string[] = [rule, ...also]): string[] {
  return path.slice(1).flatMap((step) => rules.map((each) => keyIn(each, step.function, step.location.file)));
}

function keyIn(rule: string, entry: string, file: string): string {
  return [rule, entry, file].join(":");
}

/** A file before and after. */
interface Trial {
  readonly text: string;
  readonly edits: readonly Edit[];
  readonly result: string;
  readonly before: readonly Finding[];
  readonly after: readonly Finding[];
}

function whyNotBetter({ text, edits, result, before, after }: Trial, goals: ReadonlySet<string>): string | undefined {
  const oldLines = lineStartsOf(text);
  const newLines = lineStartsOf(result);
  const sites = before.map((finding) => ({ finding, span: spanIn(oldLines, text, finding) }));
  const moved = sites.map(({ finding, span }) => ({
    finding,
    span: moveSpan(edits, span),
    isGoal: goals.has(keyOf(finding)),
    isRewritten: isTouched(edits, span),
  }));
  for (const finding of after) {
    const span = spanIn(newLines, result, finding);
    const known = moved.find(
      (site) => site.span.outside <= span.start && span.start <= site.span.start && site.span.end === span.end,
    );
    if (known && !known.isGoal) continue;
    const goal = moved.find((site) => site.isGoal && site.span.start <= span.start && span.end <= site.span.end);
    if (goal && goal.finding.rule === finding.rule && !isRewritten(moved, finding)) return "the finding would still be there";
    // What the strongest rule of a site kept back comes forward.
    if (known?.finding.also.includes(finding.rule)) continue;
    if (finding.severity === "information" || finding.severity === "hint") continue;
    if (!isRewritten(moved, finding)) return `it would bring a new finding: ${finding.message}`;
  }
  return undefined;
}

/** The host makes its findings anew when it likes: what they are about tells that two are one. */
function keyOf({ fingerprint, location: { start, end } }: Finding): string {
  return [fingerprint, start.line, start.column, end.line, end.column].join(":");
}

interface MovedSite {
  readonly finding: Finding;
  readonly span: MovedSpan;
  readonly isGoal: boolean;
  /** The edits write its text anew, so that its place cannot be followed. */
  readonly isRewritten: boolean;
}

/** A finding that was there before, in text that the edits wrote anew: recognised by what blocks. */
function isRewritten(moved: readonly MovedSite[], finding: Finding): boolean {
  return moved.some(
    (site) =>
      site.isRewritten &&
      !site.isGoal &&
      site.finding.rule === finding.rule &&
      site.finding.path.at(-1)?.callee === finding.path.at(-1)?.callee,
  );
}

function spanIn(lineStarts: readonly number[], text: string, finding: Finding): Span {
  const { start, end } = finding.location;
  return { start: offsetAt(lineStarts, text, start), end: offsetAt(lineStarts, text, end) };
}

/** Where a span of the old text stands in the new one: insertions at its borders stay outside, but may be a part of it. */
interface MovedSpan extends Span {
  /** In front of what is inserted where it begins: `(await f()).g()`. */
  readonly outside: number;
}

function moveSpan(edits: readonly Edit[], span: Span): MovedSpan {
  let outside = span.start;
  let start = span.start;
  let end = span.end;
  for (const edit of edits) {
    const shift = edit.text.length - (edit.end - edit.start);
    if (edit.end <= span.start) start += shift;
    if (edit.end <= span.start && edit.start < span.start) outside += shift;
    if (edit.end <= span.end && edit.start < span.end) end += shift;
  }
  return { outside, start, end: Math.max(start, end) };
}

function isTouched(edits: readonly Edit[], span: Span): boolean {
  return edits.some((edit) => edit.end > edit.start && edit.start <= span.start && span.end <= edit.end);
}
