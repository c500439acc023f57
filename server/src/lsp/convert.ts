/**
 * The one file that knows how the protocol writes places: LSP positions, ranges and edits, and URIs, to and from the
 * core's lines, offsets and paths.
 */
import type {
  DiagnosticSeverity,
  Diagnostic as LspDiagnostic,
  Position as LspPosition,
  Range,
  TextDocumentContentChangeEvent,
  TextEdit,
} from "vscode-languageserver";
import { URI } from "vscode-uri";
import type { Location, Severity } from "../analysis/findings.js";
import { type Position, positionAt } from "../base/lines.js";
import type { Diagnostic } from "../features/diagnostics.js";
import type { TextChange } from "../syntax/document.js";

/**
 * The core's path of a document: absolute, forward slashes, drive letter in lower case; the URI itself for what is no
 * file (`untitled:Untitled-1`). Never depends on the machine this runs on.
 */
export function pathOf(uri: string): string {
  // What a client sends is only as well typed as the client.
  if (typeof uri !== "string") throw new TypeError("A document must have a URI.");
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.scheme !== "file") return uri;
  if (parsed.authority !== "") return `//${parsed.authority}${parsed.path}`;
  const drive = /^\/([A-Za-z]):/.exec(parsed.path);
  return drive ? `${(drive[1] as string).toLowerCase()}${parsed.path.slice(2)}` : parsed.path;
}

/** The URI of a path, in VS Code's spelling (`file:///c%3A/project/a.py`). */
export function uriOf(path: string): string {
  if (isUri(path)) return path;
  const share = /^\/\/([^/]+)(\/.*)?$/.exec(path);
  if (share) return URI.from({ scheme: "file", authority: share[1] as string, path: share[2] ?? "/" }).toString();
  return URI.from({ scheme: "file", path: path.startsWith("/") ? path : `/${path}` }).toString();
}

/** Whether a core path is the URI of a document that is no file. One letter before the colon is a drive. */
export function isUri(path: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(path);
}

function parseUri(uri: string): URI | undefined {
  try {
    return URI.parse(uri, true);
  } catch {
    // Not even a scheme: whatever it is, it names itself.
    return undefined;
  }
}

/** Clamped: a position of the protocol is two unsigned integers, but not every client keeps to it. */
export function fromPosition(position: LspPosition): Position {
  return { line: unsigned(position.line), column: unsigned(position.character) };
}

function unsigned(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.trunc(value) : 0;
}

export function toPosition(position: Position): LspPosition {
  return { line: position.line, character: position.column };
}

export function toRange(place: { readonly start: Position; readonly end: Position }): Range {
  return { start: toPosition(place.start), end: toPosition(place.end) };
}

export function fromRange(range: Range): { start: Position; end: Position } {
  return { start: fromPosition(range.start), end: fromPosition(range.end) };
}

/** Whether two ranges share a place; touching ends count, as a cursor is an empty range. */
export function rangesTouch(one: Range, other: Range): boolean {
  return !isBefore(one.end, other.start) && !isBefore(other.end, one.start);
}

function isBefore(one: LspPosition, other: LspPosition): boolean {
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}

/** One change of a notification. */
export function toTextChange(change: TextDocumentContentChangeEvent): TextChange {
  if (typeof change.text !== "string") throw new TypeError("A change must have a text.");
  if (!("range" in change) || change.range === undefined) return { text: change.text };
  return { range: fromRange(change.range), text: change.text };
}

/** Edits by offset as edits by position; `lineStarts` are those of the text they apply to. */
export function toTextEdits(
  edits: readonly { readonly start: number; readonly end: number; readonly text: string }[],
  lineStarts: readonly number[],
): TextEdit[] {
  return edits.map(({ start, end, text }) => ({
    range: toRange({ start: positionAt(lineStarts, start), end: positionAt(lineStarts, end) }),
    newText: text,
  }));
}

/** How addresses are found: the URI a client knows a path by, and the page of a rule. */
export interface Addresses {
  uri(path: string): string;
  rulePage(rule: string): string | undefined;
}

export function toDiagnostic(diagnostic: Diagnostic, addresses: Addresses): LspDiagnostic {
  const page = addresses.rulePage(diagnostic.rule);
  return {
    range: toRange(diagnostic.location),
    severity: SEVERITIES[diagnostic.severity],
    code: diagnostic.rule,
    ...(page === undefined ? {} : { codeDescription: { href: page } }),
    source: SOURCE,
    message: diagnostic.message,
    relatedInformation: diagnostic.related.map(({ location, message }) => ({
      location: { uri: addresses.uri(location.file), range: toRange(location) },
      message,
    })),
    data: { fingerprint: diagnostic.fingerprint },
  };
}

/** A mistake in a file of settings. */
export function toSettingsDiagnostic(mistake: {
  readonly start: Position;
  readonly end: Position;
  readonly message: string;
}): LspDiagnostic {
  return { range: toRange(mistake), severity: SEVERITIES.warning, source: SOURCE, message: mistake.message };
}

export const SOURCE = "loopguard";

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = { error: 1, warning: 2, information: 3, hint: 4 };

/** Address of a place for a Markdown link: editors jump to the line named behind `#L`, counted from 1. */
export function linkTo(location: Location, addresses: Addresses): string | undefined {
  if (location.file === "") return undefined;
  return `${addresses.uri(location.file)}#L${location.start.line + 1}`;
}

/** Address of a client's command for a Markdown link, with one argument. */
export function commandLink(command: string, argument: unknown): string {
  // Brackets would end the link.
  return `command:${command}?${encodeURIComponent(JSON.stringify([argument])).replace(/[()]/g, (bracket) => `%${bracket.charCodeAt(0).toString(16)}`)}`;
}
