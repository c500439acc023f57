/**
 * May a part of a statement be computed by statements of its own, right before it? Only if nothing that could matter is
 * evaluated before it, and it is evaluated once and always. Reads the tree only.
 */
import {
  ancestorsOf,
  contains,
  descendantsOf,
  endOf,
  isFirstOnLine,
  isSuite,
  kindOf,
  lineOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
} from "./source.js";

/** Why `node` cannot be computed before its statement; undefined when it can. */
export function whyNotHoisted(source: Source, node: NodeId): string | undefined {
  const statement = statementOf(source, node);
  const suite = parentOf(source, statement);
  const isInline =
    isSuite(source, suite) && lineOf(source, startOf(source, suite)) === lineOf(source, startOf(source, parentOf(source, suite)));
  if (!isFirstOnLine(source, startOf(source, statement)) || (isInline && kindOf(source, suite) !== "module"))
    return "it takes several statements, and shares its line with another one";
  let child = node;
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === statement) break;
    if (isLazy(source, ancestor, child))
      return "it takes several statements, and is evaluated on some ways only, or again and again";
    child = ancestor;
  }
  if (!isHead(source, statement, child)) return "it takes several statements, and nothing can stand right before it";
  return isFirstEvaluated(source, node, child)
    ? undefined
    : "it takes several statements, and something else is evaluated before it";
}

/** `child` of `parent` may not be evaluated, or more than once. */
function isLazy(source: Source, parent: NodeId, child: NodeId): boolean {
  switch (kindOf(source, parent)) {
    case "boolean_operator":
      return source.tree.field(child) !== "left";
    case "conditional_expression":
      return source.tree.children(parent)[1] !== child;
    case "comparison_operator":
      return source.tree.children(parent).indexOf(child) > 1;
    case "augmented_assignment":
      return true;
    case "assignment":
      return source.tree.field(child) !== "right";
    case "await":
    case "argument_list":
    case "attribute":
    case "binary_operator":
    case "call":
    case "dictionary":
    case "expression_list":
    case "format_expression":
    case "interpolation":
    case "keyword_argument":
    case "list":
    case "list_splat":
    case "named_expression":
    case "not_operator":
    case "pair":
    case "parenthesized_expression":
    case "set":
    case "string":
    case "subscript":
    case "tuple":
    case "unary_operator":
    case "yield":
      return false;
    default:
      return true;
  }
}

/** The child of the statement is what it evaluates first, once. */
function isHead(source: Source, statement: NodeId, child: NodeId): boolean {
  switch (kindOf(source, statement)) {
    case "expression_statement":
    case "return_statement":
    case "raise_statement":
      return true;
    case "if_statement":
      return source.tree.field(child) === "condition";
    case "for_statement":
      return source.tree.field(child) === "right";
    default:
      return false;
  }
}

/** Names, constants, and operators, which come after what they stand before. */
const PLAIN =
  /^(identifier|attribute|string|string_\w+|escape_sequence|integer|float|true|false|none|type|not|is|is not|in|not in|\W+)$/;

/** Only names and constants stand before `node` in `head`, targets of assignments left out. */
function isFirstEvaluated(source: Source, node: NodeId, head: NodeId): boolean {
  const targets = [...descendantsOf(source, head)].filter(
    (part) => source.tree.field(part) === "left" && kindOf(source, parentOf(source, part)) === "assignment",
  );
  for (const part of descendantsOf(source, head)) {
    if (endOf(source, part) > startOf(source, node) || contains(source, part, node)) continue;
    if (targets.some((target) => contains(source, target, part))) continue;
    if (!PLAIN.test(kindOf(source, part))) return false;
  }
  return true;
}
