/**
 * Why a call could not be followed, in words that help: the trail is walked back to where its type was lost, a parameter
 * without an annotation, a module that is not there, and the sentence says what would bring it back.
 */
import type { Def, ExprId } from "../facts/types.js";
import { textOf } from "../link/calls.js";
import { exprOf, onlyDef, scopeOf, type Unit } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { membersOf, type Type, type UnknownReason } from "../link/types.js";

/** Where a trail was lost. */
interface Loss {
  /** The expression that nobody can type, as text. */
  readonly text: string;
  /** The binding behind it, where there is one. */
  readonly def?: Def;
  readonly unit: Unit;
  /** The name of the class that lacks the attribute. */
  readonly owner?: string;
}

/** Sentences on why `expr`, the callee or what is entered or iterated, is not known. */
export function unknownText(program: Program, unit: Unit, expr: ExprId, reason: UnknownReason): string {
  const loss = lossOf(program, unit, expr);
  // What is made of a parameter without a type, `table[key]`, is lost with the parameter.
  return UNKNOWN_TEXTS[reason === "dynamic" && parameterOf(loss) !== undefined ? "parameter" : reason](loss);
}

export const UNKNOWN_TEXTS: Readonly<Record<UnknownReason, (loss: Loss) => string>> = {
  parameter: (loss) => {
    const parameter = parameterOf(loss);
    return parameter === undefined
      ? `\`${loss.text}\` comes from an argument whose type is not declared. Annotate it with a class, and the call can be followed.`
      : `\`${parameter.name}\` is a parameter of \`${parameter.owner}\` without a type. Annotate it with a class, and the call can be followed.`;
  },
  import: ({ text, def }) => {
    const module = moduleOf(def);
    if (module === undefined)
      return `A part of \`${text}\` comes from a module that is neither in the workspace nor installed. Install it, or select the interpreter that has it.`;
    return `The module \`${module}\` is neither in the workspace nor among the packages of the selected interpreter. Install it, select the interpreter that has it, or describe it in a stub (setting \`stubs\`).`;
  },
  complete: ({ text }) => `What Loopguard knows of the library behind \`${text}\` names all that blocks in it, and not this.`,
  attribute: ({ text, owner }) =>
    owner === undefined
      ? `\`${text}\` is no attribute that could be seen: it is made at run time, or comes from a base class that is not known.`
      : `\`${owner}\` has no such attribute as \`${text}\` names that could be seen. An annotation in the class would declare it.`,
  name: ({ text }) => `Nothing that was read binds the name \`${text}\`.`,
  dynamic: ({ text }) =>
    `What \`${text}\` is shows at run time only. Keep it in a variable with a type annotation, and the call can be followed.`,
  awaited: () => "It is awaited, so it cannot be the synchronous function of that name.",
  cycle: ({ text }) => `The type of \`${text}\` depends on itself. An annotation on one of its parts breaks the circle.`,
  unread: ({ text }) => `The file that \`${text}\` comes from is there and cannot be read.`,
  broken: ({ text }) =>
    `The file that \`${text}\` comes from has a syntax error, and what could be read of it does not define the name.`,
  budget: ({ text }) => `Following \`${text}\` would take too long. A type annotation nearer to the call shortens the way.`,
};

function parameterOf({ def, unit }: Loss): { readonly name: string; readonly owner: string } | undefined {
  const scope = def?.kind === "parameter" ? unit.chunk.scopes[def.scope] : undefined;
  const parameter = def?.kind === "parameter" ? scope?.parameters[def.index] : undefined;
  return scope && parameter && parameter.annotation === undefined ? { name: parameter.name, owner: scope.name } : undefined;
}

function moduleOf(def: Def | undefined): string | undefined {
  if (def?.kind === "import") return def.module;
  return def?.kind === "from" ? `${".".repeat(def.level)}${def.module}` : undefined;
}

/** Bindings followed back for one answer. */
const MAX_HOPS = 12;

function lossOf(program: Program, from: Unit, fromExpr: ExprId): Loss {
  const { evaluator } = program;
  let unit = from;
  let id = fromExpr;
  let loss: Loss = { text: textOf(unit, id), unit };
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    const expr = exprOf(unit, id);
    // Inside an expression the loss is the innermost part that is not known.
    const inner = expr.kind === "attribute" || expr.kind === "subscript" || expr.kind === "await" ? expr.of : undefined;
    const part = inner ?? (expr.kind === "call" ? expr.callee : undefined);
    if (part !== undefined && isUnknown(evaluator.typeOf(unit, part))) {
      id = part;
      loss = { text: textOf(unit, id), unit };
      continue;
    }
    const found = bindingOf(program, unit, id);
    loss = { ...loss, ...(found.owner === undefined ? {} : { owner: found.owner }) };
    if (!found.def) return loss;
    loss = { text: loss.text, def: found.def, unit: found.unit };
    const value =
      found.def.kind === "assign" || found.def.kind === "iterate" || found.def.kind === "enter" ? found.def.value : undefined;
    if (value === undefined || value === id) return loss;
    unit = found.unit;
    id = value;
    const text = textOf(unit, id);
    loss = { text: text.startsWith("…") ? loss.text : text, unit };
  }
  return loss;
}

function isUnknown(type: Type): boolean {
  return membersOf(type).some(({ kind }) => kind === "unknown");
}

/** The one binding behind a name or an attribute of an object. */
function bindingOf(program: Program, unit: Unit, id: ExprId): { unit: Unit; def?: Def; owner?: string } {
  const expr = exprOf(unit, id);
  const { evaluator } = program;
  if (expr.kind === "attribute") {
    const owner = membersOf(evaluator.typeOf(unit, expr.of)).find(
      (member) => member.kind === "instance" || member.kind === "class",
    );
    if (owner?.kind === "instance" || owner?.kind === "class") {
      const place = evaluator.classes.memberPlaces(owner.class, expr.name)[0];
      const def = place && onlyDef(place.unit, place.defs);
      return place && def ? { unit: place.unit, def } : { unit, owner: scopeOf(owner.class).name };
    }
  }
  const [found] = evaluator.names.foundOf(unit, id);
  const def = found && onlyDef(found.unit, found.defs);
  return found && def ? { unit: found.unit, def } : { unit };
}
