/**
 * Where the response of a request goes in one function: the attribute that is read of the call itself, or every read of
 * the variable it is kept in. Says why where it cannot be followed. Knows no library: what each attribute means is said by
 * the remedies.
 */

import type { FixRequest } from "../request.js";
import { soleWithOf } from "../text/awaiting.js";
import { hidingStatement, isNested, isRead, maySee, mentionsOf } from "../text/flow.js";
import { isBinding } from "../text/scopes.js";
import {
  argumentsOf,
  contains,
  endOf,
  functionAround,
  hasComment,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";

/** `RESPONSE.NAME` or `RESPONSE.NAME(...)`. */
export interface AttributeUse {
  /** The call or the variable. */
  readonly response: NodeId;
  /** `RESPONSE.NAME` as a whole. */
  readonly attribute: NodeId;
  readonly name: string;
  /** The call of the attribute, where it is called. */
  readonly call?: NodeId;
  /** The value read can only be the response in question. */
  readonly isSole: boolean;
  /** It is read in a function, lambda or generator inside the one that makes the request. */
  readonly isNested: boolean;
  /** Where the response is handed to the function that reads it. */
  readonly at?: NodeId;
}

/** What a function reads of the response it is handed, or why that is not known; undefined when it is handed to none. */
export type HandedOn = (source: Source, value: NodeId) => readonly AttributeUse[] | string | undefined;

export interface ResponseLife {
  /** The statement the call stands in. */
  readonly statement: NodeId;
  /** The variable that the statement is an assignment to, or that its `with` binds. */
  readonly name?: string;
  /** The statement is `with REQUEST as name:`. */
  readonly isManaged: boolean;
  readonly uses: readonly AttributeUse[];
}

/** How the response of the call is used, or why it cannot be followed. `handedOn`: into which functions it is followed. */
export function lifeOf(request: FixRequest, call: NodeId, handedOn: HandedOn = () => undefined): ResponseLife | string {
  const { source } = request;
  const statement = statementOf(source, call);
  const [expression] = source.tree.children(statement);
  const kind = kindOf(source, statement);
  if (kind === "expression_statement" && expression !== undefined && kindOf(source, expression) === "assignment") {
    const right = source.tree.child(expression, "right");
    if (right !== undefined && withoutParentheses(source, right) === call) {
      if (source.tree.child(expression, "type") !== undefined) return "the variable of the response is annotated";
      return lifeOfVariable(source, statement, source.tree.child(expression, "left") as NodeId, { made: statement, handedOn });
    }
  }
  const block = soleWithOf(source, call);
  if (block !== undefined) {
    if (block.target === undefined) return { statement, isManaged: true, uses: [] };
    const life = lifeOfVariable(source, statement, block.target, { made: call, handedOn });
    return typeof life === "string" ? life : { ...life, isManaged: true };
  }
  // Nobody looks at it.
  if (kind === "expression_statement" && parentOf(source, call) === statement) return { statement, isManaged: false, uses: [] };
  const inside = handedOn(source, call);
  if (inside !== undefined) return typeof inside === "string" ? inside : { statement, isManaged: false, uses: inside };
  const use = attributeUse(source, call);
  return typeof use === "string" ? use : { statement, isManaged: false, uses: [{ ...use, isSole: true, isNested: false }] };
}

/** `response = requests.get(...)`, or `with requests.get(...) as response`. `made`: what is evaluated before the variable is bound. */
function lifeOfVariable(
  source: Source,
  statement: NodeId,
  target: NodeId,
  { made, handedOn }: { readonly made: NodeId; readonly handedOn: HandedOn },
): ResponseLife | string {
  if (kindOf(source, target) !== "identifier") return "the response is kept in more than a local variable";
  const name = textOf(source, target);
  const scope = source.scopes.at[target];
  if (scope?.node !== functionAround(source, statement) || scope.declared.has(name)) return `\`${name}\` is no local variable`;
  const mentions = mentionsOf(source, name, statement);
  const isOnlyBinding = mentions.every((mention) => mention === target || !isBinding(source, mention));
  if (mentions.some((mention) => contains(source, made, mention) && mention !== target))
    return `the request itself uses \`${name}\``;
  const uses: AttributeUse[] = [];
  for (const mention of mentions) {
    if (!isRead(source, mention) || contains(source, made, mention) || !maySee(source, name, mention, statement)) continue;
    if (isIdentityTest(source, mention)) continue;
    const inside = handedOn(source, mention);
    if (typeof inside === "string") return inside;
    if (inside !== undefined) {
      uses.push(...inside);
      continue;
    }
    const use = attributeUse(source, mention);
    if (typeof use === "string") return use;
    const isInner = isNested(source, mention, statement);
    const isSole = isInner ? isOnlyBinding : hidingStatement(source, name, mention) === statement;
    uses.push({ ...use, isSole, isNested: isInner });
  }
  return { statement, name, isManaged: false, uses };
}

/** `response is not None`. */
export function isIdentityTest(source: Source, mention: NodeId): boolean {
  const parent = parentOf(source, mention);
  return (
    kindOf(source, parent) === "comparison_operator" &&
    source.tree.tokens(parent).every((token) => /^is( not)?$/.test(token)) &&
    source.tree.children(parent).some((side) => kindOf(source, side) === "none")
  );
}

/** What is read of the response at `node`, or why that cannot be said. `stores`: names of attributes that may be assigned to. */
export function attributeUse(source: Source, node: NodeId, stores?: RegExp): Omit<AttributeUse, "isSole" | "isNested"> | string {
  let value = node;
  while (kindOf(source, parentOf(source, value)) === "parenthesized_expression") value = parentOf(source, value);
  const attribute = parentOf(source, value);
  if (kindOf(source, attribute) !== "attribute" || source.tree.child(attribute, "object") !== value) {
    return `the response itself is ${fateOf(source, value)}`;
  }
  const name = textOf(source, source.tree.child(attribute, "attribute") as NodeId);
  const outer = parentOf(source, attribute);
  const field = source.tree.field(attribute);
  if (source.text.charAt(startOf(source, attribute)) === "*") return "the response is unpacked";
  if (hasComment(source, startOf(source, attribute), endOf(source, attribute))) return "a comment stands inside the expression";
  const isStored = /assignment$/.test(kindOf(source, outer)) && field === "left" && !stores?.test(name);
  if (isStored || kindOf(source, outer) === "delete_statement") return `\`${name}\` of the response is assigned`;
  const called = kindOf(source, outer) === "call" && field === "function" ? outer : undefined;
  if (printsItself(source, called ?? attribute)) return "an f-string prints the text of the expression";
  return { response: node, attribute, name, ...(called === undefined ? {} : { call: called }) };
}

/** What becomes of a response, or another object, that is more than read. */
export function fateOf(source: Source, value: NodeId): string {
  const parent = parentOf(source, value);
  switch (kindOf(source, parent)) {
    case "argument_list":
    case "keyword_argument": {
      const call =
        kindOf(source, parent) === "argument_list" ? parentOf(source, parent) : parentOf(source, parentOf(source, parent));
      const callee = source.tree.child(call, "function");
      return callee === undefined ? "handed on" : `handed on to \`${textOf(source, callee)}\``;
    }
    case "return_statement":
      return "returned, so it is handed on to every caller";
    case "yield":
      return "yielded, so it is handed on";
    case "if_statement":
    case "elif_clause":
    case "while_statement":
    case "not_operator":
    case "boolean_operator":
    case "conditional_expression":
    case "assert_statement":
      return "tested, which is not the same in both";
    case "with_item":
      return "a context manager here";
    default:
      return "handed on, tested or kept";
  }
}

/** `f"{expression=}"`. */
function printsItself(source: Source, node: NodeId): boolean {
  const parent = parentOf(source, node);
  return (
    kindOf(source, parent) === "interpolation" && /^\s*=/.test(source.text.slice(endOf(source, node), endOf(source, parent)))
  );
}

/** `headers[...]`, `headers.get(...)`, `... in headers`: reads of one key of a mapping. */
export function isKeyRead(source: Source, mapping: NodeId): boolean {
  const outer = parentOf(source, mapping);
  switch (kindOf(source, outer)) {
    case "subscript":
      return source.tree.child(outer, "value") === mapping && !/assignment|delete/.test(kindOf(source, parentOf(source, outer)));
    case "attribute":
      return (
        textOf(source, source.tree.child(outer, "attribute") as NodeId) === "get" &&
        kindOf(source, parentOf(source, outer)) === "call"
      );
    case "comparison_operator":
      return (
        source.tree.tokens(outer).every((token) => /^(not )?in$/.test(token)) && source.tree.children(outer).at(-1) === mapping
      );
    default:
      return false;
  }
}

/** `raise_for_status()` or `close()` as a statement of its own: what it returns differs. */
export function isPlainCall(source: Source, { call }: Pick<AttributeUse, "call">): boolean {
  return (
    call !== undefined &&
    argumentsOf(source, call).length === 0 &&
    kindOf(source, parentOf(source, call)) === "expression_statement"
  );
}
