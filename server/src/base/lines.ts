/**
 * Offsets and positions of a text. Offsets are UTF-16 code units from the start of the text; lines and columns count
 * from 0, columns in UTF-16 code units. A line ends at `\n`, `\r\n` or a lone `\r`, as in the language server protocol.
 */

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Half-open range of offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Offsets at which each line of `text` starts; the first is always 0. */
export function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 10) starts.push(index + 1);
    else if (unit === 13) {
      if (text.charCodeAt(index + 1) === 10) index++;
      starts.push(index + 1);
    }
  }
  return starts;
}

/** Position of `offset`; offsets past the end fall on the last line. */
export function positionAt(lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, column: Math.max(0, offset - (lineStarts[low] as number)) };
}

/** Offset of `position` in `text`; a column behind the line's end means that end, before its line break. */
export function offsetAt(lineStarts: readonly number[], text: string, position: Position): number {
  if (position.line < 0) return 0;
  if (position.line >= lineStarts.length) return text.length;
  const start = lineStarts[position.line] as number;
  const column = Math.max(0, position.column);
  const next = lineStarts[position.line + 1];
  if (next === undefined) return Math.min(start + column, text.length);
  const isPair = text.charCodeAt(next - 1) === 10 && text.charCodeAt(next - 2) === 13 && next - 2 >= start;
  return Math.min(start + column, next - (isPair ? 2 : 1));
}
