/**
 * What the client was last told about each file, so that only differences are sent. Knows which files are reported on;
 * when to look at one is the scheduler's business.
 */
import type {
  Diagnostic as LspDiagnostic,
  PublishDiagnosticsParams,
  TextDocumentContentChangeEvent,
} from "vscode-languageserver";
import type { Finding } from "../analysis/findings.js";
import type { AnalysisHost } from "../analysis/host.js";
import { diagnosticOf } from "../features/diagnostics.js";
import { type Addresses, rangesTouch, toDiagnostic } from "./convert.js";
import type { OpenDocuments } from "./documents.js";

export interface PublisherOptions {
  readonly host: AnalysisHost;
  readonly documents: OpenDocuments;
  readonly addresses: Addresses;
  /** Whether settings leave the file any findings. */
  isEnabled(path: string): boolean;
  send(params: PublishDiagnosticsParams): void;
  /** A client that asks by itself was told something that no longer holds. */
  outdated(): void;
}

export class Publisher {
  readonly #published = new Map<string, readonly LspDiagnostic[]>();
  /** Files whose markers an edit may have moved or swallowed in the editor. */
  readonly #disturbed = new Set<string>();
  /** Also report on files that are not open. */
  #wholeWorkspace = false;
  #sending = false;
  readonly #converted = new WeakMap<Finding, LspDiagnostic>();

  constructor(private readonly options: PublisherOptions) {}

  get wholeWorkspace(): boolean {
    return this.#wholeWorkspace;
  }

  set wholeWorkspace(wanted: boolean) {
    this.#wholeWorkspace = wanted;
  }

  /** A client that asks for diagnostics by itself is sent none. */
  startSending(): void {
    this.#sending = true;
  }

  /** What a client that asks by itself is told. */
  answer(path: string): readonly LspDiagnostic[] {
    const diagnostics = this.#look(path);
    this.#published.set(path, diagnostics);
    return diagnostics;
  }

  #look(path: string): LspDiagnostic[] {
    if (!this.options.isEnabled(path)) return [];
    return this.options.host.findings(path).map((finding) => this.#convert(finding));
  }

  /** The analysis gives the same object for a finding that did not change: most of a file stays as it was. */
  #convert(finding: Finding): LspDiagnostic {
    let converted = this.#converted.get(finding);
    if (!converted) {
      converted = toDiagnostic(diagnosticOf(finding), this.options.addresses);
      this.#converted.set(finding, converted);
    }
    return converted;
  }

  /** Looks at a file again and sends what it has now, unless the client knows that. */
  publish(path: string): void {
    const { documents } = this.options;
    const open = documents.at(path);
    if (!open && !this.#wholeWorkspace) return;
    const diagnostics = this.#look(path);
    const before = this.#published.get(path);
    if (!this.#sending) {
      if (before && !areEqual(before, diagnostics)) this.options.outdated();
      return;
    }
    const disturbed = this.#disturbed.delete(path) && diagnostics.length > 0;
    if (!disturbed && before && areEqual(before, diagnostics)) return;
    // A client that opens a file waits for an answer, even an empty one; nobody waits for files that are not open.
    if (!before && !open && diagnostics.length === 0) return;
    this.#published.set(path, diagnostics);
    this.options.send({ uri: documents.uriOf(path), ...(open ? { version: open.version } : {}), diagnostics });
  }

  /**
   * Editors carry markers along with edits, and lose one whose text is replaced, even by the same text. After such an edit
   * an equal result is sent once more.
   */
  disturb(path: string, changes: readonly TextDocumentContentChangeEvent[]): void {
    const published = this.#published.get(path);
    if (!published || published.length === 0) return;
    // Behind the first change the ranges no longer fit, and a file with several is rare.
    const touched =
      changes.length > 1 ||
      changes.some((change) => !("range" in change) || published.some((known) => rangesTouch(known.range, change.range)));
    if (touched) this.#disturbed.add(path);
  }

  /** A closed document: its findings go, unless the whole workspace is reported on. */
  closed(path: string, uri: string): void {
    this.#disturbed.delete(path);
    if (this.#wholeWorkspace) return;
    this.#withdraw(path, uri);
  }

  /** A file that is gone. */
  withdraw(path: string): void {
    this.#withdraw(path, this.options.documents.uriOf(path));
  }

  #withdraw(path: string, uri: string): void {
    const known = this.#published.get(path);
    this.#published.delete(path);
    if (this.#sending && known && known.length > 0) this.options.send({ uri, diagnostics: [] });
  }

  publishedPaths(): readonly string[] {
    return [...this.#published.keys()];
  }

  findingCount(): number {
    let count = 0;
    for (const diagnostics of this.#published.values()) count += diagnostics.length;
    return count;
  }
}

/** Whether two JSON values are the same. */
function areEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => areEqual((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]));
}
