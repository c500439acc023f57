/**
 * `client.load(path)` -> `await client.aload(path)`, where the same object, or the same module, has an async sibling of
 * what is called. Which one that is, and how far the two agree, is told by the analysis. Preferred only where a stub
 * says that nothing differs.
 */
import type { AsyncSibling, Misfit } from "../../../analysis/siblings.js";
import { whyHandedToThread } from "../offload/threads.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitEdits, type Edit, fromReferenceTo } from "../text/edits.js";
import { bindingsOf, scopeOfName } from "../text/scopes.js";
import {
  endOf,
  expressionStart,
  hasComment,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  textOf,
} from "../text/source.js";

export const asyncSibling: Remedy = { name: "async-sibling", propose };

/** What an awaited call in the same place does away with. */
const STALLS = /^(blocking-.*|nested-event-loop|loop-deadlock)$/;

/** Longer names of objects are left out of titles. */
const MAX_OBJECT = 40;

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call, host, path } = request;
  if (call === undefined || finding.path[0]?.role !== "call" || !STALLS.test(finding.rule)) return undefined;
  const callee = source.tree.child(call, "function");
  const last = callee === undefined ? undefined : lastName(request, callee);
  if (callee === undefined || last === undefined) return undefined;
  const siblings = host.siblings(path, startOf(source, call), endOf(source, call));
  const [first] = siblings;
  if (!first) return undefined;
  const sibling = siblings.find((each) => whyNotInstead(request, textOf(source, last), each) === undefined);
  if (!sibling) return refuse(whyNotInstead(request, textOf(source, last), first) ?? "");
  const reason = whyNoAwait(source, call, request.python) ?? whyNotSuspend(source, call) ?? whyHandedToThread(source, call);
  if (reason) return refuse(reason);
  if (asyncLibraryOf(source) !== "asyncio") return refuse("this file is written for another library than asyncio");
  if (hasComment(source, startOf(source, call), endOf(source, callee)))
    return refuse("a comment stands inside the name of what is called");
  const named = nameOf(request, call, callee, last, sibling);
  if (typeof named === "string") return refuse(named);
  const edits: Edit[] = [
    ...named.edits,
    ...awaitEdits(source, call),
    { start: startOf(source, last), end: endOf(source, last), text: named.text },
  ];
  const object = source.text.slice(expressionStart(source, call), startOf(source, last));
  const isShort = object.length <= MAX_OBJECT && /^[\w.]*$/.test(object);
  return {
    kind: "proposal",
    title: `Await ${isShort ? object : ""}${named.text} instead`,
    action: "quickfix",
    preferred: isDropIn(request, sibling) && !straddlesSharedState(source, call),
    edits,
  };
}

function isDropIn({ finding }: FixRequest, { isVouched, differs }: AsyncSibling): boolean {
  return isVouched && differs === undefined && finding.confidence === "definite";
}

/** The last name of what is called. */
function lastName({ source }: FixRequest, callee: NodeId): NodeId | undefined {
  if (kindOf(source, callee) === "identifier") return callee;
  return kindOf(source, callee) === "attribute" ? source.tree.child(callee, "attribute") : undefined;
}

/** How to write the sibling in the place of the last name. */
function nameOf(
  { source }: FixRequest,
  call: NodeId,
  callee: NodeId,
  last: NodeId,
  { name, module, isMethod, isImportable }: AsyncSibling,
): { readonly text: string; readonly edits: readonly Edit[] } | string {
  if (isMethod) return { text: name, edits: [] };
  if (module === undefined) {
    const isSeen = callee === last && scopeOfName(source, name, call) === source.scopes.module;
    return isSeen ? { text: name, edits: [] } : `\`${name}\` means something else here`;
  }
  const from = isImportable === true ? importedFrom(source, callee) : undefined;
  const reference = from === undefined ? undefined : fromReferenceTo(source, call, from, name, from);
  return reference ?? `\`${name}\` of ${module} would have to be imported, and this file does not import from there`;
}

/** The module of the `from ... import` at the top of the file that binds the name, as it is written there. */
function importedFrom(source: Source, name: NodeId): string | undefined {
  if (kindOf(source, name) !== "identifier") return undefined;
  const [binding, ...more] = bindingsOf(source, textOf(source, name), name);
  const statement = binding && statementOf(source, binding.node);
  if (statement === undefined || more.length > 0 || kindOf(source, parentOf(source, statement)) !== "module") return undefined;
  const module = kindOf(source, statement) === "import_from_statement" ? source.tree.child(statement, "module_name") : undefined;
  return module === undefined ? undefined : textOf(source, module).replace(/\s/g, "");
}

/** Why the sibling must not take the place of what is called. */
function whyNotInstead({ finding }: FixRequest, name: string, sibling: AsyncSibling): string | undefined {
  const own = `\`${sibling.name}\``;
  if (sibling.leadsBack) return `${own} leads to this call itself, so it would wait for itself`;
  if (sibling.callsBack) return `${own} comes down to \`${name}\` itself`;
  if (sibling.blocks.includes(finding.rule)) return `${own} blocks the event loop as well`;
  if (sibling.isStub) return `${own} implements nothing`;
  if (sibling.overriddenBy !== undefined) return `\`${sibling.overriddenBy}\` overrides \`${name}\`, and ${own} does not know`;
  if (sibling.isDecoratedOtherwise) return `${own} is not decorated as \`${name}\` is`;
  if (sibling.misfit) return whyMisfit(own, name, sibling.misfit);
  return sibling.returnsOther ? `${own} does not say that it returns what \`${name}\` does` : undefined;
}

/** Why a function cannot be called with the arguments that another one is called with. */
export function whyMisfit(own: string, name: string, { kind, parameter }: Misfit): string {
  switch (kind) {
    case "lacking":
      return parameter === undefined
        ? `${own} does not take the same arguments`
        : `${own} does not take \`${parameter}\` as \`${name}\` does`;
    case "needed":
      return `${own} needs \`${parameter}\` as well`;
    case "default":
      return `\`${parameter}\` has another default in ${own}`;
    case "spread":
      return `the arguments are not written out, and ${own} takes others than \`${name}\``;
  }
}
