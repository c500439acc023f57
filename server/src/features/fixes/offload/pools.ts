/**
 * How to run a function in another process at some place: through a pool that the file has already, else through one that
 * is made at its first use and kept. A pool at the top of the module would be made again by every process that imports it.
 */
import { asyncLibraryOf, type Offload } from "../text/asynchrony.js";
import { isOlder, type PythonVersion, withItems } from "../text/awaiting.js";
import { type Edit, freshName, fromReferenceTo, type Reference, referenceTo } from "../text/edits.js";
import { bindingsOf, qualifiedName, scopeOfName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  functionAround,
  indentStep,
  kindOf,
  lineOf,
  lineStart,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementsOf,
  textEndOfLine,
  textOf,
} from "../text/source.js";
import { topStatementOf } from "./processes.js";

const POOL = /^concurrent\.futures\.(process\.)?ProcessPoolExecutor$/;
const CACHE = /^functools\.(cache|lru_cache)$/;

/** How to run a callable in a process at `site`; undefined when there is no plain way. */
export function processAt(source: Source, site: NodeId, python: PythonVersion, hasKeywords: boolean): Offload | undefined {
  const library = asyncLibraryOf(source);
  const offload =
    library === "asyncio" ? executor(source, site, python) : library === "anyio" ? toProcess(source, site) : undefined;
  if (!offload || !hasKeywords) return offload;
  const partial = referenceTo(source, site, "functools", "partial");
  return (
    partial && {
      name: offload.name,
      before: `${offload.before}${partial.text}(`,
      after: `)${offload.after}`,
      edits: [...offload.edits, ...partial.edits],
    }
  );
}

/** anyio keeps its processes itself. */
function toProcess(source: Source, site: NodeId): Offload | undefined {
  const reference = referenceTo(source, site, "anyio.to_process", "run_sync");
  return (
    reference && {
      name: "anyio.to_process.run_sync",
      before: `${reference.text}(`,
      after: ")",
      edits: reference.edits,
    }
  );
}

function executor(source: Source, site: NodeId, python: PythonVersion): Offload | undefined {
  const loop = referenceTo(source, site, "asyncio", isOlder(python, 3, 7) ? "get_event_loop" : "get_running_loop");
  const known = knownPool(source, site);
  const pool = known === undefined ? newPool(source, site, python) : { text: known, edits: [] };
  return (
    loop &&
    pool && {
      name: "loop.run_in_executor",
      before: `${loop.text}().run_in_executor(${pool.text}, `,
      after: ")",
      edits: [...loop.edits, ...pool.edits],
    }
  );
}

/** A pool that lives as long as the module, the application or the object whose method this is, as it is written at `site`. */
function knownPool(source: Source, site: NodeId): string | undefined {
  for (const [name, bindings] of source.scopes.module.bindings) {
    const [binding] = bindings;
    if (binding === undefined || bindingsOf(source, name, 0).length !== 1) continue;
    if (scopeOfName(source, name, site) !== source.scopes.module) continue;
    const owner = parentOf(source, binding.node);
    if (binding.how === "assignment" && makesPool(source, source.tree.child(owner, "right"))) return name;
    if (binding.how === "definition" && givesKeptPool(source, owner)) return `${name}()`;
  }
  return poolOfObject(source, site) ?? poolOfApplication(source, site);
}

const APPLICATION = /^(fastapi\.(applications\.)?FastAPI|starlette\.applications\.Starlette)$/;

/** `app.state.pool = ProcessPoolExecutor()` in the lifespan of the module's application, and nowhere else. */
function poolOfApplication(source: Source, site: NodeId): string | undefined {
  for (const name of source.scopes.module.bindings.keys()) {
    const [binding, ...more] = bindingsOf(source, name, 0);
    const assignment = binding?.how === "assignment" && more.length === 0 ? parentOf(source, binding.node) : NO_NODE;
    const made = assignment === NO_NODE ? undefined : source.tree.child(assignment, "right");
    const callee = made !== undefined && kindOf(source, made) === "call" ? source.tree.child(made, "function") : undefined;
    if (made === undefined || callee === undefined || !APPLICATION.test(qualifiedName(source, callee) ?? "")) continue;
    if (scopeOfName(source, name, site) !== source.scopes.module) continue;
    const given = argumentsOf(source, made).find((argument) => /^lifespan\s*=/.test(textOf(source, argument)));
    const lifespan =
      given === undefined ? undefined : definitionNamed(source, textOf(source, source.tree.child(given, "value") ?? given));
    const kept = lifespan === undefined ? undefined : keptInState(source, lifespan);
    if (kept !== undefined) return `${name}.state.${kept}`;
  }
  return undefined;
}

function definitionNamed(source: Source, name: string): NodeId | undefined {
  const [binding, ...more] = bindingsOf(source, name, 0);
  return binding?.how === "definition" && more.length === 0 ? parentOf(source, binding.node) : undefined;
}

/** The one attribute of the state of its first parameter that the function keeps a pool in. */
function keptInState(source: Source, lifespan: NodeId): string | undefined {
  const parameters = source.tree.child(lifespan, "parameters");
  const [first] = parameters === undefined ? [] : source.tree.children(parameters);
  const app = first === undefined ? undefined : /^\w+/.exec(textOf(source, first))?.[0];
  const stores = [...descendantsOf(source, 0)].flatMap((node) => {
    const left = kindOf(source, node) === "assignment" ? source.tree.child(node, "left") : undefined;
    const name = left === undefined ? undefined : /^(\w+)\.state\.(\w+)$/.exec(textOf(source, left));
    return name ? [{ node, app: name[1], name: name[2] as string }] : [];
  });
  const kept = stores.filter(({ node, ...store }) => {
    return store.app === app && functionAround(source, node) === lifespan && isPool(source, source.tree.child(node, "right"));
  });
  const [pool] = kept;
  return pool && stores.filter(({ name }) => name === pool.name).length === 1 ? pool.name : undefined;
}

/** A new pool, or the name that `with ProcessPoolExecutor() as pool:` gives it. */
function isPool(source: Source, value: NodeId | undefined): boolean {
  if (value === undefined || kindOf(source, value) !== "identifier") return makesPool(source, value);
  const [binding, ...more] = bindingsOf(source, textOf(source, value), value);
  if (binding === undefined || more.length > 0) return false;
  const item = [...ancestorsOf(source, binding.node)].find((ancestor) => kindOf(source, ancestor) === "with_statement");
  const entered = item === undefined ? [] : withItems(source, item);
  return entered.some(({ value: manager, target }) => {
    return target !== undefined && contains(source, target, binding.node) && makesPool(source, manager);
  });
}

function makesPool(source: Source, value: NodeId | undefined): boolean {
  const callee = value !== undefined && kindOf(source, value) === "call" ? source.tree.child(value, "function") : undefined;
  return callee !== undefined && POOL.test(qualifiedName(source, callee) ?? "");
}

/** `@functools.cache def pool(): return ProcessPoolExecutor()`. */
function givesKeptPool(source: Source, definition: NodeId): boolean {
  const decorated = parentOf(source, definition);
  if (kindOf(source, definition) !== "function_definition" || kindOf(source, decorated) !== "decorated_definition") return false;
  const parameters = source.tree.child(definition, "parameters");
  if (parameters === undefined || source.tree.children(parameters).length > 0) return false;
  const isKept = source.tree
    .children(decorated)
    .filter((child) => kindOf(source, child) === "decorator")
    .some((decorator) => {
      const [value] = source.tree.children(decorator);
      const name = value !== undefined && kindOf(source, value) === "call" ? source.tree.child(value, "function") : value;
      return name !== undefined && CACHE.test(qualifiedName(source, name) ?? "");
    });
  const last = statementsOf(source, source.tree.child(definition, "body") as NodeId).at(-1);
  const gives = last !== undefined && kindOf(source, last) === "return_statement" ? source.tree.children(last)[0] : undefined;
  return isKept && makesPool(source, gives);
}

/** `self.pool = ProcessPoolExecutor()` in the constructor, and nothing else in the class. */
function poolOfObject(source: Source, site: NodeId): string | undefined {
  const method = functionAround(source, site);
  const around = [...ancestorsOf(source, site)].find((ancestor) => kindOf(source, ancestor) === "class_definition");
  if (method === NO_NODE || around === undefined) return undefined;
  const parameters = source.tree.child(method, "parameters");
  const [self] = parameters === undefined ? [] : source.tree.children(parameters);
  if (self === undefined || textOf(source, self) !== "self") return undefined;
  const stores = new Map<string, NodeId[]>();
  for (let node = around; node < (source.tree.next[around] as number); node++) {
    if (kindOf(source, node) !== "assignment") continue;
    const left = textOf(source, source.tree.child(node, "left") as NodeId);
    stores.set(left, [...(stores.get(left) ?? []), node]);
  }
  for (const [left, nodes] of stores) {
    const [assignment] = nodes as [NodeId];
    const maker = functionAround(source, assignment);
    const isMadeFirst = maker !== NO_NODE && textOf(source, source.tree.child(maker, "name") as NodeId) === "__init__";
    if (
      nodes.length === 1 &&
      isMadeFirst &&
      /^self\.\w+$/.test(left) &&
      makesPool(source, source.tree.child(assignment, "right"))
    )
      return left;
  }
  return undefined;
}

/** A function of the module that makes the pool once. */
function newPool(source: Source, site: NodeId, python: PythonVersion): Reference | undefined {
  const top = topStatementOf(source, site);
  if (top === NO_NODE) return undefined;
  const cache = referenceTo(source, top, "functools", isOlder(python, 3, 9) ? "lru_cache" : "cache");
  // By its own name: the attribute of the package would load half of multiprocessing in the middle of the loop.
  const maker = fromReferenceTo(source, top, "concurrent.futures", "ProcessPoolExecutor");
  if (!cache || !maker) return undefined;
  const { newline } = source;
  const name = freshName(source, "process_pool");
  const decorator = cache.text + (isOlder(python, 3, 9) ? "(maxsize=None)" : "");
  const lines = [`@${decorator}`, `def ${name}():`, `${indentStep(source, site)}return ${maker.text}()`, "", "", ""];
  const at = aboveComments(source, top);
  const edit: Edit = { start: at, end: at, text: lines.join(newline) };
  return { text: `${name}()`, edits: [...cache.edits, ...maker.edits, edit] };
}

/** Start of the line of a statement, or of the comments that stand right above it. */
function aboveComments(source: Source, statement: NodeId): number {
  let line = lineOf(source, startOf(source, statement));
  while (line > 0) {
    const above = source.text.slice(source.lineStarts[line - 1], textEndOfLine(source, line - 1));
    if (!/^#(?!!)/.test(above)) break;
    line--;
  }
  return source.lineStarts[line] ?? lineStart(source, startOf(source, statement));
}
