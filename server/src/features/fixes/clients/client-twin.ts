/**
 * An object that one coroutine makes, uses and gives up, moved to its asynchronous twin with all that is done with it:
 *
 *     r = redis.Redis(host=h)                        async with redis.asyncio.Redis(host=h) as r:
 *     for key in r.scan_iter():              ->          async for key in r.scan_iter():
 *         print(r.get(key))                                  print(await r.get(key))
 *
 * Which class is the twin, and what each use is there, is told by the analysis: no library is known here. A use without an
 * equal, or an object that goes where it cannot be followed, is a reason to refuse.
 */
import type { TwinMaker, TwinStep, TwinUse } from "../../../analysis/twins.js";
import { nameOf } from "../../../analysis/twins.js";
import { fateOf } from "../http/response-life.js";
import { whyMisfit } from "../native/async-sibling.js";
import { missingNote } from "../packages.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { isStored, straddlesSharedState, type WithBlock, whyNoAwait, whyNotSuspend, withOf } from "../text/awaiting.js";
import { awaitFrame, type Edit, freshName, indentLines } from "../text/edits.js";
import { isNested, isRead, mentionsOf } from "../text/flow.js";
import { bindingsOf, qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  endOf,
  expressionStart,
  functionAround,
  hasComment,
  indentStep,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";
import { type Held, holdOpen } from "./object-block.js";
import { closedBy, type HeldObject, heldObjectOf } from "./object-life.js";
import { rewriteCall } from "./twin-call.js";

export const clientTwin: Remedy = { name: "client-twin", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source } = request;
  if (!finding.rule.startsWith("blocking-")) return undefined;
  const site = siteOf(request);
  if (site === undefined) return undefined;
  const made = makingOf(request, site);
  if (made === undefined) {
    const isNamed = finding.ways.some(({ remedy }) => remedy === clientTwin.name);
    return isNamed ? refuse(whyNotOwn(source, site)) : undefined;
  }
  const { maker } = made;
  const twin = nameOf(maker);
  if (asyncLibraryOf(source) !== "asyncio")
    return refuse(`${twin} runs on asyncio, and this file is written for another library`);
  const outcome = move(request, made);
  if (typeof outcome === "string") return refuse(outcome);
  const isDropIn = maker.isVouched && maker.differs === undefined && finding.confidence === "definite";
  return {
    kind: "proposal",
    title: `Use ${twin} instead${missingNote(request, twin.split(".", 1)[0] as string)}`,
    action: outcome.isReshaped ? "refactor.rewrite" : "quickfix",
    preferred: isDropIn && !outcome.isReshaped && !outcome.straddles,
    edits: outcome.edits,
  };
}

/** Why nobody can say all that is done with the object which an expression comes out of. */
function whyNotOwn(source: Source, site: NodeId): string {
  let held: NodeId | undefined;
  for (let node: NodeId | undefined = site; node !== undefined; ) {
    const object: NodeId | undefined = source.tree.child(node, kindOf(source, node) === "call" ? "function" : "object");
    if (object !== undefined && /^(self|cls)$/.test(textOf(source, object))) held = node;
    node = object;
  }
  if (held === undefined) return "the client is not made in this function, so others may use it";
  return `\`${textOf(source, held)}\` outlives this function: its twin belongs to one event loop, and others may use it`;
}

/** The expression that the finding is about. */
function siteOf({ source, call, start, end }: FixRequest): NodeId | undefined {
  if (call !== undefined) return call;
  for (let node = 0; node < source.parents.length; node++) {
    const isExpression = /^(call|attribute|subscript|identifier)$/.test(kindOf(source, node));
    if (isExpression && startOf(source, node) === start && endOf(source, node) === end) return node;
  }
  return undefined;
}

// ---- The object ----

interface Made {
  readonly maker: TwinMaker;
  /** The variable that holds the object. */
  readonly variable: NodeId;
}

/** How many variables lie between a use and the object it came out of. */
const MAX_VARIABLES = 6;

/** The variable that holds the object which a call makes, or which an expression comes out of. */
function makingOf(request: FixRequest, site: NodeId, depth = MAX_VARIABLES): Made | undefined {
  const { source } = request;
  let node = site;
  for (;;) {
    const kind = kindOf(source, node);
    if (kind === "identifier") break;
    const inner = source.tree.child(node, kind === "attribute" ? "object" : kind === "call" ? "function" : "value");
    if (!/^(attribute|call|subscript|await)$/.test(kind) && kind !== "parenthesized_expression") return undefined;
    const maker = kind === "call" ? makerAt(request, node) : undefined;
    const target = maker && targetOf(source, node);
    if (maker && target !== undefined) return { maker, variable: target };
    if (inner === undefined && kind !== "parenthesized_expression") return undefined;
    node = withoutParentheses(source, inner ?? node);
  }
  const [binding] = bindingsOf(source, textOf(source, node), node);
  if (depth === 0) return undefined;
  if (binding === undefined) {
    // `list(client.scan_iter())`
    const call = parentOf(source, node);
    const [first] = kindOf(source, call) === "call" ? argumentsOf(source, call) : [];
    return first !== undefined && contains(source, site, first) ? makingOf(request, first, depth - 1) : undefined;
  }
  const value = givenTo(source, binding.node);
  const call = value !== undefined && kindOf(source, value) === "call" ? (closedBy(source, value) ?? value) : undefined;
  const maker = call === undefined ? undefined : makerAt(request, call);
  if (maker) return { maker, variable: node };
  return value === undefined ? undefined : makingOf(request, value, depth - 1);
}

function makerAt({ host, path, source }: FixRequest, call: NodeId): TwinMaker | undefined {
  return host.twins(path, startOf(source, call), endOf(source, call))[0];
}

/** What a name is given in an assignment, or bound to in a `with`. */
function givenTo(source: Source, target: NodeId): NodeId | undefined {
  const parent = parentOf(source, target);
  const right = source.tree.child(parent, "right");
  if (kindOf(source, parent) === "assignment" && right !== undefined) return withoutParentheses(source, right);
  const pattern = [...ancestorsOf(source, target)].find((node) => kindOf(source, node) === "as_pattern");
  const [value] = pattern === undefined ? [] : source.tree.children(pattern);
  return value === undefined ? undefined : withoutParentheses(source, value);
}

/** The name that the value of a call is given, or what closes it. */
function targetOf(source: Source, call: NodeId): NodeId | undefined {
  const parent = parentOf(source, call);
  const outer = kindOf(source, parent) === "argument_list" ? parentOf(source, parent) : undefined;
  if (outer !== undefined && closedBy(source, outer) === call) return withOf(source, outer)?.target;
  if (kindOf(source, parent) === "assignment") {
    const left = source.tree.child(parent, "left");
    return left !== undefined && kindOf(source, left) === "identifier" ? left : undefined;
  }
  return withOf(source, call)?.target;
}

// ---- Moving it ----

interface Outcome {
  readonly edits: readonly Edit[];
  /** Lines move into a block. */
  readonly isReshaped: boolean;
  /** A value that others see is read before an await and written after it. */
  readonly straddles: boolean;
}

/** What is gathered on the way. */
interface Walk {
  readonly request: FixRequest;
  readonly maker: TwinMaker;
  readonly made: { readonly start: number; readonly end: number };
  readonly edits: Edit[];
  /** Expressions that come to be awaited. */
  readonly awaited: Set<NodeId>;
  /** Reads of the variables that hold the object, or what came out of it. */
  readonly places: NodeId[];
  /** Calls that close the object itself. */
  readonly closes: { readonly call: NodeId; readonly edits: readonly Edit[] }[];
  /** Context managers and iterables that come to be entered and walked over asynchronously. */
  readonly suspends: Set<NodeId>;
  readonly variables: Map<string, Variable>;
  /** Blocks that come to be asynchronous. */
  readonly blocks: Set<WithBlock>;
}

/** A variable that holds what came out of the object. */
interface Variable {
  readonly of: string;
  readonly target: NodeId;
  readonly reached: Set<NodeId>;
}

function move(request: FixRequest, { maker, variable }: Made): Outcome | string {
  const { source } = request;
  const held = heldObjectOf(source, variable, "client");
  if (typeof held === "string") return held;
  const closing = held.isManaged ? closedBy(source, held.construction) : undefined;
  const construction = closing ?? held.construction;
  if (makerAt(request, construction) === undefined) return `\`${held.name}\` is not made by a plain call here`;
  const walk: Walk = {
    request,
    maker,
    made: { start: startOf(source, construction), end: endOf(source, construction) },
    edits: [],
    awaited: new Set(),
    places: [],
    closes: [],
    suspends: new Set(),
    variables: new Map(),
    blocks: new Set(),
  };
  const rewritten = rewriteCall(source, construction, maker);
  if (typeof rewritten === "string") return rewritten;
  walk.edits.push(...rewritten);
  if (maker.isAwaited) walk.awaited.add(construction);
  for (const read of held.reads) {
    walk.places.push(read);
    const reason = follow(walk, read, []);
    if (reason) return reason;
  }
  const unreached = [...walk.variables].find(([name, one]) =>
    bindingsOf(source, name, one.target).some(({ node }) => !one.reached.has(node)),
  );
  if (unreached) return `\`${unreached[0]}\` is not always what came out of the client`;
  const kept = keep(walk, held, closing);
  if (typeof kept === "string") return kept;
  const reason = whyNotThere(walk);
  if (reason) return reason;
  return {
    edits: [...walk.edits, ...awaits(source, walk.awaited), ...kept.edits],
    isReshaped: kept.isReshaped,
    straddles: [...walk.awaited].some((node) => straddlesSharedState(source, node)),
  };
}

/** Why something must not wait where it stands. */
function whyNotThere({ request, awaited, suspends, blocks }: Walk): string | undefined {
  const { source, python } = request;
  const other = [...blocks].flatMap(({ items }) => items).find((item) => !suspends.has(item));
  if (other !== undefined) return `\`${textOf(source, other)}\` stands in the same \`with\`, which would be asynchronous`;
  for (const node of [...awaited, ...suspends]) {
    const reason = whyNoAwait(source, node, python) ?? whyNotSuspend(source, node, (manager) => suspends.has(manager));
    if (reason) return reason;
  }
  return undefined;
}

/** What is awaited around something may begin where it begins, and end where it ends: one edit for each place. */
function awaits(source: Source, awaited: ReadonlySet<NodeId>): Edit[] {
  const texts = new Map<number, string>();
  const insert = (at: number, text: string): void => {
    texts.set(at, (texts.get(at) ?? "") + text);
  };
  for (const node of [...awaited].sort((one, other) => one - other)) {
    const [before, after] = awaitFrame(source, node);
    insert(expressionStart(source, node), before);
    if (after !== "") insert(endOf(source, node), after);
  }
  return [...texts].map(([at, text]) => ({ start: at, end: at, text }));
}

// ---- Uses ----

/** What becomes of the object that an expression is; `steps`: how it came out of the client. */
function follow(walk: Walk, node: NodeId, steps: readonly TwinStep[]): string | undefined {
  const { source } = walk.request;
  let value = node;
  while (kindOf(source, parentOf(source, value)) === "parenthesized_expression") value = parentOf(source, value);
  const parent = parentOf(source, value);
  const field = source.tree.field(value);
  switch (kindOf(source, parent)) {
    case "expression_statement":
      return undefined;
    case "assignment": {
      const target = source.tree.child(parent, "left");
      const isPlain = field === "right" && source.tree.child(parent, "type") === undefined && steps.length > 0;
      if (!isPlain || target === undefined || kindOf(source, target) !== "identifier")
        return `\`${textOf(source, value)}\` is kept in more than a local variable`;
      return followVariable(walk, target, steps);
    }
    case "attribute":
      return field === "object" ? followMember(walk, parent, steps) : undefined;
    case "subscript":
      if (field !== "value" || isStored(source, parent)) return `an item of \`${textOf(source, value)}\` is assigned`;
      return followUse(walk, parent, { name: "__getitem__" }, steps);
    case "for_statement":
    case "for_in_clause":
      if (field === "right" && !source.tree.tokens(parent).includes("async")) return followLoop(walk, value, parent, steps);
      break;
    case "with_item":
    case "as_pattern":
      return followBlock(walk, node, value, steps);
    case "argument_list":
      return followArgument(walk, value, parent, steps);
    default:
  }
  return `\`${textOf(source, value)}\` is ${fateOf(source, value)}`;
}

/** `client.name` or `client.name(...)`. */
function followMember(walk: Walk, attribute: NodeId, steps: readonly TwinStep[]): string | undefined {
  const { source } = walk.request;
  const name = textOf(source, source.tree.child(attribute, "attribute") as NodeId);
  const outer = parentOf(source, attribute);
  if (isStored(source, attribute) || kindOf(source, outer) === "augmented_assignment")
    return `\`${name}\` of the client is assigned`;
  if (source.text.charAt(startOf(source, attribute)) === "*") return "the client is unpacked";
  if (hasComment(source, startOf(source, attribute), endOf(source, attribute))) return "a comment stands inside the expression";
  const isCalled = kindOf(source, outer) === "call" && source.tree.field(attribute) === "function";
  const node = isCalled ? outer : attribute;
  const call = isCalled ? { call: { start: startOf(source, outer), end: endOf(source, outer) } } : {};
  if (steps.length === 0 && name === "close" && isCalled) return followClose(walk, outer, { name, ...call });
  return followUse(walk, node, { name, ...call }, steps);
}

function followClose(walk: Walk, call: NodeId, step: TwinStep): string | undefined {
  const use = useOf(walk, [step]);
  if (typeof use === "string") return use;
  if (!use.isAwaited) return "closing the twin is not awaited";
  walk.closes.push({ call, edits: renamedTo(walk.request.source, call, use.name) });
  return undefined;
}

/** A use that is called, read or asked for an item, and what is done with what it gives. */
function followUse(walk: Walk, node: NodeId, step: TwinStep, steps: readonly TwinStep[]): string | undefined {
  const { source } = walk.request;
  const all = [...steps, step];
  const use = useOf(walk, all);
  if (typeof use === "string") return use;
  if (step.name !== use.name) walk.edits.push(...renamedTo(source, node, use.name));
  if (use.isAwaited) walk.awaited.add(node);
  switch (use.gives.kind) {
    case "value":
      return undefined;
    case "opaque":
      return kindOf(source, parentOf(source, node)) === "expression_statement"
        ? undefined
        : `what \`${step.name}\` gives is not known to be the same in ${nameOf(walk.maker)}`;
    case "object":
      return follow(walk, node, all);
  }
}

/** A use as the twin has it, or why there is none. */
function useOf({ request, maker, made }: Walk, steps: readonly TwinStep[]): TwinUse | string {
  const { name } = steps.at(-1) as TwinStep;
  const use = request.host.twinUse(request.path, made, nameOf(maker), steps);
  const shown = `\`${name}\``;
  if (use === undefined) return `${shown} has no twin in ${nameOf(maker)} that is known to be equal`;
  if (use.differs !== undefined) return `${shown} is not the same in ${nameOf(maker)}: ${use.differs}`;
  if (use.misfit) return whyMisfit(`\`${use.owner}.${use.name}\``, name, use.misfit);
  if (use.bound !== undefined) return `${shown} is given what works with the blocking kind`;
  return use;
}

function renamedTo(source: Source, call: NodeId, name: string): Edit[] {
  const callee = kindOf(source, call) === "call" ? source.tree.child(call, "function") : call;
  const at = callee === undefined ? undefined : source.tree.child(callee, "attribute");
  if (at === undefined || textOf(source, at) === name) return [];
  return [{ start: startOf(source, at), end: endOf(source, at), text: name }];
}

/** `cursor = connection.cursor()`: every value of the variable came out of the client in the same way. */
function followVariable(walk: Walk, target: NodeId, steps: readonly TwinStep[]): string | undefined {
  const { source } = walk.request;
  const name = textOf(source, target);
  const use = useOf(walk, steps);
  const of = typeof use !== "string" && use.gives.kind === "object" ? use.gives.of : "";
  const known = walk.variables.get(name);
  if (known) {
    known.reached.add(target);
    return known.of === of ? undefined : `\`${name}\` is not always the same`;
  }
  walk.variables.set(name, { of, target, reached: new Set([target]) });
  const around = functionAround(source, target);
  if (bindingsOf(source, name, target).some(({ node }) => functionAround(source, node) !== around))
    return `\`${name}\` is bound in more than one function`;
  for (const mention of mentionsOf(source, name, target)) {
    if (!isRead(source, mention)) continue;
    if (isNested(source, mention, target)) return `\`${name}\` is used in a nested function, a lambda or a generator`;
    walk.places.push(mention);
    const reason = follow(walk, mention, steps);
    if (reason) return reason;
  }
  return undefined;
}

/** `for row in cursor:`, also in a comprehension. */
function followLoop(walk: Walk, value: NodeId, loop: NodeId, steps: readonly TwinStep[]): string | undefined {
  const { source } = walk.request;
  const use = useOf(walk, [...steps, { name: "__iter__" }]);
  if (typeof use === "string") return `\`${textOf(source, value)}\` cannot be iterated over asynchronously`;
  if (use.gives.kind !== "value")
    return `what \`${textOf(source, value)}\` gives is not known to be the same in ${nameOf(walk.maker)}`;
  if (kindOf(source, loop) === "for_in_clause" && kindOf(source, parentOf(source, loop)) === "generator_expression")
    return "an `async for` would turn the generator expression into an asynchronous one";
  walk.suspends.add(value);
  walk.edits.push({ start: startOf(source, loop), end: startOf(source, loop), text: "async " });
  return undefined;
}

/** `with pipeline as p:`. */
function followBlock(walk: Walk, node: NodeId, value: NodeId, steps: readonly TwinStep[]): string | undefined {
  const { source } = walk.request;
  const block = withOf(source, node);
  if (block === undefined) return `what \`${textOf(source, value)}\` gives is bound to more than a name`;
  walk.blocks.add(block);
  const entered = [...steps, { name: "__enter__" }];
  const use = useOf(walk, entered);
  if (typeof use === "string") return `\`${textOf(source, value)}\` cannot be entered asynchronously`;
  walk.suspends.add(node);
  walk.edits.push({ start: startOf(source, block.statement), end: startOf(source, block.statement), text: "async " });
  if (block.target === undefined) return undefined;
  if (use.gives.kind === "object") return followVariable(walk, block.target, entered);
  const name = textOf(source, block.target);
  const isUsed = mentionsOf(source, name, block.target).some((mention) => isRead(source, mention));
  return isUsed ? `what \`with ${textOf(source, value)}\` gives is not known to be the same in ${nameOf(walk.maker)}` : undefined;
}

const COLLECTS: Readonly<Record<string, readonly [string, string]>> = {
  "builtins.list": ["[", "]"],
  "builtins.set": ["{", "}"],
};

/** `list(cursor)` -> `[each async for each in cursor]`. */
function followArgument(walk: Walk, value: NodeId, list: NodeId, steps: readonly TwinStep[]): string | undefined {
  const { source } = walk.request;
  const call = parentOf(source, list);
  const callee = kindOf(source, call) === "call" ? source.tree.child(call, "function") : undefined;
  const brackets = callee === undefined ? undefined : COLLECTS[qualifiedName(source, callee) ?? ""];
  const isSole = argumentsOf(source, call).length === 1 && !hasComment(source, startOf(source, call), endOf(source, call));
  const use = brackets && isSole ? useOf(walk, [...steps, { name: "__iter__" }]) : undefined;
  if (brackets === undefined || use === undefined || typeof use === "string" || use.gives.kind !== "value")
    return `\`${textOf(source, value)}\` is ${fateOf(source, value)}`;
  const name = freshName(source, "each", call);
  walk.suspends.add(value);
  walk.edits.push(
    { start: startOf(source, call), end: startOf(source, value), text: `${brackets[0]}${name} async for ${name} in ` },
    { start: endOf(source, value), end: endOf(source, call), text: brackets[1] },
  );
  return undefined;
}

// ---- Its end ----

interface Kept {
  readonly edits: readonly Edit[];
  readonly isReshaped: boolean;
}

/** How the object is given up: whatever happens where that is all there is to leaving its block, else where it was. */
function keep(walk: Walk, held: HeldObject, closing: NodeId | undefined): Kept | string {
  const { maker, places, closes, request } = walk;
  const { source } = request;
  const { statement, construction } = held;
  if (held.isManaged) return keepManaged(walk, held, closing);
  if (maker.exit !== "closes") {
    if (closes.length === 0 && maker.closes) return "the client is never closed, and its twin has to be";
    for (const { call } of closes) walk.awaited.add(call);
    return { edits: closes.flatMap(({ edits }) => edits), isReshaped: false };
  }
  const open: Held | string = holdOpen(source, {
    name: held.name,
    noun: "client",
    statement,
    places,
    closes: closes.map(({ call }) => call),
    removed: [],
  });
  if (typeof open === "string") return open;
  if (open.close !== undefined) {
    walk.awaited.add(open.close);
    return { edits: closes.flatMap(({ edits }) => edits), isReshaped: false };
  }
  walk.suspends.add(construction);
  const step = indentStep(source, statement);
  return {
    edits: [...open.edits, ...open.moved.flatMap(({ start, end }) => indentLines(source, start, end, step))],
    isReshaped: true,
  };
}

/** `with redis.Redis() as r:`, or one of contextlib.closing(). */
function keepManaged(walk: Walk, held: HeldObject, closing: NodeId | undefined): Kept | string {
  const { maker, places, closes, request } = walk;
  const { source } = request;
  const { statement, construction } = held;
  if (maker.exit === "none" || (closing !== undefined && maker.exit !== "closes"))
    return "leaving a block of the twin is not the same";
  if (places.some((place) => !contains(source, statement, place))) return "the client is used behind its block";
  if (closing !== undefined && closes.length > 0) return "the client is closed twice";
  for (const { call } of closes) walk.awaited.add(call);
  const block = withOf(source, construction);
  if (block === undefined) return "the client is bound to more than a name";
  walk.blocks.add(block);
  walk.suspends.add(construction);
  const start = startOf(source, statement);
  const edits: Edit[] = [{ start, end: start, text: "async " }, ...closes.flatMap((close) => close.edits)];
  if (closing !== undefined) {
    edits.push(
      { start: startOf(source, construction), end: startOf(source, closing), text: "" },
      { start: endOf(source, closing), end: endOf(source, construction), text: "" },
    );
  }
  return { edits, isReshaped: false };
}
