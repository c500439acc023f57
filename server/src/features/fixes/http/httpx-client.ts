/**
 * What clients of httpx share. Each one that checks certificates reads them anew, which keeps the loop busy for some 50 ms:
 * a context that the module makes once is handed to all of them.
 */
import { awaitFrame, type Edit, freshName, indentLines, insertBelowImports, type Reference } from "../text/edits.js";
import { bindingsNamed, qualifiedName } from "../text/scopes.js";
import {
  endOf,
  expressionStart,
  functionAround,
  hasComment,
  indentOf,
  indentStep,
  isFirstOnLine,
  isSuite,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  NO_NODE,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementOf,
  statementsOf,
} from "../text/source.js";

const NAME = "SSL_CONTEXT";

/** The module's certificates, made where they are missing; undefined where they cannot be. `httpx`: how the module is named at `site`. */
export function certificatesFor(source: Source, site: NodeId, httpx: Reference): Reference | undefined {
  const known = [...source.scopes.module.bindings.keys()].find((name) => holdsContext(source, name, site));
  if (known !== undefined) return { text: known, edits: [] };
  if (httpx.edits.length === 0 && bindingsNamed(source, httpx.text).some(({ node }) => functionAround(source, node) !== NO_NODE))
    return undefined;
  const name = freshName(source, NAME);
  const lines = [
    "# Reading the certificates takes a while: once for all clients.",
    `${name} = ${httpx.text}.create_ssl_context()`,
  ];
  return { text: name, edits: [insertBelowImports(source, lines.join(source.newline))] };
}

/** `NAME = httpx.create_ssl_context()` at the top level, and nothing else. */
function holdsContext(source: Source, name: string, site: NodeId): boolean {
  const bindings = bindingsNamed(source, name);
  const [binding] = bindings;
  if (bindings.length !== 1 || binding === undefined || functionAround(source, binding.node) !== NO_NODE) return false;
  const right = source.tree.child(parentOf(source, binding.node), "right");
  const callee = right !== undefined && kindOf(source, right) === "call" ? source.tree.child(right, "function") : undefined;
  return binding.node < site && callee !== undefined && qualifiedName(source, callee) === "httpx.create_ssl_context";
}

/** A call that is made through a client of its own. */
export interface CallOfClient {
  /** The method of the client. */
  readonly method: string;
  /** What is changed among its arguments. */
  readonly edits: readonly Edit[];
  /** Arguments of the client, as text. */
  readonly client: readonly string[];
}

/** The statement moves into the block of a client, and the call is made through it, where it stands. */
export function wrapInClient(
  source: Source,
  call: NodeId,
  { client, method, edits: changed }: CallOfClient,
  library: string,
): Edit[] | string {
  const statement = statementOf(source, call);
  const suite = parentOf(source, statement);
  const start = startOf(source, statement);
  if (!isSuite(source, suite) || !isFirstOnLine(source, start)) return "the statement does not stand on a line of its own";
  const last = endOfLines(source, statement);
  if ([...runningIn(source, statement)].some((node) => kindOf(source, node) === "yield"))
    return "the statement yields, which would keep the client open";
  const callee = source.tree.child(call, "function") as NodeId;
  if (hasComment(source, startOf(source, callee), endOf(source, callee)))
    return "a comment stands inside the name of what is called";
  const name = freshName(source, "client", call);
  const line = lineStart(source, start);
  const [before, after] = awaitFrame(source, call);
  const head = `${indentOf(source, start)}async with ${library}.AsyncClient(${client.join(", ")}) as ${name}:${source.newline}`;
  const edits: Edit[] = [
    { start: line, end: line, text: head },
    // A line that goes with its argument needs no indentation.
    ...indentLines(source, line, lineEnd(source, last), indentStep(source, call)).filter(
      (indent) => !changed.some((edit) => edit.start <= indent.start && indent.start < edit.end),
    ),
    { start: expressionStart(source, call), end: endOf(source, callee), text: `${before}${name}.${method}` },
  ];
  if (after !== "") edits.push({ start: endOf(source, call), end: endOf(source, call), text: after });
  return edits;
}

/** The end of the statement, or of the last one that shares its line. */
export function endOfLines(source: Source, statement: NodeId): number {
  let end = endOf(source, statement);
  for (const sibling of statementsOf(source, parentOf(source, statement))) {
    if (sibling > statement && lineOf(source, startOf(source, sibling)) === lineOf(source, end)) end = endOf(source, sibling);
  }
  return end;
}
