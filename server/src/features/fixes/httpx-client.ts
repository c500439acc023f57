/**
 * What clients of httpx share. Each one that checks certificates reads them anew, which keeps the loop busy for some 50 ms:
 * a context that the module makes once is handed to all of them.
 */
import { freshName, insertBelowImports, type Reference } from "./edits.js";
import { bindingsNamed, qualifiedName } from "./scopes.js";
import { functionAround, kindOf, NO_NODE, type NodeId, parentOf, type Source } from "./source.js";

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
