/**
 * The analysis of one workspace: open documents, files on disk, and what is found in them. The facade that the language
 * server and the command line use. Everything is synchronous and nothing yields but `index`; a caller decides when.
 */
import type { Position, Span } from "../base/lines.js";
import type { PackedKnowledge } from "../knowledge/archive.js";
import type { Counters } from "../link/program.js";
import type { TextChange } from "../syntax/document.js";
import type { FlatTree } from "../syntax/flatten.js";
import type { Grammar } from "../syntax/grammar.js";
import type { Configuration } from "./configuration.js";
import type { Variables } from "./environments.js";
import type { Explanation, Finding, Location } from "./findings.js";
import type { Callee, Caller, FunctionKey, FunctionNode } from "./hierarchy.js";
import type { Mentions } from "./mentions.js";
import type { Clock, Files, Log, Store } from "./ports.js";
import type { AsyncSibling } from "./siblings.js";
import type { Statistics } from "./statistics.js";
import type { SiteTraits } from "./traits.js";
import type { TwinCall, TwinMaker, TwinStep, TwinUse } from "./twins.js";

export interface HostOptions {
  readonly grammar: Grammar;
  /** What is known of libraries, as built by scripts/build-knowledge; not read before something of it is asked for. */
  readonly knowledge: PackedKnowledge;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  /** The machine's environment variables, which may name a Python environment; none when absent. */
  readonly variables?: Variables;
  /** Where facts are kept for the next run; nowhere when absent. */
  readonly store?: Store | undefined;
}

/** A folder with its settings. `path` is absolute. */
export interface WorkspaceFolder {
  readonly path: string;
  readonly configuration: Configuration;
}

export interface IndexProgress {
  readonly done: number;
  /** 0 while nobody knows. */
  readonly total: number;
}

/** What could not be analysed, and why. */
export interface Problem {
  readonly file: string;
  readonly message: string;
}

/** An entry, and the calls in it through which a function blocks the loop. */
export interface ReachingEntry {
  readonly node: FunctionNode;
  readonly sites: readonly Location[];
}

/** What is known of texts that a question assumes, before it is asked. */
export interface Assumed {
  /** Paths whose texts have a syntax error, or that are no files of the program. */
  readonly broken: readonly string[];
  /** Files that are reported on and whose findings may be others with these texts, those of the texts first. */
  readonly concerned: readonly string[];
}

export interface AnalysisHost {
  /** Replaces folders and settings; open documents stay. */
  setFolders(folders: readonly WorkspaceFolder[]): void;
  open(path: string, text: string): void;
  change(path: string, changes: readonly TextChange[]): void;
  close(path: string): void;
  isOpen(path: string): boolean;
  /** Files that appeared, changed or vanished on disk. Open documents are not touched by it. */
  touch(paths: readonly string[]): void;
  /**
   * Reads all Python files of the folders, and what every function does; a step per file, so that the caller can yield
   * and cancel. Afterwards `explain` knows who reaches a function.
   */
  index(): Generator<IndexProgress, void, void>;
  /** Python files of the folders that are reported on, excludes applied. */
  reportedFiles(): readonly string[];
  /** Findings in one file, by position; also for files outside the folders when they are open. */
  findings(path: string): readonly Finding[];
  /** The sites at a position, innermost first; the whole line's when `column` is undefined. */
  explain(path: string, line: number, column?: number): readonly Explanation[];
  /** The functions that a position names, or that the call around it may run; none where there is no such thing. */
  functionsAt(path: string, position: Position): readonly FunctionNode[];
  /** Who runs a function, or gives it away to be run; undefined when it is gone. */
  callersOf(key: FunctionKey): readonly Caller[] | undefined;
  /** What a function runs or gives away, what blocks first; undefined when it is gone. */
  calleesOf(key: FunctionKey): readonly Callee[] | undefined;
  /** Synchronous functions of a file that block the loop from some entry. */
  blockingFunctions(path: string): readonly FunctionNode[];
  /** The entries from which a function blocks the loop; undefined when it is gone. */
  reachedFrom(key: FunctionKey): readonly ReachingEntry[] | undefined;
  /**
   * Where the program mentions the innermost function around an offset; undefined where there is none, or while not all of
   * the program has been read.
   */
  mentions(path: string, offset: number): Mentions | undefined;
  /** Paths of the files that write a name, in whatever way; undefined while not all of the program has been read. */
  naming(name: string): readonly string[] | undefined;
  /** What the code between two offsets does that decides whether it may run elsewhere; with `text` in place of the file's own. */
  traits(path: string, start: number, end: number, text?: string): readonly SiteTraits[];
  /**
   * The async functions that stand beside what the call between two offsets runs, and how far they agree with it, best
   * first; with `text` in place of the file's own.
   */
  siblings(path: string, start: number, end: number, text?: string): readonly AsyncSibling[];
  /**
   * What makes the asynchronous twin of the object that the call between two offsets makes, best first; with `text` in place
   * of the file's own.
   */
  twins(path: string, start: number, end: number, text?: string): readonly TwinMaker[];
  /** What a stub names in the place of the function that the call between two offsets runs, best first, likewise. */
  twinCalls(path: string, start: number, end: number, text?: string): readonly TwinCall[];
  /**
   * What the last of several uses is in the twin `name` (as `nameOf` says it) of what the call `made` makes: the first uses
   * the object itself, each other what the one before gives. Undefined where the twin has nothing that is known to be the same.
   */
  twinUse(path: string, made: Span, name: string, steps: readonly TwinStep[], text?: string): TwinUse | undefined;
  /** Findings `path` would have with `text`, nothing else changed; `broken` when the text has a syntax error. */
  trial(path: string, text: string): { readonly findings: readonly Finding[]; readonly broken: boolean };
  /** What a question would be answered if the files at these paths held these texts and nothing else changed. */
  within<Answer>(texts: ReadonlyMap<string, string>, ask: (assumed: Assumed) => Answer): Answer;
  /** A number that is another one as soon as an answer may be another one. */
  revision(): number;
  /** The flat tree of an open document; undefined for any other file. */
  flatTree(path: string): FlatTree | undefined;
  /** Text of an open document or of a file as last read. */
  text(path: string): string | undefined;
  lineStarts(path: string): readonly number[] | undefined;
  /** Does some of the work that edits put off, a few ms of it. Answers whether more is left. */
  catchUp(): boolean;
  /** Files with findings that a change made stale since the last call: what to publish again. */
  takeChanged(): readonly string[];
  problems(): readonly Problem[];
  /** Counts over these files; over all that are reported on when absent. */
  statistics(paths?: readonly string[]): Statistics;
  /** What the edits so far made the program do again, for tests; begins anew with `setFolders`. */
  counters(): Readonly<Counters>;
  dispose(): void;
}
