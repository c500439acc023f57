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
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "./request.js";
import { type Translated, translateArguments } from "./requests-arguments.js";
import { type Plan, planOf, type Use } from "./requests-response.js";
import { isBinding, qualifiedName } from "./scopes.js";
import {
  ancestorsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  indentStep,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementsOf,
  textOf,
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
