/**
 * `with lock:` -> `async with lock:` for what only `async with` can enter: the synchronous way raises as soon as it is tried.
 */
import { lineStartsOf, offsetAt } from "../../../base/lines.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { straddlesSharedState, whyNoAwait, whyNotSuspend, withItems } from "../text/awaiting.js";
import { endOf, kindOf, type NodeId, startOf, textOf } from "../text/source.js";

export const asyncWith: Remedy = { name: "async-with", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source } = request;
  if (finding.rule !== "async-primitive-misuse" || finding.path[0]?.role !== "enter") return undefined;
  const statement = statementAt(request);
  if (statement === undefined) return refuse("what is entered does not stand in a `with` statement");
  const reason = whyNoAwait(source, statement, request.python) ?? whyNotSuspend(source, statement);
  if (reason) return refuse(reason);
  const misused = spansOfMisuse(request);
  const other = withItems(source, statement).find(
    ({ value }) => !misused.has(spanOf(startOf(source, value), endOf(source, value))),
  );
  if (other) return refuse(`\`${textOf(source, other.value)}\` in the same statement is entered the synchronous way`);
  const start = startOf(source, statement);
  return {
    kind: "proposal",
    title: `Enter \`${textOf(source, (withItems(source, statement)[0] as { value: NodeId }).value)}\` with async with`,
    action: "quickfix",
    preferred: !straddlesSharedState(source, statement),
    edits: [{ start, end: start, text: "async " }],
  };
}

/** The `with` statement one of whose managers is the finding's site. */
function statementAt({ source, start, end }: FixRequest): NodeId | undefined {
  for (let node = 0; node < source.parents.length; node++) {
    if (kindOf(source, node) !== "with_statement" || startOf(source, node) > start) continue;
    if (withItems(source, node).some(({ value }) => startOf(source, value) === start && endOf(source, value) === end))
      return node;
  }
  return undefined;
}

/** Places of everything in the file that only `async with` can enter. */
function spansOfMisuse({ host, path, source, finding }: FixRequest): ReadonlySet<string> {
  const lines = lineStartsOf(source.text);
  const misuses = host.findings(path).filter(({ rule, path: [step] }) => rule === finding.rule && step?.role === "enter");
  return new Set(
    misuses.map(({ location: { start, end } }) => spanOf(offsetAt(lines, source.text, start), offsetAt(lines, source.text, end))),
  );
}

function spanOf(start: number, end: number): string {
  return `${start}-${end}`;
}
