/**
 * Statements moved whole into a nested function that runs in a thread, a `with` block or neighbours in a suite:
 *
 *     with open(path) as file:            def read_file():
 *         data = json.load(file)   ->         with open(path) as file:
 *                                                 data = json.load(file)
 *                                             return data
 *
 *                                         data = await asyncio.to_thread(read_file)
 *
 * Only where they do nothing that needs the coroutine around them: control flow that leaves them, awaits, and calls that
 * may need the event loop keep them where they are.
 */
import type { SiteTarget, SiteTraits } from "../../../analysis/traits.js";
import { type FixRequest, type Proposal, type Refusal, refuse } from "../request.js";
import { offloadAt } from "../text/asynchrony.js";
import { sharedIteration, straddlesSharedState, whyNoAwait, whyNotSuspend, withItems } from "../text/awaiting.js";
import { type Edit, freshName, indentLines } from "../text/edits.js";
import { hidingStatement, isNested, isRead, maySee, mentionsOf } from "../text/flow.js";
import { isBinding, qualifiedName, scopeOfName } from "../text/scopes.js";
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
} from "../text/source.js";
import { isStandardModule } from "../text/standard-modules.js";
import { changesSharedState, reasonOf, sitesAt, type Tolerance, whyNotInThread, whyNotRun } from "./threads.js";

export function blockToThread(request: FixRequest, block: NodeId): Proposal | Refusal {
  const moved = moveToThread(request, [block], [request], helperName(request, block));
  if (typeof moved === "string") return refuse(moved);
  return {
    kind: "proposal",
    title: `Run the block in a thread with ${moved.name}`,
    action: "quickfix",
    preferred: isSafeToPrefer(request, block) ? "alone" : false,
    edits: moved.edits,
    reshapes: true,
  };
}

function isSafeToPrefer(request: FixRequest, block: NodeId): boolean {
  const { source, finding } = request;
  if (finding.severity === "hint" || straddlesSharedState(source, block)) return false;
  return ![...runningIn(source, block)].some((node) => kindOf(source, node) === "call" && changesSharedState(request, node));
}

/** Statements of one suite that follow each other; never empty. */
export type Stretch = readonly NodeId[];

/**
 * Edits that put the statements into a function `helper` and run that in a thread, or why they must stay. `blocking`: the
 * requests for the findings that stand in them.
 */
export function moveToThread(
  request: FixRequest,
  stretch: Stretch,
  blocking: readonly FixRequest[],
  helper: string,
): { readonly name: string; readonly edits: readonly Edit[] } | string {
  const { source } = request;
  const [first, last] = [stretch[0] as NodeId, stretch.at(-1) as NodeId];
  const reason =
    whyNoAwait(source, first, request.python) ??
    whyNotSuspend(source, first) ??
    stretch.map((statement) => whyNotMovable(request, statement, stretch, blocking)).find((why) => why !== undefined) ??
    blocking
      .map((one) => (one.call === undefined ? undefined : whyNotInThread(one, one.call, tolerance(source, one.call, stretch))))
      .find((why) => why !== undefined);
  if (reason) return reason;
  const ending = endingOf(source, stretch);
  if (typeof ending === "string") return ending;
  const variables = variablesOf(source, stretch, ending.returns);
  if (typeof variables === "string") return variables;
  const offload = offloadAt(source, first, request.python, false);
  if (!offload) return "this file uses the names that the fix needs for something else, or another async library";

  const { newline } = source;
  const start = lineStart(source, startOf(source, first));
  const end = lineEnd(source, endOf(source, last));
  const indent = indentOf(source, startOf(source, first));
  const step = indentStep(source, first);
  const name = freshName(source, helper);
  const outer = variables.outer.length > 0 ? `${indent}${step}nonlocal ${variables.outer.join(", ")}${newline}` : "";
  const result = variables.returned.join(", ");
  const returned = result === "" ? "" : `${newline}${indent}${step}return ${result}`;
  const receiver = ending.returns ? "return " : result === "" ? "" : `${result} = `;
  const edits: Edit[] = [
    ...offload.edits,
    { start, end: start, text: `${gapBefore(source, first)}${indent}def ${name}():${newline}${outer}` },
    ...indentLines(source, start, end, step),
    {
      start: end,
      end,
      text: `${returned}${newline}${newline}${indent}${receiver}await ${offload.before}${name}${offload.after}`,
    },
  ];
  return { name: offload.name, edits };
}

function holds(source: Source, stretch: Stretch, node: NodeId): boolean {
  return stretch.some((statement) => contains(source, statement, node));
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

/** What in a statement of the stretch cannot run in another function or thread. */
export function whyNotMovable(
  request: FixRequest,
  block: NodeId,
  stretch: Stretch,
  blocking: readonly FixRequest[],
): string | undefined {
  const { source } = request;
  if (kindOf(source, block) === "with_statement" && source.tree.tokens(block).includes("async"))
    return "the block is an `async with`";
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
        if (kindOf(source, node) !== "with_statement") {
          const reason = sharedIteration(source, source.tree.child(node, "right") as NodeId);
          if (reason) return reason;
        }
        break;
      case "break_statement":
      case "continue_statement":
        if (!isInLoopOf(source, node, block)) return "the block leaves a loop around it";
        break;
      case "raise_statement":
        if (source.tree.children(node).length === 0 && !isHandledInside(source, node, block))
          return "the block raises again what is being handled around it";
        break;
      case "identifier":
        if (textOf(source, node) === "__class__") return "the block uses __class__";
        break;
      case "call": {
        if (blocking.some(({ call }) => call === node)) break;
        const reason = whyNotSafeCall(request, node, stretch);
        if (reason) return reason;
        break;
      }
      default:
        break;
    }
  }
  return whyNotWorked(request, block);
}

/** What runs without a call, operators, properties and the like, may also need the loop or its thread. */
function whyNotWorked(request: FixRequest, block: NodeId): string | undefined {
  const { source } = request;
  for (const site of request.host.traits(request.path, startOf(source, block), endOf(source, block))) {
    if (site.kind === "call") continue;
    for (const way of site.traits) {
      // A loop over what belongs to its thread is judged with the call that made it.
      const reason = way.kind === "own-thread" ? undefined : reasonOf(request, block, way);
      if (reason) return `\`${source.text.slice(site.start, site.end).replace(/\s+/g, " ")}\` in the block: ${reason}`;
    }
  }
  return undefined;
}

/** The `raise` stands in an `except` of the block. */
function isHandledInside(source: Source, node: NodeId, block: NodeId): boolean {
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === block) return false;
    if (/^except_(group_)?clause$/.test(kindOf(source, ancestor))) return true;
  }
  return false;
}

function isInLoopOf(source: Source, node: NodeId, block: NodeId): boolean {
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === block) return false;
    if (/^(for|while)_statement$/.test(kindOf(source, ancestor))) return true;
  }
  return false;
}

/** Modules of the standard library that know the loop, a thread or a process: not all of that is told by traits. */
const BOUND_MODULES = new Set(
  (
    "asyncio contextvars curses faulthandler gc inspect multiprocessing queue readline runpy sched select selectors signal site " +
    "socketserver sys threading tkinter trace turtle unittest warnings"
  ).split(" "),
);
/** Packages whose functions work on what they are given, in any thread. */
const SAFE_PACKAGES = new Set("yaml orjson ujson msgpack numpy pandas toml tomli tomli_w".split(" "));

function isSafeModule(name: string): boolean {
  const [root] = name.split(".", 1) as [string];
  return SAFE_PACKAGES.has(root) || (isStandardModule(root) && !BOUND_MODULES.has(root));
}
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
function whyNotSafeCall(request: FixRequest, call: NodeId, stretch: Stretch): string | undefined {
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
  const reason = whyNotRun(request, call, tolerance(source, call, stretch));
  if (reason) return `\`${spelling}\`, called in the block: ${reason}`;
  if (isSafeModule(name)) return undefined;
  if (sitesAt(request, call).some(({ isOurs, targets }) => isOurs || targets?.every(isSafeTarget))) return undefined;
  if (isExceptionName(name) || isExceptionName(spelling)) return undefined;
  if (kindOf(source, callee) !== "attribute") return unknownCall(spelling);
  const method = textOf(source, source.tree.child(callee, "attribute") as NodeId);
  const object = source.tree.child(callee, "object") as NodeId;
  if (READING_METHODS.has(method) || /(^|[._])(log|logger|logging)$/i.test(textOf(source, object))) return undefined;
  return worksOnOwnData(source, object, stretch) ? undefined : unknownCall(spelling);
}

/** What is known to run is of a safe module, or a method of a builtin class: those stand there by their own names. */
function isSafeTarget({ name, definition }: SiteTarget): boolean {
  if (definition !== undefined) return false;
  return isSafeModule(name) || BUILTIN_METHODS.test(name);
}

const BUILTIN_METHODS =
  /^(str|bytes|bytearray|int|float|complex|bool|list|tuple|dict|set|frozenset|range|object|type|BaseException|Exception|enumerate|zip|map|filter|reversed|slice|memoryview)\.\w+$/;

function unknownCall(spelling: string): string {
  return `the block calls \`${spelling}\`, which may need the event loop`;
}

function isExceptionName(name: string): boolean {
  return /(Error|Exception|Warning)$/.test(name);
}

/** What belongs to its thread may be used there where it is made and given up in the stretch. */
function tolerance(source: Source, call: NodeId, stretch: Stretch): Tolerance {
  return (site, way) => way.kind === "own-thread" && isUsedInside(source, call, site, stretch);
}

function isUsedInside(source: Source, call: NodeId, { givesBoundValue }: SiteTraits, stretch: Stretch): boolean {
  const callee = source.tree.child(call, "function") as NodeId;
  const object = kindOf(source, callee) === "attribute" ? source.tree.child(callee, "object") : undefined;
  // `sqlite3.connect`: the object is a module. `connect().execute`: the call inside is asked by itself.
  const isOnVariable = object !== undefined && kindOf(source, object) === "identifier" && !qualifiedName(source, object);
  if (object !== undefined && !isOnVariable && kindOf(source, object) !== "call" && !qualifiedName(source, object)) return false;
  if (isOnVariable && !livesInside(source, object, stretch)) return false;
  return !givesBoundValue || staysInside(source, call, stretch);
}

/** What happens to the value, at once or through a variable, happens inside the stretch. */
function staysInside(source: Source, value: NodeId, stretch: Stretch): boolean {
  const parent = parentOf(source, value);
  switch (kindOf(source, parent)) {
    case "expression_statement":
      return true;
    case "attribute":
      return kindOf(source, parentOf(source, parent)) === "call" && source.tree.field(parent) === "function";
    case "for_statement":
      return source.tree.field(value) === "right" && holds(source, stretch, parent);
    case "with_item":
      return holds(source, stretch, parent);
    case "as_pattern": {
      const target = source.tree.child(parent, "alias");
      const [name] = target === undefined ? [] : source.tree.children(target);
      return name !== undefined && kindOf(source, name) === "identifier" && livesInside(source, name, stretch);
    }
    case "assignment": {
      const target = source.tree.child(parent, "left") as NodeId;
      return (
        source.tree.field(value) === "right" && kindOf(source, target) === "identifier" && livesInside(source, target, stretch)
      );
    }
    default:
      return false;
  }
}

/** The variable is bound in the stretch, and nobody has its value elsewhere. */
function livesInside(source: Source, name: NodeId, stretch: Stretch): boolean {
  const mentions = mentionsOf(source, textOf(source, name), name);
  return (
    mentions.every((mention) => holds(source, stretch, mention)) &&
    mentions.some((mention) => isBinding(source, mention)) &&
    mentions.every((mention) => isBinding(source, mention) || staysInside(source, mention, stretch))
  );
}

/** What the method is called on was made in the block, or is a container that only this coroutine has. */
function worksOnOwnData(source: Source, object: NodeId, stretch: Stretch): boolean {
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
  if (SAFE_BUILTINS.has(name) || isSafeModule(qualifiedName(source, root) ?? "")) return true;
  const hiding = hidingStatement(source, name, root);
  if (hiding !== undefined && holds(source, stretch, hiding)) return true;
  const bindings = mentionsOf(source, name, root).filter((mention) => isBinding(source, mention));
  return bindings.length > 0 && bindings.every((mention) => holds(source, stretch, mention) || isOwnContainer(source, mention));
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

/** Whether the statements always end by `return`, or never do; a text says why neither. */
function endingOf(source: Source, stretch: Stretch): { readonly returns: boolean } | string {
  const last = stretch.at(-1) as NodeId;
  const returns = stretch.flatMap((statement) =>
    [...runningIn(source, statement)].filter((node) => kindOf(source, node) === "return_statement"),
  );
  if (returns.length === 0) return { returns: false };
  const yields = [...runningIn(source, functionAround(source, last))].some((node) => kindOf(source, node) === "yield");
  if (yields) return "the block returns from an asynchronous generator";
  const body = kindOf(source, last) === "with_statement" ? source.tree.child(last, "body") : undefined;
  const statements = body === undefined ? stretch : statementsOf(source, body);
  if (!alwaysReturns(source, statements) || returns.some((node) => !contains(source, last, node)))
    return "the block returns on some ways only";
  if (body === undefined) return { returns: true };
  const manager = withItems(source, last).every(({ value }) => {
    const callee = kindOf(source, value) === "call" ? source.tree.child(value, "function") : undefined;
    const name = callee === undefined ? "" : (qualifiedName(source, callee) ?? textOf(source, callee));
    return /(^|\.)(open|ZipFile|TarFile|TemporaryFile|NamedTemporaryFile|TemporaryDirectory|urlopen|Lock|RLock)$/.test(name);
  });
  return manager ? { returns: true } : "the block returns, and its context manager might swallow an exception";
}

function alwaysReturns(source: Source, statements: readonly NodeId[]): boolean {
  const last = statements.at(-1);
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
      return hasElse && suites.every((branch) => branch !== undefined && alwaysReturns(source, statementsOf(source, branch)));
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
function variablesOf(source: Source, stretch: Stretch, returns: boolean): Variables | string {
  const returned: string[] = [];
  const outer: string[] = [];
  const block = stretch[0] as NodeId;
  const limit = functionAround(source, block);
  const own = source.scopes.at[block];
  for (const name of new Set(stretch.flatMap((statement) => namesBoundIn(source, statement)))) {
    const scope = scopeOfName(source, name, block);
    if (scope !== own || own?.node !== limit) return `the block assigns \`${name}\`, which belongs to another scope`;
    const mentions = mentionsOf(source, name, block);
    const inside = mentions.filter((mention) => holds(source, stretch, mention));
    const outside = mentions.filter((mention) => !holds(source, stretch, mention));
    const readBefore = inside.some((mention) => isRead(source, mention) && !isHiddenInside(source, name, mention, stretch));
    const bindings = outside.filter((mention) => isBinding(source, mention));
    const boundOutside = bindings.some((mention) => !isNested(source, mention, block));
    // What a function inside binds by `nonlocal` has to stay a variable of the function around it.
    const isNeeded = bindings.length > 0 && !boundOutside;
    const readAfter = isNeeded || outside.some((mention) => isRead(source, mention) && maySeeAny(source, name, mention, stretch));
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
      const reason = whyNotReturned(source, name, stretch, outside);
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
    // The variables of a comprehension or a lambda in the block are its own.
    const name = textOf(source, node);
    const scope = scopeOfName(source, name, node);
    const isOwn =
      scope !== undefined && (scope.kind === "comprehension" || (scope.node !== block && contains(source, block, scope.node)));
    if (!isOwn) names.add(name);
  }
  return [...names];
}

function isHiddenInside(source: Source, name: string, mention: NodeId, stretch: Stretch): boolean {
  const hiding = hidingStatement(source, name, mention);
  return hiding !== undefined && holds(source, stretch, hiding);
}

/** The read may see a value that a statement of the stretch bound. */
function maySeeAny(source: Source, name: string, read: NodeId, stretch: Stretch): boolean {
  return stretch.some((statement) => bindsIn(source, name, statement) && maySee(source, name, read, statement));
}

/** The value of `name` can be given back: it is bound whenever the stretch ends, and nobody sees half-done work. */
function whyNotReturned(source: Source, name: string, stretch: Stretch, outside: readonly NodeId[]): string | undefined {
  const blocks = stretch.filter((statement) => kindOf(source, statement) === "with_statement" && !maySwallow(source, statement));
  const statements = stretch.flatMap((statement) =>
    blocks.includes(statement) ? statementsOf(source, source.tree.child(statement, "body") as NodeId) : [statement],
  );
  const targets = blocks.flatMap((block) => withItems(source, block).flatMap(({ target }) => target ?? []));
  const isTarget = targets.some((target) => bindsIn(source, name, target));
  const binders = statements.filter((statement) => bindsIn(source, name, statement));
  if (!isTarget && !binders.some((statement) => isPlainAssignment(source, statement)))
    return `\`${name}\` is not assigned on every way through the block`;
  const guard = guardAround(source, stretch[0] as NodeId);
  if (guard === undefined || outside.every((mention) => contains(source, guard, mention))) return undefined;
  const isLast = !isTarget && binders.length === 1 && binders[0] === statements.at(-1);
  return isLast ? undefined : `\`${name}\` could be read after an exception in the middle of the block`;
}

/** An exception in the block may end in its context manager: what stands behind runs all the same. */
function maySwallow(source: Source, block: NodeId): boolean {
  return withItems(source, block).some(({ value }) => /suppress|raises|ignore|ExitStack/i.test(textOf(source, value)));
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
