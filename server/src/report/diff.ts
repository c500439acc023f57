/**
 * A unified diff of two texts, as `patch -p1` and `git apply` read it. Lines keep the endings they have.
 */

/** Lines of unchanged text around a change. */
const CONTEXT = 3;

/**
 * The empty string when the texts are equal. `path` is printed behind `a/` and `b/`; an absolute one without its slash, as git
 * does it: such a diff is applied in the root folder.
 */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = compareLines(splitLines(before), splitLines(after));
  const name = path.replace(/^\/+/, "");
  return [`--- a/${name}\n`, `+++ b/${name}\n`, ...hunksOf(lines).map(printHunk)].join("");
}

interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** Lines with their endings; the last one may have none. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compareLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end++;
  }
  const same = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign: " ", text }));
  return [
    ...same(before.slice(0, start)),
    ...shortestScript(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/** Myers' greedy algorithm: fewest removed and added lines. Fixes change few lines, so its trace stays small. */
function shortestScript(before: readonly string[], after: readonly string[]): DiffLine[] {
  const furthest = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  const limit = before.length + after.length;
  for (let steps = 0; steps <= limit; steps++) {
    trace.push(new Map(furthest));
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      let x = isDown(furthest, diagonal, steps) ? at(furthest, diagonal + 1) : at(furthest, diagonal - 1) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      furthest.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return readBack(trace, before, after);
    }
  }
  return [];
}

function at(furthest: ReadonlyMap<number, number>, diagonal: number): number {
  return furthest.get(diagonal) ?? -1;
}

function isDown(furthest: ReadonlyMap<number, number>, diagonal: number, steps: number): boolean {
  return diagonal === -steps || (diagonal !== steps && at(furthest, diagonal - 1) < at(furthest, diagonal + 1));
}

function readBack(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): DiffLine[] {
  const lines: DiffLine[] = [];
  let x = before.length;
  let y = after.length;
  for (let steps = trace.length - 1; steps >= 0; steps--) {
    const furthest = trace[steps] as ReadonlyMap<number, number>;
    const down = isDown(furthest, x - y, steps);
    const previous = down ? x - y + 1 : x - y - 1;
    const previousX = at(furthest, previous);
    const previousY = previousX - previous;
    while (x > previousX && y > previousY && x > 0 && y > 0) {
      lines.push({ sign: " ", text: before[--x] as string });
      y--;
    }
    if (steps === 0) break;
    if (down) lines.push({ sign: "+", text: after[--y] as string });
    else lines.push({ sign: "-", text: before[--x] as string });
  }
  return lines.reverse();
}

interface Hunk {
  /** First line in the old and in the new text, from 0. */
  readonly before: number;
  readonly after: number;
  readonly lines: DiffLine[];
}

/** Changes with their context; those whose contexts touch share a hunk. */
function hunksOf(lines: readonly DiffLine[]): Hunk[] {
  const hunks: Hunk[] = [];
  let end = -1;
  let before = 0;
  let after = 0;
  lines.forEach((line, index) => {
    if (line.sign !== " " && index >= end) {
      const context = Math.min(CONTEXT, index - Math.max(end, 0));
      hunks.push({ before: before - context, after: after - context, lines: [...lines.slice(index - context, index)] });
    }
    if (line.sign !== " ") end = index + 1 + CONTEXT;
    if (index < end) hunks.at(-1)?.lines.push(line);
    if (line.sign !== "+") before++;
    if (line.sign !== "-") after++;
  });
  return hunks;
}

function printHunk({ before, after, lines }: Hunk): string {
  const count = (other: "-" | "+"): number => lines.filter(({ sign }) => sign !== other).length;
  const body = lines.map(({ sign, text }) => `${sign}${text}${text.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`);
  return `@@ -${range(before, count("+"))} +${range(after, count("-"))} @@\n${body.join("")}`;
}

/** An empty range names the line before it. */
function range(start: number, count: number): string {
  return count === 1 ? `${start + 1}` : `${count === 0 ? start : start + 1},${count}`;
}
