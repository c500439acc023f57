/**
 * A call that becomes a call of its asynchronous twin: its name, the arguments that are called otherwise or left out, and the
 * import that it takes. Knows no library.
 */
import { nameOf, type TwinCall } from "../../../analysis/twins.js";
import { whyMisfit } from "../native/async-sibling.js";
import { removeArguments } from "../text/arguments.js";
import type { Edit } from "../text/edits.js";
import { argumentsOf, endOf, hasComment, kindOf, type NodeId, type Source, startOf, textOf } from "../text/source.js";
import { twinReference } from "./twin-import.js";

/** `redis.Redis("host")` -> `redis.asyncio.Redis(host="host")`, or why not. */
export function rewriteCall(source: Source, call: NodeId, twin: TwinCall): readonly Edit[] | string {
  const callee = source.tree.child(call, "function") as NodeId;
  if (twin.misfit) return whyMisfit(`\`${nameOf(twin)}\``, textOf(source, callee), twin.misfit);
  if (twin.bound !== undefined) return `\`${twin.bound}\` is given what works with the blocking kind`;
  if (hasComment(source, startOf(source, callee), endOf(source, callee)))
    return "a comment stands inside the name of what is called";
  const reference = twinReference(source, callee, twin);
  if (typeof reference === "string") return reference;
  const edits: Edit[] = [
    ...reference.edits,
    { start: startOf(source, callee), end: endOf(source, callee), text: reference.text },
  ];
  const dropped: NodeId[] = [];
  for (const [index, argument] of argumentsOf(source, call).entries()) {
    const start = startOf(source, argument);
    const keyword = twin.keywords[index];
    if (keyword !== undefined) edits.push({ start, end: start, text: `${keyword}=` });
    if (kindOf(source, argument) !== "keyword_argument") continue;
    const name = source.tree.child(argument, "name") as NodeId;
    const renamed = twin.renamed[textOf(source, name)];
    if (twin.dropped.includes(textOf(source, name))) dropped.push(argument);
    else if (renamed !== undefined) edits.push({ start: startOf(source, name), end: endOf(source, name), text: renamed });
  }
  const removed = removeArguments(source, call, dropped);
  return typeof removed === "string" ? removed : [...edits, ...removed];
}
