/**
 * The requests of the editor: each finds the document, asks a feature, and writes the answer in the protocol's shapes.
 */
import {
  type CodeAction,
  type CodeActionContext,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  type Hover,
  type HoverParams,
  LSPErrorCodes,
  MarkupKind,
  ResponseError,
  type WorkspaceEdit,
} from "vscode-languageserver";
import type { Finding } from "../analysis/findings.js";
import type { AnalysisHost } from "../analysis/host.js";
import { type Action, actionsFor } from "../features/code-actions.js";
import { diagnosticOf } from "../features/diagnostics.js";
import { hoverAt } from "../features/hover.js";
import { plainText } from "../features/markdown.js";
import type { Grammar } from "../syntax/grammar.js";
import type { Client } from "./client.js";
import {
  type Addresses,
  fromPosition,
  linkTo,
  pathOf,
  rangesTouch,
  SOURCE,
  toDiagnostic,
  toRange,
  toTextEdits,
} from "./convert.js";
import type { OpenDocuments } from "./documents.js";

export interface HandlerOptions {
  readonly host: AnalysisHost;
  readonly grammar: Grammar;
  readonly documents: OpenDocuments;
  readonly addresses: Addresses;
  readonly client: Client;
}

export interface Handlers {
  hover(params: HoverParams): Hover | null;
  codeActions(params: CodeActionParams): CodeAction[];
  resolveCodeAction(action: CodeAction): CodeAction;
}

/** Says which action of which finding is meant, for a later request. */
interface ActionData {
  readonly uri: string;
  readonly fingerprint: string;
  readonly title: string;
}

export function createHandlers({ host, grammar, documents, addresses, client }: HandlerOptions): Handlers {
  const links = { location: (location: Finding["location"]) => linkTo(location, addresses), rule: addresses.rulePage };
  const actionsOf = rememberActions(host, grammar);

  const hover = (params: HoverParams): Hover | null => {
    const answer = hoverAt(host, pathOf(params.textDocument.uri), fromPosition(params.position), links);
    if (!answer) return null;
    const contents = client.hoverMarkdown
      ? { kind: MarkupKind.Markdown, value: answer.markdown }
      : { kind: MarkupKind.PlainText, value: plainText(answer.markdown) };
    return { contents, range: toRange(answer.location) };
  };

  const codeActions = ({ textDocument, range, context }: CodeActionParams): CodeAction[] => {
    const path = pathOf(textDocument.uri);
    return findingsInContext(host.findings(path), range, context).flatMap(({ finding, diagnostic }) =>
      actionsOf(path, finding)
        .filter(({ kind }) => isWanted(kind, context.only))
        .map((action) => ({
          title: action.title,
          kind: action.kind,
          diagnostics: [diagnostic ?? toDiagnostic(diagnosticOf(finding), addresses)],
          ...(action.preferred ? { isPreferred: true } : {}),
          ...(client.resolvesEdits
            ? { data: { uri: textDocument.uri, fingerprint: finding.fingerprint, title: action.title } satisfies ActionData }
            : { edit: editOf(path, action) }),
        })),
    );
  };

  const resolveCodeAction = (action: CodeAction): CodeAction => {
    if (action.edit || !isActionData(action.data)) return action;
    const { uri, fingerprint, title } = action.data;
    const path = pathOf(uri);
    const finding = host.findings(path).find((candidate) => candidate.fingerprint === fingerprint);
    const chosen = finding && actionsOf(path, finding).find((candidate) => candidate.title === title);
    if (!chosen) throw new ResponseError(LSPErrorCodes.ContentModified, `The code has changed; "${title}" no longer applies.`);
    return { ...action, edit: editOf(path, chosen) };
  };

  const editOf = (path: string, action: Action): WorkspaceEdit => {
    const uri = documents.uriOf(path);
    const edits = toTextEdits(action.edits, host.lineStarts(path) ?? [0]);
    if (!client.documentChanges) return { changes: { [uri]: edits } };
    return { documentChanges: [{ textDocument: { uri, version: documents.at(path)?.version ?? null }, edits }] };
  };

  return { hover, codeActions, resolveCodeAction };
}

/** Actions are proven by analysing the result, and asked for twice: for the menu and for the chosen one's edit. */
function rememberActions(host: AnalysisHost, grammar: Grammar): (path: string, finding: Finding) => readonly Action[] {
  let known = { path: "", text: undefined as string | undefined, byFingerprint: new Map<string, readonly Action[]>() };
  return (path, finding) => {
    const text = host.text(path);
    if (known.path !== path || known.text !== text) known = { path, text, byFingerprint: new Map() };
    let actions = known.byFingerprint.get(finding.fingerprint);
    if (!actions) {
      actions = actionsFor(host, grammar, path, finding);
      known.byFingerprint.set(finding.fingerprint, actions);
    }
    return actions;
  };
}

/**
 * The findings a client asks about: those whose diagnostics it sent, else those its range touches (it may have none of
 * ours at hand, or only stale ones).
 */
function findingsInContext(
  findings: readonly Finding[],
  range: CodeActionParams["range"],
  context: CodeActionContext,
): { readonly finding: Finding; readonly diagnostic?: Diagnostic }[] {
  const asked = (context.diagnostics ?? []).filter(({ source }) => source === SOURCE);
  const matched = findings.flatMap((finding) => {
    const diagnostic = asked.find((candidate) => isAbout(candidate, finding));
    return diagnostic ? [{ finding, diagnostic }] : [];
  });
  if (matched.length > 0) return matched;
  return findings.filter(({ location }) => rangesTouch(toRange(location), range)).map((finding) => ({ finding }));
}

function isAbout({ data, code, range }: Diagnostic, finding: Finding): boolean {
  const fingerprint = (data as { fingerprint?: unknown } | undefined)?.fingerprint;
  if (typeof fingerprint === "string") return fingerprint === finding.fingerprint;
  // Not every client sends back what it does not understand.
  return code === finding.rule && rangesTouch(range, toRange(finding.location));
}

/** Kinds are paths: `refactor` asks for `refactor.rewrite`, too. */
function isWanted(kind: string, only: readonly string[] | undefined): boolean {
  if (!only || only.length === 0) return true;
  return only.some((wanted) => wanted === CodeActionKind.Empty || kind === wanted || kind.startsWith(`${wanted}.`));
}

function isActionData(data: unknown): data is ActionData {
  return typeof data === "object" && data !== null && "uri" in data && "fingerprint" in data && "title" in data;
}
