/**
 * How editors tell a server of the same editing: letter by letter, as lines that were replaced, several edits in one message,
 * the whole text each time, or a change for each place from the top downwards. What is typed is pythonTexts.ts' business.
 */
import type { TextChange } from "../../server/src/syntax/document.js";
import { applyChange } from "./pythonTexts.js";

/** The editors that are known for it: VS Code, Neovim, Eglot, editors that cannot do better, formatters and Helix. */
export const MANNERS = ["letters", "lines", "batches", "texts", "hunks"] as const;
export type Manner = (typeof MANNERS)[number];

type Notification = readonly TextChange[];

/** The notifications by which an editor of that manner tells of the same editing of `text`. */
export function toldAs(manner: Manner, text: string, notifications: readonly Notification[]): readonly Notification[] {
  switch (manner) {
    case "letters":
      return notifications;
    case "batches":
      return notifications.length === 0 ? [] : [notifications.flat()];
    default: {
      let before = text;
      return notifications.map((changes) => {
        const after = changes.reduce(applyChange, before);
        const told =
          manner === "texts" ? [{ text: after }] : manner === "lines" ? [linesBetween(before, after)] : hunks(before, after);
        before = after;
        return told;
      });
    }
  }
}

/** One change of whole lines; behind the last line stands a line that is not there, as in Neovim. */
function linesBetween(before: string, after: string): TextChange {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  let top = 0;
  while (top < Math.min(old.length, fresh.length) && old[top] === fresh[top]) top++;
  let bottom = 0;
  while (bottom < Math.min(old.length, fresh.length) - top && old[old.length - 1 - bottom] === fresh[fresh.length - 1 - bottom]) {
    bottom++;
  }
  const text = fresh.slice(top, fresh.length - bottom).join("");
  return { range: { start: { line: top, column: 0 }, end: { line: old.length - bottom, column: 0 } }, text };
}

/** A change for each line that differs, the upper ones first; one for all where lines came or went. */
function hunks(before: string, after: string): Notification {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const isPlain = old.length === fresh.length && !before.includes("\r") && !after.includes("\r");
  if (!isPlain) return [linesBetween(before, after)];
  return old.flatMap((line, index) => {
    const changed = fresh[index] as string;
    if (line === changed) return [];
    const column = line.replace(/\n$/, "").length;
    return [{ range: { start: { line: index, column: 0 }, end: { line: index, column } }, text: changed.replace(/\n$/, "") }];
  });
}

/** Lines with their ends; the last one has none, and may be empty. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\r\n|\n|\r(?!\n))/).concat(/[\r\n]$/.test(text) ? [""] : []);
}
