/**
 * A loop over futures in the order in which they are done, each step of which waits: a thread takes the steps.
 *
 *     for future in as_completed(futures):        completed = as_completed(futures)
 *         use(future)                        ->   end = object()
 *                                                 while (future := await asyncio.to_thread(next, completed, end)) is not end:
 *                                                     use(future)
 *
 * Such an iterator may be left where it is: nothing is given up with it. One of `Executor.map` takes back what has not begun.
 */
import type { FixRequest } from "../request.js";
import { offloadAt } from "../text/asynchrony.js";
import { isOlder, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { localName } from "../text/edits.js";
import { isRead, maySee, mentionsOf } from "../text/flow.js";
import { scopeOfName } from "../text/scopes.js";
import {
  ancestorsOf,
  contains,
  endOf,
  hasComment,
  indentOf,
  isFirstOnLine,
  kindOf,
  type NodeId,
  runningIn,
  startOf,
  textOf,
} from "../text/source.js";
import { NO_NAMES, type Offloaded } from "./to-thread.js";

const COMPLETED = /^concurrent\.futures\.(_base\.)?as_completed$/;

/** The edits for the loop whose iterable the call is; a text says why it stays, undefined: it is another iterable. */
export function stepInThread(request: FixRequest, call: NodeId): Offloaded | string | undefined {
  const { source, finding, python } = request;
  if (finding.path.length > 1 || !COMPLETED.test(finding.path[0]?.callee ?? "")) return undefined;
  const loop = [...ancestorsOf(source, call)].find((ancestor) => /^for_/.test(kindOf(source, ancestor))) as NodeId;
  if (kindOf(source, loop) !== "for_statement") return "a comprehension cannot take its steps in a thread";
  const target = source.tree.child(loop, "left") as NodeId;
  const iterable = source.tree.child(loop, "right") as NodeId;
  const reason = whyNoAwait(source, loop, python) ?? whyNotSuspend(source, loop);
  if (reason) return reason;
  if (isOlder(python, 3, 8)) return "before Python 3.8 a condition cannot keep what it tests";
  if (kindOf(source, target) !== "identifier") return "the loop unpacks what it gets";
  const name = textOf(source, target);
  if (source.scopes.at[target]?.declared.has(name) || scopeOfName(source, name, target)?.kind !== "function")
    return `\`${name}\` is no variable of this function`;
  if (hasComment(source, startOf(source, loop), endOf(source, iterable)) || !isFirstOnLine(source, startOf(source, loop)))
    return "a comment stands in the head of the loop, or something before it";
  if (scopeOfName(source, "next", call) || scopeOfName(source, "object", call))
    return "the names `next` and `object` mean something else here";
  const body = source.tree.child(loop, "body") as NodeId;
  const isReadBehind = mentionsOf(source, name, target).some(
    (mention) =>
      !contains(source, body, mention) &&
      isRead(source, mention) &&
      (contains(source, loop, mention) || maySee(source, name, mention, loop)),
  );
  if (isReadBehind) return `\`${name}\` is read behind the loop`;
  const isAsynchronousGenerator = [...runningIn(source, loop)].some((node) => kindOf(source, node) === "yield");
  if (isAsynchronousGenerator) return "an asynchronous generator may be left in the middle of a step";
  const offload = offloadAt(source, loop, python, false);
  if (!offload) return NO_NAMES;
  const { newline } = source;
  const start = startOf(source, loop);
  const [completed, end] = [localName(source, loop, "completed"), localName(source, loop, "end")];
  const indent = newline + indentOf(source, start);
  const step = `await ${offload.before}next, ${completed}, ${end}${offload.after}`;
  const text = [
    `${completed} = ${textOf(source, iterable)}`,
    `${end} = object()`,
    `while (${name} := ${step}) is not ${end}`,
  ].join(indent);
  return { name: offload.name, edits: [...offload.edits, { start, end: endOf(source, iterable), text }] };
}
