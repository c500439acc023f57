/**
 * Files that a request sends: `files={"report": open(path, "rb")}`. aiohttp closes what it has sent, and httpx begins at the
 * start of the file, so it must be a file that only this request reads. Knows requests and no other library.
 */
import { withItems } from "../text/awaiting.js";
import { isRead, mentionsOf } from "../text/flow.js";
import { isString, literalOf } from "../text/literals.js";
import { bindingsOf, qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  functionAround,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  statementOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";

/** The dictionary of files, each named by a text and opened for this request only; undefined where that is not certain. */
export function ownFilesOf(
  source: Source,
  value: NodeId,
  isFile: (item: NodeId) => boolean = (item) => isOwnFile(source, item),
): NodeId | undefined {
  const isInline = kindOf(source, withoutParentheses(source, value)) === "dictionary";
  const literal = literalOf(source, value);
  if (kindOf(source, literal) !== "dictionary" || !(isInline || isReadOnce(source, value))) return undefined;
  const isPlain = source.tree.children(literal).every((pair) => {
    const key = source.tree.child(pair, "key");
    const item = source.tree.child(pair, "value");
    return kindOf(source, pair) === "pair" && key !== undefined && item !== undefined && isString(source, key) && isFile(item);
  });
  return isPlain ? literal : undefined;
}

/** `open(path, "rb")`, or the only use of a variable that stands for it. */
export function isOwnFile(source: Source, value: NodeId): boolean {
  const node = withoutParentheses(source, value);
  if (opensBinary(source, node)) return true;
  if (kindOf(source, node) !== "identifier" || !isReadOnce(source, node)) return false;
  const binding = bindingsOf(source, textOf(source, node), node)[0]?.node as NodeId;
  const owner = parentOf(source, binding);
  const made =
    kindOf(source, owner) === "assignment"
      ? source.tree.child(owner, "right")
      : withItems(source, statementOf(source, binding)).find(
          ({ target }) => target !== undefined && contains(source, target, binding),
        )?.value;
  return made !== undefined && opensBinary(source, withoutParentheses(source, made));
}

/** `("report.csv", file, "text/csv")`: all that a part says of itself. */
export function isNamedFile(source: Source, value: NodeId): boolean {
  const node = withoutParentheses(source, value);
  const [name, content, type, ...others] = kindOf(source, node) === "tuple" ? source.tree.children(node) : [];
  if (name === undefined || content === undefined || type === undefined || others.length > 0) return false;
  const isContent = isOwnFile(source, content) || /^[a-z]*b/i.test(textOf(source, content).split(/["']/)[0] ?? "");
  return isString(source, name) && isString(source, type) && (isContent || isString(source, content));
}

function opensBinary(source: Source, node: NodeId): boolean {
  const callee = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
  if (callee === undefined || qualifiedName(source, callee) !== "builtins.open") return false;
  const mode = argumentsOf(source, node).find((argument, index) => {
    if (kindOf(source, argument) !== "keyword_argument") return index === 1;
    return textOf(source, source.tree.child(argument, "name") as NodeId) === "mode";
  });
  return mode !== undefined && /^(mode\s*=\s*)?["'](rb|br)["']$/.test(textOf(source, mode));
}

/** The variable is bound once, and read here only, once for each time that it is bound. */
function isReadOnce(source: Source, value: NodeId): boolean {
  const node = withoutParentheses(source, value);
  const name = textOf(source, node);
  const [binding, ...others] = bindingsOf(source, name, node);
  if (binding === undefined || others.length > 0) return false;
  const limit = functionAround(source, node);
  if (functionAround(source, binding.node) !== limit) return false;
  if (mentionsOf(source, name, node).filter((mention) => isRead(source, mention)).length !== 1) return false;
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === limit || contains(source, ancestor, binding.node)) return true;
    if (/^(for|while)_statement$|comprehension$|^(lambda|generator_expression)$/.test(kindOf(source, ancestor))) return false;
  }
  return true;
}
