/**
 * `unused-ignore`: a comment of ours that silences nothing, so that it does not hide tomorrow's finding. Comments of
 * other linters are theirs, and a comment for the whole file may wait for what is still to come.
 */
import { hashText } from "../base/hash.js";
import type { RuleName } from "../base/rules.js";
import { type Comment, commentsOf, isOnLineOf } from "../link/comments.js";
import { type FunctionEntity, fullName, scopeOf, spansOf, type Unit } from "../link/entities.js";
import { functionsOf, type Program } from "../link/program.js";
import { locationOf, nameLocation, type PresentOptions, rateRule, type SiteEffects } from "./detect.js";
import type { Finding } from "./findings.js";

const RULE: RuleName = "unused-ignore";

type Ignore = Comment & { readonly kind: "ignore" };

/** Our comments in a unit that silence nothing. `detected`: what was found in its functions, silenced or not. */
export function unusedIgnores(
  program: Program,
  unit: Unit,
  detected: readonly SiteEffects[],
  ordinals: Map<string, number>,
  options: PresentOptions,
): readonly Finding[] {
  const comments = commentsOf(unit).filter(
    (comment) => comment.kind === "ignore" && comment.ours && !comment.wholeFile,
  ) as Ignore[];
  const severity = comments.length > 0 ? rateRule(RULE, options) : undefined;
  if (!severity) return [];
  return comments.flatMap((comment): Finding[] => {
    if (isSwitchedOff(comment, options) || isUsed(program, unit, comment, detected)) return [];
    const location = locationOf(unit, comment.offset, comment.end);
    const around = functionAround(unit, comment.offset);
    const where = around?.qualifiedName ?? "<module>";
    const identity = `${around ? fullName(around) : unit.file.publicModule}|${comment.text}|${RULE}`;
    const ordinal = ordinals.get(identity) ?? 0;
    ordinals.set(identity, ordinal + 1);
    const isMisspelt = comment.rules !== "all" && comment.rules.length === 0;
    return [
      {
        rule: RULE,
        severity,
        confidence: "definite",
        message: isMisspelt
          ? `No rule about the event loop has this name, so the comment silences nothing: ${comment.text}`
          : `Nothing here does to the event loop what this comment means to silence: ${comment.text}`,
        location,
        entry: { function: where, location: around ? nameLocation(around) : location },
        path: [{ role: "cause", function: where, callee: comment.text, location }],
        stall: { class: "none", text: "silences nothing" },
        also: [],
        ways: [],
        fingerprint: hashText(`${identity}|${ordinal}`),
      },
    ];
  });
}

/** Whoever switched the rules off has silenced them twice; and a comment may silence this very rule. */
function isSwitchedOff({ rules }: Ignore, { configuration }: PresentOptions): boolean {
  if (rules === "all" || rules.length === 0) return false;
  return rules.includes(RULE) || rules.every((rule) => configuration.severity[rule] === "off");
}

/** Some place on its line blocks, or is a mistake, by a rule it names; or runs what nobody knows. */
function isUsed(program: Program, unit: Unit, comment: Ignore, detected: readonly SiteEffects[]): boolean {
  const isMeant = (rule: RuleName): boolean => comment.rules === "all" || comment.rules.includes(rule);
  return functionsOf(unit).some((entity) =>
    scopeOf(entity).sites.some((site) => {
      if (!isOnLineOf(unit, site, comment)) return false;
      if (program.calls.link(unit, site).unknown !== undefined) return true;
      const found = detected.filter((one) => one.entry === entity && one.site === site).flatMap(({ effects }) => effects);
      return [...found, ...program.propagation.effectsAt(entity, site)].some(({ rule }) => isMeant(rule));
    }),
  );
}

/** The innermost function whose text a place stands in. */
function functionAround(unit: Unit, offset: number): FunctionEntity | undefined {
  const { scopes } = spansOf(unit);
  const around = functionsOf(unit).filter(({ scopeId }) => {
    return (scopes[scopeId * 4] ?? 0) <= offset && offset < (scopes[scopeId * 4 + 1] ?? 0);
  });
  return around.at(-1);
}
