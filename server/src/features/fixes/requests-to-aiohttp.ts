/**
 * A request whose response lives in one function, moved from requests to aiohttp:
 *
 *     response = requests.get(url, timeout=3)         async with aiohttp.ClientSession(trust_env=True) as session, session.get(
 *     response.raise_for_status()               ->        url, timeout=aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=3)
 *     return response.json()                          ) as response:
 *                                                         response.raise_for_status()
 *                                                         return await response.json(content_type=None)
 *
 * What the two libraries do differently is written out (time limits, proxies from the environment, JSON of any content
 * type) or a reason to refuse. Nothing is offered unless every use of the response is one whose twin is known.
 */
import { asyncLibraryOf } from "./asynchrony.js";
import { whyNoAwait, whyNotSuspend, withItems } from "./awaiting.js";
import { awaitFrame, type Edit, freshName, indentLines, moduleReferenceTo, referenceTo } from "./edits.js";
import { hidingStatement, isNested, isRead, maySee, mentionsOf } from "./flow.js";
import { isNumber, isString, literalOf } from "./literals.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "./request.js";
import { isBinding, qualifiedName } from "./scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  hasComment,
  indentStep,
  isFirstOnLine,
  isSuite,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
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

export const requestsToAiohttp: Remedy = { name: "requests-to-aiohttp", propose };

const METHODS = /^requests\.(?:api\.)?(get|post|put|delete|patch|head|options|request)$/;

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  const callee = finding.path[0]?.callee ?? "";
  if (/^requests\.(sessions\.)?Session\./.test(callee)) return refuse("requests made through a Session are not translated yet");
  const method = METHODS.exec(callee)?.[1];
  if (method === undefined) return undefined;
  if (call === undefined || finding.path[0]?.role !== "call") return refuse("the request is not a plain call");
  const name = qualifiedName(source, source.tree.child(call, "function") as NodeId);
  if (finding.confidence !== "definite" || !METHODS.test(name ?? ""))
    return refuse("the call may be something else than requests");
  if (asyncLibraryOf(source) !== "asyncio")
    return refuse("aiohttp runs on asyncio, and this file is written for another library");
  const reason = whyNoAwait(source, call, request.python) ?? whyNotSuspend(source, call) ?? whyNotCaught(source, call);
  if (reason) return refuse(reason);
  const aiohttp = moduleReferenceTo(source, call, "aiohttp", "requests");
  if (!aiohttp) return refuse("this file uses the name `aiohttp` for something else");
  const values = translateArguments(source, call, method, aiohttp.text);
  if (typeof values === "string") return refuse(values);
  const plan = planOf(request, call);
  if (typeof plan === "string") return refuse(plan);
  return {
    kind: "proposal",
    title: titleOf(request),
    action: "quickfix",
    preferred: false,
    edits: [...aiohttp.edits, ...rewrite(request, call, plan, method, values, aiohttp.text)],
  };
}

function titleOf(request: FixRequest): string {
  const { dependencies } = request;
  const isMissing = dependencies !== undefined && !dependencies.some((name) => name.toLowerCase() === "aiohttp");
  return `Fetch with aiohttp instead${isMissing ? " (aiohttp is not among the dependencies)" : ""}`;
}

// What is caught: the exceptions of the two libraries are different ones.

/** Why the exceptions of this request would no longer be caught, or now would be. */
function whyNotCaught(source: Source, call: NodeId): string | undefined {
  if (/\brequests_mock\b|^\s*import responses\b|\bpatch(\.object)?\(\s*["'][^"']*requests/m.test(source.text)) {
    return "this file puts a stand-in in the place of requests";
  }
  // Exceptions travel: whoever names them may wait for those of this request.
  for (const name of source.scopes.imported) {
    for (const mention of source.scopes.mentions.get(name) ?? []) {
      let node = mention;
      while (kindOf(source, parentOf(source, node)) === "attribute") node = parentOf(source, node);
      if (!isBinding(source, mention) && REQUESTS_ERRORS.test(qualifiedName(source, node) ?? "")) {
        return `\`${textOf(source, node)}\` is used in this file, and aiohttp raises other exceptions`;
      }
    }
  }
  const limit = functionAround(source, call);
  for (const ancestor of ancestorsOf(source, call)) {
    if (ancestor === limit) return undefined;
    const body = source.tree.child(ancestor, "body");
    if (body === undefined || !contains(source, body, call)) continue;
    if (kindOf(source, ancestor) === "with_statement") {
      const suppressed = withItems(source, ancestor).find(({ value }) => namesSystemError(source, value));
      if (suppressed) return `\`${textOf(source, suppressed.value)}\` is not about what aiohttp raises`;
    }
    for (const clause of source.tree.children(ancestor)) {
      if (!/^except(_group)?_clause$/.test(kindOf(source, clause))) continue;
      for (const type of source.tree.children(clause)) {
        if (kindOf(source, type) !== "block" && namesSystemError(source, type)) {
          return `\`${textOf(source, type)}\` is caught here, which is not what aiohttp raises`;
        }
      }
      if (readsCaught(source, clause)) return "an attribute of the caught exception is used, and aiohttp raises other exceptions";
    }
  }
  return undefined;
}

const REQUESTS_ERRORS =
  /^(requests\.(exceptions\b|packages\b|(\w*(Error|Exception|Warning|Timeout|Invalid\w+|TooManyRedirects|URLRequired|MissingSchema))$)|urllib3\b)/;

/** The expression names an exception of the operating system or of another library. */
function namesSystemError(source: Source, expression: NodeId): boolean {
  for (const part of descendantsOf(source, expression)) {
    if (!/^(identifier|attribute)$/.test(kindOf(source, part))) continue;
    if (/^(attribute|as_pattern_target)$/.test(kindOf(source, parentOf(source, part)))) continue;
    if (SYSTEM_ERRORS.test(qualifiedName(source, part) ?? textOf(source, part))) return true;
  }
  return false;
}

const SYSTEM_ERRORS =
  /^(builtins\.)?(OSError|IOError|EnvironmentError|Connection\w*Error|BrokenPipeError|TimeoutError|InterruptedError)$|^(socket|http|ssl|asyncio(?!\.CancelledError)|urllib|httpx|aiohttp)\b/;

/** `except Exception as error: error.response`. */
function readsCaught(source: Source, clause: NodeId): boolean {
  for (const node of descendantsOf(source, clause)) {
    if (kindOf(source, node) !== "as_pattern_target") continue;
    const name = textOf(source, node);
    return [...descendantsOf(source, clause)].some(
      (part) => kindOf(source, part) === "attribute" && textOf(source, source.tree.child(part, "object") as NodeId) === name,
    );
  }
  return false;
}

// Arguments.

interface Translated {
  /** Arguments of the session's method, as text. */
  readonly arguments: readonly string[];
}

const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  get: ["url", "params"],
  options: ["url"],
  head: ["url"],
  post: ["url", "data", "json"],
  put: ["url", "data"],
  patch: ["url", "data"],
  delete: ["url"],
  request: ["method", "url"],
};

/** The arguments for aiohttp, in the order they were evaluated in, or why one has no twin. */
function translateArguments(source: Source, call: NodeId, method: string, library: string): Translated | string {
  const translated: string[] = [];
  const given = new Set<string>();
  const list = source.tree.child(call, "arguments") as NodeId;
  if (hasComment(source, startOf(source, list), endOf(source, list))) return "a comment stands between the arguments";
  for (const [index, argument] of argumentsOf(source, call).entries()) {
    const kind = kindOf(source, argument);
    if (kind === "list_splat" || kind === "dictionary_splat") return "arguments are unpacked, so what is passed is not known";
    const isKeyword = kind === "keyword_argument";
    const name = isKeyword ? textOf(source, source.tree.child(argument, "name") as NodeId) : POSITIONAL[method]?.[index];
    const value = isKeyword ? source.tree.child(argument, "value") : argument;
    if (name === undefined || value === undefined) return "the call has more arguments than requests takes";
    given.add(name);
    const text = translateArgument(source, name, value, library);
    if (typeof text !== "string") return text.reason;
    if (text !== "") translated.push(!isKeyword && /^(url|method)$/.test(name) ? textOf(source, value) : text);
  }
  if (!given.has("url")) return "the call has no url";
  if (given.has("data") && given.has("json")) return "requests ignores `json` beside `data`, aiohttp refuses both";
  if (!given.has("timeout")) translated.push(`timeout=${library}.ClientTimeout(total=None)`);
  return { arguments: translated };
}

/** `name=value` for aiohttp; "" when it need not be said. */
function translateArgument(source: Source, name: string, value: NodeId, library: string): string | Refusal {
  const text = textOf(source, value);
  const literal = literalOf(source, value);
  const kind = kindOf(source, literal);
  switch (name) {
    case "method":
      return `method=${text}`;
    case "url":
      return whyNotUrl(source, value) ?? `url=${text}`;
    case "json":
      return `json=${text}`;
    case "params": {
      if (kind === "none") return "";
      const isPlain = isPlainDict(source, literal, (item) => isString(source, item) || isNumber(source, item));
      return isPlain
        ? `params=${text}`
        : refuse("`params` may hold None or True, which requests drops or spells and aiohttp refuses");
    }
    case "headers": {
      if (kind === "none") return "";
      return isPlainDict(source, literal, (item) => isString(source, item))
        ? `headers=${text}`
        : refuse("`headers` may hold None, which requests drops and aiohttp refuses");
    }
    case "data": {
      if (kind === "none") return "";
      return isPlainDict(source, literal, (item) => isString(source, item))
        ? `data=${text}`
        : refuse("`data` is no plain form: aiohttp would send another Content-Type");
    }
    case "timeout":
      return translateTimeout(source, value, literal, library);
    case "allow_redirects":
      return kind === "true" || kind === "false" ? `allow_redirects=${text}` : refuse("`allow_redirects` is not a constant");
    case "verify":
      if (kind === "true") return "";
      return kind === "false" ? "ssl=False" : refuse("`verify` names certificates, for which aiohttp wants an SSL context");
    case "stream":
      return kind === "false" ? "" : refuse("the response is streamed");
    case "auth": {
      const items = kind === "tuple" && kindOf(source, value) === "tuple" ? source.tree.children(literal) : [];
      if (items.length !== 2) return refuse("`auth` is no pair of name and password");
      return `auth=${library}.BasicAuth(${items.map((item) => textOf(source, item)).join(", ")})`;
    }
    default:
      return refuse(`\`${name}\` has no twin in aiohttp that is known to be equal`);
  }
}

/** yarl quotes anew what is quoted already. */
function whyNotUrl(source: Source, value: NodeId): Refusal | undefined {
  const literal = literalOf(source, value);
  for (const node of descendantsOf(source, literal)) {
    const isQuoted = kindOf(source, node) === "string_content" && textOf(source, node).includes("%");
    const callee = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
    const isQuoting = callee !== undefined && /(^|\.)(quote|quote_plus|urlencode)$/.test(textOf(source, callee));
    if (isQuoted || isQuoting) return refuse("the url is quoted already, and aiohttp would quote it anew");
  }
  return /^(none|integer|float|dictionary|list|tuple|lambda)$/.test(kindOf(source, literal))
    ? refuse("the url is no string")
    : undefined;
}

function isPlainDict(source: Source, literal: NodeId, isPlain: (value: NodeId) => boolean): boolean {
  if (kindOf(source, literal) !== "dictionary") return false;
  return source.tree.children(literal).every((pair) => {
    const key = source.tree.child(pair, "key");
    const value = source.tree.child(pair, "value");
    return kindOf(source, pair) === "pair" && key !== undefined && value !== undefined && isString(source, key) && isPlain(value);
  });
}

/** requests' number limits connecting and each read, never the whole. */
function translateTimeout(source: Source, value: NodeId, literal: NodeId, library: string): string | Refusal {
  const limit = (connect: string, read: string) =>
    `timeout=${library}.ClientTimeout(total=None, sock_connect=${connect}, sock_read=${read})`;
  const isLimit = (item: NodeId) => kindOf(source, item) === "none" || isRepeatable(source, item);
  switch (kindOf(source, literal)) {
    case "none":
      return `timeout=${library}.ClientTimeout(total=None)`;
    case "tuple": {
      const items = source.tree.children(literal);
      const [connect, read] = items;
      const isPair = items.length === 2 && connect !== undefined && read !== undefined && isLimit(connect) && isLimit(read);
      const isHere = kindOf(source, withoutParentheses(source, value)) === "tuple";
      if (!isPair) return refuse("`timeout` is no number and no pair of numbers");
      return isHere
        ? limit(textOf(source, connect), textOf(source, read))
        : limit(`${textOf(source, value)}[0]`, `${textOf(source, value)}[1]`);
    }
    default:
      return isRepeatable(source, value)
        ? limit(textOf(source, value), textOf(source, value))
        : refuse("`timeout` may be something else than a number");
  }
}

/** A number that may be written twice: a literal or a name. */
function isRepeatable(source: Source, value: NodeId): boolean {
  return isNumber(source, value) && /^(integer|float|identifier)$/.test(kindOf(source, withoutParentheses(source, value)));
}

// The response.

interface Use {
  /** The expression that is replaced. */
  readonly node: NodeId;
  /** The attribute of the response that is used. */
  readonly attribute: string;
}

interface Plan {
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
function planOf(request: FixRequest, call: NodeId): Plan | string {
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

// The new text.

/** Longer heads are broken inside their brackets. */
const MAX_LINE = 100;

function rewrite(request: FixRequest, call: NodeId, plan: Plan, method: string, values: Translated, library: string): Edit[] {
  const { source } = request;
  const { newline } = source;
  const session = freshName(source, "session");
  const start = startOf(source, plan.first);
  const line = lineStart(source, start);
  const indent = source.text.slice(line, start);
  const step = indentStep(source, call);
  const open = `async with ${library}.ClientSession(trust_env=True) as ${session}, ${session}.${method}(`;
  const close = `) as ${plan.response}:`;
  const given = values.arguments.join(", ");
  const isLong = indent.length + open.length + given.length + close.length > MAX_LINE;
  const head = isLong ? `${open}${newline}${indent}${step}${given}${newline}${indent}${close}` : open + given + close;
  const readAll = `${newline}${indent}${step}await ${plan.response}.read()`;
  const edits: Edit[] = [];
  if (plan.isAssignment || plan.uses.length === 0) {
    // The statement turns into the head of the block; a comment behind it stays where it is.
    edits.push({ start, end: endOf(source, plan.first), text: head });
    if (plan.readsFirst) {
      const end = lineEnd(source, endOf(source, plan.first));
      edits.push({ start: end, end, text: readAll });
    }
    const rest = statementsOf(source, parentOf(source, plan.first)).filter(
      (sibling) => sibling > plan.first && sibling <= plan.last,
    );
    const [next] = rest;
    if (next !== undefined)
      edits.push(...indentLines(source, startOfBlock(source, plan.first), lineEnd(source, endOf(source, plan.last)), step));
  } else {
    edits.push({ start: line, end: line, text: `${indent}${head}${newline}` });
    edits.push(...indentLines(source, line, lineEnd(source, endOf(source, plan.last)), step));
  }
  for (const use of plan.uses) edits.push(...rewriteUse(request, use, plan));
  return edits;
}

/** The line behind the one on which `statement` ends: comments between two statements move with the second. */
function startOfBlock(source: Source, statement: NodeId): number {
  const line = lineOf(source, endOf(source, statement));
  return source.lineStarts[line + 1] ?? source.text.length;
}

function rewriteUse(request: FixRequest, use: Use, plan: Plan): Edit[] {
  const { source } = request;
  const start = startOf(source, use.node);
  const end = endOf(source, use.node);
  const [before, after] = awaitFrame(source, use.node);
  const awaited = (text: string): Edit[] => [{ start, end, text: before + text + after }];
  switch (use.attribute) {
    case "status_code":
      return [{ start, end, text: `${before.startsWith(" ") ? " " : ""}${plan.response}.status` }];
    case "json":
      return jsonUse(request, use, plan);
    case "text":
      return awaited(`${plan.response}.text()`);
    case "content":
      return awaited(`${plan.response}.read()`);
    default: {
      // The same name: only the request in front of it goes.
      const object = source.tree.child(use.node, "object") as NodeId;
      return plan.isAssignment ? [] : [{ start, end: endOf(source, object), text: plan.response }];
    }
  }
}

/**
 * aiohttp gives None for an empty body where requests raises, which matters only where that is caught: there the body is
 * read by json itself.
 */
function jsonUse(request: FixRequest, use: Use, plan: Plan): Edit[] {
  const { source } = request;
  const start = startOf(source, use.node);
  const end = endOf(source, use.node);
  const [before, after] = awaitFrame(source, use.node);
  const isCaught = [...ancestorsOf(source, use.node)].some(
    (ancestor) => kindOf(source, ancestor) === "try_statement" && hasHandler(source, ancestor),
  );
  const loads = isCaught ? referenceTo(source, use.node, "json", "loads") : undefined;
  const space = before.startsWith(" ") ? " " : "";
  if (loads) return [...loads.edits, { start, end, text: `${space}${loads.text}(await ${plan.response}.read())` }];
  return [{ start, end, text: `${before}${plan.response}.json(content_type=None)${after}` }];
}

function hasHandler(source: Source, statement: NodeId): boolean {
  return source.tree.children(statement).some((child) => /^except(_group)?_clause$/.test(kindOf(source, child)));
}
