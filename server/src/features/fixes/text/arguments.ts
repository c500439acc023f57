/**
 * The arguments of a call as text. Knows Python's grammar and no library.
 */
import type { Edit } from "./edits.js";
import {
  argumentsOf,
  endOf,
  hasComment,
  isFirstOnLine,
  lineEnd,
  lineOf,
  lineStart,
  type NodeId,
  type Source,
  startOf,
  textOf,
} from "./source.js";

/** Takes arguments out of the list, each with one comma. */
export function removeArguments(source: Source, call: NodeId, dropped: readonly NodeId[]): readonly Edit[] | string {
  const all = argumentsOf(source, call);
  const [first] = all;
  if (first !== undefined && dropped.length === all.length) {
    const [start, end] = [startOf(source, first), endOf(source, call) - 1];
    if (hasComment(source, start, end)) return "a comment stands beside the arguments, which go";
    return [{ start, end, text: "" }];
  }
  const edits: Edit[] = [];
  for (const node of dropped) {
    const line = linesOf(source, node);
    if (line) {
      edits.push(line);
      continue;
    }
    // Another argument stays, so there is a comma on one side at least.
    const index = all.indexOf(node);
    const before = all
      .slice(0, index)
      .filter((other) => !dropped.includes(other))
      .at(-1);
    const start = before === undefined ? startOf(source, node) : endOf(source, all[index - 1] as NodeId);
    const end = before === undefined ? startOf(source, all[index + 1] as NodeId) : endOf(source, node);
    if (hasComment(source, start, end)) return `a comment stands beside \`${textOf(source, node)}\`, which goes`;
    edits.push({ start, end, text: "" });
  }
  return edits;
}

/** The lines of an argument that has them for itself. */
function linesOf(source: Source, node: NodeId): Edit | undefined {
  const end = lineEnd(source, endOf(source, node));
  const isAlone = isFirstOnLine(source, startOf(source, node)) && /^,?[ \t]*$/.test(source.text.slice(endOf(source, node), end));
  const next = source.lineStarts[lineOf(source, endOf(source, node)) + 1];
  return isAlone && next !== undefined ? { start: lineStart(source, startOf(source, node)), end: next, text: "" } : undefined;
}
