/**
 * May an `await` stand at some place, and would suspending the coroutine there change what the program does? Reads the
 * tree only.
 */

import { bindingsOf, firstClause, qualifiedName } from "./scopes.js";
import {
  ancestorsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementOf,
  textOf,
  withoutParentheses,
} from "./source.js";

/** A Python version: [3, 11]. */
export type PythonVersion = readonly [major: number, minor: number];

export function isOlder(python: PythonVersion, major: number, minor: number): boolean {
  return python[0] < major || (python[0] === major && python[1] < minor);
}

/**
 * Why no `await` may replace the expression `node`; undefined when it may. `turned`: functions that are about to become
 * coroutines.
 */
export function whyNoAwait(
  source: Source,
  node: NodeId,
  python: PythonVersion,
  turned: ReadonlySet<NodeId> = NONE,
): string | undefined {
  let comprehensions = 0;
  let child = node;
  for (const parent of ancestorsOf(source, node)) {
    switch (kindOf(source, parent)) {
      case "lambda":
        return "a lambda cannot await";
      case "generator_expression":
      case "list_comprehension":
      case "set_comprehension":
      case "dictionary_comprehension": {
        const clause = firstClause(source.tree, parent);
        const iterable = clause === child ? source.tree.child(clause, "right") : undefined;
        // The first iterable is evaluated before the comprehension starts.
        if (iterable !== undefined && contains(source, iterable, node)) break;
        if (kindOf(source, parent) === "generator_expression")
          return "an await would turn the generator expression into an asynchronous one";
        comprehensions++;
        if (comprehensions > 1 && isOlder(python, 3, 11)) return "an await in a nested comprehension needs Python 3.11";
        break;
      }
      case "interpolation": {
        const expression = source.tree.child(parent, "expression");
        if (expression !== undefined && /^\s*=/.test(source.text.slice(endOf(source, expression), endOf(source, parent)))) {
          return "the f-string prints the text of the expression (`=`), which would change";
        }
        break;
      }
      case "type":
        return "it stands in an annotation";
      case "decorator":
        return "it stands in a decorator";
      case "parameters":
        return "it is a default argument, evaluated when the function is defined";
      case "class_definition":
        return "it stands in a class body, which cannot await";
      case "function_definition":
        if (source.tree.child(parent, "body") !== child) return "it stands in the head of a function";
        if (turned.has(parent)) return undefined;
        return source.tree.tokens(parent).includes("async") ? undefined : "the function around it is not async";
      default:
        break;
    }
    child = parent;
  }
  return "it stands outside of any function";
}

const NONE: ReadonlySet<NodeId> = new Set();

/**
 * Why the coroutine must not be suspended at `node`; undefined when nothing speaks against it. `isFree`: context managers
 * that the fix itself makes fit to be held.
 */
export function whyNotSuspend(
  source: Source,
  node: NodeId,
  isFree: (manager: NodeId) => boolean = () => false,
): string | undefined {
  const limit = functionAround(source, node);
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === limit) return undefined;
    switch (kindOf(source, ancestor)) {
      case "with_statement": {
        const body = source.tree.child(ancestor, "body");
        if (body === undefined || !contains(source, body, node) || source.tree.tokens(ancestor).includes("async")) break;
        for (const item of withItems(source, ancestor)) {
          const held = isFree(item.value) ? undefined : heldBy(source, item.value);
          if (held) return held;
        }
        break;
      }
      case "for_statement": {
        const body = source.tree.child(ancestor, "body");
        const iterable = source.tree.child(ancestor, "right");
        if (body === undefined || iterable === undefined || !contains(source, body, node)) break;
        if (source.tree.tokens(ancestor).includes("async")) break;
        const reason = sharedIteration(source, iterable);
        if (reason) return reason;
        break;
      }
      case "list_comprehension":
      case "set_comprehension":
      case "dictionary_comprehension":
        for (const clause of source.tree.children(ancestor)) {
          const iterable = kindOf(source, clause) === "for_in_clause" ? source.tree.child(clause, "right") : undefined;
          if (iterable === undefined || contains(source, iterable, node)) continue;
          const reason = sharedIteration(source, iterable);
          if (reason) return reason;
        }
        break;
      default:
        break;
    }
  }
  return undefined;
}

export interface WithItem {
  /** The expression that makes the context manager. */
  readonly value: NodeId;
  /** What stands behind `as`. */
  readonly target?: NodeId;
}

export function withItems(source: Source, statement: NodeId): WithItem[] {
  const clause = source.tree.children(statement).find((child) => kindOf(source, child) === "with_clause");
  if (clause === undefined) return [];
  return source.tree.children(clause).flatMap((item) => {
    const value = source.tree.child(item, "value");
    if (value === undefined) return [];
    if (kindOf(source, value) !== "as_pattern") return [{ value }];
    const target = source.tree.child(value, "alias");
    const [expression] = source.tree.children(value);
    if (expression === undefined) return [];
    return [target === undefined ? { value: expression } : { value: expression, target }];
  });
}

/** The `with` statement whose only item, bound to a plain name or to none, is the expression. */
export function soleWithOf(source: Source, value: NodeId): WithBlock | undefined {
  const block = withOf(source, value);
  return block?.items.length === 1 ? block : undefined;
}

export interface WithBlock {
  readonly statement: NodeId;
  readonly target?: NodeId;
  /** All that the statement enters, parentheses left out. */
  readonly items: readonly NodeId[];
}

/** The `with` statement that enters the expression and binds it to a plain name or to none. */
export function withOf(source: Source, value: NodeId): WithBlock | undefined {
  const statement = [...ancestorsOf(source, value)].find((ancestor) => kindOf(source, ancestor) === "with_statement");
  if (statement === undefined || source.tree.tokens(statement).includes("async")) return undefined;
  const all = withItems(source, statement);
  const items = all.map((item) => withoutParentheses(source, item.value));
  const item = all[items.indexOf(value)];
  if (item === undefined) return undefined;
  if (item.target === undefined) return { statement, items };
  const [target] = source.tree.children(item.target);
  return target !== undefined && kindOf(source, target) === "identifier" ? { statement, target, items } : undefined;
}

const THREAD_LOCKS = /^(threading|multiprocessing|_thread)\.(R?Lock|Condition|Semaphore|BoundedSemaphore|allocate_lock)$/;
const LOCK_NAME = /(^|[._])(r?lock|mutex|semaphore|sem|cond|condition)(\(.*\))?$/i;
const LOCK_NAME_IN_CAMEL_CASE = /[a-z](Lock|Mutex|Semaphore)(\(.*\))?$/;
const PROCESS_WIDE = new Set([
  "contextlib.redirect_stdout",
  "contextlib.redirect_stderr",
  "contextlib.chdir",
  "warnings.catch_warnings",
]);

/** Methods whose context manager is a transaction of the connection that every task of this thread shares. */
const TRANSACTIONS = /\.(atomic|transaction|savepoint|connection_context|begin|begin_nested)$/;

/** Why nobody may wait under this context manager. */
export function heldBy(source: Source, manager: NodeId): string | undefined {
  const value = withoutParentheses(source, manager);
  if (isThreadLock(source, value))
    return `\`${textOf(source, value)}\` is held here, and a thread lock must not be held across an await`;
  if (kindOf(source, value) !== "call") return undefined;
  const callee = source.tree.child(value, "function") ?? value;
  if (TRANSACTIONS.test(textOf(source, callee))) {
    return `\`${textOf(source, value)}\` is open here: other tasks would work in its transaction, and other threads outside of it`;
  }
  const name = qualifiedName(source, callee);
  if (name === undefined || !PROCESS_WIDE.has(name)) return undefined;
  return `\`${name}\` changes the whole process: other tasks would run under it during an await`;
}

/** The expression is a lock of threads: by what is assigned to it in this text, else by its name. */
function isThreadLock(source: Source, value: NodeId): boolean {
  const made = assignedCalls(source, value);
  if (made.some((name) => THREAD_LOCKS.test(name))) return true;
  if (made.some((name) => name.startsWith("asyncio.") || name.startsWith("anyio.") || name.startsWith("trio."))) return false;
  if (kindOf(source, value) === "call") {
    const callee = source.tree.child(value, "function");
    if (callee !== undefined && THREAD_LOCKS.test(qualifiedName(source, callee) ?? "")) return true;
  }
  const spelling = textOf(source, value);
  return LOCK_NAME.test(spelling) || LOCK_NAME_IN_CAMEL_CASE.test(spelling);
}

/** Qualified names of the calls whose results are assigned to the same name or attribute anywhere in the text. */
function assignedCalls(source: Source, value: NodeId): string[] {
  return assignmentsTo(source, value).flatMap((right) => {
    const callee = kindOf(source, right) === "call" ? source.tree.child(right, "function") : undefined;
    const name = callee === undefined ? undefined : qualifiedName(source, callee);
    return name === undefined ? [] : [name];
  });
}

/** Values assigned to the variable or to the attribute of the same spelling. */
function assignmentsTo(source: Source, value: NodeId): NodeId[] {
  const spelling = textOf(source, value);
  const kind = kindOf(source, value);
  if (kind === "identifier") {
    return bindingsOf(source, spelling, value).flatMap((binding) => {
      const assignment = parentOf(source, binding.node);
      const right = binding.how === "assignment" ? source.tree.child(assignment, "right") : undefined;
      return right === undefined || source.tree.child(assignment, "left") !== binding.node ? [] : [right];
    });
  }
  if (kind !== "attribute") return [];
  const values: NodeId[] = [];
  for (let node = 0; node < source.parents.length; node++) {
    if (kindOf(source, node) !== "assignment") continue;
    const left = source.tree.child(node, "left");
    const right = source.tree.child(node, "right");
    if (left !== undefined && right !== undefined && textOf(source, left) === spelling) values.push(right);
  }
  return values;
}

const MUTATORS = new Set(
  "append extend insert remove pop popitem clear update add discard setdefault appendleft popleft difference_update intersection_update sort reverse".split(
    " ",
  ),
);
const VIEWS = new Set(["items", "values", "keys"]);

/** Why waiting inside this iteration is no good: another coroutine may change the container meanwhile. */
export function sharedIteration(source: Source, iterable: NodeId): string | undefined {
  const container = viewedContainer(source, withoutParentheses(source, iterable));
  if (container === undefined) return undefined;
  const spelling = textOf(source, container);
  const isShared = kindOf(source, container) === "attribute" || isModuleVariable(source, container);
  if (!isShared || !isMutatedSomewhere(source, spelling)) return undefined;
  return `it would wait while iterating over \`${spelling}\`, which other code of this file changes: iterate over a copy first`;
}

/** `x` of `x`, `x.items()`, `enumerate(x)`: what a `for` really walks over, when that is a variable or an attribute. */
function viewedContainer(source: Source, iterable: NodeId): NodeId | undefined {
  const kind = kindOf(source, iterable);
  if (kind === "identifier" || kind === "attribute") return iterable;
  if (kind !== "call") return undefined;
  const callee = source.tree.child(iterable, "function");
  if (callee === undefined) return undefined;
  if (kindOf(source, callee) === "attribute") {
    const name = source.tree.child(callee, "attribute");
    const object = source.tree.child(callee, "object");
    if (name === undefined || object === undefined || !VIEWS.has(textOf(source, name))) return undefined;
    return viewedContainer(source, object);
  }
  if (
    !["builtins.enumerate", "builtins.zip", "builtins.iter", "builtins.filter", "builtins.map"].includes(
      qualifiedName(source, callee) ?? "",
    )
  ) {
    return undefined;
  }
  const list = source.tree.child(iterable, "arguments");
  const last = list === undefined ? undefined : source.tree.children(list).at(-1);
  return last === undefined ? undefined : viewedContainer(source, last);
}

function isModuleVariable(source: Source, node: NodeId): boolean {
  if (kindOf(source, node) !== "identifier") return false;
  const [binding] = bindingsOf(source, textOf(source, node), node);
  return binding !== undefined && functionAround(source, binding.node) === NO_NODE;
}

function isMutatedSomewhere(source: Source, spelling: string): boolean {
  for (let node = 0; node < source.parents.length; node++) {
    const kind = kindOf(source, node);
    if (kind === "call") {
      const object = mutatedBy(source, node);
      if (object !== undefined && textOf(source, object) === spelling) return true;
    } else if (kind === "subscript") {
      const value = source.tree.child(node, "value");
      if (value === undefined || textOf(source, value) !== spelling) continue;
      if (isStored(source, node)) return true;
    }
  }
  return false;
}

/** The expression is assigned to or deleted. */
export function isStored(source: Source, node: NodeId): boolean {
  let child = node;
  for (const parent of ancestorsOf(source, node)) {
    const kind = kindOf(source, parent);
    if (kind === "assignment" || kind === "augmented_assignment") return source.tree.child(parent, "left") === child;
    if (kind === "for_statement" || kind === "for_in_clause") return source.tree.child(parent, "left") === child;
    if (kind === "delete_statement" || kind === "as_pattern_target") return true;
    if (!/^(pattern_list|tuple_pattern|list_pattern|list_splat_pattern|expression_list|tuple|list)$/.test(kind)) return false;
    child = parent;
  }
  return false;
}

/**
 * A value that other tasks see is read before the await and written after it (`self.n += await f()`, or a check of
 * `self.cache` before the call that fills it): what happens in between is lost. Such a fix is right in itself but wants
 * a look.
 */
export function straddlesSharedState(source: Source, node: NodeId): boolean {
  const limit = functionAround(source, node);
  const statement = statementOf(source, node);
  const [assignment] = source.tree.children(statement);
  if (assignment !== undefined && kindOf(source, assignment) === "augmented_assignment") {
    const left = source.tree.child(assignment, "left");
    if (left !== undefined && (kindOf(source, left) !== "identifier" || isOuterVariable(source, left))) return true;
  }
  const offset = startOf(source, statement);
  const written = [...storedAfter(source, limit, offset), ...mutatedAfter(source, limit, offset)];
  if (limit !== NO_NODE && written.length > 0) {
    for (const part of runningIn(source, source.tree.child(limit, "body") ?? limit)) {
      if (startOf(source, part) >= startOf(source, node)) break;
      const isAsked = isSeenByOthers(source, part) && !isStored(source, part) && !isMutated(source, part);
      if (isAsked && isAmong(written, textOf(source, part))) return true;
    }
  }
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === limit) return false;
    if (!/^(if_statement|while_statement|elif_clause)$/.test(kindOf(source, ancestor))) continue;
    const condition = source.tree.child(ancestor, "condition");
    if (condition === undefined) continue;
    for (const part of descendantsOf(source, condition)) {
      const kind = kindOf(source, part);
      const isShared = kind === "attribute" || kind === "subscript" || (kind === "identifier" && isOuterVariable(source, part));
      if (isShared && isAmong(written, textOf(source, part))) return true;
    }
  }
  return false;
}

function isAmong(written: readonly string[], spelling: string): boolean {
  return written.some((target) => target === spelling || target.startsWith(`${spelling}[`));
}

/** An outer variable, or an attribute of one or of a parameter. */
function isSeenByOthers(source: Source, node: NodeId): boolean {
  if (kindOf(source, node) === "identifier") return isOuterVariable(source, node);
  let root = node;
  while (kindOf(source, root) === "attribute") root = source.tree.child(root, "object") as NodeId;
  if (root === node || kindOf(source, root) !== "identifier") return false;
  const isParameter = bindingsOf(source, textOf(source, root), root).some(({ how }) => how === "parameter");
  return isParameter || isOuterVariable(source, root);
}

/** Spellings of what the function changes by a method behind an offset: `jobs` of `jobs.pop()`. */
function mutatedAfter(source: Source, limit: NodeId, offset: number): string[] {
  if (limit === NO_NODE) return [];
  return [...descendantsOf(source, limit)].flatMap((node) => {
    if (kindOf(source, node) !== "call" || startOf(source, node) < offset) return [];
    const object = mutatedBy(source, node);
    return object === undefined ? [] : [textOf(source, object)];
  });
}

/** `jobs` of `jobs.pop()`. */
function mutatedBy(source: Source, call: NodeId): NodeId | undefined {
  const callee = source.tree.child(call, "function");
  if (callee === undefined || kindOf(source, callee) !== "attribute") return undefined;
  const name = source.tree.child(callee, "attribute");
  return name !== undefined && MUTATORS.has(textOf(source, name)) ? source.tree.child(callee, "object") : undefined;
}

/** The expression is what a method changes: that alone asks nothing of it. */
function isMutated(source: Source, node: NodeId): boolean {
  const call = parentOf(source, parentOf(source, node));
  return kindOf(source, call) === "call" && mutatedBy(source, call) === node;
}

/** A variable that does not belong to the innermost function around it. */
function isOuterVariable(source: Source, node: NodeId): boolean {
  const bindings = bindingsOf(source, textOf(source, node), node);
  const own = functionAround(source, node);
  return bindings.some(
    (binding) => functionAround(source, binding.node) !== own && binding.how !== "import" && binding.how !== "definition",
  );
}

/** Spellings of what is assigned in the function behind an offset. */
function storedAfter(source: Source, limit: NodeId, offset: number): string[] {
  const spellings: string[] = [];
  if (limit === NO_NODE) return spellings;
  for (const node of descendantsOf(source, limit)) {
    const kind = kindOf(source, node);
    if (startOf(source, node) < offset || !/^(attribute|subscript|identifier)$/.test(kind)) continue;
    if (isStored(source, node)) spellings.push(textOf(source, node));
  }
  return spellings;
}
