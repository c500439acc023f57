/**
 * Text edits, and the one place that knows how Python text is put together: imports in the right place, suites moved one
 * step in, `await` in front of an expression. Keeps comments, quotes, line ends, tabs and continuation lines as they are.
 */

import { type Binding, bindingsOf, scopeOfName } from "./scopes.js";
import {
  contains,
  descendantsOf,
  endOf,
  expressionStart,
  functionAround,
  isFirstOnLine,
  isInString,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  statementsOf,
  textEndOfLine,
  textOf,
} from "./source.js";
import { isStandardModule } from "./standard-modules.js";

/** Replaces [start, end) by `text`; offsets are UTF-16 code units of the text the fix was made for. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Edits of one file. */
export interface FileEdits {
  readonly path: string;
  readonly edits: readonly Edit[];
}

/** Applies edits that are sorted and do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** One set of edits that does what `first` and then `second`, edits of the text it makes, do; all of them arranged. */
export function composeEdits(first: readonly Edit[], second: readonly Edit[], length: number): Edit[] {
  let pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, text } of first) {
    pieces.push({ start: at, end: start }, text);
    at = end;
  }
  pieces.push({ start: at, end: length });
  for (const { start, end, text } of [...second].reverse()) {
    const [before, rest] = splitPieces(pieces, start);
    pieces = [...before, text, ...splitPieces(rest, end - start)[1]];
  }
  const edits: Edit[] = [];
  let kept = 0;
  let text = "";
  for (const piece of [...pieces, { start: length, end: length }]) {
    if (typeof piece === "string") text += piece;
    else if (piece.end > piece.start || piece.start === length) {
      if (text !== "" || piece.start > kept) edits.push({ start: kept, end: piece.start, text });
      kept = piece.end;
      text = "";
    }
  }
  return edits;
}

/** A stretch of the first text that stays, or a new text. */
type Piece = string | { readonly start: number; readonly end: number };

/** The pieces before and behind an offset in the text that they make. */
function splitPieces(pieces: readonly Piece[], offset: number): readonly [Piece[], Piece[]] {
  let left = offset;
  for (const [index, piece] of pieces.entries()) {
    const length = typeof piece === "string" ? piece.length : piece.end - piece.start;
    if (left <= length) {
      const cut: readonly [Piece, Piece] =
        typeof piece === "string"
          ? [piece.slice(0, left), piece.slice(left)]
          : [
              { start: piece.start, end: piece.start + left },
              { start: piece.start + left, end: piece.end },
            ];
      return [
        [...pieces.slice(0, index), cut[0]],
        [cut[1], ...pieces.slice(index + 1)],
      ];
    }
    left -= length;
  }
  return [[...pieces], []];
}

/**
 * Sorts edits, drops what stands twice and joins insertions with the edit that begins at the same place, so that no
 * client has to choose an order. Undefined when two edits contradict each other.
 */
export function arrangeEdits(edits: readonly Edit[]): Edit[] | undefined {
  const arranged: Edit[] = [];
  // The sort is stable: insertions at one place stay in the order they were made in, before a replacement there.
  const isSame = (a: Edit, b: Edit) => a.start === b.start && a.end === b.end && a.text === b.text;
  const single = edits.filter((edit, index) => edits.findIndex((other) => isSame(edit, other)) === index);
  const sorted = single.sort((a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start));
  for (const edit of sorted) {
    const last = arranged.at(-1);
    if (last && last.end > edit.start) return undefined;
    if (last && last.start === edit.start) arranged[arranged.length - 1] = { ...edit, text: last.text + edit.text };
    else arranged.push(edit);
  }
  return arranged;
}

/** What goes before and after the new text of `node` to await it there. */
export function awaitFrame(source: Source, node: NodeId): readonly [string, string] {
  const parent = parentOf(source, node);
  const field = source.tree.field(node);
  const isReceiver =
    (kindOf(source, parent) === "attribute" && field === "object") ||
    (kindOf(source, parent) === "subscript" && field === "value") ||
    (kindOf(source, parent) === "call" && field === "function") ||
    // `await x ** 2` is (await x) ** 2, but few readers know and not every parser does.
    (kindOf(source, parent) === "binary_operator" && field === "left" && source.tree.tokens(parent).includes("**")) ||
    kindOf(source, parent) === "await";
  const before = isReceiver ? "(await " : "await ";
  return [spaceBefore(source, startOf(source, node)) + before, isReceiver ? ")" : ""];
}

/** Awaits the expression as it stands. */
export function awaitEdits(source: Source, node: NodeId): Edit[] {
  const [before, after] = awaitFrame(source, node);
  const [start, end] = [expressionStart(source, node), endOf(source, node)];
  const edits: Edit[] = [{ start, end: start, text: before }];
  return after === "" ? edits : [...edits, { start: end, end, text: after }];
}

/** `return(f)()`: a word in front needs a space once a word follows. */
function spaceBefore(source: Source, offset: number): string {
  return /[\p{L}\p{N}_]/u.test(source.text.charAt(offset - 1)) ? " " : "";
}

/**
 * Moves the lines of [start, end) one step in. Lines that begin inside a string are text of the program and stay;
 * so do empty lines.
 */
export function indentLines(source: Source, start: number, end: number, step: string): Edit[] {
  const edits: Edit[] = [];
  for (let line = lineOf(source, start); line <= lineOf(source, Math.max(start, end - 1)); line++) {
    const offset = source.lineStarts[line] as number;
    if (textEndOfLine(source, line) === offset || isInString(source, offset)) continue;
    edits.push({ start: offset, end: offset, text: step });
  }
  return edits;
}

/**
 * Moves the lines of blocks that may stand in each other: a line goes one step in for each block it belongs to. Lines that
 * `changed` replaces are put right there.
 */
export function indentBlocks(
  source: Source,
  blocks: readonly { readonly start: number; readonly end: number }[],
  step: string,
  changed: readonly Edit[],
): Edit[] {
  const steps = new Map<number, string>();
  for (const { start, end } of blocks.filter((block) => block.end > block.start)) {
    for (const { start: at, text } of indentLines(source, start, end, step)) steps.set(at, (steps.get(at) ?? "") + text);
  }
  return [...steps].flatMap(([at, text]) => {
    const isReplaced = changed.some(({ start, end }) => start < end && start <= at && at < end);
    return isReplaced ? [] : [{ start: at, end: at, text }];
  });
}

/** Moves the lines of [start, end) one step out; lines that begin inside a string, or do not begin so, stay. */
export function outdentLines(source: Source, start: number, end: number, step: string): Edit[] {
  const edits: Edit[] = [];
  for (let line = lineOf(source, start); line <= lineOf(source, Math.max(start, end - 1)); line++) {
    const offset = source.lineStarts[line] as number;
    if (!source.text.startsWith(step, offset) || isInString(source, offset)) continue;
    edits.push({ start: offset, end: offset + step.length, text: "" });
  }
  return edits;
}

/** How to write `module.name` at some place, and the edits that make it so. */
export interface Reference {
  readonly text: string;
  readonly edits: readonly Edit[];
}

/**
 * How to write `module.name` at `site`: by a binding that is there already (`import asyncio as aio`, `from asyncio import
 * sleep`), else by a new `import module`. Undefined when every spelling would mean something else there.
 */
export function referenceTo(
  source: Source,
  site: NodeId,
  module: string,
  name: string,
  neighbour?: string,
): Reference | undefined {
  if (!isUsable(source, module, site, module)) {
    const target = `${module}.${name}`;
    const local = importedNames(source, site).find(
      ([bound, bindings]) => bindings[0]?.target === target && isUsable(source, bound, site, target),
    );
    if (local) return { text: local[0], edits: [] };
  }
  const reference = moduleReferenceTo(source, site, module, neighbour);
  return reference && { text: `${reference.text}.${name}`, edits: reference.edits };
}

/**
 * How to write `module.name` at `site` by its last name alone, for what has to be loaded when the file is imported.
 * `neighbour` is a module next to whose import a new one belongs.
 */
export function fromReferenceTo(
  source: Source,
  site: NodeId,
  module: string,
  name: string,
  neighbour?: string,
): Reference | undefined {
  const target = `${module}.${name}`;
  const local = importedNames(source, site).find(
    ([bound, bindings]) => bindings[0]?.target === target && isUsable(source, bound, site, target),
  );
  if (local) return { text: local[0], edits: [] };
  if (!isFree(source, name, site, target)) return undefined;
  return { text: name, edits: [importEdit(source, `from ${module} import ${name}`, neighbour)] };
}

/** How to write a module at `site`. `neighbour` is one next to whose import a new one belongs. */
export function moduleReferenceTo(source: Source, site: NodeId, module: string, neighbour?: string): Reference | undefined {
  if (isUsable(source, module, site, module)) return { text: module, edits: [] };
  const local = importedNames(source, site).find(
    ([bound, bindings]) => bindings[0]?.target === module && isUsable(source, bound, site, module),
  );
  if (local) return { text: local[0], edits: [] };
  const [root] = module.split(".") as [string];
  if (root !== module && importsWhole(source, module, site)) return { text: module, edits: [] };
  if (isFree(source, root, site, root)) return { text: module, edits: [importEdit(source, `import ${module}`, neighbour)] };
  if (root !== module) return undefined;
  const alias = module === "asyncio" ? "aio" : `${module}_`;
  if (source.scopes.mentions.has(alias)) return undefined;
  return { text: alias, edits: [importEdit(source, `import ${module} as ${alias}`, neighbour)] };
}

/** `import package.module` has run by `site`, and `package` means nothing else there. */
function importsWhole(source: Source, module: string, site: NodeId): boolean {
  const [root] = module.split(".") as [string];
  const bindings = bindingsOf(source, root, site);
  if (!bindings.every((binding) => binding.target === root)) return false;
  return bindings.some(
    (binding) => textOf(source, parentOf(source, binding.node)) === module && hasRunBefore(source, binding, site),
  );
}

/** Names bound by imports that are visible from `site`. */
function importedNames(source: Source, site: NodeId): [string, readonly Binding[]][] {
  return source.scopes.imported.map((name) => [name, bindingsOf(source, name, site)]);
}

/** `name` is bound at `site`, to `target` and nothing else, by an import that has run by then. */
function isUsable(source: Source, name: string, site: NodeId, target: string): boolean {
  const bindings = bindingsOf(source, name, site);
  if (bindings.length === 0 || bindings.some((binding) => binding.target !== target)) return false;
  return bindings.some((binding) => hasRunBefore(source, binding, site));
}

/** An import at the top level of the module, or one in the function, before the site and not under a condition. */
function hasRunBefore(source: Source, binding: Binding, site: NodeId): boolean {
  const statement = statementOf(source, binding.node);
  const suite = parentOf(source, statement);
  if (kindOf(source, suite) === "module") return functionAround(source, site) !== -1 || statement < site;
  return functionAround(source, statement) !== -1 && statement < site && contains(source, suite, site);
}

/** Binding `name` at the top of the module would be seen from `site` and changes no other meaning of it. */
function isFree(source: Source, name: string, site: NodeId, target: string): boolean {
  const scope = scopeOfName(source, name, site);
  if (scope && scope !== source.scopes.module) return false;
  // Bindings of the same module, say under `if TYPE_CHECKING:`, agree with a new import.
  return bindingsOf(source, name, 0).every((binding) => binding.target === target);
}

/**
 * Inserts an import line among those at the top of the module, by alphabet where they are sorted: in the group that holds
 * `neighbour`, else the last one; without a neighbour in the first of its kind, the standard library's or that of packages,
 * which may have to be opened. Without imports: behind docstring, `__future__` and leading comments.
 */
export function importEdit(source: Source, line: string, neighbour?: string): Edit {
  const head = headImports(source);
  const groups = groupImports(source, head);
  const hasNeighbour = (group: readonly NodeId[]) =>
    group.some((statement) => importsModule(source, statement, neighbour as string));
  const group = neighbour === undefined ? groupFor(source, groups, line) : (groups.find(hasNeighbour) ?? groups.at(-1));
  if (groups.length === 0) return firstImport(source, line);
  if (!group) return newGroup(source, groups, line);
  if (line.startsWith("from ")) return fromImportEdit(source, line, group);
  const plain = group.filter((statement) => kindOf(source, statement) === "import_statement");
  const following = plain.find((statement) => textOf(source, statement) > line);
  const isSorted = plain.every(
    (statement, index) => index === 0 || textOf(source, plain[index - 1] as NodeId) <= textOf(source, statement),
  );
  if (following !== undefined && isSorted && isFirstOnLine(source, startOf(source, following))) {
    return insertion(startOf(source, following), `${line}${source.newline}`);
  }
  // `import x` goes before `from y import z`, where the group keeps to that order.
  const after = isSorted && plain.length > 0 && following === undefined ? (plain.at(-1) as NodeId) : (group.at(-1) as NodeId);
  const firstFrom = group.find((statement) => kindOf(source, statement) === "import_from_statement");
  if (plain.length === 0 && firstFrom !== undefined && isFirstOnLine(source, startOf(source, firstFrom))) {
    return insertion(startOf(source, firstFrom), `${line}${source.newline}`);
  }
  return insertion(logicalLineEnd(source, after), `${source.newline}${line}`);
}

const IMPORTED = /^(?:from|import)\s+([\w.]+)/;

/** The group for a module of the standard library or of a package; undefined: it needs one of its own. */
function groupFor(source: Source, groups: readonly (readonly NodeId[])[], line: string): readonly NodeId[] | undefined {
  const isStandard = isStandardModule(IMPORTED.exec(line)?.[1] ?? "");
  const isAlike = (statement: NodeId): boolean => {
    const imported = IMPORTED.exec(textOf(source, statement))?.[1] ?? ".";
    return isStandard ? isStandardModule(imported) : !isStandardModule(imported) && !imported.startsWith(".");
  };
  return groups.find((group) => group.some(isAlike));
}

/** The standard library's group goes before all others; that of packages behind it, or before the relative imports. */
function newGroup(source: Source, groups: readonly (readonly NodeId[])[], line: string): Edit {
  const { newline } = source;
  const isStandard = isStandardModule(IMPORTED.exec(line)?.[1] ?? "");
  const isRelative = (statement: NodeId): boolean => /^from\s+\./.test(textOf(source, statement));
  const next = isStandard ? groups[0]?.[0] : groups.flat().find(isRelative);
  if (next !== undefined && isFirstOnLine(source, startOf(source, next)))
    return insertion(startOf(source, next), line + newline + newline);
  return insertion(logicalLineEnd(source, groups.at(-1)?.at(-1) as NodeId), newline + newline + line);
}

/** Inserts a line at the top level of the module, below the imports it begins with. */
export function insertBelowImports(source: Source, line: string): Edit {
  const last = importsAtHead(source).at(-1);
  if (last === undefined) return firstImport(source, line);
  return insertion(logicalLineEnd(source, last), source.newline + source.newline + line);
}

/** Those of `headImports`, and what stands among them under a condition or with a substitute. */
function importsAtHead(source: Source): NodeId[] {
  const first = headImports(source)[0];
  if (first === undefined) return [];
  const head: NodeId[] = [];
  for (const statement of statementsOf(source, 0).filter((candidate) => candidate >= first)) {
    const isConditional = /^(if|try)_statement$/.test(kindOf(source, statement));
    if (!isConditional && !/^import_(from_)?statement$/.test(kindOf(source, statement))) break;
    const holdsImport = [...descendantsOf(source, statement)].some((node) => /^import_/.test(kindOf(source, node)));
    const isMain = isConditional && textOf(source, statement).includes("__main__");
    if (!holdsImport || isMain) break;
    head.push(statement);
  }
  return head;
}

/** Behind the plain imports of a group, by alphabet where its `from` lines are sorted. */
function fromImportEdit(source: Source, line: string, group: readonly NodeId[]): Edit {
  const froms = group.filter((statement) => kindOf(source, statement) === "import_from_statement");
  const following = froms.find((statement) => textOf(source, statement) > line);
  if (following !== undefined && isFirstOnLine(source, startOf(source, following)))
    return insertion(startOf(source, following), `${line}${source.newline}`);
  return insertion(logicalLineEnd(source, group.at(-1) as NodeId), `${source.newline}${line}`);
}

function insertion(offset: number, text: string): Edit {
  return { start: offset, end: offset, text };
}

/** The import statements the module begins with, without `__future__`. */
function headImports(source: Source): NodeId[] {
  const imports: NodeId[] = [];
  for (const [index, statement] of statementsOf(source, 0).entries()) {
    const kind = kindOf(source, statement);
    if (kind === "future_import_statement" || (index === 0 && isDocstring(source, statement))) continue;
    if (kind !== "import_statement" && kind !== "import_from_statement") break;
    imports.push(statement);
  }
  return imports;
}

function isDocstring(source: Source, statement: NodeId): boolean {
  const child = source.tree.children(statement)[0];
  return kindOf(source, statement) === "expression_statement" && child !== undefined && /string$/.test(kindOf(source, child));
}

/** Groups are parted by an empty line. */
function groupImports(source: Source, imports: readonly NodeId[]): NodeId[][] {
  const groups: NodeId[][] = [];
  for (const statement of imports) {
    const last = groups.at(-1)?.at(-1);
    const between = last === undefined ? "" : source.text.slice(endOf(source, last), startOf(source, statement));
    const isApart = between
      .split(/\r\n|\n|\r/)
      .some((line, index, lines) => index > 0 && index < lines.length - 1 && line.trim() === "");
    if (last === undefined || isApart) groups.push([statement]);
    else groups.at(-1)?.push(statement);
  }
  return groups;
}

function lineEndsIn(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function importsModule(source: Source, statement: NodeId, module: string): boolean {
  return textOf(source, statement)
    .split(/[\s,().]+/)
    .includes(module);
}

/** End of the line on which `statement` ends, or on which a statement that shares that line ends. */
function logicalLineEnd(source: Source, statement: NodeId): number {
  let end = endOf(source, statement);
  for (const sibling of statementsOf(source, parentOf(source, statement))) {
    if (startOf(source, sibling) >= end && lineOf(source, startOf(source, sibling)) === lineOf(source, end))
      end = endOf(source, sibling);
  }
  return lineEnd(source, end);
}

/** The module has no imports at its top: the line goes before its first statement that is neither docstring nor `__future__`. */
function firstImport(source: Source, line: string): Edit {
  const { newline } = source;
  const statements = statementsOf(source, 0);
  const isPreamble = (statement: NodeId, index: number) =>
    kindOf(source, statement) === "future_import_statement" || (index === 0 && isDocstring(source, statement));
  const following = statements.find((statement, index) => !isPreamble(statement, index));
  const preamble = statements.filter((statement, index) => isPreamble(statement, index)).at(-1);
  const isDefinition = following !== undefined && /definition$/.test(kindOf(source, following));
  if (preamble !== undefined) {
    const end = logicalLineEnd(source, preamble);
    const gap = /^\s*/.exec(source.text.slice(end))?.[0] ?? "";
    const wanted = following === undefined ? 0 : isDefinition ? 3 : 2;
    const missing = Math.max(0, wanted - lineEndsIn(gap));
    return insertion(end, newline + newline + line + newline.repeat(missing));
  }
  const start = afterLeadingComments(source, following === undefined ? source.text.length : startOf(source, following));
  return insertion(start, line + newline.repeat(isDefinition ? 3 : 2));
}

/** Behind the comments the file begins with, unless they touch the statement that follows and so belong to it. */
function afterLeadingComments(source: Source, limit: number): number {
  let header = source.text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 0; line < source.lineStarts.length && (source.lineStarts[line] as number) < limit; line++) {
    const text = source.text.slice(source.lineStarts[line], textEndOfLine(source, line)).trim();
    if (text === "" || text.startsWith("#!") || /^#.*coding[:=]/.test(text))
      header = source.lineStarts[line + 1] ?? source.text.length;
    else if (!text.startsWith("#")) break;
  }
  return Math.min(header, Math.max(lineStart(source, limit), source.text.charCodeAt(0) === 0xfeff ? 1 : 0));
}

/** `name`, or `name2`, `name3`, ...: one that the text does not mention; of a variable at `site`, that its function does not. */
export function freshName(source: Source, name: string, site?: NodeId): string {
  const around = site === undefined ? NO_NODE : functionAround(source, site);
  const taken = (candidate: string) =>
    (source.scopes.mentions.get(candidate) ?? []).some((mention) => around === NO_NODE || contains(source, around, mention));
  if (!taken(name)) return name;
  for (let number = 2; ; number++) if (!taken(name + number)) return name + number;
}

/** `name`, or `name2`, `name3`, ...: one that the function around `site` can bind for itself. */
export function localName(source: Source, site: NodeId, name: string): string {
  const around = functionAround(source, site);
  const isTaken = (candidate: string): boolean =>
    (source.scopes.mentions.get(candidate) ?? []).some((mention) => contains(source, around, mention)) ||
    source.scopes.at[site]?.declared.has(candidate) === true;
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) if (!isTaken(name + number)) return name + number;
}
