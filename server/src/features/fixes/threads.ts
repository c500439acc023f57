/**
 * Why code must not move to another thread: it needs the running loop, the main thread, or something that belongs to the
 * thread that made it. Reads what the texts on a finding's path show; what they do not show is not known here.
 */
import type { Step } from "../../analysis/findings.js";
import { offsetAt } from "../../base/lines.js";
import { assignedCalls, isStored, withItems } from "./awaiting.js";
import type { FixRequest } from "./request.js";
import { bindingsOf, qualifiedName } from "./scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  readSource,
  runningIn,
  type Source,
  startOf,
  textOf,
} from "./source.js";

/** Primitives, by the start of their qualified name, and why they stay where they are. */
const BOUND_PRIMITIVES: readonly (readonly [RegExp, string])[] = [
  [/^asyncio\./, "it works on the running event loop"],
  [/^signal\./, "signals belong to the main thread"],
  [/^(tkinter|turtle|_tkinter)\./, "the user interface belongs to the main thread"],
  [/^playwright\.sync_api\./, "Playwright's synchronous objects belong to the thread that made them"],
  [/^django\./, "Django's connections belong to their thread: use sync_to_async"],
  [/^(threading|multiprocessing|_thread)\.(RLock|_RLock|Condition)\b/, "the lock would belong to another thread"],
  [/^threading\.local\b/, "it reads a value of its own thread"],
];

/** Why the call at the finding's first step must not run in a thread; undefined when nothing speaks against it. */
export function whyNotInThread(request: FixRequest, call: NodeId): string | undefined {
  const { finding, source } = request;
  if (finding.stall.class === "never") return "it never returns, in a thread neither";
  if (finding.gil === "held") return "it keeps the GIL, so the loop would stand still all the same";
  for (const step of finding.path) {
    const bound = BOUND_PRIMITIVES.find(([name]) => name.test(step.callee));
    if (bound) return bound[1];
  }
  return (
    whyNotCallee(source, call) ??
    whyNotStopIteration(request, call) ??
    whyNotSqlite(request, call) ??
    whyNotOnPath(request) ??
    whyNotArguments(request, call)
  );
}

/** `to_thread(f(x))` calls `f` on the loop and hands the thread its result. */
export function whyHandedToThread(source: Source, call: NodeId): string | undefined {
  const list = parentOf(source, call);
  const outer = parentOf(source, list);
  const callee = kindOf(source, list) === "argument_list" ? source.tree.child(outer, "function") : undefined;
  const name = callee === undefined ? "" : (/[^.]+$/.exec(textOf(source, callee))?.[0] ?? "");
  const position = { to_thread: 0, run_sync: 0, submit: 0, run_in_executor: 1 }[name];
  if (position === undefined || argumentsOf(source, outer)[position] !== call) return undefined;
  return `its result is what ${name} is to call: hand over the function and its arguments instead`;
}

function whyNotCallee(source: Source, call: NodeId): string | undefined {
  const callee = source.tree.child(call, "function");
  if (callee === undefined) return undefined;
  const name = qualifiedName(source, callee);
  if (name === "builtins.next" && argumentsOf(source, call).length < 2) {
    return "StopIteration cannot leave a thread: give next() a default";
  }
  if (kindOf(source, callee) !== "attribute") return undefined;
  const attribute = textOf(source, source.tree.child(callee, "attribute") as NodeId);
  const object = source.tree.child(callee, "object") as NodeId;
  if (attribute === "__next__") return "StopIteration cannot leave a thread";
  const made = assignedCalls(source, object);
  if (made.some((maker) => /^(threading|multiprocessing)\.(RLock|Condition)$/.test(maker)))
    return "the lock would belong to another thread";
  if (made.some((maker) => /^asyncio\./.test(maker))) return "it works on an object of the running event loop";
  return undefined;
}

/**
 * A function that calls next() without a default, where the coroutine is prepared to catch that: StopIteration never
 * arrives from a thread, the await would last for ever.
 */
function whyNotStopIteration(request: FixRequest, call: NodeId): string | undefined {
  if (!isStopCaught(request.source, call)) return undefined;
  for (const { source, definition } of functionsOnPath(request)) {
    for (const node of runningIn(source, definition)) {
      const callee = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
      if (callee === undefined || qualifiedName(source, callee) !== "builtins.next" || argumentsOf(source, node).length > 1)
        continue;
      return "it calls next() without a default, and StopIteration cannot leave a thread";
    }
  }
  return undefined;
}

/** A handler around the place catches StopIteration. */
function isStopCaught(source: Source, node: NodeId): boolean {
  const limit = functionAround(source, node);
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === limit) return false;
    const body = kindOf(source, ancestor) === "try_statement" ? source.tree.child(ancestor, "body") : undefined;
    if (body === undefined || !contains(source, body, node)) continue;
    const heads = source.tree.children(ancestor).filter((child) => kindOf(source, child) === "except_clause");
    const isCatching = (head: NodeId): boolean => {
      const types = source.tree.children(head).filter((child) => kindOf(source, child) !== "block");
      return types.length === 0 || types.some((type) => /\b(StopIteration|Exception|BaseException)\b/.test(textOf(source, type)));
    };
    if (heads.some(isCatching)) return true;
  }
  return false;
}

/** Callables among the arguments run in the thread too. */
function whyNotArguments(request: FixRequest, call: NodeId): string | undefined {
  const { source } = request;
  for (const argument of argumentsOf(source, call)) {
    const value = kindOf(source, argument) === "keyword_argument" ? source.tree.child(argument, "value") : argument;
    if (value === undefined) continue;
    const kind = kindOf(source, value);
    if (kind === "lambda") {
      const reason = whyNotBody(request, { path: request.path, source, definition: value });
      if (reason) return `its argument ${reason}`;
    }
    const body = kind === "identifier" || kind === "attribute" ? bodyOf(request, request.path, source, value) : undefined;
    const reason = body && whyNotBody(request, body);
    if (reason) return `\`${textOf(source, value)}\`, which it is given, ${reason}`;
  }
  return undefined;
}

/**
 * sqlite3 connections and what comes from them may be used only in the thread that made them, unless that was switched
 * off where they were made.
 */
function whyNotSqlite(request: FixRequest, call: NodeId): string | undefined {
  const { finding, source } = request;
  const bound = "an sqlite3 connection belongs to the thread that opened it (check_same_thread)";
  const last = finding.path.at(-1);
  const usesSqlite = last !== undefined && /^(_?sqlite3)\./.test(last.callee);
  const touched = [source.tree.child(call, "function"), ...argumentsOf(source, call)].some(
    (part) => part !== undefined && [...descendantsOf(source, part)].some((node) => isSqliteObject(source, node)),
  );
  if (touched) return bound;
  if (!usesSqlite) return undefined;
  const callee = source.tree.child(call, "function");
  if (finding.path.length === 1) {
    if (callee !== undefined && qualifiedName(source, callee) === "sqlite3.connect")
      return isShareable(source, call) ? undefined : bound;
    return makesShareableOnly(source) ? undefined : bound;
  }
  const inner = sourceOf(request, last.location.file);
  if (!inner) return bound;
  const holder = functionAtStep(inner, offsetAt(inner.lineStarts, inner.text, last.location.start));
  return holder !== undefined && keepsItsConnection(inner, holder) ? undefined : bound;
}

function isConnect(source: Source, node: NodeId): boolean {
  if (kindOf(source, node) !== "call") return false;
  const callee = source.tree.child(node, "function");
  return callee !== undefined && qualifiedName(source, callee) === "sqlite3.connect";
}

function isShareable(source: Source, connect: NodeId): boolean {
  return argumentsOf(source, connect).some((argument) => /^check_same_thread\s*=\s*False$/.test(textOf(source, argument)));
}

/** A name or attribute that holds a connection, or a cursor of one, made in this text and bound to its thread. */
function isSqliteObject(source: Source, node: NodeId): boolean {
  const kind = kindOf(source, node);
  if (kind !== "identifier" && kind !== "attribute") return false;
  return makers(source, node).some((value) => {
    if (isConnect(source, value)) return !isShareable(source, value);
    const callee = kindOf(source, value) === "call" ? source.tree.child(value, "function") : undefined;
    if (callee === undefined || kindOf(source, callee) !== "attribute") return false;
    const object = source.tree.child(callee, "object") as NodeId;
    const method = textOf(source, source.tree.child(callee, "attribute") as NodeId);
    return /^(cursor|execute|executemany|executescript)$/.test(method) && object !== node && isSqliteObject(source, object);
  });
}

/** Values that the variable or attribute is assigned, or is bound to by `with ... as`. */
function makers(source: Source, node: NodeId): NodeId[] {
  const values: NodeId[] = [];
  const spelling = textOf(source, node);
  const scoped =
    kindOf(source, node) === "identifier"
      ? new Set(bindingsOf(source, spelling, node).map((binding) => binding.node))
      : undefined;
  const isTarget = (target: NodeId) => (scoped ? scoped.has(target) : textOf(source, target) === spelling);
  for (let at = 0; at < source.parents.length; at++) {
    const kind = kindOf(source, at);
    if (kind === "assignment") {
      const left = source.tree.child(at, "left");
      const right = source.tree.child(at, "right");
      if (left !== undefined && right !== undefined && isTarget(left)) values.push(right);
    } else if (kind === "with_statement") {
      for (const item of withItems(source, at)) {
        const [target] = item.target === undefined ? [] : source.tree.children(item.target);
        if (target !== undefined && isTarget(target)) values.push(item.value);
      }
    }
  }
  return values;
}

function makesShareableOnly(source: Source): boolean {
  const connects = [...descendantsOf(source, 0)].filter((node) => isConnect(source, node));
  return connects.length > 0 && connects.every((connect) => isShareable(source, connect));
}

/** The function opens its connection itself, and hands nothing of it out. */
function keepsItsConnection(source: Source, definition: NodeId): boolean {
  const connects = [...runningIn(source, definition)].filter((node) => isConnect(source, node));
  if (connects.length === 0) return makesShareableOnly(source);
  if (connects.every((connect) => isShareable(source, connect))) return true;
  for (const node of runningIn(source, definition)) {
    if (/^(return_statement|yield)$/.test(kindOf(source, node))) {
      const [value] = source.tree.children(node);
      if (value !== undefined && (isConnect(source, value) || isSqliteObject(source, value))) return false;
    }
    if (isConnect(source, node)) {
      const holder = parentOf(source, node);
      if (kindOf(source, holder) !== "assignment") continue;
      const left = source.tree.child(holder, "left");
      if (left === undefined || kindOf(source, left) !== "identifier") return false;
    }
  }
  return true;
}

/** What the functions between the site and the primitive do besides. */
export function whyNotOnPath(request: FixRequest): string | undefined {
  const seen = new Set<string>();
  for (const { source, definition, step } of functionsOnPath(request)) {
    const reason = whyNotBody(request, { path: step.location.file, source, definition }, seen);
    if (reason) return `\`${step.function.split(".").at(-1)}\` ${reason}`;
  }
  return undefined;
}

/** A function on the path assigns to attributes, items or names that live longer than its call. */
export function changesSharedState(request: FixRequest): boolean {
  for (const { source, definition } of functionsOnPath(request)) {
    const name = source.tree.child(definition, "name");
    // A constructor fills an object that nobody else has yet.
    if (name !== undefined && /^__(init|new|post_init|enter)__$/.test(textOf(source, name))) continue;
    for (const node of runningIn(source, definition)) {
      const kind = kindOf(source, node);
      if (kind === "global_statement" || kind === "nonlocal_statement") return true;
      if ((kind === "attribute" || kind === "subscript") && isStored(source, node) && !isOwnObject(source, node, definition)) {
        return true;
      }
    }
  }
  return false;
}

/** The attribute or item belongs to something that the function made itself. */
function isOwnObject(source: Source, node: NodeId, definition: NodeId): boolean {
  let root = node;
  while (/^(attribute|subscript)$/.test(kindOf(source, root))) {
    root = (source.tree.child(root, "object") ?? source.tree.child(root, "value")) as NodeId;
  }
  if (kindOf(source, root) !== "identifier") return false;
  const bindings = bindingsOf(source, textOf(source, root), root);
  return (
    bindings.length > 0 && bindings.every(({ node: bound, how }) => how !== "parameter" && contains(source, definition, bound))
  );
}

interface PathFunction {
  readonly source: Source;
  readonly definition: NodeId;
  readonly step: Step;
}

function functionsOnPath(request: FixRequest): PathFunction[] {
  return request.finding.path.slice(1).flatMap((step) => {
    const source = sourceOf(request, step.location.file);
    if (!source) return [];
    const definition = functionAtStep(source, offsetAt(source.lineStarts, source.text, step.location.start));
    return definition === undefined ? [] : [{ source, definition, step }];
  });
}

function sourceOf(request: FixRequest, path: string): Source | undefined {
  if (path === request.path) return request.source;
  if (!request.others.has(path)) {
    const text = path === "" ? undefined : request.host.text(path);
    request.others.set(
      path,
      text === undefined ? undefined : readSource(request.grammar, text, () => request.host.flatTree?.(path)),
    );
  }
  return request.others.get(path);
}

/** The innermost function, lambda or generator expression that holds an offset. */
function functionAtStep(source: Source, offset: number): NodeId | undefined {
  let found: NodeId | undefined;
  for (let node = 0; node < source.parents.length; node++) {
    if (startOf(source, node) > offset) break;
    if (/^(function_definition|lambda|generator_expression)$/.test(kindOf(source, node)) && offset < endOf(source, node))
      found = node;
  }
  return found;
}

const LOOP_FUNCTIONS =
  /^asyncio\.(get_running_loop|get_event_loop|current_task|all_tasks|create_task|ensure_future|gather|shield|wait|wait_for|timeout|as_completed|Future|Task|TaskGroup|Timeout)$/;
const LOOP_METHODS = new Set(
  "call_soon call_later call_at create_task create_future run_until_complete ensure_future add_reader add_writer".split(" "),
);
const THREAD_ITSELF = /^(threading\.(current_thread|main_thread|get_ident|get_native_id)|asyncio\.current_task)$/;
const MAIN_THREAD = /^signal\.(signal|setitimer|alarm|set_wakeup_fd|siginterrupt)$/;
/** Methods of asyncio's own objects that are called, not awaited. */
const LOOP_OBJECT_METHODS = new Set(
  "put_nowait get_nowait set clear set_result set_exception cancel release notify notify_all write writelines".split(" "),
);

/** A function or lambda, and where its text comes from. */
export interface Body {
  readonly path: string;
  readonly source: Source;
  readonly definition: NodeId;
}

/** More functions than one looks through for a reason, and folders for a module. */
const MAX_BODIES = 200;
const MAX_LEVELS = 6;

/**
 * Why a function or lambda, and what it calls in the files that are at hand, must not run in a thread. Continues "`f` ...".
 */
export function whyNotBody(
  request: FixRequest,
  { path, source, definition }: Body,
  seen = new Set<string>(),
): string | undefined {
  const key = `${path}:${definition}`;
  if (seen.has(key) || seen.size > MAX_BODIES) return undefined;
  seen.add(key);
  for (const node of runningIn(source, definition)) {
    const reason = kindOf(source, node) === "call" ? whyNotCall(source, node) : whyNotMention(source, node);
    if (reason) return reason;
    const callee = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
    const called = callee === undefined ? undefined : bodyOf(request, path, source, callee);
    if (called === undefined || called.source.tree.tokens(called.definition).includes("async")) continue;
    const deeper = whyNotBody(request, called, seen);
    if (deeper) return deeper;
  }
  return undefined;
}

/** The function that a callee in the file `path` names: in that file, or by an import from a file beside or above it. */
export function bodyOf(request: FixRequest, path: string, source: Source, callee: NodeId): Body | undefined {
  const definition = definitionOf(source, callee);
  if (definition !== undefined) return { path, source, definition };
  const name = qualifiedName(source, callee);
  if (name === undefined || name.startsWith("builtins.")) return undefined;
  for (const [module, function_] of importedFiles(path, name)) {
    const other = sourceOf(request, module);
    if (!other) continue;
    const bindings = other.scopes.module.bindings.get(function_) ?? [];
    const [binding] = bindings;
    const found = binding && parentOf(other, binding.node);
    if (bindings.length === 1 && found !== undefined && kindOf(other, found) === "function_definition") {
      return { path: module, source: other, definition: found };
    }
  }
  return undefined;
}

/** Where `package.module.function` may stand, seen from `path`: files and the name in them. */
function importedFiles(path: string, name: string): [file: string, name: string][] {
  const dots = /^\.*/.exec(name)?.[0].length ?? 0;
  const parts = name.slice(dots).split(".");
  const function_ = parts.pop();
  const folders = path.split("/").slice(0, -1);
  if (function_ === undefined) return [];
  // A relative import starts at its own package, an absolute one at one of the folders above.
  const roots =
    dots > 0
      ? [folders.slice(0, folders.length - (dots - 1))]
      : folders.slice(0, MAX_LEVELS).map((_, index) => folders.slice(0, folders.length - index));
  return roots.flatMap((root): [string, string][] => {
    const module = [...root, ...parts].join("/");
    return [...(parts.length > 0 ? [[`${module}.py`, function_] as [string, string]] : []), [`${module}/__init__.py`, function_]];
  });
}

function whyNotCall(source: Source, call: NodeId): string | undefined {
  const callee = source.tree.child(call, "function");
  if (callee === undefined) return undefined;
  const name = qualifiedName(source, callee) ?? "";
  if (LOOP_FUNCTIONS.test(name)) return `uses the running event loop (\`${textOf(source, callee)}\`)`;
  if (THREAD_ITSELF.test(name)) return `asks which thread it runs in (\`${textOf(source, callee)}\`)`;
  if (MAIN_THREAD.test(name)) return "sets signal handlers, which only the main thread may";
  if (kindOf(source, callee) !== "attribute") return undefined;
  const object = source.tree.child(callee, "object") as NodeId;
  const method = textOf(source, source.tree.child(callee, "attribute") as NodeId);
  if (LOOP_METHODS.has(method)) return `uses the running event loop (\`${textOf(source, callee)}\`)`;
  if (!LOOP_OBJECT_METHODS.has(method) && method !== "reset") return undefined;
  const made = assignedCalls(source, object);
  if (made.some((maker) => maker.startsWith("asyncio."))) {
    return `works on \`${textOf(source, object)}\`, an object of the event loop`;
  }
  if (/^(set|reset)$/.test(method) && made.includes("contextvars.ContextVar")) {
    return `sets the context variable \`${textOf(source, object)}\`, which a thread cannot do for its caller`;
  }
  return undefined;
}

function whyNotMention(source: Source, node: NodeId): string | undefined {
  const kind = kindOf(source, node);
  if ((kind !== "identifier" && kind !== "attribute") || !/\blocal\(/.test(source.text)) return undefined;
  if (!assignedCalls(source, node).includes("threading.local")) return undefined;
  return `reads \`${textOf(source, node)}\`, which has a value of its own in each thread`;
}

/** The function of this text that a callee names: a function around it, or a method of the same class for `self.x`. */
function definitionOf(source: Source, callee: NodeId): NodeId | undefined {
  if (kindOf(source, callee) === "identifier") {
    const bindings = bindingsOf(source, textOf(source, callee), callee);
    const [binding] = bindings;
    const definition = binding && parentOf(source, binding.node);
    return bindings.length === 1 && definition !== undefined && kindOf(source, definition) === "function_definition"
      ? definition
      : undefined;
  }
  if (kindOf(source, callee) !== "attribute") return undefined;
  const object = source.tree.child(callee, "object") as NodeId;
  if (kindOf(source, object) !== "identifier" || !/^(self|cls)$/.test(textOf(source, object))) return undefined;
  const owner = classAround(source, callee);
  if (owner === NO_NODE) return undefined;
  const name = textOf(source, source.tree.child(callee, "attribute") as NodeId);
  const [binding] = [...new Set(source.scopes.at)].find((scope) => scope.node === owner)?.bindings.get(name) ?? [];
  const definition = binding && parentOf(source, binding.node);
  return definition !== undefined && kindOf(source, definition) === "function_definition" ? definition : undefined;
}

function classAround(source: Source, node: NodeId): NodeId {
  for (let at = parentOf(source, node); at !== NO_NODE; at = parentOf(source, at)) {
    if (kindOf(source, at) === "class_definition") return at;
  }
  return NO_NODE;
}
