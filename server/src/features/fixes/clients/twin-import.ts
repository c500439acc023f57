/**
 * How to name an asynchronous twin where the object was made. Where its package is only imported in a function, or not at
 * all times, so is the twin: a package that may be missing is not imported with the file.
 */
import { type Edit, fromReferenceTo, importEdit, type Reference, referenceTo } from "../text/edits.js";
import { type Binding, bindingsNamed, bindingsOf } from "../text/scopes.js";
import {
  contains,
  endOf,
  functionAround,
  indentOf,
  isFirstOnLine,
  kindOf,
  lineEnd,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  textOf,
} from "../text/source.js";

/** `module.name` as it is written in the place of what is called at `site`, or why it cannot be. */
export function twinReference(
  source: Source,
  site: NodeId,
  { module, name }: { readonly module: string; readonly name: string },
): Reference | string {
  const root = module.split(".", 1)[0] as string;
  const [first, ...rest] = name.split(".") as [string, ...string[]];
  const whole = (reference: Reference): Reference => ({ ...reference, text: [reference.text, ...rest].join(".") });
  const imports = importsOf(source, root);
  const isAlways = imports.length === 0 || imports.some((binding) => isOnTop(source, binding));
  const alias = module.replaceAll(".", "_");
  if (isAlways) {
    // `from pymongo import MongoClient` gets a neighbour.
    const taken = kindOf(source, site) === "identifier" ? bindingsOf(source, textOf(source, site), site)[0]?.target : undefined;
    const isTaken = taken?.slice(0, taken.lastIndexOf(".")) === module;
    const beside = isTaken ? fromReferenceTo(source, site, module, first, root) : undefined;
    if (beside) return whole(beside);
    const reference = referenceTo(source, site, module, first, neighbourOf(source, root));
    if (reference) return whole(reference);
  }
  if (source.scopes.mentions.has(alias) && alias !== module) return `this file uses the name \`${alias}\` for something else`;
  if (isAlways && alias === module) return `this file uses the name \`${root}\` for something else`;
  if (isAlways) {
    const line = `import ${module} as ${alias}`;
    return whole({ text: `${alias}.${first}`, edits: [importEdit(source, line, neighbourOf(source, root))] });
  }
  const local = imports.find((binding) => runsBefore(source, binding, site));
  if (!local) return `${root} is imported under a condition`;
  const statement = statementOf(source, local.node);
  if (!isFirstOnLine(source, startOf(source, statement))) return "several statements stand on one line";
  const isFree = bindingsOf(source, root, site).every(({ target }) => target === root);
  const text = isFree ? module : alias;
  const line = isFree || alias === module ? `import ${module}` : `import ${module} as ${alias}`;
  const end = lineEnd(source, endOf(source, statement));
  const edit: Edit = { start: end, end, text: `${source.newline}${indentOf(source, startOf(source, statement))}${line}` };
  return whole({ text: `${text}.${first}`, edits: [edit] });
}

/** Bindings of a package, of what lies in it, and of what is taken from it. */
function importsOf(source: Source, root: string): Binding[] {
  return source.scopes.imported
    .flatMap((name) => bindingsNamed(source, name))
    .filter(({ target }) => target === root || target?.startsWith(`${root}.`));
}

function isOnTop(source: Source, { node }: Binding): boolean {
  return kindOf(source, parentOf(source, statementOf(source, node))) === "module";
}

/** A module next to whose import that of the twin belongs. */
function neighbourOf(source: Source, root: string): string | undefined {
  const [binding] = importsOf(source, root);
  return binding === undefined ? undefined : root;
}

/** Imported in the function, before the site and not under a condition. */
function runsBefore(source: Source, { node }: Binding, site: NodeId): boolean {
  const statement = statementOf(source, node);
  const suite = parentOf(source, statement);
  return functionAround(source, statement) !== NO_NODE && statement < site && contains(source, suite, site);
}
