/** Words that every layer shares for how bad a finding is and how sure we are. */

export type Severity = "error" | "warning" | "information" | "hint";
export type Confidence = "definite" | "probable";

/**
 * How a stall comes about and how bad it is; severity follows from it (rules.ts). Worst first. `raises`: a library that sees
 * the running loop and refuses to wait; `none`: mistakes that stall nobody.
 */
export const STALL_CLASSES = [
  "never",
  "wait",
  "tree",
  "cpu",
  "whole-file",
  "raises",
  "lock",
  "spawn",
  "inode",
  "once",
  "large-input",
  "none",
] as const;
export type StallClass = (typeof STALL_CLASSES)[number];
