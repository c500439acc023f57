/**
 * A lock, event or queue of threads that only coroutines use becomes asyncio's: where it is made and at every use.
 *
 *     jobs = queue.Queue()        jobs = asyncio.Queue()
 *     jobs.put(1)            ->   await jobs.put(1)
 *     with self._lock:            async with self._lock:
 *
 * Only a variable of one coroutine or of the module that runs the loop, or an attribute, all of whose uses stand in this file
 * and are of a kind whose twin does the same. What a subclass elsewhere does with the attribute is for the proof.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { heldBy, isOlder, isStored, straddlesSharedState, whyNoAwait, whyNotSuspend, withItems } from "../text/awaiting.js";
import { awaitFrame, type Edit, indentLines, referenceTo } from "../text/edits.js";
import { mentionsOf } from "../text/flow.js";
import { isBinding, qualifiedName, scopeOfName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  descendantsOf,
  endOf,
  expressionStart,
  functionAround,
  hasComment,
  indentOf,
  indentStep,
  isFirstOnLine,
  kindOf,
  lineOf,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  textOf,
} from "../text/source.js";
import { type Raising, translateQueueErrors } from "./queue-errors.js";
import { answeringLimit, limitOf, raisingLimit } from "./time-limits.js";

export const threadPrimitives: Remedy = { name: "thread-primitives", propose };

interface Method {
  /** The arguments it takes, in order; `block`, `blocking` and `timeout` are how it waits, which asyncio says otherwise. */
  readonly takes: readonly string[];
  readonly isAwaited: boolean;
  /** What happens when the time is up: queues raise, the others answer. */
  readonly late?: "Empty" | "Full" | "answer";
  /** What it is called when it must not wait. */
  readonly atOnce?: string;
  /** What it raises in the place of `queue.Empty` or `queue.Full`. */
  readonly raises?: "QueueEmpty" | "QueueFull";
}

interface Twin {
  readonly name: string;
  readonly methods: Readonly<Record<string, Method>>;
  readonly isEntered: boolean;
  /** Arguments it may be made with. */
  readonly made: number;
  /** The first Python that has it. */
  readonly since?: readonly [major: number, minor: number];
}

const SAME: Method = { takes: [], isAwaited: false };
const TAKEN: Method = { takes: ["blocking", "timeout"], isAwaited: true, late: "answer" };
const WAITED: Method = { takes: ["timeout"], isAwaited: true, late: "answer" };
const GOT: Method = { takes: ["block", "timeout"], isAwaited: true, late: "Empty", atOnce: "get_nowait" };
const PUT: Method = { takes: ["item", "block", "timeout"], isAwaited: true, late: "Full", atOnce: "put_nowait" };
const EMPTY: Method = { takes: [], isAwaited: false, late: "Empty", raises: "QueueEmpty" };
const FULL: Method = { takes: ["item"], isAwaited: false, late: "Full", raises: "QueueFull" };

const LOCK = { methods: { acquire: TAKEN, release: SAME }, isEntered: true, made: 1 };
const SIMPLE = { get: GOT, put: PUT, get_nowait: EMPTY, put_nowait: FULL, qsize: SAME, empty: SAME };
const QUEUE = {
  methods: { ...SIMPLE, join: { takes: [], isAwaited: true }, full: SAME, task_done: SAME },
  isEntered: false,
  made: 1,
};

const TWINS: Readonly<Record<string, Twin>> = {
  "threading.Lock": { ...LOCK, name: "Lock", methods: { ...LOCK.methods, locked: SAME }, made: 0 },
  "threading.Semaphore": { ...LOCK, name: "Semaphore" },
  "threading.BoundedSemaphore": { ...LOCK, name: "BoundedSemaphore" },
  "threading.Event": {
    name: "Event",
    methods: { wait: WAITED, set: SAME, clear: SAME, is_set: SAME },
    isEntered: false,
    made: 0,
  },
  "threading.Condition": {
    name: "Condition",
    methods: {
      acquire: TAKEN,
      wait: WAITED,
      wait_for: { takes: ["predicate"], isAwaited: true },
      release: SAME,
      notify: { takes: ["n"], isAwaited: false },
      notify_all: SAME,
    },
    isEntered: true,
    made: 0,
  },
  "threading.Barrier": {
    name: "Barrier",
    methods: { wait: { takes: [], isAwaited: true } },
    isEntered: false,
    made: 1,
    since: [3, 11],
  },
  "queue.Queue": { ...QUEUE, name: "Queue" },
  "queue.LifoQueue": { ...QUEUE, name: "LifoQueue" },
  "queue.PriorityQueue": { ...QUEUE, name: "PriorityQueue" },
  "queue.SimpleQueue": { ...QUEUE, name: "Queue", methods: SIMPLE, made: 0 },
};

const CALLEES =
  /^(_?threading|_?queue)\.(R?Lock|(Bounded)?Semaphore|Event|Condition|Barrier|(Lifo|Priority|Simple)?Queue)(\.\w+)?$/;

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source } = request;
  const [step] = finding.path;
  if (!/^(blocking-wait|loop-deadlock)$/.test(finding.rule) || !CALLEES.test(step?.callee ?? "") || finding.path.length > 1)
    return undefined;
  const object = objectAt(request);
  if (object === undefined) return undefined;
  const spelling = textOf(source, object);
  if (asyncLibraryOf(source) !== "asyncio") return refuse("this file is written for another library than asyncio");
  const uses = usesOf(request, object);
  if (typeof uses === "string") return refuse(uses);
  const makings = uses.filter((use) => isStored(source, use));
  const [making] = makings;
  const made = making === undefined ? undefined : madeBy(source, making);
  const class_ = made === undefined ? undefined : qualifiedName(source, source.tree.child(made, "function") as NodeId);
  if (making === undefined || made === undefined || class_ === undefined || makings.length > 1)
    return refuse(`this file does not show all that \`${spelling}\` may be`);
  const twin = TWINS[class_];
  if (twin === undefined) return refuse(`asyncio has no twin of ${class_}`);
  if (twin.since && isOlder(request.python, ...twin.since))
    return refuse(`asyncio has a ${twin.name} since Python ${twin.since.join(".")}`);
  if (twin.name === "Barrier" && source.scopes.mentions.has("BrokenBarrierError"))
    return refuse("this file names the exception of broken barriers, and asyncio's is another one");
  if (argumentsOf(source, made).length > twin.made) return refuse(`asyncio's ${twin.name} is not made like this`);
  const reason = whyNotOneLoop(source) ?? whyNotMadeHere(request, made);
  if (reason) return refuse(reason);
  const reference = referenceTo(source, made, "asyncio", twin.name);
  if (!reference) return refuse("this file uses the name `asyncio` for something else");
  const callee = source.tree.child(made, "function") as NodeId;
  if (hasComment(source, startOf(source, callee), endOf(source, callee)))
    return refuse("a comment stands in the name of its class");
  const edits: Edit[] = [
    ...reference.edits,
    { start: startOf(source, callee), end: endOf(source, callee), text: reference.text },
  ];
  const raising: Raising[] = [];
  let hasLimit = false;
  for (const use of uses) {
    if (use === making) continue;
    const rewritten = rewriteUse(request, use, twin, spelling);
    if (typeof rewritten === "string") return refuse(rewritten);
    edits.push(...rewritten.edits);
    if (rewritten.raising) raising.push(rewritten.raising);
    hasLimit ||= rewritten.hasLimit === true;
  }
  const own = new Set(uses.map((use) => parentOf(source, parentOf(source, use))));
  const caught = translateQueueErrors(source, raising, own, spelling);
  if (typeof caught === "string") return refuse(caught);
  edits.push(...caught);
  const isLocal = kindOf(source, object) === "identifier" && functionAround(source, making) !== NO_NODE;
  return {
    kind: "proposal",
    title: `Make \`${spelling}\` an asyncio.${twin.name}`,
    action: "quickfix",
    preferred:
      isLocal && !hasLimit && finding.confidence === "definite" && !uses.some((use) => straddlesSharedState(source, use)),
    edits,
    ...(isLocal ? {} : { elsewhere: [] }),
  };
}

/** What is waited for: the receiver of the call, or what is entered. */
function objectAt({ source, start, end, call, finding }: FixRequest): NodeId | undefined {
  const isObject = (node: NodeId | undefined): node is NodeId =>
    node !== undefined && /^(identifier|attribute)$/.test(kindOf(source, node));
  if (finding.path[0]?.role === "enter") {
    for (let node = 0; node < source.parents.length; node++) {
      if (isObject(node) && startOf(source, node) === start && endOf(source, node) === end) return node;
    }
    return undefined;
  }
  const callee = call === undefined ? undefined : source.tree.child(call, "function");
  const object = callee !== undefined && kindOf(source, callee) === "attribute" ? source.tree.child(callee, "object") : undefined;
  return isObject(object) ? object : undefined;
}

/** Every place where the variable or attribute is written; a text says why others may be somewhere else. */
function usesOf(request: FixRequest, object: NodeId): readonly NodeId[] | string {
  const { source } = request;
  const spelling = textOf(source, object);
  if (kindOf(source, object) === "identifier") {
    const scope = scopeOfName(source, spelling, object);
    if (scope?.kind === "module") {
      const reason = whyNotOnlyHere(request, spelling);
      if (reason) return reason;
      return mentionsOf(source, spelling, object);
    }
    if (scope?.kind !== "function" || !isCoroutine(source, scope.node)) return `\`${spelling}\` is no variable of a coroutine`;
    const mentions = mentionsOf(source, spelling, object);
    const declaration = mentions.find((mention) => isBinding(source, mention) && !isStored(source, mention));
    return declaration === undefined ? mentions : `\`${spelling}\` may be something that this coroutine is given`;
  }
  const name = textOf(source, source.tree.child(object, "attribute") as NodeId);
  const others = name.startsWith("_") ? undefined : usedElsewhere(request, name);
  if (others !== undefined) return others;
  const owner = classAround(source, functionAround(source, object));
  const uses: NodeId[] = [];
  for (const node of descendantsOf(source, 0)) {
    if (kindOf(source, node) !== "attribute" || textOf(source, source.tree.child(node, "attribute") as NodeId) !== name) continue;
    const method = functionAround(source, node);
    if (
      owner === undefined ||
      classAround(source, method) !== owner ||
      !isReceiver(source, method, source.tree.child(node, "object"))
    )
      return `\`${textOf(source, node)}\` may be another one`;
    uses.push(node);
  }
  if (source.scopes.mentions.has(name) || new RegExp(`["']${name}["']`).test(source.text))
    return `\`${name}\` is named in other ways, too`;
  return uses;
}

/** Other files name it, as far as they have been read. */
function usedElsewhere({ host, path }: FixRequest, name: string): string | undefined {
  const files = host.naming(name);
  if (files === undefined) return `other files may use \`${name}\``;
  return files.some((file) => file !== path) ? `other files use the name \`${name}\`` : undefined;
}

/** Why a variable of the module may be used by others, or in several event loops. */
function whyNotOnlyHere(request: FixRequest, name: string): string | undefined {
  const { source } = request;
  const runs = [...descendantsOf(source, 0)].some(
    (node) => kindOf(source, node) === "call" && calleeIs(source, node, /^asyncio\.run$/),
  );
  if (!runs) return `\`${name}\` belongs to the module: other event loops may use it`;
  if (new RegExp(`["']${name}["']`).test(source.text)) return `\`${name}\` is named in other ways, too`;
  return usedElsewhere(request, name);
}

function isCoroutine(source: Source, function_: NodeId): boolean {
  return kindOf(source, function_) === "function_definition" && source.tree.tokens(function_).includes("async");
}

/** The class in whose body the function is defined. */
function classAround(source: Source, function_: NodeId): NodeId | undefined {
  if (function_ === NO_NODE) return undefined;
  const owner = [...ancestorsOf(source, function_)].find((node) => /^(function|class)_definition$/.test(kindOf(source, node)));
  return owner !== undefined && kindOf(source, owner) === "class_definition" ? owner : undefined;
}

/** The expression is the first parameter of the method. */
function isReceiver(source: Source, method: NodeId, object: NodeId | undefined): boolean {
  const parameters = source.tree.child(method, "parameters");
  const first = parameters === undefined ? undefined : source.tree.children(parameters)[0];
  return first !== undefined && object !== undefined && textOf(source, first) === textOf(source, object);
}

/** The call whose result is stored there, and nowhere else. */
function madeBy(source: Source, making: NodeId): NodeId | undefined {
  const assignment = parentOf(source, making);
  if (kindOf(source, assignment) !== "assignment" || source.tree.child(assignment, "left") !== making) return undefined;
  // An annotation would go on to name the old class.
  if (source.tree.child(assignment, "type") !== undefined || kindOf(source, parentOf(source, assignment)) === "assignment")
    return undefined;
  const right = source.tree.child(assignment, "right");
  return right !== undefined && kindOf(source, right) === "call" ? right : undefined;
}

/** The file runs coroutines in several event loops, or may. */
function whyNotOneLoop(source: Source): string | undefined {
  let runs = 0;
  for (const node of descendantsOf(source, 0)) {
    if (kindOf(source, node) !== "call") continue;
    if (calleeIs(source, node, /^asyncio\.run$/)) runs++;
    if (calleeIs(source, node, OTHER_LOOPS) || runs > 1) return "this file runs code in other threads, or in several event loops";
  }
  return undefined;
}

const OTHER_LOOPS = /^(threading\.(Thread|Timer)|asyncio\.(new_event_loop|run_coroutine_threadsafe|Runner))$/;

function calleeIs(source: Source, call: NodeId, name: RegExp): boolean {
  return name.test(qualifiedName(source, source.tree.child(call, "function") as NodeId) ?? "");
}

function whyNotMadeHere({ source, python }: FixRequest, made: NodeId): string | undefined {
  const around = functionAround(source, made);
  if (around === NO_NODE && kindOf(source, parentOf(source, statementOf(source, made))) !== "module")
    return "it is made in a class, or under a condition";
  if ((around !== NO_NODE && isCoroutine(source, around)) || !isOlder(python, 3, 10)) return undefined;
  return "before Python 3.10 asyncio's own belong to the loop that is there when they are made";
}

/** What becomes of one use. */
interface Rewritten {
  readonly edits: readonly Edit[];
  readonly raising?: Raising;
  readonly hasLimit?: boolean;
}

function rewriteUse(request: FixRequest, use: NodeId, twin: Twin, spelling: string): Rewritten | string {
  const { source, python } = request;
  const around = functionAround(source, use);
  if (!isCoroutine(source, around)) return `\`${spelling}\` is used outside of coroutines, too`;
  const parent = parentOf(source, use);
  if (kindOf(source, parent) === "with_item") return enterUse(request, parent, twin, spelling);
  const call = parentOf(source, parent);
  const isMethod = kindOf(source, parent) === "attribute" && source.tree.child(parent, "object") === use;
  if (!isMethod || kindOf(source, call) !== "call" || source.tree.child(call, "function") !== parent)
    return `\`${spelling}\` is handed on, or used as a value`;
  const name = textOf(source, source.tree.child(parent, "attribute") as NodeId);
  const method = Object.hasOwn(twin.methods, name) ? twin.methods[name] : undefined;
  if (method === undefined) return `asyncio's ${twin.name} has no \`${name}\` that does the same`;
  const others = `\`${textOf(source, call)}\` takes other arguments in asyncio`;
  const way = wayOf(source, call, method);
  if (way === undefined) return others;
  if (way.own.length < argumentsOf(source, call).length && hasComment(source, startOf(source, call), endOf(source, call)))
    return "a comment stands in the call";
  const noAwait = whyNoAwait(source, call, python);
  const list = source.tree.child(call, "arguments") as NodeId;
  const given = way.own.map((argument) => textOf(source, argument)).join(", ");
  if (!method.isAwaited || way.isAtOnce) {
    if (noAwait !== undefined) return `\`${spelling}\` is used outside of coroutines, too`;
    const atOnce = way.isAtOnce ? method.atOnce : name;
    const direct = atOnce === undefined ? undefined : twin.methods[atOnce];
    if (atOnce === undefined || direct === undefined) return others;
    const { raises, late } = direct;
    const renamed = { start: endOf(source, use), end: endOf(source, list), text: `.${atOnce}(${given})` };
    return {
      edits: way.isAtOnce ? [renamed] : [],
      ...(raises === undefined || late === undefined || late === "answer"
        ? {}
        : { raising: { call, error: late, twin: raises } }),
    };
  }
  const isOwn = (manager: NodeId): boolean => textOf(source, manager) === spelling;
  const reason = noAwait ?? whyNotSuspend(source, call, isOwn);
  if (reason) return reason;
  if (way.limit !== undefined) {
    const limited = { call, text: `${textOf(source, parent)}(${given})`, limit: way.limit };
    const isAnswer = method.late === "answer";
    const edits = isAnswer ? answeringLimit(source, limited, answerOf(twin, name)) : raisingLimit(source, limited);
    if (typeof edits === "string") return edits;
    const raising =
      method.late === undefined || method.late === "answer"
        ? {}
        : { raising: { call, error: method.late, twin: "TimeoutError" as const } };
    return { edits, ...raising, hasLimit: true };
  }
  const [before, after] = awaitFrame(source, call);
  const start = expressionStart(source, call);
  const end = endOf(source, call);
  const edits: Edit[] = [{ start, end: start, text: before }];
  const isLess = way.own.length < argumentsOf(source, call).length;
  if (isLess) edits.push({ start: startOf(source, list), end, text: `(${given})${after}` });
  else if (after) edits.push({ start: end, end, text: after });
  return { edits };
}

/** What to call the answer of a wait with a limit. */
function answerOf(twin: Twin, method: string): string {
  if (method === "acquire") return "acquired";
  return twin.name === "Event" ? "is_set" : "notified";
}

interface Way {
  /** The arguments that are not about waiting. */
  readonly own: readonly NodeId[];
  readonly isAtOnce: boolean;
  /** Seconds, as they are written. */
  readonly limit?: string;
}

/** How the call waits; undefined: in a way that asyncio has no equal for. */
function wayOf(source: Source, call: NodeId, { takes }: Method): Way | undefined {
  const own: NodeId[] = [];
  const waiting = new Map<string, NodeId>();
  for (const [index, argument] of argumentsOf(source, call).entries()) {
    if (/_splat$/.test(kindOf(source, argument))) return undefined;
    const isNamed = kindOf(source, argument) === "keyword_argument";
    const name = isNamed ? textOf(source, source.tree.child(argument, "name") as NodeId) : takes[index];
    if (name === undefined || !takes.includes(name)) return undefined;
    if (/^(block|blocking|timeout)$/.test(name))
      waiting.set(name, isNamed ? (source.tree.child(argument, "value") as NodeId) : argument);
    else own.push(argument);
  }
  const block = waiting.get("block") ?? waiting.get("blocking");
  const flag = block === undefined ? "true" : kindOf(source, block);
  if (flag !== "true" && flag !== "false") return undefined;
  const timeout = waiting.get("timeout");
  const isForever = timeout !== undefined && takes.includes("blocking") && textOf(source, timeout) === "-1";
  const limit = isForever ? "none" : limitOf(source, timeout);
  if (flag === "false") return limit === "none" ? { own, isAtOnce: true } : undefined;
  if (limit === "other") return undefined;
  return {
    own,
    isAtOnce: false,
    ...(limit === "none" || timeout === undefined ? {} : { limit: textOf(source, timeout) }),
  };
}

/** `with lock:` -> `async with lock:`; among other managers in a block of its own. */
function enterUse({ source, python }: FixRequest, item: NodeId, twin: Twin, spelling: string): Rewritten | string {
  const clause = parentOf(source, item);
  const statement = parentOf(source, clause);
  const isOwn = (manager: NodeId): boolean => textOf(source, manager) === spelling;
  const items = withItems(source, statement);
  const mixed = `\`${spelling}\` is entered together with something else`;
  if (!twin.isEntered || source.tree.tokens(statement).includes("async")) return mixed;
  const reason = whyNoAwait(source, statement, python) ?? whyNotSuspend(source, statement, isOwn);
  if (reason) return reason;
  const start = startOf(source, statement);
  if (items.length === 1) return { edits: [{ start, end: start, text: "async " }] };
  const index = source.tree.children(clause).indexOf(item);
  const body = source.tree.child(statement, "body") as NodeId;
  const head = source.text.slice(start, startOf(source, body));
  const isOneLine = lineOf(source, start) === lineOf(source, endOf(source, clause));
  const isPlain = isFirstOnLine(source, start) && isOneLine && isFirstOnLine(source, startOf(source, body));
  if (!isPlain || /^with\s*\(/.test(head) || items.filter(({ value }) => isOwn(value)).length > 1) return mixed;
  const before = items.slice(0, index).flatMap(({ value }) => heldBy(source, value) ?? []);
  const isNested = [...ancestorsOf(source, statement)].some(
    (outer) => kindOf(source, outer) === "with_statement" && withItems(source, outer).some(({ value }) => isOwn(value)),
  );
  if (before.length > 0 || isNested) return before[0] ?? mixed;
  const parts = source.tree.children(clause).map((each) => textOf(source, each));
  const [indent, step] = [indentOf(source, start), indentStep(source, statement)];
  const heads = [
    ...(index > 0 ? [`with ${parts.slice(0, index).join(", ")}`] : []),
    `async with ${spelling}`,
    ...(index < parts.length - 1 ? [`with ${parts.slice(index + 1).join(", ")}`] : []),
  ];
  const text = heads.join(`:${source.newline}${indent}`).split(source.newline);
  const stepped = text.map((line, depth) => (depth === 0 ? line : indent + step.repeat(depth) + line.slice(indent.length)));
  const first = source.lineStarts[lineOf(source, endOf(source, clause)) + 1] as number;
  const lines = indentLines(source, first, endOf(source, body), step.repeat(heads.length - 1));
  return { edits: [{ start, end: endOf(source, clause), text: stepped.join(source.newline) }, ...lines] };
}
