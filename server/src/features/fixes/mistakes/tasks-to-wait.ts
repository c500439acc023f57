/**
 * `asyncio.wait([work()])`, which takes no coroutines since Python 3.11: each of them becomes a task.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { type Edit, referenceTo } from "../text/edits.js";
import { qualifiedName } from "../text/scopes.js";
import { argumentsOf, endOf, expressionStart, kindOf, type NodeId, type Source, withoutParentheses } from "../text/source.js";

export const tasksToWait: Remedy = { name: "tasks-to-wait", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  const callee = call === undefined ? undefined : source.tree.child(call, "function");
  if (finding.rule !== "unawaited-coroutine" || call === undefined || callee === undefined) return undefined;
  if (qualifiedName(source, callee) !== "asyncio.wait" || /^asyncio\.(tasks\.)?wait$/.test(finding.path[0]?.callee ?? ""))
    return undefined;
  const coroutines = coroutinesIn(source, argumentsOf(source, call)[0]);
  if (coroutines === undefined) return refuse("the coroutines are made elsewhere");
  const reference = referenceTo(source, call, "asyncio", "create_task");
  if (!reference) return refuse("this file uses the name `asyncio` for something else");
  const edits: Edit[] = [...reference.edits];
  for (const coroutine of coroutines) {
    const start = expressionStart(source, coroutine);
    const end = endOf(source, coroutine);
    edits.push({ start, end: start, text: `${reference.text}(` }, { start: end, end, text: ")" });
  }
  return { kind: "proposal", title: "Start a task for each coroutine", action: "quickfix", preferred: true, edits };
}

/** The expressions that make the coroutines, where they are written out. */
function coroutinesIn(source: Source, argument: NodeId | undefined): readonly NodeId[] | undefined {
  if (argument === undefined) return undefined;
  const value = withoutParentheses(source, argument);
  switch (kindOf(source, value)) {
    case "list":
    case "set":
    case "tuple": {
      const items = source.tree.children(value);
      return items.length > 0 &&
        items.every((item) => kindOf(source, item) === "call" && expressionStart(source, item) === source.tree.starts[item])
        ? items
        : undefined;
    }
    case "list_comprehension":
    case "set_comprehension":
    case "generator_expression": {
      const body = source.tree.child(value, "body");
      return body !== undefined && kindOf(source, body) === "call" ? [body] : undefined;
    }
    default:
      return undefined;
  }
}
