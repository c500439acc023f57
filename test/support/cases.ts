/**
 * Cases in Markdown: a heading is a test, fenced blocks below it are its files, comments mark what is to be found.
 *
 * ```python path/name.py min=warning
 * async def main():
 *     time.sleep(1)
 *     # ^^^^^^^^^^ blocking-sleep[warning definite]: 1 s
 * ```
 *
 * The carets stand under the line above the comment (other marks between them do not count as lines). A mark is met by a
 * finding of that rule whose range covers the first caret; the text after the colon must occur in its message, in its
 * stall or in its path (`load → read → open`). The brackets may hold a severity, a confidence, and `part` for a step of
 * another finding; steps without a mark are passed over, everything else is compared one to one.
 */
import type { Finding, Severity } from "../../server/src/analysis/findings.js";

export interface CaseFile {
  /** Relative to the project. */
  readonly path: string;
  /** The marks are blank lines here, so that line numbers hold. */
  readonly text: string;
  readonly marks: readonly Mark[];
  /** Findings below it are not compared. */
  readonly minimum: Severity;
  /** Line of the Markdown file where the text begins, from 1. */
  readonly firstLine: number;
}

export interface Mark {
  /** Of the marked code, from 0. */
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly qualifiers: readonly string[];
  readonly text: string;
}

export interface Case {
  readonly name: string;
  /** Line of the heading, from 1. */
  readonly line: number;
  readonly files: readonly CaseFile[];
}

const SEVERITIES: readonly Severity[] = ["hint", "information", "warning", "error"];
const QUALIFIERS: readonly string[] = [...SEVERITIES, "definite", "probable", "part"];

/** Reads a Markdown file. Headings without files are titles. Throws, naming the line, for what cannot be meant. */
export function parseCases(markdown: string): Case[] {
  const cases: { name: string; line: number; files: CaseFile[] }[] = [];
  const lines = markdown.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    const heading = /^#{1,6}\s+(.+?)\s*$/.exec(line);
    if (heading) cases.push({ name: heading[1] as string, line: index + 1, files: [] });
    const fence = /^(`{3,}|~{3,})\s*(\w*)\s*(.*)$/.exec(line);
    if (!fence) continue;
    const [, marker, language, info] = fence as unknown as [string, string, string, string];
    const first = index + 1;
    while (++index < lines.length && lines[index] !== marker);
    if (index >= lines.length) throw new Error(`line ${first}: the fence is never closed.`);
    const path = pathOf(language, info);
    if (path === undefined) continue;
    const owner = cases.at(-1);
    if (owner === undefined) throw new Error(`line ${first}: a file without a heading above it.`);
    if (owner.files.some((file) => file.path === path))
      throw new Error(`line ${first}: ${path} occurs twice in "${owner.name}".`);
    owner.files.push(readFile(path, lines.slice(first, index), minimumOf(info, first), first + 1));
  }
  const tests = cases.filter(({ files }) => files.length > 0);
  const twice = tests.find((test, index) => tests.findIndex(({ name }) => name === test.name) !== index);
  if (twice) throw new Error(`line ${twice.line}: a second test called "${twice.name}".`);
  return tests;
}

/** Undefined for blocks that illustrate the prose: another language and no file name. */
function pathOf(language: string, info: string): string | undefined {
  const named = info.split(/\s+/).find((word) => word !== "" && !word.includes("="));
  if (named) return named;
  return language === "python" ? "main.py" : language === "toml" ? "pyproject.toml" : undefined;
}

function minimumOf(info: string, line: number): Severity {
  const named = /\bmin=(\S+)/.exec(info)?.[1];
  if (named === undefined) return "hint";
  if (!SEVERITIES.includes(named as Severity)) throw new Error(`line ${line}: min=${named} names no severity.`);
  return named as Severity;
}

function readFile(path: string, source: readonly string[], minimum: Severity, firstLine: number): CaseFile {
  const marks: Mark[] = [];
  let marked = -1;
  const text = source.map((line, index) => {
    const comment = /^(\s*#\s*)(\^+)\s*(.*)$/.exec(line);
    if (!comment) {
      marked = index;
      return line;
    }
    const [, before, , rest] = comment as unknown as [string, string, string, string];
    const mark = /^([a-z-]+)(?:\[([^\]]*)\])?(?::\s*(.*?))?\s*$/.exec(rest);
    const qualifiers = mark?.[2]?.split(/[\s,]+/).filter(Boolean) ?? [];
    const where = `line ${firstLine + index}`;
    if (!mark || marked < 0) throw new Error(`${where}: a mark reads \`# ^^^ rule[severity]: text\` below the line it means.`);
    const odd = qualifiers.find((word) => !QUALIFIERS.includes(word));
    if (odd) throw new Error(`${where}: [${odd}] is none of ${QUALIFIERS.join(", ")}.`);
    marks.push({ line: marked, column: before.length, rule: mark[1] as string, qualifiers, text: mark[3] ?? "" });
    return "";
  });
  return { path, text: `${text.join("\n")}\n`, marks, minimum, firstLine };
}

/** What differs between the marks of a file and its findings, one readable line each; empty when all is as expected. */
export function compareFindings(file: CaseFile, findings: readonly Finding[]): string[] {
  const candidates = findings.filter(({ severity }) => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(file.minimum));
  const pairs = matchOneToOne(file.marks, candidates);
  const met = new Set(pairs.values());
  const missing = file.marks
    .filter((mark) => !pairs.has(mark))
    .map((mark) => `${placeOf(file, mark.line, mark.column)}: expected ${describeMark(mark)}, found ${nearby(mark, candidates)}`);
  const surplus = candidates
    .filter((finding) => !met.has(finding) && finding.partOf === undefined)
    .map(({ location, ...finding }) => {
      const place = placeOf(file, location.start.line, location.start.column);
      return `${place}: unexpected ${describeFinding({ location, ...finding })}`;
    });
  return [...missing, ...surplus];
}

/** A largest assignment of findings to marks (augmenting paths), so that the order of overlapping marks does not matter. */
function matchOneToOne(marks: readonly Mark[], findings: readonly Finding[]): Map<Mark, Finding> {
  const markOf = new Map<Finding, Mark>();
  const assign = (mark: Mark, tried: Set<Finding>): boolean => {
    const options = findings.filter((finding) => isMet(mark, finding));
    options.sort((one, other) => distance(mark, one) - distance(mark, other));
    for (const finding of options) {
      if (tried.has(finding)) continue;
      tried.add(finding);
      const holder = markOf.get(finding);
      if (holder !== undefined && !assign(holder, tried)) continue;
      markOf.set(finding, mark);
      return true;
    }
    return false;
  };
  for (const mark of marks) assign(mark, new Set());
  return new Map([...markOf].map(([finding, mark]) => [mark, finding]));
}

function isMet(mark: Mark, finding: Finding): boolean {
  const { start, end } = finding.location;
  const starts = start.line < mark.line || (start.line === mark.line && start.column <= mark.column);
  const ends = end.line > mark.line || (end.line === mark.line && end.column > mark.column);
  return (
    finding.rule === mark.rule &&
    starts &&
    ends &&
    mark.qualifiers.includes("part") === (finding.partOf !== undefined) &&
    mark.qualifiers.every((word) => word === "part" || word === finding.severity || word === finding.confidence) &&
    [finding.message, finding.stall.text, chainOf(finding)].some((text) => text.includes(mark.text))
  );
}

/** Findings that begin exactly at the mark come first, then the innermost. */
function distance(mark: Mark, { location: { start } }: Finding): number {
  return (mark.line - start.line) * 1000 + Math.abs(mark.column - start.column);
}

function chainOf({ path }: Finding): string {
  return path.map(({ callee }) => callee).join(" → ");
}

/** In the Markdown file, to jump to; both from 1. */
function placeOf(file: CaseFile, line: number, column: number): string {
  return `${file.firstLine + line}:${column + 1}`;
}

function describeMark({ rule, qualifiers, text }: Mark): string {
  return `${rule}${qualifiers.length > 0 ? `[${qualifiers.join(" ")}]` : ""}${text ? `: ${text}` : ""}`;
}

function describeFinding(finding: Finding): string {
  const part = finding.partOf === undefined ? "" : " part";
  const text = `${finding.rule}[${finding.severity} ${finding.confidence}${part}]: ${finding.message}`;
  return `${text} (${finding.stall.text}; ${chainOf(finding)})`;
}

function nearby(mark: Mark, findings: readonly Finding[]): string {
  const near = findings.filter(({ location: { start, end } }) => start.line <= mark.line && mark.line <= end.line);
  return near.length > 0 ? near.map(describeFinding).join(" and ") : "nothing";
}
