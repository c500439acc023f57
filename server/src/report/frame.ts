/**
 * A code frame: the line a range begins on, with carets below. Works on text alone; widths are those of a terminal.
 */
import type { Location } from "../analysis/findings.js";

export interface Frame {
  readonly code: string;
  /** As many columns of blanks as stand before the range, then the carets. */
  readonly indent: string;
  readonly carets: string;
}

/** Longest line printed whole; of a longer one the part around the range is. */
const WIDEST = 160;

/** The frame of `location` in the text of its file; undefined when the text has no such line (it changed meanwhile). */
export function frameOf(text: string, lineStarts: readonly number[], { start, end }: Location): Frame | undefined {
  const from = lineStarts[start.line];
  if (from === undefined) return undefined;
  const line = text.slice(from, lineStarts[start.line + 1] ?? text.length).replace(/[\r\n]+$/, "");
  const last = end.line > start.line ? line.trimEnd().length : Math.min(end.column, line.length);
  const range = { start: Math.min(start.column, line.length), end: Math.max(last, start.column + 1) };
  return line.length <= WIDEST ? draw(line, range) : draw(...windowAround(line, range));
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function draw(line: string, range: Range): Frame {
  const marked = line.slice(range.start, range.end);
  return {
    code: printable(line),
    indent: blanks(line.slice(0, range.start)),
    carets: "^".repeat(Math.max(1, widthOf(printable(marked)))),
  };
}

function windowAround(line: string, range: Range): [string, Range] {
  const first = Math.max(0, Math.min(range.start - 20, line.length - WIDEST));
  const before = first > 0 ? "..." : "";
  const after = first + WIDEST < line.length ? "..." : "";
  const move = before.length - first;
  const end = Math.min(range.end, first + WIDEST);
  return [before + line.slice(first, first + WIDEST) + after, { start: range.start + move, end: end + move }];
}

/** Python sources may hold escape sequences: a terminal must not obey them. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are replaced.
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\uFFFD");
}

/** Tabs stay tabs, so that the carets stand under the code whatever a tab means. */
function blanks(text: string): string {
  return Array.from(printable(text), (character) => (character === "\t" ? "\t" : " ".repeat(widthOf(character)))).join("");
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NARROW_NOTHING = /\p{Mark}|\u200d|\ufe0f/u;

function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += NARROW_NOTHING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
