/**
 * `with open(p) as f:` and `with p.open() as f:` -> `async with aiofiles.open(p) as f:`, with all that is done to the file in
 * the block: its methods are awaited, its lines come by `async for`. anyio and trio have files of their own. Only where the
 * file is used in ways that the asynchronous one has, and does not leave the block.
 */

import { offsetAt } from "../../../base/lines.js";
import { enteredBlock } from "../offload/to-thread.js";
import { missingNote } from "../packages.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { whyNoAwait, whyNotSuspend, withItems } from "../text/awaiting.js";
import { awaitEdits, type Edit, moduleReferenceTo, type Reference } from "../text/edits.js";
import { isNested, mentionsOf } from "../text/flow.js";
import { isBinding, qualifiedName } from "../text/scopes.js";
import {
  argumentsOf,
  contains,
  endOf,
  hasComment,
  indentOf,
  isFirstOnLine,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";

/** As the stubs name it. */
export const openToAiofiles: Remedy = { name: "aiofiles", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  if (finding.rule !== "blocking-file" || finding.path.length > 1 || finding.partOf !== undefined) return undefined;
  const block = enteredBlock(request);
  if (block === undefined || call === undefined || opened(request, call) === undefined) return undefined;
  if (source.tree.tokens(block).includes("async")) return undefined;
  const library = asyncLibraryOf(source);
  if (library === undefined) return refuse("this file uses another async library");
  const reason = whyNoAwait(source, block, request.python) ?? whyNotSuspend(source, block);
  if (reason) return refuse(reason);
  const opening = openingOf(source, block, library);
  if (!opening) return refuse("this file uses the name `aiofiles` for something else");
  const edits: Edit[] = [...opening.edits, { start: startOf(source, block), end: startOf(source, block), text: "async " }];
  for (const item of withItems(source, block)) {
    const way = kindOf(source, item.value) === "call" ? opened(request, item.value) : undefined;
    if (way === undefined) return refuse("the block enters more than files");
    const head = openingEdits(source, item.value, way, opening.text);
    if (typeof head === "string") return refuse(head);
    edits.push(...head);
    const [name] = item.target === undefined ? [] : source.tree.children(item.target);
    if (item.target !== undefined && (name === undefined || kindOf(source, name) !== "identifier"))
      return refuse("the file gets no plain name");
    const uses = name === undefined ? [] : rewriteUses(request, block, name);
    if (typeof uses === "string") return refuse(uses);
    edits.push(...uses);
  }
  const note = library === "asyncio" ? missingNote(request, "aiofiles") : "";
  return {
    kind: "proposal",
    title: `Read and write with ${library === "asyncio" ? "aiofiles" : `${library}.open_file`} instead${note}`,
    action: "quickfix",
    preferred: false,
    edits,
  };
}

/** The call is `open(path)`, or `path.open()` of a path; undefined: it is neither. */
function opened({ source, host, path }: FixRequest, call: NodeId): "function" | "method" | undefined {
  const callee = source.tree.child(call, "function");
  if (callee === undefined) return undefined;
  if (/^(builtins|io)\.open$/.test(qualifiedName(source, callee) ?? "")) return "function";
  const isMethod = kindOf(source, callee) === "attribute" && textOf(source, callee).endsWith(".open");
  const isPath = host.findings(path).some(({ confidence, path: [site, ...more], location }) => {
    const start = offsetAt(source.lineStarts, source.text, location.start);
    return (
      start === startOf(source, call) && more.length === 0 && confidence === "definite" && PATH_OPEN.test(site?.callee ?? "")
    );
  });
  return isMethod && isPath ? "method" : undefined;
}

const PATH_OPEN = /^pathlib\.(_local\.)?Path\.open$/;

/** `open(path, "w")` and `path.open("w")` take the same arguments behind the path, in the same order. */
function openingEdits(source: Source, call: NodeId, way: "function" | "method", opening: string): readonly Edit[] | string {
  const callee = source.tree.child(call, "function") as NodeId;
  const start = startOf(source, callee);
  if (way === "function") return [{ start, end: endOf(source, callee), text: opening }];
  const [first] = argumentsOf(source, call);
  const list = source.tree.child(call, "arguments") as NodeId;
  const end = first === undefined ? endOf(source, list) - 1 : startOf(source, first);
  if (hasComment(source, start, end)) return "a comment stands in the call";
  const object = textOf(source, withoutParentheses(source, source.tree.child(callee, "object") as NodeId));
  if (first === undefined) return [{ start, end, text: `${opening}(${object}` }];
  if (!isFirstOnLine(source, end)) return [{ start, end, text: `${opening}(${object}, ` }];
  // One argument a line: the path becomes the first of them.
  const separator = `,${source.newline}${indentOf(source, end)}`;
  return [
    { start, end: startOf(source, list) + 1, text: `${opening}(` },
    { start: end, end, text: object + separator },
  ];
}

/** What stands in the place of `open`. */
function openingOf(source: Source, block: NodeId, library: "asyncio" | "anyio" | "trio"): Reference | undefined {
  if (library === "asyncio") {
    const module = moduleReferenceTo(source, block, "aiofiles");
    return module && { text: `${module.text}.open`, edits: module.edits };
  }
  const module = moduleReferenceTo(source, block, library);
  return module && { text: `await ${module.text}.open_file`, edits: module.edits };
}

const METHODS = new Set("read readline readlines write writelines seek tell flush truncate".split(" "));
const ATTRIBUTES = new Set(["name", "mode"]);

/** The edits for all that is done to the file `name`, or why one of them has no equal. */
function rewriteUses(request: FixRequest, block: NodeId, name: NodeId): Edit[] | string {
  const { source } = request;
  const edits: Edit[] = [];
  const spelling = textOf(source, name);
  for (const mention of mentionsOf(source, spelling, name)) {
    if (mention === name) continue;
    if (isBinding(source, mention)) {
      if (contains(source, block, mention)) return `\`${spelling}\` is bound again in the block`;
      continue;
    }
    if (!contains(source, block, mention)) {
      if (isNested(source, mention, block)) return `\`${spelling}\` is used in a nested function`;
      continue;
    }
    const edit = rewriteUse(request, mention);
    if (typeof edit === "string") return edit;
    edits.push(...edit);
  }
  return edits;
}

function rewriteUse(request: FixRequest, mention: NodeId): Edit[] | string {
  const { source } = request;
  const parent = parentOf(source, mention);
  switch (kindOf(source, parent)) {
    case "attribute": {
      const attribute = textOf(source, source.tree.child(parent, "attribute") as NodeId);
      const call = parentOf(source, parent);
      if (ATTRIBUTES.has(attribute)) return [];
      const isCalled = kindOf(source, call) === "call" && source.tree.field(parent) === "function";
      if (!METHODS.has(attribute) || !isCalled) return `\`${textOf(source, parent)}\` is used, which has no equal`;
      return awaited(request, call);
    }
    case "for_statement":
    case "for_in_clause":
      return source.tree.field(mention) === "right" ? lines(request, parent) : `\`${textOf(source, mention)}\` is handed on`;
    case "argument_list": {
      const call = parentOf(source, parent);
      const callee = source.tree.child(call, "function");
      const isLoad = callee !== undefined && qualifiedName(source, callee) === "json.load";
      if (!isLoad || argumentsOf(source, call)[0] !== mention)
        return `\`${textOf(source, mention)}\` is handed to ${called(source, call)}`;
      const reason = whyNotHere(request, call);
      if (reason) return reason;
      // `json.load(f)` is `json.loads(f.read())`, by its own definition.
      const attribute = kindOf(source, callee) === "attribute" ? source.tree.child(callee, "attribute") : undefined;
      if (attribute === undefined) return `\`${textOf(source, callee)}\` is imported by its name`;
      const [start, end] = [startOf(source, mention), endOf(source, mention)];
      return [
        { start: endOf(source, attribute), end: endOf(source, attribute), text: "s" },
        { start, end: start, text: "await " },
        { start: end, end, text: ".read()" },
      ];
    }
    default:
      return `\`${textOf(source, mention)}\` is handed on`;
  }
}

function called(source: Source, call: NodeId): string {
  const callee = source.tree.child(call, "function");
  return callee === undefined ? "a call" : `\`${textOf(source, callee).replace(/\s+/g, " ")}\``;
}

function whyNotHere(request: FixRequest, node: NodeId): string | undefined {
  return whyNoAwait(request.source, node, request.python) ?? whyNotSuspend(request.source, node);
}

function awaited(request: FixRequest, call: NodeId): Edit[] | string {
  const { source } = request;
  return whyNotHere(request, call) ?? awaitEdits(source, call);
}

/** `for line in file` -> `async for line in file`, where the loop may be suspended. */
function lines(request: FixRequest, loop: NodeId): Edit[] | string {
  const { source } = request;
  const start = startOf(source, loop);
  if (kindOf(source, loop) === "for_in_clause") {
    const comprehension = parentOf(source, loop);
    if (kindOf(source, comprehension) === "generator_expression") return "its lines are read by a generator expression";
    const reason = whyNotHere(request, comprehension);
    if (reason) return reason;
  }
  return [{ start, end: start, text: "async " }];
}
