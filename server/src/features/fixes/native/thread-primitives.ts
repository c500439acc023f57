/**
 * A lock, event or queue of threads that only coroutines use becomes asyncio's: where it is made and at every use.
 *
 *     jobs = queue.Queue()        jobs = asyncio.Queue()
 *     jobs.put(1)            ->   await jobs.put(1)
 *     with self._lock:            async with self._lock:
 *
 * Only a variable of one coroutine, or a private attribute, all of whose uses stand in this file and are of a kind whose
 * twin does the same. What a subclass elsewhere does with the attribute is for the proof.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { isOlder, isStored, straddlesSharedState, whyNoAwait, whyNotSuspend, withItems } from "../text/awaiting.js";
import { awaitFrame, type Edit, referenceTo } from "../text/edits.js";
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
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  textOf,
} from "../text/source.js";

export const threadPrimitives: Remedy = { name: "thread-primitives", propose };

interface Twin {
  readonly name: string;
  /** Methods that are awaited, by how many arguments they may be given. */
  readonly awaited: Readonly<Record<string, number>>;
  /** Methods that stay as they are, likewise. */
  readonly same: Readonly<Record<string, number>>;
  readonly isEntered: boolean;
  /** Arguments it may be made with. */
  readonly made: number;
}

const LOCK = { awaited: { acquire: 0 }, same: { release: 0 }, isEntered: true, made: 1 };
const QUEUE = {
  awaited: { get: 0, put: 1, join: 0 },
  same: { qsize: 0, empty: 0, full: 0, task_done: 0 },
  isEntered: false,
  made: 1,
};

const TWINS: Readonly<Record<string, Twin>> = {
  "threading.Lock": { ...LOCK, name: "Lock", same: { release: 0, locked: 0 }, made: 0 },
  "threading.Semaphore": { ...LOCK, name: "Semaphore" },
  "threading.BoundedSemaphore": { ...LOCK, name: "BoundedSemaphore" },
  "threading.Event": { name: "Event", awaited: { wait: 0 }, same: { set: 0, clear: 0, is_set: 0 }, isEntered: false, made: 0 },
  "threading.Condition": {
    name: "Condition",
    awaited: { acquire: 0, wait: 0, wait_for: 1 },
    same: { release: 0, notify: 1, notify_all: 0 },
    isEntered: true,
    made: 0,
  },
  "queue.Queue": { ...QUEUE, name: "Queue" },
  "queue.LifoQueue": { ...QUEUE, name: "LifoQueue" },
  "queue.PriorityQueue": { ...QUEUE, name: "PriorityQueue" },
  "queue.SimpleQueue": { ...QUEUE, name: "Queue", awaited: { get: 0, put: 1 }, same: { qsize: 0, empty: 0 }, made: 0 },
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
  const uses = usesOf(source, object);
  if (typeof uses === "string") return refuse(uses);
  const makings = uses.filter((use) => isStored(source, use));
  const [making] = makings;
  const made = making === undefined ? undefined : madeBy(source, making);
  const class_ = made === undefined ? undefined : qualifiedName(source, source.tree.child(made, "function") as NodeId);
  if (making === undefined || made === undefined || class_ === undefined || makings.length > 1)
    return refuse(`this file does not show all that \`${spelling}\` may be`);
  const twin = TWINS[class_];
  if (twin === undefined) return refuse(`asyncio has no twin of ${class_}`);
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
  for (const use of uses) {
    if (use === making) continue;
    const rewritten = rewriteUse(request, use, twin, spelling);
    if (typeof rewritten === "string") return refuse(rewritten);
    edits.push(...rewritten);
  }
  const isLocal = kindOf(source, object) === "identifier";
  return {
    kind: "proposal",
    title: `Make \`${spelling}\` an asyncio.${twin.name}`,
    action: "quickfix",
    preferred: isLocal && finding.confidence === "definite" && !uses.some((use) => straddlesSharedState(source, use)),
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
function usesOf(source: Source, object: NodeId): readonly NodeId[] | string {
  const spelling = textOf(source, object);
  if (kindOf(source, object) === "identifier") {
    const scope = scopeOfName(source, spelling, object);
    if (scope?.kind === "module") return `\`${spelling}\` belongs to the module: other files and other event loops may use it`;
    if (scope?.kind !== "function" || !isCoroutine(source, scope.node)) return `\`${spelling}\` is no variable of a coroutine`;
    const mentions = mentionsOf(source, spelling, object);
    const declaration = mentions.find((mention) => isBinding(source, mention) && !isStored(source, mention));
    return declaration === undefined ? mentions : `\`${spelling}\` may be something that this coroutine is given`;
  }
  const name = textOf(source, source.tree.child(object, "attribute") as NodeId);
  if (!name.startsWith("_")) return `other files may use \`${spelling}\``;
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
    const name = qualifiedName(source, source.tree.child(node, "function") as NodeId) ?? "";
    if (name === "asyncio.run") runs++;
    if (/^(threading\.(Thread|Timer)|asyncio\.(new_event_loop|run_coroutine_threadsafe|Runner))$/.test(name) || runs > 1)
      return "this file runs code in other threads, or in several event loops";
  }
  return undefined;
}

function whyNotMadeHere({ source, python }: FixRequest, made: NodeId): string | undefined {
  const around = functionAround(source, made);
  if (around === NO_NODE) return "it is made outside of any function";
  if (isCoroutine(source, around) || !isOlder(python, 3, 10)) return undefined;
  return "before Python 3.10 asyncio's own belong to the loop that is there when they are made";
}

function rewriteUse(request: FixRequest, use: NodeId, twin: Twin, spelling: string): Edit[] | string {
  const { source, python } = request;
  const around = functionAround(source, use);
  if (!isCoroutine(source, around)) return `\`${spelling}\` is used outside of coroutines, too`;
  const isOwn = (manager: NodeId): boolean => textOf(source, manager) === spelling;
  const parent = parentOf(source, use);
  if (kindOf(source, parent) === "with_item") {
    const statement = parentOf(source, parentOf(source, parent));
    const isAlone = withItems(source, statement).length === 1 && source.tree.children(parent).length === 1;
    if (!twin.isEntered || !isAlone) return `\`${spelling}\` is entered together with something else`;
    const reason = whyNoAwait(source, statement, python) ?? whyNotSuspend(source, statement, isOwn);
    return reason ?? [{ start: startOf(source, statement), end: startOf(source, statement), text: "async " }];
  }
  const call = parentOf(source, parent);
  const isMethod = kindOf(source, parent) === "attribute" && source.tree.child(parent, "object") === use;
  if (!isMethod || kindOf(source, call) !== "call" || source.tree.child(call, "function") !== parent)
    return `\`${spelling}\` is handed on, or used as a value`;
  const method = textOf(source, source.tree.child(parent, "attribute") as NodeId);
  const given = argumentsOf(source, call);
  const isAwaited = Object.hasOwn(twin.awaited, method);
  const most = isAwaited ? twin.awaited[method] : Object.hasOwn(twin.same, method) ? twin.same[method] : undefined;
  if (most === undefined) return `asyncio's ${twin.name} has no \`${method}\` that does the same`;
  if (given.length > most || given.some((argument) => /_splat$|^keyword_argument$/.test(kindOf(source, argument))))
    return `\`${textOf(source, call)}\` takes other arguments in asyncio`;
  if (!isAwaited)
    return whyNoAwait(source, call, python) === undefined ? [] : `\`${spelling}\` is used outside of coroutines, too`;
  const reason = whyNoAwait(source, call, python) ?? whyNotSuspend(source, call, isOwn);
  if (reason) return reason;
  const [before, after] = awaitFrame(source, call);
  const start = expressionStart(source, call);
  const end = endOf(source, call);
  return [{ start, end: start, text: before }, ...(after ? [{ start: end, end, text: after }] : [])];
}
