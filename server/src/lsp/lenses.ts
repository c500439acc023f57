/**
 * Keeps the code lenses of open documents true. A client asks again when it edits a document itself; when an edit elsewhere
 * changed what a lens says, it is told to. Looked at in a quiet moment only, so that nobody who types waits for it.
 */
import type { CodeLens } from "vscode-languageserver";
import { pathOf } from "./convert.js";
import type { HierarchyHandlers } from "./hierarchy.js";
import type { Turns } from "./scheduler.js";

export interface LensWatchOptions {
  readonly handlers: Pick<HierarchyHandlers, "lenses" | "resolveLens">;
  readonly turns: Turns;
  isOpen(uri: string): boolean;
  refresh(): void;
  failed(what: string, error: unknown): void;
}

/** Milliseconds without news after which lenses are compared. */
const QUIET = 400;

export class LensWatch {
  /** By URI, the lenses that a client has, with their titles as far as it asked for them. */
  readonly #told = new Map<string, Map<string, string | undefined>>();
  #cancel: (() => void) | undefined;

  constructor(private readonly options: LensWatchOptions) {}

  answer(params: { readonly textDocument: { readonly uri: string } }): CodeLens[] {
    const lenses = this.options.handlers.lenses(params);
    this.#told.set(params.textDocument.uri, new Map(lenses.map((lens) => [identityOf(lens), undefined])));
    return lenses;
  }

  resolve(lens: CodeLens): CodeLens {
    const resolved = this.options.handlers.resolveLens(lens);
    const { uri } = lens.data as { readonly uri: string };
    this.#told.get(uri)?.set(identityOf(lens), resolved.command?.title);
    return resolved;
  }

  /** The program is up to date for now. */
  settled(): void {
    if (this.#told.size === 0) return;
    this.#cancel?.();
    this.#cancel = this.options.turns.after(QUIET, () => {
      this.#cancel = undefined;
      if (this.#hasChanged()) this.options.refresh();
    });
  }

  #hasChanged(): boolean {
    for (const [uri, told] of this.#told) {
      if (!this.options.isOpen(pathOf(uri))) {
        this.#told.delete(uri);
        continue;
      }
      try {
        if (this.#differs(uri, told)) return true;
      } catch (error) {
        this.options.failed("Looking at code lenses", error);
      }
    }
    return false;
  }

  #differs(uri: string, told: ReadonlyMap<string, string | undefined>): boolean {
    const { lenses, resolveLens } = this.options.handlers;
    const now = lenses({ textDocument: { uri } });
    if (now.length !== told.size) return true;
    return now.some((lens) => {
      const identity = identityOf(lens);
      const title = told.get(identity);
      return !told.has(identity) || (title !== undefined && title !== resolveLens(lens).command?.title);
    });
  }

  dispose(): void {
    this.#cancel?.();
  }
}

/** What a lens is about, wherever it stands. */
function identityOf({ data }: CodeLens): string {
  return JSON.stringify(data);
}
