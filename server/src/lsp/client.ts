/**
 * What a client says of itself in `initialize`, reduced to the questions the server asks. A client that says nothing can
 * do nothing beyond the protocol's first version.
 */
import { type InitializeParams, MarkupKind } from "vscode-languageserver";
import { isUri, pathOf, uriOf } from "./convert.js";
import { SHOW_CALLERS } from "./hierarchy.js";
import { EXPLAIN_PATH } from "./overview.js";
import type { Folder } from "./settings.js";

export interface Client {
  /** Asks for diagnostics instead of being sent them. */
  readonly pullsDiagnostics: boolean;
  readonly refreshesDiagnostics: boolean;
  readonly configuration: boolean;
  readonly registersConfiguration: boolean;
  readonly registersWatchers: boolean;
  readonly workDoneProgress: boolean;
  readonly hoverMarkdown: boolean;
  /** Fetches the edit of an action when it is chosen. */
  readonly resolvesEdits: boolean;
  readonly documentChanges: boolean;
  /** Shows what a change of several places is about, and asks before it makes it. */
  readonly annotatesChanges: boolean;
  /** Asks for code lenses again when it is told to. */
  readonly refreshesLenses: boolean;
  /** Has the command that shows the callers behind a lens; a client says so in its experimental capabilities. */
  readonly showsCallers: boolean;
  /** Has the command that leads through the path of a finding, likewise. */
  readonly explainsPaths: boolean;
  readonly folders: readonly Folder[];
}

export function clientOf(params: InitializeParams): Client {
  // Some clients leave out what the protocol demands.
  const { workspace, textDocument, window, experimental } = params.capabilities ?? {};
  const formats = textDocument?.hover?.contentFormat;
  const action = textDocument?.codeAction;
  return {
    // One transport per client: a client that knows both would show everything twice.
    pullsDiagnostics: textDocument?.diagnostic !== undefined && textDocument.publishDiagnostics === undefined,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    configuration: workspace?.configuration === true,
    registersConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    registersWatchers: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    workDoneProgress: window?.workDoneProgress === true,
    hoverMarkdown: formats === undefined || formats.includes(MarkupKind.Markdown),
    resolvesEdits: action?.dataSupport === true && action.resolveSupport?.properties.includes("edit") === true,
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
    annotatesChanges: workspace?.workspaceEdit?.changeAnnotationSupport !== undefined,
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    showsCallers: commandsOf(experimental).includes(SHOW_CALLERS),
    explainsPaths: commandsOf(experimental).includes(EXPLAIN_PATH),
    folders: foldersOf(params),
  };
}

/** Commands that a client carries out itself: `{"commands": {"commands": ["name"]}}`. */
function commandsOf(experimental: unknown): readonly unknown[] {
  const { commands } = (experimental ?? {}) as { commands?: { commands?: unknown } };
  return Array.isArray(commands?.commands) ? commands.commands : [];
}

/** Folders of the workspace; none when a single file was opened. */
function foldersOf(params: InitializeParams): readonly Folder[] {
  if (params.workspaceFolders && params.workspaceFolders.length > 0)
    return toFolders(params.workspaceFolders.map(({ uri }) => uri));
  if (params.rootUri) return toFolders([params.rootUri]);
  if (params.rootPath) return toFolders([uriOf(params.rootPath.replaceAll("\\", "/"))]);
  return [];
}

/** Folders on a disk; others have nothing that could be read. */
export function toFolders(uris: readonly string[]): readonly Folder[] {
  return uris.map((uri) => ({ uri, path: pathOf(uri).replace(/(?<=[^/:])\/+$/, "") })).filter(({ path }) => !isUri(path));
}
