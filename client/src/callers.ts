/**
 * The command behind a code lens: shows the calls on the loop that lead to a function, as a list beside the code.
 */
import * as vscode from "vscode";

/** Named by the server's lenses; it is told of the command when it starts. */
export const SHOW_CALLERS = "loopguard.showCallers";

/** Places as the protocol writes them. */
interface Place {
  readonly line: number;
  readonly character: number;
}

interface CallSite {
  readonly uri: string;
  readonly range: { readonly start: Place; readonly end: Place };
}

export function showCallers(uri: string, at: Place, sites: readonly CallSite[]): Thenable<unknown> {
  const locations = sites.map(({ uri: of, range: { start, end } }) => {
    const range = new vscode.Range(positionOf(start), positionOf(end));
    return new vscode.Location(vscode.Uri.parse(of), range);
  });
  return vscode.commands.executeCommand("editor.action.showReferences", vscode.Uri.parse(uri), positionOf(at), locations);
}

function positionOf({ line, character }: Place): vscode.Position {
  return new vscode.Position(line, character);
}
