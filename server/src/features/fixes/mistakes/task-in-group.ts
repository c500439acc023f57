/**
 * A task that nothing keeps, started in the task group that is open around it: `asyncio.create_task(work())` ->
 * `group.create_task(work())`. The group then waits for it and fails with it, which wants a look.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { withItems } from "../text/awaiting.js";
import { bindingsOf, qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  hasComment,
  kindOf,
  type NodeId,
  type Source,
  startOf,
  textOf,
} from "../text/source.js";

export const taskInGroup: Remedy = { name: "task-in-group", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  if (finding.rule !== "lost-task" || call === undefined) return undefined;
  const group = groupAround(source, call);
  const callee = source.tree.child(call, "function");
  if (group === undefined || callee === undefined) return undefined;
  if (!/(^|\.)create_task$/.test(finding.path[0]?.callee ?? "") || !isPlain(source, callee))
    return refuse("a task group takes coroutines only, by create_task");
  const [coroutine] = argumentsOf(source, call);
  if (coroutine === undefined || kindOf(source, coroutine) !== "call") return refuse("a task group takes coroutines only");
  if (hasComment(source, startOf(source, callee), endOf(source, callee)))
    return refuse("a comment stands in the name of what is called");
  return {
    kind: "proposal",
    title: `Start the task in \`${group}\`, which waits for it`,
    action: "quickfix",
    preferred: false,
    edits: [{ start: startOf(source, callee), end: endOf(source, callee), text: `${group}.create_task` }],
  };
}

/** What is called is looked up, and no more: `asyncio.create_task`, `asyncio.get_running_loop().create_task`. */
function isPlain(source: Source, callee: NodeId): boolean {
  return [...descendantsOf(source, callee)].every((node) => {
    if (/^(identifier|attribute|argument_list)$/.test(kindOf(source, node))) return true;
    const called = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
    return called !== undefined && /^asyncio\.get_(running|event)_loop$/.test(qualifiedName(source, called) ?? "");
  });
}

/** The variable that holds the innermost task group whose block is open at the call. */
function groupAround(source: Source, call: NodeId): string | undefined {
  const limit = functionAround(source, call);
  for (const statement of ancestorsOf(source, call)) {
    if (statement === limit) return undefined;
    const body = kindOf(source, statement) === "with_statement" ? source.tree.child(statement, "body") : undefined;
    if (body === undefined || !contains(source, body, call) || !source.tree.tokens(statement).includes("async")) continue;
    for (const { value, target } of withItems(source, statement)) {
      const callee = kindOf(source, value) === "call" ? source.tree.child(value, "function") : undefined;
      if (callee === undefined || target === undefined || qualifiedName(source, callee) !== "asyncio.TaskGroup") continue;
      const name = textOf(source, target);
      if (/^\w+$/.test(name) && bindingsOf(source, name, call).length === 1) return name;
    }
  }
  return undefined;
}
