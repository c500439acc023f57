/**
 * The requests of the editor: each finds the document, asks a feature, and writes the answer in the protocol's shapes.
 */
import {
  type CodeAction,
  type CodeActionContext,
  CodeActionKind,
  type CodeActionParams,
  CodeActionTriggerKind,
  type Diagnostic,
  type Hover,
  type HoverParams,
  LSPErrorCodes,
  MarkupKind,
  type Range,
  ResponseError,
  type WorkspaceEdit,
} from "vscode-languageserver";
import type { Configuration } from "../analysis/configuration.js";
import type { Finding } from "../analysis/findings.js";
import type { AnalysisHost } from "../analysis/host.js";
import type { Files } from "../analysis/ports.js";
import { withPythonVersion } from "../analysis/pyproject.js";
import { offsetAt } from "../base/lines.js";
import { actionsFor, fixAllEdits } from "../features/code-actions.js";
import { diagnosticOf } from "../features/diagnostics.js";
import { type Edit, type Fix, type FixHost, fixHostOf, rewritesAt } from "../features/fixes/index.js";
import { type HoverHost, hoverAt, type Links } from "../features/hover.js";
import { plainText } from "../features/markdown.js";
import { hasWay } from "../features/paths.js";
import type { Grammar } from "../syntax/grammar.js";
import type { Client } from "./client.js";
import {
  type Addresses,
  commandLink,
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
import { EXPLAIN_PATH } from "./overview.js";
import { projectFactsFor } from "./projects.js";

export interface HandlerOptions {
  readonly host: AnalysisHost;
  readonly files: Files;
  readonly grammar: Grammar;
  readonly documents: OpenDocuments;
  readonly addresses: Addresses;
  readonly client: Client;
  /** Settings that hold for a file now. */
  configuration(path: string): Configuration;
}

export interface Handlers {
  hover(params: HoverParams): Hover | null;
  codeActions(params: CodeActionParams): CodeAction[];
  resolveCodeAction(action: CodeAction): CodeAction;
}

/** Applies every preferred fix of a file, by hand or on save. */
export const FIX_ALL = `${CodeActionKind.SourceFixAll}.loopguard`;

/** Names the annotation that a client shows before it makes such a change. */
const FAR_REACHING = "loopguard.far-reaching";

/** What an action does, to its file and to others. */
type Change = Pick<Fix, "title" | "edits" | "elsewhere">;

/** Says which action is meant, for a later request: of a finding, of the code at some place, else all preferred fixes. */
interface ActionData {
  readonly uri: string;
  readonly title: string;
  readonly fingerprint?: string;
  readonly at?: Range;
}

export function createHandlers({ host, files, grammar, documents, addresses, client, configuration }: HandlerOptions): Handlers {
  const named = (finding: Finding) => ({ uri: addresses.uri(finding.location.file), fingerprint: finding.fingerprint });
  const links: Links = {
    location: (location) => linkTo(location, addresses),
    rule: addresses.rulePage,
    path: (finding) => (client.explainsPaths && hasWay(finding) ? commandLink(EXPLAIN_PATH, named(finding)) : undefined),
  };
  const analysis: HoverHost = {
    ...fixHostOf(host, (path) => withPythonVersion(projectFactsFor(files, path), configuration(path))),
    explain: (path, line, column) => host.explain(path, line, column),
  };
  const fixes = rememberFixes(analysis, grammar, () => host.revision());

  const hover = (params: HoverParams): Hover | null => {
    const answer = hoverAt(analysis, grammar, pathOf(params.textDocument.uri), fromPosition(params.position), links);
    if (!answer) return null;
    const contents = client.hoverMarkdown
      ? { kind: MarkupKind.Markdown, value: answer.markdown }
      : { kind: MarkupKind.PlainText, value: plainText(answer.markdown) };
    return { contents, range: toRange(answer.location) };
  };

  const codeActions = ({ textDocument, range, context }: CodeActionParams): CodeAction[] => {
    const path = pathOf(textDocument.uri);
    const findings = host.findings(path);
    const asked = findingsInContext(findings, range, context);
    const actions: CodeAction[] = asked.flatMap(({ finding, diagnostic }) =>
      fixes
        .of(path, finding)
        .filter(({ kind }) => isWanted(kind, context.only))
        .map((fix) => ({
          title: fix.title,
          kind: fix.kind,
          diagnostics: [diagnostic ?? toDiagnostic(diagnosticOf(finding), addresses)],
          ...(fix.preferred ? { isPreferred: true } : {}),
          ...laterOrNow(path, { uri: textDocument.uri, title: fix.title, fingerprint: finding.fingerprint }, fix),
        })),
    );
    const offered = new Set(actions.map(({ title }) => title));
    actions.push(...rewriteActions(path, textDocument.uri, range, context).filter(({ title }) => !offered.has(title)));
    if (client.explainsPaths && isWanted(CodeActionKind.QuickFix, context.only)) actions.push(...asked.flatMap(explainAction));
    // A source action belongs to no place: it is offered only where it is asked for.
    const fixesAll = context.only !== undefined && findings.length > 0 && isWanted(FIX_ALL, context.only);
    return fixesAll ? [...actions, ...fixAllAction(path, textDocument.uri)] : actions;
  };

  /** No fix, but what one wants to know before choosing one. */
  const explainAction = ({ finding, diagnostic }: AskedFinding): CodeAction[] => {
    if (!hasWay(finding)) return [];
    const title = "Explain blocking path";
    const diagnostics = [diagnostic ?? toDiagnostic(diagnosticOf(finding), addresses)];
    const command = { title, command: EXPLAIN_PATH, arguments: [named(finding)] };
    return [{ title, kind: CodeActionKind.QuickFix, diagnostics, command }];
  };

  /** What may be done about any call is worth no light bulb on every line: only who asks is told. */
  const rewriteActions = (path: string, uri: string, range: Range, context: CodeActionContext): CodeAction[] => {
    const isAsked = context.triggerKind !== CodeActionTriggerKind.Automatic || (context.only ?? []).length > 0;
    if (!isAsked || !isWanted(CodeActionKind.RefactorRewrite, context.only)) return [];
    return rewritesIn(path, range).map((fix) => ({
      title: fix.title,
      kind: fix.kind,
      ...laterOrNow(path, { uri, title: fix.title, at: range }, fix),
    }));
  };

  const rewritesIn = (path: string, { start, end }: Range): readonly Fix[] => {
    const text = host.text(path) ?? "";
    const lineStarts = host.lineStarts(path) ?? [0];
    const [from, to] = [offsetAt(lineStarts, text, fromPosition(start)), offsetAt(lineStarts, text, fromPosition(end))];
    return rewritesAt(analysis, grammar, path, from, to);
  };

  const fixAllAction = (path: string, uri: string): CodeAction[] => {
    const title = "Apply all preferred fixes of Loopguard";
    const edits = fixes.all(path);
    return edits.length === 0 ? [] : [{ title, kind: FIX_ALL, ...laterOrNow(path, { uri, title }, { title, edits }) }];
  };

  const laterOrNow = (path: string, data: ActionData, change: Change): Pick<CodeAction, "data" | "edit"> =>
    client.resolvesEdits ? { data } : { edit: editOf(path, change) };

  const resolveCodeAction = (action: CodeAction): CodeAction => {
    if (action.edit || !isActionData(action.data)) return action;
    const { uri, title, fingerprint, at } = action.data;
    const path = pathOf(uri);
    const all = (): Change => ({ title, edits: fixes.all(path) });
    const rewrite = at && rewritesIn(path, at).find((fix) => fix.title === title);
    const change = fingerprint !== undefined ? fixNamed(path, title, fingerprint) : at ? rewrite : all();
    if (!change) throw new ResponseError(LSPErrorCodes.ContentModified, `The code has changed; "${title}" no longer applies.`);
    return { ...action, edit: editOf(path, change) };
  };

  const fixNamed = (path: string, title: string, fingerprint: string): Fix | undefined => {
    const finding = host.findings(path).find((candidate) => candidate.fingerprint === fingerprint);
    return finding && fixes.of(path, finding).find((fix) => fix.title === title);
  };

  const editOf = (path: string, { title, edits, elsewhere }: Change): WorkspaceEdit => {
    const changes = [{ path, edits }, ...(elsewhere ?? [])].map((file) => ({
      textDocument: { uri: documents.uriOf(file.path), version: documents.at(file.path)?.version ?? null },
      edits: toTextEdits(file.edits, host.lineStarts(file.path) ?? [0]),
    }));
    if (!client.documentChanges)
      return { changes: Object.fromEntries(changes.map((file) => [file.textDocument.uri, file.edits])) };
    if (elsewhere === undefined || !client.annotatesChanges) return { documentChanges: changes };
    // What reaches beyond the function is looked at before it is done.
    const annotated = changes.map((file) => ({
      ...file,
      edits: file.edits.map((edit) => ({ ...edit, annotationId: FAR_REACHING })),
    }));
    return { documentChanges: annotated, changeAnnotations: { [FAR_REACHING]: { label: title, needsConfirmation: true } } };
  };

  return { hover, codeActions, resolveCodeAction };
}

interface Fixes {
  of(path: string, finding: Finding): readonly Fix[];
  all(path: string): readonly Edit[];
}

/**
 * Fixes are proven by analysing the result, and asked for twice: for the menu and for the chosen one's edit. They hold until
 * the program changes, in whatever file.
 */
function rememberFixes(host: FixHost, grammar: Grammar, revision: () => number): Fixes {
  let path = "";
  let made: number | undefined;
  let all: readonly Edit[] | undefined;
  const byFingerprint = new Map<string, readonly Fix[]>();
  const forgetOthers = (wanted: string): void => {
    const current = revision();
    if (path === wanted && made === current) return;
    path = wanted;
    made = current;
    all = undefined;
    byFingerprint.clear();
  };
  return {
    of: (wanted, finding) => {
      forgetOthers(wanted);
      let fixes = byFingerprint.get(finding.fingerprint);
      if (!fixes) {
        fixes = actionsFor(host, grammar, wanted, finding);
        byFingerprint.set(finding.fingerprint, fixes);
      }
      return fixes;
    },
    all: (wanted) => {
      forgetOthers(wanted);
      all ??= fixAllEdits(host, grammar, wanted);
      return all;
    },
  };
}

interface AskedFinding {
  readonly finding: Finding;
  /** As the client knows it. */
  readonly diagnostic?: Diagnostic;
}

/**
 * The findings a client asks about: those whose diagnostics it sent, else those its range touches (it may have none of
 * ours at hand, or only stale ones).
 */
function findingsInContext(
  findings: readonly Finding[],
  range: CodeActionParams["range"],
  context: CodeActionContext,
): AskedFinding[] {
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
  return typeof data === "object" && data !== null && "uri" in data && "title" in data;
}
