/** A file to try things on: two coroutines that block the loop, one directly and one through a function. */
import * as vscode from "vscode";

const EXAMPLE = `import time

import requests


def price_of(item):
    return requests.get(f"https://prices.example.com/{item}", timeout=10).json()


async def place_order(item, quantity):
    return price_of(item) * quantity


async def poll():
    time.sleep(5)
`;

/** Opens it as a new document, with the cursor on the finding behind a function. */
export async function openExample(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "python", content: EXAMPLE });
  const at = document.positionAt(EXAMPLE.indexOf("price_of(item) *"));
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
}
