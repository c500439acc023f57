/**
 * What the tree shows of a value: that it is a plain string or number for certain, or which literal a name stands for.
 * Answers "yes" only where nothing else is possible.
 */

import { mentionsOf } from "./flow.js";
import { bindingsOf, isBinding, qualifiedName } from "./scopes.js";
import {
  argumentsOf,
  functionAround,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  statementOf,
  textOf,
  withoutParentheses,
} from "./source.js";

const DEPTH = 4;

/** The value is a `str` for certain. */
export function isString(source: Source, value: NodeId, depth = DEPTH): boolean {
  const node = withoutParentheses(source, value);
  switch (kindOf(source, node)) {
    case "string":
      return !/^[a-z]*b/i.test(textOf(source, node).split(/["']/)[0] as string);
    case "concatenated_string":
      return source.tree.children(node).every((part) => isString(source, part));
    case "binary_operator": {
      const left = source.tree.child(node, "left") as NodeId;
      const right = source.tree.child(node, "right") as NodeId;
      if (source.tree.tokens(node).includes("%")) return isString(source, left, depth);
      return source.tree.tokens(node).includes("+") && (isString(source, left, depth) || isString(source, right, depth));
    }
    case "conditional_expression": {
      const [then, , otherwise] = source.tree.children(node) as [NodeId, NodeId, NodeId];
      return isString(source, then, depth) && isString(source, otherwise, depth);
    }
    case "call":
      return callGives(source, node, "str", depth);
    default:
      return variableIs(source, node, "str", depth);
  }
}

/** The value is an `int` or a `float`, and no `bool`, for certain. */
export function isNumber(source: Source, value: NodeId, depth = DEPTH): boolean {
  const node = withoutParentheses(source, value);
  switch (kindOf(source, node)) {
    case "integer":
    case "float":
      return true;
    case "unary_operator":
      return isNumber(source, source.tree.child(node, "argument") as NodeId, depth);
    case "binary_operator": {
      const left = source.tree.child(node, "left") as NodeId;
      const right = source.tree.child(node, "right") as NodeId;
      return (
        source.tree.tokens(node).some((token) => /^(\+|-|\*|\/|\/\/|%)$/.test(token)) &&
        isNumber(source, left, depth) &&
        isNumber(source, right, depth)
      );
    }
    case "call":
      return callGives(source, node, "number", depth);
    default:
      return variableIs(source, node, "number", depth);
  }
}

const STRING_METHODS = new Set(
  "format strip lstrip rstrip lower upper title replace join removeprefix removesuffix zfill".split(" "),
);

function callGives(source: Source, call: NodeId, type: "str" | "number", depth: number): boolean {
  const callee = source.tree.child(call, "function") as NodeId;
  const name = qualifiedName(source, callee);
  if (type === "number")
    return name === "builtins.int" || name === "builtins.float" || name === "builtins.len" || name === "time.time";
  if (name === "builtins.str" || name === "builtins.repr" || name === "json.dumps") return true;
  if (kindOf(source, callee) !== "attribute") return false;
  const method = textOf(source, source.tree.child(callee, "attribute") as NodeId);
  return STRING_METHODS.has(method) && isString(source, source.tree.child(callee, "object") as NodeId, depth);
}

/** A variable all of whose bindings have the type: a parameter annotated so, or assignments of such values. */
function variableIs(source: Source, node: NodeId, type: "str" | "number", depth: number): boolean {
  if (kindOf(source, node) !== "identifier" || depth === 0) return false;
  const bindings = bindingsOf(source, textOf(source, node), node);
  if (bindings.length === 0) return false;
  return bindings.every((binding) => {
    const owner = parentOf(source, binding.node);
    if (binding.how === "parameter") return isAnnotated(source, owner, type);
    if (binding.how !== "assignment" || source.tree.child(owner, "left") !== binding.node) return false;
    const right = source.tree.child(owner, "right");
    if (right === undefined) return false;
    return type === "str" ? isString(source, right, depth - 1) : isNumber(source, right, depth - 1);
  });
}

function isAnnotated(source: Source, parameter: NodeId, type: "str" | "number"): boolean {
  if (!/^typed_(default_)?parameter$/.test(kindOf(source, parameter))) return false;
  const annotation = source.tree.child(parameter, "type");
  const value = source.tree.child(parameter, "value");
  const names = type === "str" ? /^["']?str["']?$/ : /^["']?(int|float|int \| float|float \| int)["']?$/;
  if (annotation === undefined || !names.test(textOf(source, annotation))) return false;
  if (kindOf(source, source.tree.children(parameter)[0] as NodeId) !== "identifier") return false;
  return value === undefined || (type === "str" ? isString(source, value, 1) : isNumber(source, value, 1));
}

/**
 * The expression a name stands for: itself when it is no name, else the value of its only binding, if nothing in the text
 * can have changed that value since. A `dict` counts as changed when it is mentioned anywhere but as `used`.
 */
export function literalOf(source: Source, value: NodeId, depth = DEPTH): NodeId {
  const node = withoutParentheses(source, value);
  if (kindOf(source, node) !== "identifier" || depth === 0) return node;
  const name = textOf(source, node);
  const bindings = bindingsOf(source, name, node);
  const [binding] = bindings;
  if (bindings.length !== 1 || binding?.how !== "assignment") return node;
  const assignment = parentOf(source, binding.node);
  const right = source.tree.child(assignment, "right");
  if (right === undefined || source.tree.child(assignment, "left") !== binding.node) return node;
  const isLocal = functionAround(source, binding.node) !== -1;
  if (isLocal && (functionAround(source, binding.node) !== functionAround(source, node) || binding.node > node)) return node;
  const literal = literalOf(source, right, depth - 1);
  if (/^(integer|float|string|concatenated_string|unary_operator|tuple|none|true|false)$/.test(kindOf(source, literal)))
    return literal;
  const isUntouched = mentionsOf(source, name, node).every(
    (mention) => isBinding(source, mention) || isHandedOn(source, mention),
  );
  return isUntouched ? literal : node;
}

export interface FilledDict {
  /** The `dictionary` it begins as. */
  readonly literal: NodeId;
  /** `name[key] = value`, anywhere. */
  readonly stores: readonly { readonly key: NodeId; readonly value: NodeId }[];
}

/** The dictionary that a value is or a variable stands for, with all that may be put into it later; undefined where that is not known. */
export function filledDictOf(source: Source, value: NodeId): FilledDict | undefined {
  const literal = literalOf(source, value);
  if (kindOf(source, literal) === "dictionary") return { literal, stores: [] };
  const name = textOf(source, literal);
  const [binding, ...others] = kindOf(source, literal) === "identifier" ? bindingsOf(source, name, literal) : [];
  if (binding?.how !== "assignment" || others.length > 0) return undefined;
  if (functionAround(source, binding.node) !== functionAround(source, literal)) return undefined;
  const right = source.tree.child(parentOf(source, binding.node), "right");
  if (right === undefined || kindOf(source, right) !== "dictionary") return undefined;
  const stores: { key: NodeId; value: NodeId }[] = [];
  for (const mention of mentionsOf(source, name, literal)) {
    if (isBinding(source, mention) || isHandedOn(source, mention)) continue;
    const item = parentOf(source, mention);
    const assignment = parentOf(source, item);
    const isStore =
      kindOf(source, item) === "subscript" &&
      source.tree.field(mention) === "value" &&
      kindOf(source, assignment) === "assignment" &&
      source.tree.field(item) === "left";
    const key = isStore ? source.tree.child(item, "subscript") : undefined;
    const stored = isStore ? source.tree.child(assignment, "right") : undefined;
    if (key === undefined || stored === undefined) return undefined;
    stores.push({ key, value: stored });
  }
  return { literal: right, stores };
}

/** The variable is passed to a function of requests or aiohttp, which leave it as it is. */
function isHandedOn(source: Source, mention: NodeId): boolean {
  const parent = parentOf(source, mention);
  if (kindOf(source, parent) === "argument_list") {
    const callee = source.tree.child(parentOf(source, parent), "function");
    return callee !== undefined && /\.headers\.update$/.test(textOf(source, callee));
  }
  if (kindOf(source, parent) !== "keyword_argument" || source.tree.field(mention) !== "value") return false;
  const call = parentOf(source, parentOf(source, parent));
  if (kindOf(source, call) !== "call" || !argumentsOf(source, call).includes(parent)) return false;
  return (
    /^(params|headers|json|data|files|cookies|timeout)$/.test(textOf(source, source.tree.child(parent, "name") as NodeId)) &&
    statementOf(source, call) > 0
  );
}
