/**
 * Why a call must not run in another process, as far as the program shows: what is called must be a function that the
 * process can import, what goes there and comes back must be data, and nobody here may miss what it did there.
 */
import type { SiteTarget, SiteTraits } from "../../../analysis/traits.js";
import type { RequestAround } from "../request.js";
import { type Binding, bindingsOf, isBinding, qualifiedName, scopeOfName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  readSource,
  type Source,
  startOf,
  statementsOf,
  textOf,
} from "../text/source.js";
import { sitesAt } from "./threads.js";

/** `known`: everything must be seen to be right. `trusted`: the user asks for it, and only what is seen to be wrong counts. */
export type Standard = "known" | "trusted";

/** Functions that are looked through on the way down. */
const MOST_FUNCTIONS = 60;

export function whyNotInProcess(request: RequestAround, call: NodeId, standard: Standard): string | undefined {
  const { source } = request;
  const callee = source.tree.child(call, "function") as NodeId;
  const reason = whyNotImportable(source, callee) ?? whyRunsOnImport(source);
  if (reason) return reason;
  const site = sitesAt(request, call).find(({ kind }) => kind === "call");
  if (!site) return "what is called is not known";
  return (
    whyTraits(site) ??
    whyNotSendable(source, call, site, standard) ??
    new Walk(request, standard).whyNotTargets(site.targets, textOf(source, callee))
  );
}

/** A process looks the function up by its module and name. */
function whyNotImportable(source: Source, callee: NodeId): string | undefined {
  const spelling = textOf(source, callee);
  if (kindOf(source, callee) === "identifier") {
    const bindings = bindingsOf(source, spelling, callee);
    const [binding] = bindings;
    if (binding === undefined) return qualifiedName(source, callee) ? undefined : `what \`${spelling}\` is, is not known`;
    if (bindings.length > 1) return `\`${spelling}\` is bound more than once`;
    if (binding.how === "from") return undefined;
    if (binding.how !== "definition") return `\`${spelling}\` is a variable, and a process imports what it runs by name`;
    const definition = parentOf(source, binding.node);
    if (kindOf(source, definition) === "class_definition")
      return `\`${spelling}\` is a class, whose objects may not be plain data`;
    return whyNotTopLevel(source, definition);
  }
  if (kindOf(source, callee) === "lambda") return "a lambda cannot be sent to a process";
  if (kindOf(source, callee) !== "attribute")
    return "what is called is the result of an expression, and has no name to be imported by";
  if (qualifiedName(source, callee) !== undefined) return undefined;
  return `\`${spelling}\` is a method: its object would go to the process as a copy`;
}

function whyNotTopLevel(source: Source, definition: NodeId): string | undefined {
  const name = textOf(source, source.tree.child(definition, "name") as NodeId);
  for (const ancestor of ancestorsOf(source, definition)) {
    const kind = kindOf(source, ancestor);
    if (kind === "decorated_definition") return `\`${name}\` is decorated, so that a process may find something else by its name`;
    if (kind === "function_definition" || kind === "lambda")
      return `\`${name}\` is defined inside a function, so that a process cannot import it`;
    if (kind === "class_definition") return `\`${name}\` is a method: its object would go to the process as a copy`;
  }
  return undefined;
}

/** Processes that are spawned import the program's main file anew. */
function whyRunsOnImport(source: Source): string | undefined {
  for (const statement of statementsOf(source, 0)) {
    if (kindOf(source, statement) !== "expression_statement") continue;
    const call = source.tree.children(statement)[0] as NodeId;
    const callee = kindOf(source, call) === "call" ? source.tree.child(call, "function") : undefined;
    if (callee === undefined) continue;
    const spelling = textOf(source, callee);
    const isOwn = kindOf(source, callee) === "identifier" && bindingsOf(source, spelling, callee).some(isDefinition);
    if (!isOwn && !/(^|\.)(run|main|serve|start|run_forever|run_until_complete|run_app)$/.test(spelling)) continue;
    return `the file calls \`${spelling}\` whenever it is imported, and a process may import it: put that under \`if __name__ == "__main__":\``;
  }
  return undefined;
}

function isDefinition(binding: Binding): boolean {
  return binding.how === "definition";
}

const WHY: Readonly<Record<SiteTraits["traits"][number]["kind"], string>> = {
  changes: "it changes what others see, and a process would change a copy of its own",
  loop: "it uses the running event loop",
  "main-thread": "it needs the main thread",
  "own-thread": "it works on something that belongs to the thread that made it",
  "thread-local": "it reads what has a value of its own in each thread",
  context: "it sets a context variable, which a process cannot do for its caller",
  "context-read": "it reads a context variable, and a process has those of nobody",
  "stop-iteration": "it may raise StopIteration, which cannot leave a process: give next() a default",
  handling: "it reads the exception that is being handled, and a process handles none",
};

function whyTraits({ traits }: SiteTraits): string | undefined {
  const [way] = traits;
  return way && `${WHY[way.kind]}: ${way.callees.map((callee) => `\`${callee}\``).join(" → ")}`;
}

function whyNotSendable(source: Source, call: NodeId, site: SiteTraits, standard: Standard): string | undefined {
  for (const [index, argument] of argumentsOf(source, call).entries()) {
    const value = source.tree.child(argument, "value") ?? argument;
    const spelling = textOf(source, value).replace(/\s+/g, " ");
    const shown = spelling.length > 40 ? "an argument" : `\`${spelling}\``;
    if (kindOf(source, value) === "lambda" || kindOf(source, value) === "generator_expression")
      return `${shown} cannot be sent to a process`;
    const sendability = isPlainLiteral(source, value) ? "plain" : (site.argumentsAre[index] ?? "unknown");
    if (sendability === "bound") return `${shown} cannot be sent to a process`;
    if (sendability === "unknown" && standard === "known")
      return `${shown} is not known to be plain data, and only that can be sent to a process`;
  }
  if (site.valueIs === "bound") return "what it gives back cannot be sent from a process";
  if (site.valueIs === "unknown" && standard === "known" && !isDropped(source, call))
    return "what it gives back is not known to be plain data, and only that can be sent from a process";
  return undefined;
}

function isDropped(source: Source, call: NodeId): boolean {
  return kindOf(source, parentOf(source, call)) === "expression_statement";
}

function isPlainLiteral(source: Source, value: NodeId): boolean {
  const kind = kindOf(source, value);
  if (/^(integer|float|true|false|none|concatenated_string)$/.test(kind)) return true;
  if (kind === "string") return true;
  if (!/^(list|tuple|set|dictionary|pair|unary_operator|parenthesized_expression)$/.test(kind)) return false;
  return source.tree.children(value).every((child) => isPlainLiteral(source, child));
}

/** Modules whose functions compute from their arguments, the same in any process. */
const PURE_MODULES = new Set(
  (
    "array base64 binascii bisect builtins bz2 calendar cmath collections colorsys copy csv dataclasses datetime decimal difflib enum fractions " +
    "functools gzip hashlib heapq hmac html ipaddress itertools json lzma math numbers operator re statistics string struct textwrap time " +
    "types typing unicodedata uuid xml zlib numpy pandas"
  ).split(" "),
);
const IMPURE_BUILTINS = new Set(
  "print input breakpoint exec eval globals locals vars open __import__ setattr delattr super".split(" "),
);

const BUILTIN_CLASSES =
  /^(str|bytes|bytearray|list|dict|set|frozenset|tuple|int|float|complex|bool|range|slice|object|type|\w*(Error|Exception|Warning))$/;

/** What is said of functions that do more than to compute. */
function whyImpure(name: string): string | undefined {
  const root = name.split(".")[0] as string;
  const last = name.split(".").at(-1) as string;
  if (/^(print|builtins\.print)$/.test(name)) return "it prints, and a process has an output of its own";
  if (root === "logging") return "it logs, and a process has handlers of its own";
  if (root === "random") return "it draws random numbers, and each process would draw those of its own generator";
  if (/^(builtins\.)?(open|input|breakpoint|exec|eval|globals|locals|vars|__import__|setattr|delattr|super)$/.test(name))
    return `it calls \`${last}\`, which depends on where it runs`;
  return undefined;
}

/** Follows what a call runs through the program. */
class Walk {
  readonly #seen = new Set<string>();

  constructor(
    private readonly request: RequestAround,
    private readonly standard: Standard,
  ) {}

  whyNotTargets(targets: readonly SiteTarget[] | undefined, spelling: string): string | undefined {
    const isAsked = this.#seen.size === 0;
    if (!targets) return isAsked || this.standard === "known" ? `what \`${spelling}\` runs is not known` : undefined;
    for (const { name, definition } of targets) {
      const impure = whyImpure(name);
      if (impure) return impure;
      if (definition) {
        const reason = this.#whyNotFunction(definition);
        if (reason) return reason;
      } else if (this.standard === "known" && !isPure(name))
        return `it calls \`${name}\`, which is not known to do the same in any process`;
    }
    return undefined;
  }

  #whyNotFunction({ file, start, end }: NonNullable<SiteTarget["definition"]>): string | undefined {
    const key = `${file}:${start}`;
    if (this.#seen.has(key)) return undefined;
    this.#seen.add(key);
    if (this.#seen.size > MOST_FUNCTIONS) return "it runs too much of the program to be looked through";
    const source = this.#sourceOf(file);
    const definition = source && functionAt(source, start, end);
    if (!source || definition === undefined) return this.standard === "known" ? "what it runs cannot be read" : undefined;
    const sites = this.request.host.traits(file, start, end);
    const body = source.tree.child(definition, "body") as NodeId;
    for (const node of descendantsOf(source, body)) {
      const reason = this.#whyNotNode(source, definition, node, sites);
      if (reason) return reason;
    }
    return undefined;
  }

  #sourceOf(file: string): Source | undefined {
    const { host, grammar, path, source } = this.request;
    if (file === path) return source;
    const text = host.text(file);
    return text === undefined ? undefined : readSource(grammar, text, () => host.flatTree?.(file));
  }

  #whyNotNode(source: Source, definition: NodeId, node: NodeId, sites: readonly SiteTraits[]): string | undefined {
    switch (kindOf(source, node)) {
      case "yield":
        return "it gives a generator, which cannot be sent from a process";
      case "global_statement":
        return "it binds names of its module, and a process would bind its own";
      case "return_statement":
        return whyNotGivenBack(source, definition, node);
      case "raise_statement":
        return this.standard === "known" ? whyNotRaised(source, node) : undefined;
      case "identifier":
        return this.standard === "known" ? whyNotRead(source, node) : undefined;
      case "call":
        return this.#whyNotCall(source, node, sites);
      default:
        return undefined;
    }
  }

  #whyNotCall(source: Source, call: NodeId, sites: readonly SiteTraits[]): string | undefined {
    const callee = source.tree.child(call, "function") as NodeId;
    const spelling = textOf(source, callee).replace(/\s+/g, " ");
    const name = qualifiedName(source, callee);
    const impure = name === undefined ? undefined : whyImpure(name);
    if (impure) return impure;
    if (name !== undefined && isPure(name)) return undefined;
    const site = sites.find(
      ({ kind, start, end }) => kind === "call" && start === startOf(source, call) && end === endOf(source, call),
    );
    return this.whyNotTargets(site?.targets, spelling);
  }
}

function isPure(name: string): boolean {
  const [root, ...rest] = name.split(".");
  // Builtins have no module in front: `list.append`, `len`.
  if (rest.length === 0) return !IMPURE_BUILTINS.has(root as string);
  if (BUILTIN_CLASSES.test(root as string)) return true;
  if (root === "builtins") return !IMPURE_BUILTINS.has(rest[0] as string);
  return PURE_MODULES.has(root as string);
}

/** The function that is defined at [start, end), decorators included or not. */
export function functionAt(source: Source, start: number, end: number): NodeId | undefined {
  for (let node = 0; node < source.parents.length && startOf(source, node) < end; node++) {
    const isThere = startOf(source, node) >= start && endOf(source, node) === end;
    if (isThere && kindOf(source, node) === "function_definition") return node;
  }
  return undefined;
}

/** A value that is the caller's own, or has no name in another process. */
function whyNotGivenBack(source: Source, definition: NodeId, statement: NodeId): string | undefined {
  const value = source.tree.children(statement)[0];
  if (value === undefined || functionAround(source, statement) !== definition) return undefined;
  if (/^(lambda|generator_expression)$/.test(kindOf(source, value))) return "what it gives back cannot be sent from a process";
  if (kindOf(source, value) !== "identifier") return undefined;
  const name = textOf(source, value);
  const bindings = bindingsOf(source, name, value);
  if (bindings.some(({ how }) => how === "parameter") && !isNumberLike(source, bindings))
    return `it gives back its argument \`${name}\` itself, and a process gives a copy`;
  if (bindings.some((binding) => isDefinition(binding) && functionAround(source, binding.node) === definition))
    return "what it gives back cannot be sent from a process";
  return undefined;
}

/** A parameter annotated as something that never changes: a copy is as good. */
function isNumberLike(source: Source, bindings: readonly Binding[]): boolean {
  return bindings
    .filter(({ how }) => how === "parameter")
    .every(({ node }) => {
      const type = source.tree.child(parentOf(source, node), "type");
      return type !== undefined && /^(int|float|str|bytes|bool)$/.test(textOf(source, type));
    });
}

/** Exceptions are pickled, too: those with a constructor of their own may not come back. */
function whyNotRaised(source: Source, statement: NodeId): string | undefined {
  const raised = source.tree.children(statement)[0];
  if (raised === undefined) return undefined;
  const name = kindOf(source, raised) === "call" ? (source.tree.child(raised, "function") as NodeId) : raised;
  if (qualifiedName(source, name)?.startsWith("builtins.")) return undefined;
  const spelling = textOf(source, name);
  const [binding] = kindOf(source, name) === "identifier" ? bindingsOf(source, spelling, name) : [];
  if (binding?.how === "other") return undefined;
  const definition = binding && isDefinition(binding) ? parentOf(source, binding.node) : undefined;
  const isPlainClass =
    definition !== undefined &&
    kindOf(source, definition) === "class_definition" &&
    ![...descendantsOf(source, definition)].some((node) => kindOf(source, node) === "function_definition");
  return isPlainClass ? undefined : `it may raise \`${spelling}\`, which may not survive the way back from a process`;
}

/** Variables of the module have the values they had when the process began. */
function whyNotRead(source: Source, node: NodeId): string | undefined {
  const name = textOf(source, node);
  const scope = scopeOfName(source, name, node);
  if (scope?.kind !== "module" || isBinding(source, node)) return undefined;
  if (!(source.scopes.mentions.get(name) ?? []).includes(node)) return undefined;
  const bindings = bindingsOf(source, name, node);
  if (bindings.every(({ how }) => how === "import" || how === "definition")) return undefined;
  const isConstant = /^_*[A-Z][A-Z0-9_]*$/.test(name) && bindings.length === 1;
  if (isConstant) return undefined;
  // Imported functions are called; what else is imported may change in the module it comes from.
  const parent = parentOf(source, node);
  const isCalled = kindOf(source, parent) === "call" && source.tree.field(node) === "function";
  if (bindings.every(({ how }) => how === "from") && (isCalled || kindOf(source, parent) === "attribute")) return undefined;
  return `it reads \`${name}\` of its module, and a process has a value of its own`;
}

/** The place in the module's suite under which a node stands. */
export function topStatementOf(source: Source, node: NodeId): NodeId {
  const statement = statementsOf(source, 0).find((candidate) => contains(source, candidate, node));
  return statement ?? NO_NODE;
}
