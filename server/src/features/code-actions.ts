/**
 * What can be done about findings: the proven fixes of one, best first and silence last, and all preferred fixes of a
 * file at once. Plain edits by offset; knows no protocol.
 */
import type { Finding } from "../analysis/findings.js";
import type { Grammar } from "../syntax/grammar.js";
import { type Edit, type Fix, type FixHost, fixAll, fixesFor } from "./fixes/index.js";

/** Actions for one finding of `path`, in the order in which they are offered. */
export function actionsFor(host: FixHost, grammar: Grammar, path: string, finding: Finding): readonly Fix[] {
  return fixesFor(host, grammar, path, finding);
}

/** Edits that apply the preferred fix of every finding of `path`; empty when none has one. */
export function fixAllEdits(host: FixHost, grammar: Grammar, path: string): readonly Edit[] {
  const text = host.text(path) ?? "";
  const fixed = fixAll(host, grammar, path);
  return fixed.applied.length === 0 ? [] : lineEdits(text, fixed.text);
}

/**
 * Edits of whole lines that turn `before` into `after`. Lines that are the same stay untouched, so that cursors and markers
 * on them stay, too. Meant for texts that differ in few places.
 */
export function lineEdits(before: string, after: string): readonly Edit[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  const edits: Edit[] = [];
  let offset = 0;
  let line = 0;
  let freshLine = 0;
  while (line < old.length || freshLine < fresh.length) {
    if (line < old.length && old[line] === fresh[freshLine]) {
      offset += (old[line] as string).length;
      line++;
      freshLine++;
      continue;
    }
    const [gone, come] = nextCommonLine(old, line, fresh, freshLine);
    const end = offset + lengthOf(old.slice(line, line + gone));
    edits.push({ start: offset, end, text: fresh.slice(freshLine, freshLine + come).join("") });
    offset = end;
    line += gone;
    freshLine += come;
  }
  return edits;
}

/** A longer difference is replaced as a whole. */
const FARTHEST = 200;

/** How many lines to pass over on each side until both go on with the same line, as few as possible in all. */
function nextCommonLine(old: readonly string[], line: number, fresh: readonly string[], freshLine: number): [number, number] {
  const oldLeft = old.length - line;
  const freshLeft = fresh.length - freshLine;
  for (let total = 1; total <= Math.min(FARTHEST, oldLeft + freshLeft); total++) {
    for (let gone = Math.max(0, total - freshLeft); gone <= Math.min(total, oldLeft); gone++) {
      if (goesOn(old, line + gone, fresh, freshLine + total - gone)) return [gone, total - gone];
    }
  }
  return [oldLeft, freshLeft];
}

/** Whether both go on alike. Empty lines are everywhere, so one counts only with the line behind it. */
function goesOn(old: readonly string[], line: number, fresh: readonly string[], freshLine: number): boolean {
  if (old[line] !== fresh[freshLine]) return false;
  return old[line]?.trim() !== "" || old[line + 1] === fresh[freshLine + 1];
}

/** Lines with their ends. */
function linesOf(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((length, line) => length + line.length, 0);
}
