/** Places as the protocol writes them, and as VS Code's interface takes them. */
import * as vscode from "vscode";

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export function positionOf({ line, character }: Position): vscode.Position {
  return new vscode.Position(line, character);
}

export function rangeOf({ start, end }: Range): vscode.Range {
  return new vscode.Range(positionOf(start), positionOf(end));
}

/** Undefined where the server named no place. */
export function placeIn(uri: string | undefined, range: Range | undefined): vscode.Location | undefined {
  return uri === undefined || range === undefined ? undefined : new vscode.Location(vscode.Uri.parse(uri), rangeOf(range));
}
