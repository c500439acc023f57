/**
 * Who catches what: the `except` clauses and `contextlib.suppress` around a place, and the exceptions they name. Knows Python's
 * grammar and nothing of what raises.
 */
import { withItems } from "./awaiting.js";
import type { Edit } from "./edits.js";
import { qualifiedName } from "./scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  endOf,
  functionAround,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  withoutParentheses,
} from "./source.js";

export interface Handler {
  readonly statement: NodeId;
  readonly body: NodeId;
  /** The expressions that name what is caught. */
  readonly types: readonly NodeId[];
  /** `except` clause; undefined for contextlib.suppress. */
  readonly clause?: NodeId;
}

/** The handlers of the function whose bodies hold one of the places, innermost and first clause first. */
export function handlersAround(source: Source, places: readonly NodeId[]): Handler[] {
  const found: Handler[] = [];
  const seen = new Set<NodeId>();
  for (const node of places) {
    const limit = functionAround(source, node);
    for (const ancestor of ancestorsOf(source, node)) {
      if (ancestor === limit) break;
      const body = source.tree.child(ancestor, "body");
      if (body === undefined || seen.has(ancestor) || !contains(source, body, node)) continue;
      seen.add(ancestor);
      if (kindOf(source, ancestor) === "with_statement") {
        for (const { value } of withItems(source, ancestor)) {
          const types = suppressedTypes(source, value);
          if (types) found.push({ statement: ancestor, body, types });
        }
      }
      for (const clause of clausesOf(source, ancestor))
        found.push({ statement: ancestor, body, types: typesOf(source, clause), clause });
    }
  }
  return found;
}

export function clausesOf(source: Source, statement: NodeId): NodeId[] {
  return source.tree.children(statement).filter((child) => /^except(_group)?_clause$/.test(kindOf(source, child)));
}

/** `contextlib.suppress(A, B)`. */
export function suppressedTypes(source: Source, manager: NodeId): NodeId[] | undefined {
  const call = withoutParentheses(source, manager);
  const callee = kindOf(source, call) === "call" ? source.tree.child(call, "function") : undefined;
  if (callee === undefined || qualifiedName(source, callee) !== "contextlib.suppress") return undefined;
  return argumentsOf(source, call);
}

/** The expressions behind `except`, those of a tuple one by one. */
export function typesOf(source: Source, clause: NodeId): NodeId[] {
  return source.tree.children(clause).flatMap((child) => {
    if (kindOf(source, child) === "block") return [];
    const [expression] = kindOf(source, child) === "as_pattern" ? source.tree.children(child) : [child];
    if (expression === undefined) return [];
    const value = withoutParentheses(source, expression);
    return kindOf(source, value) === "tuple" ? source.tree.children(value) : [value];
  });
}

/** The edit that names other exceptions in the place of one; `isArgument`: of a call. */
export function replaceType(source: Source, type: NodeId, names: readonly string[], isArgument: boolean): Edit {
  const isListed = isArgument || kindOf(source, parentOf(source, type)) === "tuple";
  const text = isListed || names.length === 1 ? names.join(", ") : `(${names.join(", ")})`;
  return { start: startOf(source, type), end: endOf(source, type), text };
}
