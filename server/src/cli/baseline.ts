/**
 * The findings that a project has accepted for now, in a file beside its code. It only shrinks: an update drops what is gone and
 * never takes in what is new.
 */
import { posix } from "node:path";
import type { Finding } from "../analysis/findings.js";
import { displayPath } from "../report/paths.js";
import { type Environment, UsageError } from "./environment.js";

/** What stands in the file; `file` counts from the folder of the baseline, and is there for people. */
interface Entry {
  readonly fingerprint: string;
  readonly rule: string;
  readonly file: string;
  readonly message: string;
}

export interface Baseline {
  /** Absolute. */
  readonly path: string;
  readonly entries: readonly Entry[];
}

/** Larger files are something else. */
const LARGEST_BASELINE = 64 * 1024 * 1024;

/** Reads the baseline at `path` (absolute); undefined when there is none. Throws a UsageError when it is no baseline. */
export function readBaseline({ files, folder }: Environment, path: string): Baseline | undefined {
  if (!files.isFile(path)) return undefined;
  const read = files.read(path, LARGEST_BASELINE);
  const entries = read?.kind === "text" ? entriesOf(read.text) : undefined;
  if (!entries) throw new UsageError(`${displayPath(path, folder)} is no baseline of Loopguard.`);
  return { path, entries };
}

function entriesOf(text: string): readonly Entry[] | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, findings } = (content ?? {}) as { version?: unknown; findings?: unknown };
  return version === 1 && Array.isArray(findings) && findings.every(isEntry) ? findings : undefined;
}

function isEntry(value: unknown): value is Entry {
  const { fingerprint, file } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof fingerprint === "string" && typeof file === "string";
}

/** The findings that the baseline does not hold. */
export function beyond({ path, entries }: Baseline, findings: readonly Finding[]): readonly Finding[] {
  const known = new Set(entries.map((entry) => keyOf(path, entry)));
  return findings.filter((finding) => !known.has(findingKey(finding)));
}

/** Scripts of one name have equal fingerprints. */
function keyOf(path: string, { fingerprint, file }: Entry): string {
  return `${fingerprint} ${posix.resolve(posix.dirname(path), file)}`;
}

export function findingKey({ fingerprint, location }: Finding): string {
  return `${fingerprint} ${location.file}`;
}

/** Entries about the checked files, or about files that are gone, of which nothing was found. */
export function settled(
  { files }: Environment,
  { path, entries }: Baseline,
  findings: readonly Finding[],
  checked: ReadonlySet<string>,
): readonly Entry[] {
  const found = new Set(findings.map(findingKey));
  return entries.filter((entry) => {
    const file = posix.resolve(posix.dirname(path), entry.file);
    return !found.has(keyOf(path, entry)) && (checked.has(file) || !files.isFile(file));
  });
}

/** The text of a baseline: of all `findings` where there was none, else of what was there without `gone`. */
export function baselineText(
  path: string,
  earlier: Baseline | undefined,
  findings: readonly Finding[],
  gone: readonly Entry[],
): string {
  const entries = earlier
    ? earlier.entries.filter((entry) => !gone.includes(entry))
    : findings.map((each) => entryOf(path, each));
  // In an order of its own, so that a change shows as what it is.
  const sorted = [...entries].sort((a, b) => compare(a.file, b.file) || compare(a.fingerprint, b.fingerprint));
  return `${JSON.stringify({ version: 1, findings: sorted }, undefined, 2)}\n`;
}

function entryOf(path: string, { fingerprint, rule, message, location }: Finding): Entry {
  return { fingerprint, rule, file: posix.relative(posix.dirname(path), location.file), message };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
