/**
 * Where the response of a request lives and what is done with it: the statements that move into the block of aiohttp, and
 * each use with the attribute it reads. Says why where the response cannot be followed.
 */
import { whyNoAwait } from "./awaiting.js";
import { freshName } from "./edits.js";
import { hidingStatement, isNested, isRead, maySee, mentionsOf } from "./flow.js";
import type { FixRequest } from "./request.js";
import { isBinding } from "./scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  hasComment,
  isFirstOnLine,
  isSuite,
  kindOf,
  lineOf,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementOf,
  statementsOf,
  textOf,
  withoutParentheses,
} from "./source.js";

export interface Use {
  /** The expression that is replaced. */
  readonly node: NodeId;
  /** The attribute of the response that is used. */
  readonly attribute: string;
}

export interface Plan {
  /** First and last statement that move into the block. */
  readonly first: NodeId;
  readonly last: NodeId;
  /** The request is bound to a variable by `first`, which disappears into the head of the block. */
  readonly isAssignment: boolean;
  readonly response: string;
  readonly uses: readonly Use[];
  /** Read the whole body at once, as requests does, since it is used later or not at all. */
  readonly readsFirst: boolean;
}

/** Where the response lives and how it is used, or why it cannot be followed. */
export function planOf(request: FixRequest, call: NodeId): Plan | string {
  const { source } = request;
  const statement = statementOf(source, call);
  const suite = parentOf(source, statement);
  if (!isSuite(source, suite) || !isFirstOnLine(source, startOf(source, statement)))
    return "the statement does not stand on a line of its own";
  const [expression] = source.tree.children(statement);
  const kind = kindOf(source, statement);
  if (kind !== "expression_statement" && kind !== "return_statement") return "the request is a part of a compound statement";
  if (kind === "expression_statement" && expression !== undefined && kindOf(source, expression) === "assignment") {
    const right = source.tree.child(expression, "right");
    if (right !== undefined && withoutParentheses(source, right) === call) return planAssignment(request, statement, expression);
  }
  return planExpression(request, call, statement);
}

/** `response = requests.get(...)`: every use stands in the statements that follow. */
function planAssignment(request: FixRequest, statement: NodeId, assignment: NodeId): Plan | string {
  const { source } = request;
  const target = source.tree.child(assignment, "left") as NodeId;
  if (kindOf(source, target) !== "identifier") return "the response is kept in more than a local variable";
  if (source.tree.child(assignment, "type") !== undefined) return "the variable of the response is annotated";
  const name = textOf(source, target);
  const mentions = mentionsOf(source, name, statement);
  const own = functionAround(source, statement);
  if (source.scopes.at[target]?.node !== own || source.scopes.at[target]?.declared.has(name))
    return `\`${name}\` is no local variable`;
  const seen = mentions.filter(
    (mention) => isRead(source, mention) && !contains(source, statement, mention) && maySee(source, name, mention, statement),
  );
  const uses: Use[] = [];
  const siblings = statementsOf(source, parentOf(source, statement));
  let last = statement;
  for (const mention of seen) {
    if (isNested(source, mention, statement)) return `\`${name}\` is used in a nested function, a lambda or a generator`;
    if (hidingStatement(source, name, mention) !== statement) return `\`${name}\` is also used where it may come from elsewhere`;
    const use = useOf(source, mention, request);
    if (typeof use === "string") return use;
    uses.push(use);
    const holder = siblings.find((sibling) => contains(source, sibling, mention)) as NodeId;
    if (holder > last) last = holder;
  }
  if (mentions.some((mention) => contains(source, statement, mention) && mention !== target))
    return `the request itself uses \`${name}\``;
  const moved = siblings.filter((sibling) => sibling >= statement && sibling <= last);
  if (
    mentions.some(
      (mention) =>
        mention !== target && isBinding(source, mention) && moved.some((sibling) => contains(source, sibling, mention)),
    )
  ) {
    return `\`${name}\` is assigned anew among its uses`;
  }
  const ended = ownLines(source, siblings, statement, last);
  if (typeof ended === "string") return ended;
  const closed = whyBodyClosed(source, uses);
  if (closed) return closed;
  const plan = { first: statement, last: ended, isAssignment: true, response: name, uses };
  if (moved.some((sibling) => [...runningIn(source, sibling)].some((node) => kindOf(source, node) === "yield"))) {
    return "the function yields between the request and the last use of its response";
  }
  return { ...plan, readsFirst: readsFirst(request, plan.uses, statement, last) };
}

/** aiohttp closes the response when raise_for_status raises: what was caught leaves no body to read. */
function whyBodyClosed(source: Source, uses: readonly Use[]): string | undefined {
  const raising = uses.filter((use) => use.attribute === "raise_for_status");
  const bodies = uses.filter((use) => BODY.test(use.attribute));
  for (const { node } of raising) {
    for (const ancestor of ancestorsOf(source, node)) {
      const body = kindOf(source, ancestor) === "try_statement" ? source.tree.child(ancestor, "body") : undefined;
      if (body === undefined || !contains(source, body, node)) continue;
      if (bodies.some((use) => use.node > node && !contains(source, body, use.node))) {
        return "the body is read after raise_for_status may have raised, and aiohttp has closed the response by then";
      }
    }
  }
  return undefined;
}

/** The last statement to move, with those that share its line; the first must have its lines for itself. */
function ownLines(source: Source, siblings: readonly NodeId[], first: NodeId, last: NodeId): NodeId | string {
  const after = siblings.find((sibling) => sibling > first);
  if (after !== undefined && lineOf(source, startOf(source, after)) === lineOf(source, endOf(source, first))) {
    return "another statement stands on the same line";
  }
  let end = last;
  for (const sibling of siblings) {
    if (sibling > end && lineOf(source, startOf(source, sibling)) === lineOf(source, endOf(source, end))) end = sibling;
  }
  return end;
}

/** `requests.get(...).json()` inside a statement, which moves into the block as it is. */
function planExpression(request: FixRequest, call: NodeId, statement: NodeId): Plan | string {
  const { source } = request;
  const isDropped = parentOf(source, call) === statement && kindOf(source, statement) === "expression_statement";
  const use = isDropped ? undefined : useOf(source, call, request);
  if (typeof use === "string") return use;
  const early = whyNotFirst(source, call, statement);
  if (early) return early;
  const ended = ownLines(source, statementsOf(source, parentOf(source, statement)), statement, statement);
  if (typeof ended === "string") return ended;
  const response = freshName(source, "response");
  return { first: statement, last: ended, isAssignment: false, response, uses: use ? [use] : [], readsFirst: isDropped };
}

/** Why the request cannot go to the head of its statement: something else is evaluated before it, or it may not run. */
function whyNotFirst(source: Source, call: NodeId, statement: NodeId): string | undefined {
  let child = call;
  for (const ancestor of ancestorsOf(source, call)) {
    switch (kindOf(source, ancestor)) {
      case "boolean_operator":
        if (source.tree.child(ancestor, "left") !== child) return "the request is made on a condition";
        break;
      case "conditional_expression":
        return "the request is made on a condition";
      case "comparison_operator":
        if (source.tree.children(ancestor).length > 2) return "the request is a part of a longer comparison";
        break;
      case "list_comprehension":
      case "set_comprehension":
      case "dictionary_comprehension":
      case "generator_expression":
        return "the request is made in a comprehension";
      case "yield":
      case "named_expression":
        return "the request is a part of a yield or a named expression";
      default:
        break;
    }
    if (ancestor === statement) break;
    child = ancestor;
  }
  const [expression] = source.tree.children(statement);
  let from = startOf(source, statement);
  let assignment = expression;
  while (assignment !== undefined && /assignment$/.test(kindOf(source, assignment))) {
    // Targets are stored to last; of an augmented one the old value is read first, which a plain name does not mind.
    const left = source.tree.child(assignment, "left") as NodeId;
    if (kindOf(source, assignment) === "augmented_assignment" && kindOf(source, left) !== "identifier")
      return "the target of the assignment is read before the request";
    assignment = source.tree.child(assignment, "right");
    if (assignment !== undefined) from = startOf(source, assignment);
  }
  for (const node of descendantsOf(source, statement)) {
    if (startOf(source, node) < from || startOf(source, node) >= startOf(source, call) || contains(source, node, call)) continue;
    if (
      /^(call|await|subscript|binary_operator|comparison_operator|named_expression|interpolation|list_comprehension)$/.test(
        kindOf(source, node),
      )
    ) {
      return "something else is evaluated before the request";
    }
  }
  return undefined;
}

/** What is done with the response at `node`, or why that has no twin. */
function useOf(source: Source, node: NodeId, request: FixRequest): Use | string {
  let value = node;
  while (kindOf(source, parentOf(source, value)) === "parenthesized_expression") value = parentOf(source, value);
  const attribute = parentOf(source, value);
  if (kindOf(source, attribute) !== "attribute" || source.tree.child(attribute, "object") !== value) {
    return "the response itself is handed on, tested or kept";
  }
  const name = textOf(source, source.tree.child(attribute, "attribute") as NodeId);
  const outer = parentOf(source, attribute);
  const field = source.tree.field(attribute);
  if (source.text.charAt(startOf(source, attribute)) === "*") return "the response is unpacked";
  if (hasComment(source, startOf(source, attribute), endOf(source, attribute))) return "a comment stands inside the expression";
  const isCalled = kindOf(source, outer) === "call" && field === "function";
  const isStored = /assignment$/.test(kindOf(source, outer)) && field === "left";
  if (isStored || kindOf(source, outer) === "delete_statement") return `\`${name}\` of the response is assigned`;
  if (kindOf(source, outer) === "interpolation" && whyNoAwait(source, attribute, request.python))
    return "an f-string prints the text of the expression";
  switch (name) {
    case "status_code":
    case "ok":
    case "reason":
      return isCalled ? `\`${name}\` of the response is called` : { node: attribute, attribute: name };
    case "headers":
      return isPlainHeaderUse(source, attribute)
        ? { node: attribute, attribute: name }
        : "the headers as a whole are used, which aiohttp holds differently";
    case "raise_for_status":
      return isCalled &&
        argumentsOf(source, outer).length === 0 &&
        kindOf(source, parentOf(source, outer)) === "expression_statement"
        ? { node: attribute, attribute: name }
        : "raise_for_status is not called as a statement";
    case "json":
      if (!isCalled || argumentsOf(source, outer).length > 0) return "json is not called without arguments";
      return awaitable(source, outer, name, request);
    case "text":
    case "content":
      if (isCalled) return `\`${name}\` of the response is called`;
      return awaitable(source, attribute, name, request);
    default:
      return `\`${name}\` of the response has no twin in aiohttp that is known to be equal`;
  }
}

function awaitable(source: Source, node: NodeId, attribute: string, request: FixRequest): Use | string {
  return whyNoAwait(source, node, request.python) ?? { node, attribute };
}

/** `headers[...]`, `headers.get(...)`, `... in headers`. */
function isPlainHeaderUse(source: Source, headers: NodeId): boolean {
  const outer = parentOf(source, headers);
  switch (kindOf(source, outer)) {
    case "subscript":
      return source.tree.child(outer, "value") === headers && !/assignment|delete/.test(kindOf(source, parentOf(source, outer)));
    case "attribute":
      return (
        textOf(source, source.tree.child(outer, "attribute") as NodeId) === "get" &&
        kindOf(source, parentOf(source, outer)) === "call"
      );
    case "comparison_operator":
      return (
        source.tree.tokens(outer).every((token) => /^(not )?in$/.test(token)) && source.tree.children(outer).at(-1) === headers
      );
    default:
      return false;
  }
}

const BODY = /^(json|text|content)$/;

/**
 * requests has the whole body when the call returns; aiohttp reads it when asked. The difference shows when the body is
 * asked for after something else waited, or never.
 */
function readsFirst(request: FixRequest, uses: readonly Use[], first: NodeId, last: NodeId): boolean {
  const { source } = request;
  if (uses.length === 0) return true;
  const bodies = uses.filter((use) => BODY.test(use.attribute));
  const lastBody = bodies.at(-1);
  if (lastBody === undefined) return false;
  const isBetween = (offset: number) => offset >= endOf(source, first) && offset < startOf(source, lastBody.node);
  for (let node = first; node < (source.tree.next[last] as number); node++) {
    if (kindOf(source, node) === "await" && isBetween(startOf(source, node))) return true;
    if (
      /^(with|for)_statement$/.test(kindOf(source, node)) &&
      source.tree.tokens(node).includes("async") &&
      isBetween(startOf(source, node))
    )
      return true;
  }
  const waits = request.host.findings(request.path).some((finding) => {
    const line = source.lineStarts[finding.location.start.line];
    return line !== undefined && isBetween(line + finding.location.start.column);
  });
  return waits;
}
