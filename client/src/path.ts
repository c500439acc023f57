/**
 * "Explain Blocking Path": leads through the places between the event loop and what blocks, in VS Code's own peek.
 */
import * as vscode from "vscode";
import { placeIn, type Range } from "./places";
import type { Session } from "./session";

/** Named by the server in hovers and code actions; it is told of the command when it starts. */
export const EXPLAIN_PATH = "loopguard.explainPath";

/** A finding as hovers, code actions and the Event Loop view name it. */
export interface FindingName {
  readonly uri: string;
  readonly fingerprint: string;
}

/** What the server answers to `loopguard/path`. */
export interface BlockingPath {
  readonly message: string;
  readonly steps: readonly PathStep[];
}

export interface PathStep {
  readonly role: string;
  readonly text: string;
  readonly callee: string;
  /** Absent where there is no source. */
  readonly uri?: string;
  readonly range?: Range;
}

/** Without a name the finding is the one at the cursor. */
export async function explainPath(session: Session, named?: unknown): Promise<void> {
  const path = await askForPath(session, isFindingName(named) ? named : undefined);
  if (path === undefined) return;
  const places = (path?.steps ?? []).flatMap(({ uri, range }) => placeIn(uri, range) ?? []);
  const [first] = places;
  if (!path || !first) {
    void vscode.window.showInformationMessage("Loopguard knows of nothing that blocks the event loop on this line.");
    return;
  }
  if (places.length === 1) {
    // Nothing lies in between; the place itself is shown, and the sentence says the rest.
    await vscode.window.showTextDocument(first.uri, { selection: first.range, preserveFocus: false });
    void vscode.window.showInformationMessage(`${path.message}. It blocks right here; there are no steps in between.`);
    return;
  }
  await vscode.commands.executeCommand("editor.action.peekLocations", first.uri, first.range.start, places, "peek");
}

/** Null where nothing blocks; undefined when there is nobody to ask, which the user has been told. */
async function askForPath(session: Session, named: FindingName | undefined): Promise<BlockingPath | null | undefined> {
  if (named) return pathOf(session, named);
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    void vscode.window.showInformationMessage("Put the cursor on a finding of Loopguard first.");
    return undefined;
  }
  const { line, character } = editor.selection.active;
  return session.request<BlockingPath | null>("loopguard/path", {
    textDocument: { uri: editor.document.uri.toString() },
    position: { line, character },
  });
}

export function pathOf(session: Session, { uri, fingerprint }: FindingName): Promise<BlockingPath | null | undefined> {
  return session.request<BlockingPath | null>("loopguard/path", { textDocument: { uri }, fingerprint });
}

/** An editor's context menu hands over the address of its document, which is no finding. */
function isFindingName(value: unknown): value is FindingName {
  if (typeof value !== "object" || value === null) return false;
  const { uri, fingerprint } = value as Partial<FindingName>;
  return typeof uri === "string" && typeof fingerprint === "string";
}
