/**
 * `# loopguard: ignore[rule] reason` on a line of the site: behind a comment that is there, into the list of one of ours,
 * else at the end of the first line that can bear a comment.
 */
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "./request.js";
import { endOf, isInString, lineOf, type NodeId, type Source, startOf, textEndOfLine, textOf } from "./text/source.js";

export const ignore: Remedy = { name: "ignore", propose };

/** Stands where the user says why. */
function reasonFor(rule: string): string {
  return rule.startsWith("blocking-") ? "say why this may block" : "say why this is right";
}

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { source, finding, start, end } = request;
  // A comment that is needless needs no other.
  if (finding.rule === "unused-ignore") return undefined;
  for (let line = lineOf(source, start); line <= lineOf(source, Math.max(start, end - 1)); line++) {
    const lineEnd = textEndOfLine(source, line);
    const comment = commentOn(source, line);
    if (comment === undefined && !mayEndWithComment(source, lineEnd)) continue;
    const own = comment === undefined ? null : /#\s*loopguard:\s*ignore\[[^\]]*/.exec(textOf(source, comment));
    const edit =
      comment !== undefined && own
        ? { at: startOf(source, comment) + own.index + own[0].length, text: `, ${finding.rule}` }
        : { at: lineEnd, text: `  # loopguard: ignore[${finding.rule}] ${reasonFor(finding.rule)}` };
    return {
      kind: "proposal",
      title: `Ignore ${finding.rule} here, with a reason`,
      action: "quickfix",
      preferred: false,
      edits: [{ start: edit.at, end: edit.at, text: edit.text }],
    };
  }
  return refuse("no line of this call can bear a comment");
}

function commentOn(source: Source, line: number): NodeId | undefined {
  const from = source.lineStarts[line] as number;
  const to = textEndOfLine(source, line);
  return source.tree.comments().find((comment) => startOf(source, comment) >= from && endOf(source, comment) <= to);
}

/** The end of a line lies in no string and is not joined to the next line by a backslash. */
function mayEndWithComment(source: Source, offset: number): boolean {
  return source.text.charAt(offset - 1) !== "\\" && !isInString(source, offset);
}
