/**
 * Comments that speak to us: `# loopguard: ignore[rule] reason`, `# loopguard: ignore-file[rule] reason` outside of all
 * functions, `# loopguard: blocks[cpu]`, `# loopguard: never-blocks`, and the codes of other linters in `# noqa: ASYNC251`.
 */
import { RULES, type RuleName } from "../base/rules.js";
import type { ScopeId, SiteId } from "../facts/types.js";
import { spansOf, type Unit } from "./entities.js";
import { ruleOfKind } from "./specs.js";

/** One comment, read. `offset` and `end` are relative to the chunk's start. */
export type Comment =
  | {
      readonly kind: "ignore";
      readonly offset: number;
      readonly end: number;
      readonly rules: readonly RuleName[] | "all";
      readonly ours: boolean;
      /** Silences the rules in the whole file. */
      readonly wholeFile: boolean;
      /** As written, without what stands before and behind: `ignore[blocking-file]`. */
      readonly text: string;
    }
  | { readonly kind: "blocks"; readonly offset: number; readonly rules: readonly RuleName[] }
  | { readonly kind: "never"; readonly offset: number };

const commentsByOffsets = new WeakMap<object, readonly Comment[]>();

/** The comments of a chunk that mean something, in order. */
export function commentsOf(unit: Unit): readonly Comment[] {
  const { directives } = unit.chunk;
  if (directives.length === 0) return [];
  const { directives: offsets } = spansOf(unit);
  let comments = commentsByOffsets.get(offsets);
  if (!comments) {
    comments = directives.flatMap((text, index) => readComment(text, offsets[index * 2] ?? 0, offsets[index * 2 + 1] ?? 0));
    commentsByOffsets.set(offsets, comments);
  }
  return comments;
}

function readComment(text: string, offset: number, end: number): Comment[] {
  const comments: Comment[] = [];
  const ours = /loopguard\s*:\s*((ignore-file|ignore|blocks|never-blocks)(?:\[([^\]]*)\])?)/i.exec(text);
  if (ours) {
    const [, written = "", kind = "", list] = ours;
    const names = (list ?? "").split(",").map((name) => name.trim());
    const rules = names.flatMap((name) => ruleNamedLoosely(name) ?? []);
    switch (kind.toLowerCase()) {
      case "ignore":
      case "ignore-file": {
        // `ignore[typo]` silences nothing: a wrong name must not hide a right finding.
        const silenced = list === undefined ? "all" : rules;
        const wholeFile = kind.toLowerCase() === "ignore-file";
        comments.push({ kind: "ignore", offset, end, rules: silenced, ours: true, wholeFile, text: written });
        break;
      }
      case "blocks":
        comments.push({ kind: "blocks", offset, rules });
        break;
      default:
        comments.push({ kind: "never", offset });
    }
  }
  const noqa = /\bnoqa\s*:\s*([A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)/i.exec(text);
  if (noqa) {
    const codes = (noqa[1] as string).toUpperCase().split(/[\s,]+/);
    const rules = RULES.filter((rule) => rule.codes.some((code) => codes.includes(code))).map((rule) => rule.name);
    if (rules.length > 0) comments.push({ kind: "ignore", offset, rules, ours: false, wholeFile: false, text: noqa[0], end });
  }
  return comments;
}

/** A rule by its name, or by its kind: `cpu` for `blocking-cpu`. */
function ruleNamedLoosely(name: string): RuleName | undefined {
  return RULES.find((rule) => rule.name === name)?.name ?? ruleOfKind(name);
}

/** What comments say of one function: its contract. */
export interface ContractComments {
  readonly never: boolean;
  readonly blocks: readonly RuleName[];
}

export function contractOf(unit: Unit, scopeId: ScopeId): ContractComments {
  const comments = commentsOf(unit);
  if (comments.length === 0) return SILENT;
  const nameEnd = spansOf(unit).scopes[scopeId * 4 + 3] ?? 0;
  const start = spansOf(unit).scopes[scopeId * 4] ?? 0;
  const line = lineOf(unit, nameEnd);
  const onDefinition = comments.filter(({ offset }) => offset >= start && lineOf(unit, offset) === line);
  return {
    never: onDefinition.some((comment) => comment.kind === "never"),
    blocks: onDefinition.flatMap((comment) => (comment.kind === "blocks" ? comment.rules : [])),
  };
}

const SILENT: ContractComments = { never: false, blocks: [] };

/** The ignore comment on a line of the site, or for the whole file. */
export function ignoredAt(unit: Unit, site: SiteId, rule: RuleName): Comment | undefined {
  const isMeant = (comment: Comment): boolean =>
    comment.kind === "ignore" && (comment.rules === "all" || comment.rules.includes(rule));
  return (
    commentsOf(unit).find((comment) => isMeant(comment) && isOnLineOf(unit, site, comment)) ??
    commentsOf(unit.file.moduleUnit).find((comment) => isMeant(comment) && comment.kind === "ignore" && comment.wholeFile)
  );
}

/** Whether the comment stands on a line of the site, and means no more than that. */
export function isOnLineOf(unit: Unit, site: SiteId, comment: Comment): boolean {
  if (comment.kind === "ignore" && comment.wholeFile) return false;
  const from = lineOf(unit, spansOf(unit).sites[site * 2] ?? 0);
  const to = lineOf(unit, spansOf(unit).sites[site * 2 + 1] ?? 0);
  const line = lineOf(unit, comment.offset);
  return line >= from && line <= to;
}

/** Line of an offset in the chunk, counted in the file. */
function lineOf(unit: Unit, offset: number): number {
  const { lineStarts, chunkSpans } = unit.file.facts;
  const absolute = (chunkSpans[unit.index * 2] as number) + offset;
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= absolute) low = middle;
    else high = middle - 1;
  }
  return low;
}
