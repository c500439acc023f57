/**
 * A `with` block moved whole into a nested function that runs in a thread:
 *
 *     with open(path) as file:            def read_file():
 *         data = json.load(file)   ->         with open(path) as file:
 *                                                 data = json.load(file)
 *                                             return data
 *
 *                                         data = await asyncio.to_thread(read_file)
 *
 * Only where the block does nothing but work on its files: control flow that leaves it, awaits, and calls that may need
 * the event loop keep it where it is.
 */
import { offloadAt } from "./asynchrony.js";
import { straddlesSharedState, whyNoAwait, whyNotSuspend, withItems } from "./awaiting.js";
import { type Edit, freshName, indentLines } from "./edits.js";
import { hidingStatement, isRead, maySee, mentionsOf } from "./flow.js";
import { type FixRequest, type Proposal, type Refusal, refuse } from "./request.js";
import { isBinding, qualifiedName, scopeOfName } from "./scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  indentOf,
  indentStep,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementsOf,
  textOf,
} from "./source.js";
import { sitesAt, whyNotInThread, whyNotRun } from "./threads.js";

export function blockToThread(request: FixRequest, block: NodeId): Proposal | Refusal {
  const { source, call } = request;
  const reason =
    whyNoAwait(source, block, request.python) ??
    whyNotSuspend(source, block) ??
    whyNotMovable(request, block) ??
    (call === undefined ? undefined : whyNotInThread(request, call));
  if (reason) return refuse(reason);
  const ending = endingOf(source, block);
  if (typeof ending === "string") return refuse(ending);
  const variables = variablesOf(source, block, ending.returns);
  if (typeof variables === "string") return refuse(variables);
  const offload = offloadAt(source, block, request.python, false);
  if (!offload) return refuse("this file uses the names that the fix needs for something else, or another async library");

  const { newline } = source;
  const start = lineStart(source, startOf(source, block));
  const end = lineEnd(source, endOf(source, block));
  const indent = indentOf(source, startOf(source, block));
  const step = indentStep(source, block);
  const name = freshName(source, helperName(request, block));
  const outer = variables.outer.length > 0 ? `${indent}${step}nonlocal ${variables.outer.join(", ")}${newline}` : "";
  const result = variables.returned.join(", ");
  const returned = result === "" ? "" : `${newline}${indent}${step}return ${result}`;
  const receiver = ending.returns ? "return " : result === "" ? "" : `${result} = `;
  const edits: Edit[] = [
    ...offload.edits,
    { start, end: start, text: `${gapBefore(source, block)}${indent}def ${name}():${newline}${outer}` },
    ...indentLines(source, start, end, step),
    {
      start: end,
      end,
      text: `${returned}${newline}${newline}${indent}${receiver}await ${offload.before}${name}${offload.after}`,
    },
  ];
  return {
    kind: "proposal",
    title: `Run the block in a thread with ${offload.name}`,
    action: "quickfix",
    preferred: straddlesSharedState(source, block) || request.finding.severity === "hint" ? false : "alone",
    edits,
  };
}

/** An empty line parts the new function from a statement above it. */
function gapBefore(source: Source, block: NodeId): string {
  const line = lineOf(source, startOf(source, block));
  const above = source.text.slice(source.lineStarts[line - 1] ?? 0, source.lineStarts[line]).trim();
  const isFirst = statementsOf(source, parentOf(source, block))[0] === block;
  return isFirst || above === "" || above.startsWith("#") ? "" : source.newline;
}

function helperName(request: FixRequest, block: NodeId): string {
  const { source, finding } = request;
  if (finding.rule !== "blocking-file") return "run_blocking";
  const modes = withItems(source, block).flatMap(({ value }) =>
    kindOf(source, value) === "call" ? argumentsOf(source, value) : [],
  );
  return modes.some((mode) => /^(mode\s*=\s*)?["'][rbt]*[wax+]/.test(textOf(source, mode))) ? "write_file" : "read_file";
}

/** Calls that read names of the frame they stand in. */
const FRAME_READERS = new Set([
  "builtins.locals",
  "builtins.vars",
  "builtins.dir",
  "builtins.eval",
  "builtins.exec",
  "builtins.super",
]);

/** What in the block cannot run in another function or thread. */
function whyNotMovable(request: FixRequest, block: NodeId): string | undefined {
  const { source } = request;
  if (source.tree.tokens(block).includes("async")) return "the block is an `async with`";
  for (const node of runningIn(source, block)) {
    switch (kindOf(source, node)) {
      case "await":
        return "the block awaits something";
      case "yield":
        return "the block yields";
      case "global_statement":
      case "nonlocal_statement":
        return "the block declares global or nonlocal names";
      case "delete_statement":
        return "the block deletes something";
      case "function_definition":
      case "class_definition":
        return "the block defines a function or a class";
      case "for_statement":
      case "with_statement":
      case "for_in_clause":
        if (source.tree.tokens(node).includes("async")) return "the block awaits something";
        break;
      case "break_statement":
      case "continue_statement":
        if (!isInLoopOf(source, node, block)) return "the block leaves a loop around it";
        break;
      case "identifier":
        if (textOf(source, node) === "__class__") return "the block uses __class__";
        break;
      case "call": {
        if (node === request.call) break;
        const reason = whyNotSafeCall(request, node, block);
        if (reason) return reason;
        break;
      }
      default:
        break;
    }
  }
  return undefined;
}

function isInLoopOf(source: Source, node: NodeId, block: NodeId): boolean {
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === block) return false;
    if (/^(for|while)_statement$/.test(kindOf(source, ancestor))) return true;
  }
  return false;
}

/** Modules whose functions work on what they are given, in any thread. */
const SAFE_MODULES = new Set(
  (
    "json csv pickle marshal struct re hashlib hmac secrets os shutil pathlib base64 gzip bz2 lzma zlib zipfile tarfile tomllib tomli tomli_w " +
    "configparser math datetime time io logging itertools collections functools operator string textwrap typing copy decimal fractions random " +
    "uuid html stat fnmatch glob tempfile codecs statistics binascii urllib xml yaml orjson ujson msgpack numpy pandas toml"
  ).split(" "),
);
const SAFE_BUILTINS = new Set(
  (
    "abs all any ascii bin bool bytearray bytes chr complex dict divmod enumerate filter float format frozenset getattr hasattr hash hex int " +
    "isinstance issubclass iter len list map max memoryview min next oct open ord pow print range repr reversed round set slice sorted str sum " +
    "tuple type zip Exception ValueError TypeError KeyError RuntimeError OSError FileNotFoundError"
  ).split(" "),
);
/** Methods of strings, bytes, numbers and containers that only read. */
const READING_METHODS = new Set(
  (
    "encode decode strip lstrip rstrip split rsplit splitlines join format startswith endswith lower upper title replace find rfind index count " +
    "isdigit isalpha zfill ljust rjust removeprefix removesuffix partition rpartition hex items keys values get copy isoformat strftime " +
    "as_posix with_suffix with_name joinpath relative_to model_dump model_dump_json dict json to_dict"
  ).split(" "),
);

/** Why a call inside the block may not run in a thread: it is not known to do without the event loop. */
function whyNotSafeCall(request: FixRequest, call: NodeId, block: NodeId): string | undefined {
  const { source } = request;
  const callee = source.tree.child(call, "function");
  if (callee === undefined) return undefined;
  const name = qualifiedName(source, callee) ?? "";
  const spelling = textOf(source, callee).replace(/\s+/g, " ");
  if (FRAME_READERS.has(name)) return `the block calls ${spelling}(), which depends on the function it stands in`;
  if (name.startsWith("builtins.")) {
    if (name === "builtins.next" && argumentsOf(source, call).length < 2)
      return "StopIteration cannot leave a thread: give next() a default";
    return SAFE_BUILTINS.has(name.slice("builtins.".length)) || isExceptionName(name) ? undefined : unknownCall(spelling);
  }
  if (name !== "" && SAFE_MODULES.has(name.split(".")[0] as string)) return undefined;
  const reason = whyNotRun(request, call);
  if (reason) return `\`${spelling}\`, called in the block: ${reason}`;
  if (sitesAt(request, call).some(({ isOurs }) => isOurs)) return undefined;
  if (isExceptionName(name) || isExceptionName(spelling)) return undefined;
  if (kindOf(source, callee) !== "attribute") return unknownCall(spelling);
  const method = textOf(source, source.tree.child(callee, "attribute") as NodeId);
  const object = source.tree.child(callee, "object") as NodeId;
  if (READING_METHODS.has(method) || /(^|[._])(log|logger|logging)$/i.test(textOf(source, object))) return undefined;
  return worksOnOwnData(source, object, block) ? undefined : unknownCall(spelling);
}

function unknownCall(spelling: string): string {
  return `the block calls \`${spelling}\`, which may need the event loop`;
}

function isExceptionName(name: string): boolean {
  return /(Error|Exception|Warning)$/.test(name);
}

/** What the method is called on was made in the block, or is a container that only this coroutine has. */
function worksOnOwnData(source: Source, object: NodeId, block: NodeId): boolean {
  let root = object;
  for (;;) {
    const inner = source.tree.child(root, "object") ?? source.tree.child(root, "function") ?? source.tree.child(root, "value");
    if (inner === undefined || !/^(attribute|call|subscript)$/.test(kindOf(source, root))) break;
    root = inner;
  }
  const kind = kindOf(source, root);
  if (/^(string|concatenated_string|list|dictionary|set|tuple|parenthesized_expression)$/.test(kind)) return true;
  if (kind !== "identifier") return false;
  const name = textOf(source, root);
  if (SAFE_BUILTINS.has(name) || SAFE_MODULES.has((qualifiedName(source, root) ?? "").split(".")[0] as string)) return true;
  const hiding = hidingStatement(source, name, root);
  if (hiding !== undefined && contains(source, block, hiding)) return true;
  const bindings = mentionsOf(source, name, root).filter((mention) => isBinding(source, mention));
  return bindings.length > 0 && bindings.every((mention) => contains(source, block, mention) || isOwnContainer(source, mention));
}

/** `name = []` and the like, in a coroutine. */
function isOwnContainer(source: Source, mention: NodeId): boolean {
  const assignment = source.parents[mention] as NodeId;
  const right = kindOf(source, assignment) === "assignment" ? source.tree.child(assignment, "right") : undefined;
  if (right === undefined || functionAround(source, mention) === -1) return false;
  if (
    /^(list|dictionary|set|string|concatenated_string|list_comprehension|dictionary_comprehension|set_comprehension)$/.test(
      kindOf(source, right),
    )
  ) {
    return true;
  }
  const callee = kindOf(source, right) === "call" ? source.tree.child(right, "function") : undefined;
  return (
    callee !== undefined &&
    /^(builtins\.(list|dict|set|bytearray)|collections\.\w+|io\.(StringIO|BytesIO)|csv\.\w+|hashlib\.\w+)$/.test(
      qualifiedName(source, callee) ?? "",
    )
  );
}

/** Whether the block always ends by `return`, or never does; a text says why neither. */
function endingOf(source: Source, block: NodeId): { readonly returns: boolean } | string {
  const returns = [...runningIn(source, block)].filter((node) => kindOf(source, node) === "return_statement");
  if (returns.length === 0) return { returns: false };
  const yields = [...runningIn(source, functionAround(source, block))].some((node) => kindOf(source, node) === "yield");
  if (yields) return "the block returns from an asynchronous generator";
  const body = source.tree.child(block, "body");
  if (body === undefined || !alwaysReturns(source, body)) return "the block returns on some ways only";
  const manager = withItems(source, block).every(({ value }) => {
    const callee = kindOf(source, value) === "call" ? source.tree.child(value, "function") : undefined;
    const name = callee === undefined ? "" : (qualifiedName(source, callee) ?? textOf(source, callee));
    return /(^|\.)(open|ZipFile|TarFile|TemporaryFile|NamedTemporaryFile|TemporaryDirectory|urlopen|Lock|RLock)$/.test(name);
  });
  return manager ? { returns: true } : "the block returns, and its context manager might swallow an exception";
}

function alwaysReturns(source: Source, suite: NodeId): boolean {
  const last = statementsOf(source, suite).at(-1);
  if (last === undefined) return false;
  switch (kindOf(source, last)) {
    case "return_statement":
    case "raise_statement":
      return true;
    case "if_statement": {
      const branches = source.tree
        .children(last)
        .filter((child) => /^(block|elif_clause|else_clause)$/.test(kindOf(source, child)));
      const hasElse = branches.some((branch) => kindOf(source, branch) === "else_clause");
      const suites = branches.map((branch) =>
        kindOf(source, branch) === "block"
          ? branch
          : source.tree.children(branch).find((child) => kindOf(source, child) === "block"),
      );
      return hasElse && suites.every((branch) => branch !== undefined && alwaysReturns(source, branch));
    }
    default:
      return false;
  }
}

interface Variables {
  /** Bound in the block and read behind it: given back. */
  readonly returned: readonly string[];
  /** Shared with the coroutine by `nonlocal`, which keeps exact track of partial work. */
  readonly outer: readonly string[];
}

/** What becomes of the names the block binds, or why they cannot be kept apart. */
function variablesOf(source: Source, block: NodeId, returns: boolean): Variables | string {
  const returned: string[] = [];
  const outer: string[] = [];
  const limit = functionAround(source, block);
  const own = source.scopes.at[block];
  for (const name of namesBoundIn(source, block)) {
    const scope = scopeOfName(source, name, block);
    if (scope !== own || own?.node !== limit) return `the block assigns \`${name}\`, which belongs to another scope`;
    const mentions = mentionsOf(source, name, block);
    const inside = mentions.filter((mention) => contains(source, block, mention));
    const outside = mentions.filter((mention) => !contains(source, block, mention));
    const readBefore = inside.some((mention) => isRead(source, mention) && !isHiddenInside(source, name, mention, block));
    const readAfter = outside.some((mention) => isRead(source, mention) && maySee(source, name, mention, block));
    const boundOutside = outside.some((mention) => isBinding(source, mention));
    if (!readBefore && !readAfter) continue;
    if (boundOutside) {
      if (
        inside.some((mention) => source.tree.child(parentOf(source, mention), "type") !== undefined && isBinding(source, mention))
      ) {
        return `\`${name}\` is annotated in the block and also assigned outside of it`;
      }
      outer.push(name);
    } else if (readBefore) {
      if (isInLoop(source, block) || readAfter) return `\`${name}\` may be read before the block assigns it`;
    } else if (returns) return `\`${name}\` is used outside of the block, which returns`;
    else {
      const reason = whyNotReturned(source, name, block, outside);
      if (reason) return reason;
      returned.push(name);
    }
  }
  return { returned, outer };
}

function namesBoundIn(source: Source, block: NodeId): string[] {
  const names = new Set<string>();
  for (const node of descendantsOf(source, block)) {
    if (kindOf(source, node) !== "identifier" || !isBinding(source, node)) continue;
    // The variables of a comprehension are its own.
    const name = textOf(source, node);
    if (scopeOfName(source, name, node)?.kind !== "comprehension") names.add(name);
  }
  return [...names];
}

function isHiddenInside(source: Source, name: string, mention: NodeId, block: NodeId): boolean {
  const hiding = hidingStatement(source, name, mention);
  return hiding !== undefined && contains(source, block, hiding);
}

/** The value of `name` can be given back: it is bound whenever the block ends, and nobody sees a half-done block. */
function whyNotReturned(source: Source, name: string, block: NodeId, outside: readonly NodeId[]): string | undefined {
  const body = source.tree.child(block, "body") as NodeId;
  const statements = statementsOf(source, body);
  const isTarget = withItems(source, block).some(({ target }) => target !== undefined && bindsIn(source, name, target));
  const binders = statements.filter((statement) => bindsIn(source, name, statement));
  if (!isTarget && !binders.some((statement) => isPlainAssignment(source, statement)))
    return `\`${name}\` is not assigned on every way through the block`;
  const guard = guardAround(source, block);
  if (guard === undefined || outside.every((mention) => contains(source, guard, mention))) return undefined;
  const isLast = !isTarget && binders.length === 1 && binders[0] === statements.at(-1);
  return isLast ? undefined : `\`${name}\` could be read after an exception in the middle of the block`;
}

function bindsIn(source: Source, name: string, node: NodeId): boolean {
  return [...descendantsOf(source, node)].some(
    (child) => kindOf(source, child) === "identifier" && textOf(source, child) === name && isBinding(source, child),
  );
}

function isPlainAssignment(source: Source, statement: NodeId): boolean {
  const [assignment] = source.tree.children(statement);
  return (
    kindOf(source, statement) === "expression_statement" &&
    assignment !== undefined &&
    kindOf(source, assignment) === "assignment"
  );
}

/** The suite under a `try` or a `with` around the block: behind it an exception may have been swallowed. */
function guardAround(source: Source, block: NodeId): NodeId | undefined {
  const limit = functionAround(source, block);
  let guard: NodeId | undefined;
  let child = block;
  for (const ancestor of ancestorsOf(source, block)) {
    if (ancestor === limit) break;
    if (/^(try|with)_statement$/.test(kindOf(source, ancestor)) && source.tree.child(ancestor, "body") === child) guard ??= child;
    child = ancestor;
  }
  return guard;
}

function isInLoop(source: Source, block: NodeId): boolean {
  const limit = functionAround(source, block);
  for (const ancestor of ancestorsOf(source, block)) {
    if (ancestor === limit) return false;
    if (/^(for|while)_statement$/.test(kindOf(source, ancestor))) return true;
  }
  return false;
}
