/**
 * Which argument of a call lands in which parameter.
 */
import type { Argument, Parameter } from "../facts/types.js";

export interface Bound {
  /** By parameter name. */
  readonly byName: ReadonlyMap<string, Argument>;
  /** Positional arguments that `*args` takes. */
  readonly rest: readonly Argument[];
  /** A `*` or `**` argument may fill parameters that look unfilled. */
  readonly open: boolean;
  /** The call does not fit: too many arguments, an unknown keyword, or a required parameter left out. */
  readonly misfit: boolean;
}

/** Binds `args` to `parameters`; `skip` leading parameters are filled already (`self`). */
export function bindArguments(parameters: readonly Parameter[], args: readonly Argument[], skip: number): Bound {
  const byName = new Map<string, Argument>();
  const rest: Argument[] = [];
  const keywordTaker = parameters.some((parameter) => parameter.kind === "var-keyword");
  const varPositional = parameters.find((parameter) => parameter.kind === "var-positional");
  const positional = parameters.filter(({ kind }) => kind === "positional" || kind === "positional-only").slice(skip);
  let open = false;
  let misfit = false;
  let next = 0;
  for (const argument of args) {
    if (argument.star) {
      open = true;
      continue;
    }
    if (argument.name !== undefined) {
      const parameter = parameters.find(({ name, kind }) => name === argument.name && kind !== "positional-only");
      if (parameter || keywordTaker) byName.set(argument.name, argument);
      else misfit = true;
      continue;
    }
    const parameter = open ? undefined : positional[next];
    if (parameter) {
      byName.set(parameter.name, argument);
      next++;
    } else if (varPositional) rest.push(argument);
    else if (!open) misfit = true;
  }
  if (!open) {
    for (const parameter of positional) if (parameter.default === undefined && !byName.has(parameter.name)) misfit = true;
    for (const parameter of parameters) {
      if (parameter.kind === "keyword-only" && parameter.default === undefined && !byName.has(parameter.name)) misfit = true;
    }
  }
  return { byName, rest, open, misfit };
}
