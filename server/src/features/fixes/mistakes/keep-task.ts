/**
 * A task that nothing keeps, kept until it is done, since the loop itself holds it by a weak reference only:
 *
 *     asyncio.create_task(work())   ->   task = asyncio.create_task(work())
 *                                        background_tasks.add(task)
 *                                        task.add_done_callback(background_tasks.discard)
 *
 * in a set of the module, or in one that the file keeps for this already.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { isOlder } from "../text/awaiting.js";
import { type Edit, insertBelowImports, localName } from "../text/edits.js";
import { bindingsOf, isBinding, qualifiedName, scopeOfName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  indentOf,
  isFirstOnLine,
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  textOf,
} from "../text/source.js";

export const keepTask: Remedy = { name: "keep-task", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  if (finding.rule !== "lost-task" || call === undefined) return undefined;
  const statement = statementOf(source, call);
  if (functionAround(source, call) === NO_NODE || kindOf(source, parentOf(source, statement)) === "module")
    return refuse("it stands outside of any function");
  const target = targetOf(source, statement, call);
  if (target === undefined) return refuse("the task is made inside of an expression");
  const keeper = keeperFor(request, statement);
  if (typeof keeper === "string") return refuse(keeper);
  const name = target.name ?? localName(source, call, "task");
  const start = startOf(source, statement);
  const end = endOf(source, statement);
  const isAlone = isFirstOnLine(source, start) && isLastOnLine(source, statement);
  const separator = isAlone ? source.newline + indentOf(source, start) : "; ";
  const at = isAlone ? endWithComment(source, end) : end;
  const lines = [`${keeper.text}.add(${name})`, `${name}.add_done_callback(${keeper.text}.discard)`];
  const edits: Edit[] = [...keeper.edits, { start: at, end: at, text: lines.map((line) => separator + line).join("") }];
  if (target.name === undefined) edits.push({ start, end: start, text: `${name} = ` });
  return {
    kind: "proposal",
    title: `Keep the task in \`${keeper.text}\` until it is done`,
    action: "quickfix",
    preferred: true,
    edits,
  };
}

/** The variable that the statement binds to the call, `name` undefined where it only makes it. */
function targetOf(source: Source, statement: NodeId, call: NodeId): { readonly name?: string } | undefined {
  if (kindOf(source, statement) !== "expression_statement") return undefined;
  const [expression] = source.tree.children(statement);
  if (expression === call) return startOf(source, statement) === startOf(source, call) ? {} : undefined;
  if (expression === undefined || kindOf(source, expression) !== "assignment") return undefined;
  const left = source.tree.child(expression, "left");
  if (left === undefined || kindOf(source, left) !== "identifier" || source.tree.child(expression, "right") !== call)
    return undefined;
  return { name: textOf(source, left) };
}

/** No other statement, on the line or in a suite on the line of its head, is near. */
function isLastOnLine(source: Source, statement: NodeId): boolean {
  const end = endOf(source, statement);
  return /^[ \t\f]*(#[^\r\n]*)?(\r|\n|$)/.test(source.text.slice(end));
}

/** Behind a comment on the line. */
function endWithComment(source: Source, end: number): number {
  return end + (/^[ \t\f]*#[^\r\n]*/.exec(source.text.slice(end))?.[0].length ?? 0);
}

interface Keeper {
  /** How the set is written at the place. */
  readonly text: string;
  readonly edits: readonly Edit[];
}

const NAMES = ["background_tasks", "running_tasks", "kept_tasks"];

function keeperFor(request: FixRequest, statement: NodeId): Keeper | string {
  const { source } = request;
  const known = knownKeeper(source, statement);
  if (known !== undefined) return { text: known, edits: [] };
  if (scopeOfName(source, "set", 0)) return "the name `set` means something else in this file";
  const name = NAMES.find((candidate) => !source.scopes.mentions.has(candidate));
  if (name === undefined) return "every name for a set of tasks is taken in this file";
  return { text: name, edits: [insertBelowImports(source, `${name}${annotation(request, statement)} = set()`)] };
}

/** Where the function around is annotated, so is the set. */
function annotation({ source, python }: FixRequest, statement: NodeId): string {
  const isTyped = source.tree.child(functionAround(source, statement), "return_type") !== undefined;
  if (!isTyped || isOlder(python, 3, 9)) return "";
  const place = insertBelowImports(source, "").start;
  const bindings = bindingsOf(source, "asyncio", 0);
  const isThere = bindings.some(({ node }) => {
    const owner = parentOf(source, statementOf(source, node));
    return kindOf(source, owner) === "module" && startOf(source, node) < place;
  });
  return isThere && bindings.every(({ target }) => target === "asyncio") ? ": set[asyncio.Task]" : "";
}

/** A set of this kind that is there: of the class around, else of the module. */
function knownKeeper(source: Source, statement: NodeId): string | undefined {
  const keepers = new Set<string>();
  for (const call of descendantsOf(source, 0)) {
    if (kindOf(source, call) !== "call") continue;
    const callee = source.tree.child(call, "function");
    const [argument] = argumentsOf(source, call);
    if (callee === undefined || argument === undefined || !/\.add_done_callback$/.test(textOf(source, callee))) continue;
    if (kindOf(source, argument) !== "attribute" || !textOf(source, argument).endsWith(".discard")) continue;
    const object = source.tree.child(argument, "object") as NodeId;
    if (kindOf(source, object) === "identifier" && isModuleSet(source, object, statement)) keepers.add(textOf(source, object));
    if (kindOf(source, object) === "attribute" && isOwnSet(source, object, statement)) return textOf(source, object);
  }
  return [...keepers][0];
}

/** The variable is a set of the module, seen from the statement, and bound once. */
function isModuleSet(source: Source, variable: NodeId, statement: NodeId): boolean {
  const name = textOf(source, variable);
  const { module } = source.scopes;
  if (scopeOfName(source, name, variable) !== module || scopeOfName(source, name, statement) !== module) return false;
  const bindings = (source.scopes.mentions.get(name) ?? []).filter(
    (mention) => isBinding(source, mention) && scopeOfName(source, name, mention) === module,
  );
  const [binding] = bindings;
  return bindings.length === 1 && binding !== undefined && isMadeSet(source, parentOf(source, binding), binding);
}

/** `self.tasks`, which `__init__` of the same class makes a set, seen from another of its methods. */
function isOwnSet(source: Source, attribute: NodeId, statement: NodeId): boolean {
  const method = functionAround(source, statement);
  const owner = classAround(source, method);
  const spelling = textOf(source, attribute);
  if (owner === undefined || !contains(source, owner, attribute) || !spelling.startsWith(`${receiverOf(source, method)}.`))
    return false;
  if (kindOf(source, source.tree.child(attribute, "object") as NodeId) !== "identifier") return false;
  return [...descendantsOf(source, owner)].some((node) => {
    const left = kindOf(source, node) === "assignment" ? source.tree.child(node, "left") : undefined;
    const maker = functionAround(source, node);
    if (left === undefined || textOf(source, left) !== spelling || classAround(source, maker) !== owner) return false;
    return textOf(source, source.tree.child(maker, "name") as NodeId) === "__init__" && isMadeSet(source, node, left);
  });
}

/** The class in whose body the function is defined. */
function classAround(source: Source, function_: NodeId): NodeId | undefined {
  if (function_ === NO_NODE) return undefined;
  const owner = [...ancestorsOf(source, function_)].find((node) => /^(function|class)_definition$/.test(kindOf(source, node)));
  return owner !== undefined && kindOf(source, owner) === "class_definition" ? owner : undefined;
}

/** The first parameter of a method without decorators. */
function receiverOf(source: Source, method: NodeId): string | undefined {
  const parameters = source.tree.child(method, "parameters");
  const first = parameters === undefined ? undefined : source.tree.children(parameters)[0];
  const isPlain = first !== undefined && kindOf(source, first) === "identifier";
  return isPlain && kindOf(source, parentOf(source, method)) !== "decorated_definition" ? textOf(source, first) : undefined;
}

function isMadeSet(source: Source, assignment: NodeId, left: NodeId): boolean {
  if (kindOf(source, assignment) !== "assignment" || source.tree.child(assignment, "left") !== left) return false;
  const right = source.tree.child(assignment, "right");
  if (right === undefined || kindOf(source, right) !== "call") return false;
  return qualifiedName(source, source.tree.child(right, "function") as NodeId) === "builtins.set";
}
