/**
 * The texts of a workspace: open documents with their trees, files on disk with their facts. Gives the linker facts and
 * folders, remembers what it was asked, and says what could not be read.
 */
import { lineStartsOf } from "../base/lines.js";
import { type EarlierFacts, readFacts } from "../facts/file.js";
import type { FileFacts } from "../facts/types.js";
import type { SourceProvider } from "../link/modules.js";
import { brokenLine, editBetween, parseOnce, SyntaxDocument, type TextChange } from "../syntax/document.js";
import { type FlatTree, flattenWhole } from "../syntax/flatten.js";
import type { Grammar } from "../syntax/grammar.js";
import type { PackageBudget } from "./budget.js";
import type { FactsCache } from "./facts-cache.js";
import type { Problem } from "./host.js";
import type { Files } from "./ports.js";
import { createMembership, type Selection, walkFiles } from "./selection.js";

/** Larger files are no code that a person wrote; reading them would stall everything else. */
export const LARGEST_FILE = 5 * 1024 * 1024;
const TOO_LARGE = `is larger than ${LARGEST_FILE / 1024 / 1024} MB and was not analysed`;

interface OpenDocument {
  readonly document: SyntaxDocument;
  facts: FileFacts;
}

export class Sources implements SourceProvider {
  readonly #documents = new Map<string, OpenDocument>();
  readonly #folders = new Map<string, ReadonlySet<string> | undefined>();
  readonly #problems = new Map<string, string>();

  constructor(
    private readonly grammar: Grammar,
    private readonly files: Files,
    private readonly budget: PackageBudget,
    private readonly cache: FactsCache,
    /** Whether what is linked at a path belongs to somebody else. */
    private readonly leaves: (path: string) => boolean,
  ) {}

  open(path: string, text: string): FileFacts {
    this.close(path);
    const document = new SyntaxDocument(this.grammar, text);
    const facts = this.#readDocument(path, document);
    this.#documents.set(path, { document, facts });
    return facts;
  }

  isOpen(path: string): boolean {
    return this.#documents.has(path);
  }

  openPaths(): readonly string[] {
    return [...this.#documents.keys()];
  }

  /** Applies changes to an open document; its facts are read by `refresh`. */
  change(path: string, changes: readonly TextChange[]): boolean {
    const open = this.#documents.get(path);
    open?.document.apply(changes);
    return open !== undefined;
  }

  /** Facts of an open document after its changes. */
  refresh(path: string): FileFacts | undefined {
    const open = this.#documents.get(path);
    if (!open) return undefined;
    const edit = open.document.takeEdit();
    if (edit) open.facts = this.#readDocument(path, open.document, { facts: open.facts, edit });
    return open.facts;
  }

  #readDocument(path: string, document: SyntaxDocument, earlier?: EarlierFacts): FileFacts {
    const { text } = document;
    this.#problems.delete(path);
    if (text.length > LARGEST_FILE) {
      this.#problems.set(path, TOO_LARGE);
      return factsOf(this.grammar, "");
    }
    return readFacts(this.grammar, document.tree(), text, earlier, document.lineStarts);
  }

  /** The flat tree of an open document. */
  flatTree(path: string): FlatTree | undefined {
    const document = this.#documents.get(path)?.document;
    return document && flattenWhole(this.grammar, document.tree(), document.text);
  }

  /** Facts that `path` would have with another text; `earlier` are those of the text `before`. */
  factsAs(path: string, text: string, before: string, earlier: FileFacts): FileFacts {
    const document = this.#documents.get(path)?.document;
    const edit = editBetween(before, text);
    const read = (tree: Parameters<typeof readFacts>[1]): FileFacts =>
      readFacts(this.grammar, tree, text, { facts: earlier, edit });
    return document ? document.parseAs(text, read) : parseOnce(this.grammar, text, read);
  }

  close(path: string): void {
    this.#documents.get(path)?.document.dispose();
    this.#documents.delete(path);
    this.#problems.delete(path);
  }

  /** The file is gone: there is nothing to say of it any more. */
  vanished(path: string): void {
    this.#problems.delete(path);
  }

  facts(path: string): FileFacts | undefined {
    const open = this.#documents.get(path);
    if (open) return open.facts;
    if (!this.budget.admits(path)) return undefined;
    const text = this.#readText(path);
    if (text === undefined) return undefined;
    const facts = this.cache.facts(text, () => factsOf(this.grammar, text));
    if (facts.broken && path.endsWith(".pyi")) {
      const line = parseOnce(this.grammar, text, brokenLine) ?? 0;
      this.#problems.set(path, `has a syntax error on line ${line + 1}; what else it says holds`);
    }
    return facts;
  }

  #readText(path: string): string | undefined {
    this.#problems.delete(path);
    const read = this.files.read(path, LARGEST_FILE);
    switch (read?.kind) {
      case "text":
        return read.text;
      case "invalid":
        this.#problems.set(path, "is not UTF-8 and was not analysed");
        return undefined;
      case "large":
        this.#problems.set(path, TOO_LARGE);
        return undefined;
      case undefined:
        this.#problems.set(path, "cannot be read");
        return undefined;
    }
  }

  whyUnread(path: string): "budget" | "unread" {
    return this.budget.isRefused(path) ? "budget" : "unread";
  }

  text(path: string): string | undefined {
    const open = this.#documents.get(path);
    if (open) return open.document.text;
    const read = this.files.read(path, LARGEST_FILE);
    return read?.kind === "text" ? read.text : undefined;
  }

  lineStarts(path: string): readonly number[] | undefined {
    const open = this.#documents.get(path);
    if (open) return open.document.lineStarts;
    const text = this.text(path);
    return text === undefined ? undefined : lineStartsOf(text);
  }

  folder(path: string): ReadonlySet<string> | undefined {
    if (!this.#folders.has(path)) {
      const entries = this.files.list(path);
      const names = entries
        ?.filter(({ name, kind, link }) => kind !== "other" && !(link && this.leaves(`${path}/${name}`)))
        .map(({ name, kind }) => (kind === "directory" ? `${name}/` : name));
      this.#folders.set(path, names && new Set(names));
    }
    return this.#folders.get(path);
  }

  forgetFolders(): void {
    this.#folders.clear();
  }

  /**
   * Python files and stubs below a folder, in order, and undefined now and then; what `.gitignore` names is nothing of the user's.
   */
  pythonFiles(folder: string): Generator<string | undefined, void, void> {
    return walkFiles(folder, this.#selection());
  }

  /** Answers whether an existing file is one of `pythonFiles(folder)`; to be asked before files change again. */
  membership(folder: string): (path: string) => boolean {
    return createMembership(folder, this.#selection());
  }

  #selection(): Selection {
    return { files: this.files, isExcluded: () => false, names: /\.py[iw]?$/ };
  }

  problems(): readonly Problem[] {
    return [...this.#problems].map(([file, message]) => ({ file, message }));
  }

  dispose(): void {
    for (const path of [...this.#documents.keys()]) this.close(path);
  }
}

/** Facts of a text that nobody edits. */
export function factsOf(grammar: Grammar, text: string): FileFacts {
  return parseOnce(grammar, text, (tree) => readFacts(grammar, tree, text));
}

/** Stub files below a folder; links are followed once. */
export function stubFilesIn(files: Files, root: string): readonly string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const queue = [root];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const real = files.realPath(at);
    if (seen.has(real)) continue;
    seen.add(real);
    for (const entry of files.list(at) ?? []) {
      if (entry.kind === "directory") queue.push(`${at}/${entry.name}`);
      else if (entry.name.endsWith(".pyi")) found.push(`${at}/${entry.name}`);
    }
  }
  return found;
}
