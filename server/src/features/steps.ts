/**
 * One hop of a path in words, for related information, hover and everybody else who prints a chain. Plain text; names
 * stand as the finding has them.
 */
import type { Finding, Step, StepRole } from "../analysis/findings.js";

/** What happens at `step`, as a clause: "load calls time.sleep". */
export function stepText(step: Step, quote: (name: string) => string = (name) => name): string {
  const callee = step.callee === "" ? "" : ` ${quote(step.callee)}`;
  const what = `${VERBS[step.role]}${callee}`;
  return step.function === "" ? `module level ${what}` : `${quote(step.function)} ${what}`;
}

/** The primitive that blocks: what the last step runs. */
export function primitiveOf(finding: Finding): string {
  return finding.path.at(-1)?.callee ?? "";
}

const VERBS: Readonly<Record<StepRole, string>> = {
  call: "calls",
  enter: "enters",
  exit: "leaves",
  iterate: "iterates over",
  read: "reads",
  operate: "uses an operator of",
  await: "awaits",
  loop: "loops:",
  cause: "is held up by",
};
