/**
 * The life of an object in one coroutine: where it is made, in an assignment or a `with`, and every use of it. Says why where
 * it cannot be followed. Knows no library: which uses have a twin is said by the remedies.
 */

import { type AttributeUse, attributeUse } from "../http/response-life.js";
import { withItems } from "../text/awaiting.js";
import { isNested, isRead, mentionsOf } from "../text/flow.js";
import { bindingsOf, qualifiedName, scopeOfName } from "../text/scopes.js";
import {
  argumentsOf,
  contains,
  functionAround,
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  statementOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";

/** An object that a plain call in one function makes for a local variable. */
export interface HeldObject {
  readonly name: string;
  /** The call that makes it. */
  readonly construction: NodeId;
  /** The assignment's statement, or the `with` statement. */
  readonly statement: NodeId;
  readonly isManaged: boolean;
  /** Nothing else is made, or entered, by that statement. */
  readonly isSole: boolean;
}

export interface ObjectLife extends HeldObject {
  readonly uses: readonly AttributeUse[];
}

/**
 * The life of the local variable that `mention` reads. `noun`: for reasons, "client". `stores`: names of attributes that may
 * be assigned to.
 */
export function objectLifeOf(source: Source, mention: NodeId, noun: string, stores?: RegExp): ObjectLife | string {
  const held = heldObjectOf(source, mention, noun);
  if (typeof held === "string") return held;
  if (!held.isSole) return `\`${held.name}\` is not made by a plain call here`;
  const uses: AttributeUse[] = [];
  for (const read of held.reads) {
    const use = attributeUse(source, read, stores);
    if (typeof use === "string") return use.replaceAll("the response", `the ${noun}`);
    uses.push({ ...use, isSole: true, isNested: false });
  }
  return { ...held, uses };
}

/** What the local variable that is mentioned holds, and every read of it. */
export function heldObjectOf(
  source: Source,
  mention: NodeId,
  noun: string,
): (HeldObject & { readonly reads: readonly NodeId[] }) | string {
  const node = withoutParentheses(source, mention);
  if (kindOf(source, node) !== "identifier") return `the ${noun} is not a local variable: \`${textOf(source, node)}\``;
  const name = textOf(source, node);
  const own = functionAround(source, node);
  const bindings = bindingsOf(source, name, node);
  const [binding] = bindings;
  const scope = scopeOfName(source, name, node);
  if (binding === undefined || own === NO_NODE || scope?.node !== own)
    return `the ${noun} \`${name}\` is not made in this function, so others may use it`;
  if (bindings.length > 1) return `\`${name}\` is bound in more than one place`;
  const made = madeBy(source, binding.node);
  if (made === undefined) return `\`${name}\` is not made by a plain call here`;
  const reads: NodeId[] = [];
  for (const read of mentionsOf(source, name, node)) {
    if (read === binding.node) continue;
    if (!isRead(source, read)) return `\`${name}\` is bound in more than one place`;
    if (isNested(source, read, made.statement)) return `\`${name}\` is used in a nested function, a lambda or a generator`;
    reads.push(read);
  }
  return { name, reads, ...made };
}

/** The call that gives a variable its value, and the statement it stands in. */
function madeBy(source: Source, target: NodeId): Omit<HeldObject, "name"> | undefined {
  const statement = statementOf(source, target);
  const parent = parentOf(source, target);
  if (kindOf(source, parent) === "assignment" && kindOf(source, statement) === "expression_statement") {
    const right = source.tree.child(parent, "right");
    const isPlain = source.tree.child(parent, "type") === undefined && parentOf(source, parent) === statement;
    const value = right === undefined ? undefined : withoutParentheses(source, right);
    if (!isPlain || value === undefined || kindOf(source, value) !== "call") return undefined;
    return { construction: value, statement, isManaged: false, isSole: true };
  }
  if (kindOf(source, statement) !== "with_statement" || source.tree.tokens(statement).includes("async")) return undefined;
  const items = withItems(source, statement);
  const item = items.find((each) => each.target !== undefined && contains(source, each.target, target));
  if (item === undefined || source.tree.children(item.target as NodeId)[0] !== target) return undefined;
  const value = withoutParentheses(source, item.value);
  if (kindOf(source, value) !== "call") return undefined;
  return { construction: value, statement, isManaged: true, isSole: items.length === 1 };
}

/** `sqlite3.connect(...)` of `contextlib.closing(sqlite3.connect(...))`. */
export function closedBy(source: Source, construction: NodeId): NodeId | undefined {
  const callee = source.tree.child(construction, "function") as NodeId;
  const [inner, ...others] = argumentsOf(source, construction);
  if (qualifiedName(source, callee) !== "contextlib.closing" || inner === undefined || others.length > 0) return undefined;
  return kindOf(source, inner) === "call" ? inner : undefined;
}
