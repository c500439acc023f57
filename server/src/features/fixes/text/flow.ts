/**
 * Which reads of a local variable may see a value bound at some place. Judges by structure only and errs towards "may
 * see": statements run in order, a binding at the level of a suite hides what was bound before it.
 */

import { isBinding, scopeOfName } from "./scopes.js";
import {
  ancestorsOf,
  contains,
  endOf,
  functionAround,
  isSuite,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementsOf,
} from "./source.js";

/** Mentions of the variable that `name` is in the function around `site`, nested functions included. */
export function mentionsOf(source: Source, name: string, site: NodeId): NodeId[] {
  const scope = scopeOfName(source, name, site);
  return (source.scopes.mentions.get(name) ?? []).filter((mention) => scopeOfName(source, name, mention) === scope);
}

/** The variable has to be bound at the mention: it is no binding, or an augmented assignment, or `del name`. */
export function isRead(source: Source, mention: NodeId): boolean {
  if (!isBinding(source, mention)) return true;
  let parent = parentOf(source, mention);
  if (kindOf(source, parent) === "expression_list") parent = parentOf(source, parent);
  return /^(augmented_assignment|delete_statement)$/.test(kindOf(source, parent));
}

/** The mention stands in a function, lambda or class of its own inside the function around `site`. */
export function isNested(source: Source, mention: NodeId, site: NodeId): boolean {
  const limit = functionAround(source, site);
  for (const ancestor of ancestorsOf(source, mention)) {
    if (ancestor === limit) return false;
    if (/^(function_definition|lambda|class_definition|generator_expression)$/.test(kindOf(source, ancestor))) return true;
  }
  return false;
}

/**
 * The read may see a value that the statement `origin` (or a statement in it) bound to `name`. `origin` itself does not
 * hold the read.
 */
export function maySee(source: Source, name: string, read: NodeId, origin: NodeId): boolean {
  if (isNested(source, read, origin)) return true;
  const hiding = hidingStatement(source, name, read);
  const loop = commonLoop(source, read, origin);
  const isBefore = startOf(source, read) < startOf(source, origin);
  if (hiding === origin) return true;
  if (hiding === undefined) return !isBefore || loop !== undefined;
  // The loop runs the binding again on every round before it comes to the read.
  if (loop !== undefined && !contains(source, loop, hiding)) return true;
  if (isBefore) return false;
  return startOf(source, hiding) < startOf(source, origin) || contains(source, hiding, origin);
}

/** The nearest statement before the read that binds `name` whatever happens, on every way to the read. */
export function hidingStatement(source: Source, name: string, read: NodeId): NodeId | undefined {
  const limit = functionAround(source, read);
  let child = read;
  for (const ancestor of ancestorsOf(source, read)) {
    if (ancestor === limit && kindOf(source, ancestor) === "function_definition") return undefined;
    if (isSuite(source, ancestor)) {
      const before = statementsOf(source, ancestor).filter((statement) => endOf(source, statement) <= startOf(source, child));
      const hiding = before.reverse().find((statement) => bindsAlways(source, name, statement));
      if (hiding !== undefined) return hiding;
    } else if (headBinds(source, name, ancestor) && source.tree.child(ancestor, "body") === child) return ancestor;
    child = ancestor;
  }
  return undefined;
}

/** The statement binds `name` as soon as it ends without an exception. */
function bindsAlways(source: Source, name: string, statement: NodeId): boolean {
  const bound = (node: NodeId | undefined): boolean => node !== undefined && bindsName(source, name, node);
  switch (kindOf(source, statement)) {
    case "expression_statement": {
      let [assignment] = source.tree.children(statement);
      // `a = b = value` is an assignment whose value is an assignment.
      while (assignment !== undefined && kindOf(source, assignment) === "assignment") {
        const right = source.tree.child(assignment, "right");
        if (right !== undefined && bound(source.tree.child(assignment, "left"))) return true;
        assignment = right;
      }
      return false;
    }
    case "import_statement":
    case "import_from_statement":
      return bound(statement);
    case "function_definition":
    case "class_definition":
      return bound(source.tree.child(statement, "name"));
    // A context manager may swallow an exception, so only its head counts.
    case "with_statement":
      return headBinds(source, name, statement);
    default:
      return false;
  }
}

/** `for name in`, `with ... as name`: bound when the body begins. */
function headBinds(source: Source, name: string, statement: NodeId): boolean {
  switch (kindOf(source, statement)) {
    case "for_statement": {
      const left = source.tree.child(statement, "left");
      return left !== undefined && bindsName(source, name, left);
    }
    case "with_statement": {
      const clause = source.tree.children(statement).find((child) => kindOf(source, child) === "with_clause");
      return clause !== undefined && bindsName(source, name, clause);
    }
    default:
      return false;
  }
}

function bindsName(source: Source, name: string, node: NodeId): boolean {
  return (source.scopes.mentions.get(name) ?? []).some(
    (mention) => contains(source, node, mention) && isBinding(source, mention),
  );
}

/** The innermost loop of the function that holds both places. */
function commonLoop(source: Source, one: NodeId, other: NodeId): NodeId | undefined {
  const limit = functionAround(source, one);
  for (const ancestor of ancestorsOf(source, one)) {
    if (ancestor === limit) return undefined;
    if (/^(for|while)_statement$/.test(kindOf(source, ancestor)) && contains(source, ancestor, other)) return ancestor;
  }
  return undefined;
}
