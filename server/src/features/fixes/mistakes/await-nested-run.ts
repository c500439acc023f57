/**
 * `asyncio.run(work())` in a coroutine, which raises since a loop runs already, becomes `await work()`; so do the loop's
 * `run_until_complete` and, for functions with their arguments, the `run` of anyio and trio.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitFrame, type Edit } from "../text/edits.js";
import { mentionsOf } from "../text/flow.js";
import { qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  expressionStart,
  functionAround,
  hasComment,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  textOf,
} from "../text/source.js";

export const awaitNestedRun: Remedy = { name: "await-nested-run", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  if (finding.rule !== "nested-event-loop") return undefined;
  if (finding.path.length > 1) return refuse(`it is \`${finding.path[0]?.callee}\`, called here, that starts a loop`);
  const callee = call === undefined ? undefined : source.tree.child(call, "function");
  if (call === undefined || callee === undefined) return refuse("the loop is not started by a plain call");
  const way = wayOf(source, callee);
  if (way === undefined) return undefined;
  const reason =
    whyNoAwait(source, call, request.python) ??
    whyNotSuspend(source, call) ??
    whyNotExpected(source, call) ??
    (way === "method" ? whyNotDropped(source, call, callee) : undefined);
  if (reason) return refuse(reason);
  const parts = partsOf(source, call, way);
  if (typeof parts === "string") return refuse(parts);
  const [before, after] = awaitFrame(source, call);
  const start = expressionStart(source, call);
  const edits: Edit[] = [
    { start, end: parts.start, text: before + parts.open },
    ...parts.edits,
    { start: parts.end, end: endOf(source, call), text: parts.close + after },
  ];
  return {
    kind: "proposal",
    title: "Await the coroutine instead",
    action: "quickfix",
    preferred: !straddlesSharedState(source, call),
    edits,
  };
}

/** What is called: a function that takes a coroutine, one that takes a function and its arguments, a method of a loop. */
function wayOf(source: Source, callee: NodeId): "coroutine" | "function" | "method" | undefined {
  const name = qualifiedName(source, callee) ?? "";
  if (/^(asyncio(\.runners)?|uvloop)\.run$/.test(name)) return "coroutine";
  if (/^(anyio|trio)\.run$/.test(name)) return "function";
  return kindOf(source, callee) === "attribute" && textOf(source, callee).endsWith(".run_until_complete") ? "method" : undefined;
}

interface Parts {
  /** The text that stays. */
  readonly start: number;
  readonly end: number;
  readonly open: string;
  readonly close: string;
  readonly edits: readonly Edit[];
}

/** What remains of the call, or why not. */
function partsOf(source: Source, call: NodeId, way: "coroutine" | "function" | "method"): Parts | string {
  const [first, ...rest] = argumentsOf(source, call);
  if (first === undefined || /^(keyword_argument|list_splat|dictionary_splat|generator_expression)$/.test(kindOf(source, first)))
    return "what is to run is not its first argument";
  const list = source.tree.child(call, "arguments") as NodeId;
  const start = startOf(source, first);
  if (way === "function") {
    if (!/^(identifier|attribute)$/.test(kindOf(source, first))) return "the function that is to run is an expression";
    if (rest.some((argument) => /^(keyword_argument|dictionary_splat)$/.test(kindOf(source, argument))))
      return "it is given options, which nobody would follow";
    if (hasComment(source, startOf(source, call), rest.length > 0 ? startOf(source, rest[0] as NodeId) : endOf(source, call)))
      return "a comment stands in the call";
    const [second] = rest;
    const gap = { start: endOf(source, first), end: second === undefined ? endOf(source, list) - 1 : startOf(source, second) };
    return { start, end: endOf(source, call), open: "", close: "", edits: [{ ...gap, text: "(" }] };
  }
  const option = rest.find((argument) => !/^(debug|loop_factory)\s*=\s*(None|False)$/.test(textOf(source, argument)));
  if (option !== undefined) return `\`${textOf(source, option)}\` is for a loop of its own`;
  const end = endOf(source, first);
  if (hasComment(source, startOf(source, call), start) || hasComment(source, end, endOf(source, call)))
    return "a comment stands in the call";
  // What `await` takes without brackets.
  const isPrimary = /^(call|identifier|attribute|subscript|parenthesized_expression)$/.test(kindOf(source, first));
  return { start, end, open: isPrimary ? "" : "(", close: isPrimary ? "" : ")", edits: [] };
}

/** The error that a loop runs already is what the code around waits for. */
function whyNotExpected(source: Source, call: NodeId): string | undefined {
  const limit = functionAround(source, call);
  for (const ancestor of ancestorsOf(source, call)) {
    if (ancestor === limit) return undefined;
    const body = kindOf(source, ancestor) === "try_statement" ? source.tree.child(ancestor, "body") : undefined;
    if (body === undefined || !contains(source, body, call)) continue;
    const isExpected = source.tree
      .children(ancestor)
      .some(
        (clause) =>
          kindOf(source, clause) === "except_clause" &&
          source.tree
            .children(clause)
            .some((type) => kindOf(source, type) !== "block" && /\bRuntimeError\b/.test(textOf(source, type))),
      );
    if (isExpected) return "the RuntimeError that it raises is caught here";
  }
  return undefined;
}

/** Looking up the loop does something else as well, or the loop is closed or stopped behind. */
function whyNotDropped(source: Source, call: NodeId, callee: NodeId): string | undefined {
  const loop = source.tree.child(callee, "object") as NodeId;
  for (const node of descendantsOf(source, loop)) {
    if (/^(identifier|attribute|argument_list|parenthesized_expression)$/.test(kindOf(source, node))) continue;
    const called = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
    if (called === undefined || !/^asyncio\.\w*event_loop$|^asyncio\.get_running_loop$/.test(qualifiedName(source, called) ?? ""))
      return "what gives the loop would no longer be evaluated";
  }
  if (kindOf(source, loop) !== "identifier") return undefined;
  const name = textOf(source, loop);
  if (
    argumentsOf(source, call).some((argument) =>
      [...descendantsOf(source, argument)].some((node) => textOf(source, node) === name),
    )
  )
    return `what is to run was made by \`${name}\`, which is no loop that runs`;
  const ending = mentionsOf(source, name, loop).find((mention) => {
    const attribute = parentOf(source, mention);
    return kindOf(source, attribute) === "attribute" && /\.(close|stop|shutdown_\w+)$/.test(textOf(source, attribute));
  });
  return ending === undefined ? undefined : `\`${textOf(source, parentOf(source, ending))}\` is for a loop of its own`;
}
