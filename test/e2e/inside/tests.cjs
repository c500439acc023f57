/**
 * Runs inside VS Code's extension host. Prints a line per step, `ok KEY: NOTE` or `not ok KEY: REASON`; its files stand in
 * the folders of the workspace.
 */
const assert = require("node:assert/strict");
const vscode = require("vscode");
const { kinds } = require("./kinds.cjs");

const PATIENCE = 10_000;
const SLEEP = "import time\n\n\nasync def handler():\n    time.sleep(5)\n";

exports.run = async () => {
  const first = vscode.workspace.workspaceFolders[0].uri;
  const second = vscode.Uri.joinPath(first, "..", "second");
  const extension = vscode.extensions.getExtension("loopguard.loopguard");

  await step("idle", async () => {
    await pause(300);
    assert.equal(extension.isActive, false);
  });

  await step("ready", async () => {
    const uri = await write(first, "first.py", SLEEP);
    const began = performance.now();
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    await until("activation", () => extension.isActive);
    const active = performance.now() - began;
    await finding(uri, "blocking-sleep");
    return `active after ${Math.round(active)} ms, first finding after ${Math.round(performance.now() - began)} ms`;
  });

  await step("diagnostic", async () => {
    await write(first, "helper.py", "import time\n\n\ndef load():\n    time.sleep(5)\n");
    const uri = await show(first, "caller.py", "from helper import load\n\n\nasync def handler():\n    load()\n");
    const found = await finding(uri, "blocking-sleep");
    assert.equal(found.source, "loopguard");
    assert.match(found.message, /event loop.*time\.sleep$/);
    assert.equal(found.range.start.line, 4);
    const page = new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.file(found.code.target.fsPath)));
    assert.match(page, /^# blocking-sleep/);
    assert.deepEqual(
      found.relatedInformation.map(({ location }) => location.uri.path.split("/").at(-1)),
      ["helper.py"],
    );
  });

  await step("hover", async () => {
    const uri = vscode.Uri.joinPath(first, "caller.py");
    const hovers = await vscode.commands.executeCommand("vscode.executeHoverProvider", uri, new vscode.Position(4, 5));
    const text = hovers.flatMap(({ contents }) => contents.map((part) => part.value ?? part)).join("\n");
    assert.match(text, /\*\*`time\.sleep`, through `helper\.load`, blocks the event loop\*\* \(5 s\)/);
    assert.match(text, /helper\.py#L5/);
    assert.match(text, /\(command:loopguard\.explainPath\?/);
  });

  await step("crossFile", async () => {
    const caller = await show(first, "across.py", "from below import load\n\n\nasync def handler():\n    load()\n");
    const below = await show(first, "below.py", "import time\n\n\ndef load():\n    return 1\n");
    await silence(caller);
    await replace(below, "return 1", "time.sleep(3)");
    await finding(caller, "blocking-sleep");
    await replace(below, "time.sleep(3)", "return 1");
    await silence(caller);
  });

  await step("settings", async () => {
    const uri = vscode.Uri.joinPath(first, "first.py");
    const settings = vscode.workspace.getConfiguration("loopguard");
    await settings.update("severity", { "blocking-sleep": "off" }, vscode.ConfigurationTarget.Workspace);
    await silence(uri);
    await settings.update("severity", { "blocking-sleep": "error" }, vscode.ConfigurationTarget.Workspace);
    const found = await until("error", () => own(uri).find(({ severity }) => severity === vscode.DiagnosticSeverity.Error));
    assert.equal(found.code.value, "blocking-sleep");
    await settings.update("enable", false, vscode.ConfigurationTarget.Workspace);
    await silence(uri);
    await settings.update("enable", undefined, vscode.ConfigurationTarget.Workspace);
    await settings.update("severity", undefined, vscode.ConfigurationTarget.Workspace);
    await until("warning", () => own(uri).find(({ severity }) => severity === vscode.DiagnosticSeverity.Warning));
  });

  await step("lens", async () => {
    const uri = vscode.Uri.joinPath(first, "helper.py");
    await vscode.window.showTextDocument(uri);
    const lenses = () => vscode.commands.executeCommand("vscode.executeCodeLensProvider", uri, 10);
    const [lens] = await until("lens", async () => {
      const found = await lenses();
      return found.length > 0 && found;
    });
    assert.equal(lens.command.title, "Blocks the event loop from 1 coroutine");
    const settings = vscode.workspace.getConfiguration("loopguard");
    await settings.update("codeLens", false, vscode.ConfigurationTarget.Workspace);
    await until("no lens", async () => (await lenses()).length === 0);
    await settings.update("codeLens", undefined, vscode.ConfigurationTarget.Workspace);
  });

  await step("hierarchy", async () => {
    const uri = vscode.Uri.joinPath(first, "helper.py");
    const [item] = await vscode.commands.executeCommand("vscode.prepareCallHierarchy", uri, new vscode.Position(3, 5));
    const calls = await vscode.commands.executeCommand("vscode.provideIncomingCalls", item);
    assert.deepEqual(
      calls.map(({ from }) => [from.name, from.detail]),
      [["handler", "async def · on the event loop"]],
    );
  });

  await step("secondRoot", async () => {
    await write(second, "pyproject.toml", '[tool.loopguard.severity]\nblocking-sleep = "information"\n');
    await write(second, "inside.py", SLEEP);
    assert.equal(vscode.workspace.updateWorkspaceFolders(1, 0, { uri: second }), true);
    await until("second folder", () => vscode.workspace.workspaceFolders.length === 2);
    const uri = vscode.Uri.joinPath(second, "inside.py");
    await vscode.window.showTextDocument(uri);
    await until("its own severity", () => own(uri).some(({ severity }) => severity === vscode.DiagnosticSeverity.Information));
    const other = vscode.Uri.joinPath(first, "first.py");
    await vscode.window.showTextDocument(other);
    await until("that of the first", () => own(other).some(({ severity }) => severity === vscode.DiagnosticSeverity.Warning));
    assert.equal(vscode.workspace.updateWorkspaceFolders(1, 1), true);
    await until("one folder", () => vscode.workspace.workspaceFolders.length === 1);
    await vscode.window.showTextDocument(uri);
    await until("defaults", () => own(uri).some(({ severity }) => severity === vscode.DiagnosticSeverity.Warning));
  });

  await step("untitled", async () => {
    await vscode.commands.executeCommand("loopguard.openExample");
    const { document } = vscode.window.activeTextEditor;
    assert.equal(document.uri.scheme, "untitled");
    await until("two findings", () => own(document.uri).length === 2);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  await step("lineEnds", async () => {
    const uri = await show(first, "windows.py", SLEEP.replaceAll("\n", "\r\n"));
    await finding(uri, "blocking-sleep");
    await apply(uri, "time.sleep(5)", "asyncio.sleep");
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    assert.match(text, /await asyncio\.sleep\(5\)\r\n$/);
    assert.doesNotMatch(text, /[^\r]\n/);
  });

  await step("twoEditors", async () => {
    const uri = vscode.Uri.joinPath(first, "first.py");
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Two });
    await replace(uri, "time.sleep(5)", "time.sleep(6)");
    await until("the new finding", () => own(uri).length === 1 && own(uri)[0].message.includes("6 s"));
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    await pause(300);
    assert.equal(own(uri).length, 1);
  });

  await step("otherScheme", async () => {
    const provider = { provideTextDocumentContent: () => SLEEP };
    const registration = vscode.workspace.registerTextDocumentContentProvider("elsewhere", provider);
    const uri = vscode.Uri.parse("elsewhere:/a b/c.py");
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.languageId, "python");
    await vscode.window.showTextDocument(document);
    await pause(500);
    assert.deepEqual(own(uri), []);
    registration.dispose();
  });

  await step("pyproject", async () => {
    const uri = await show(first, "pyproject.toml", '[tool.loopguard]\nexlude = []\ntests-severity = ""\n\n');
    const mistakes = await until("mistakes", () => own(uri).length === 2 && own(uri));
    assert.deepEqual(mistakes.map(({ range }) => range.start.line).sort(), [1, 2]);
    const at = async (line, character) => {
      const position = new vscode.Position(line, character);
      const { items } = await vscode.commands.executeCommand("vscode.executeCompletionItemProvider", uri, position);
      return items.map(({ label }) => label.label ?? label);
    };
    const keys = await at(3, 0);
    assert.ok(keys.includes("exclude") && keys.includes("large-input") && !keys.includes("tests-severity"), keys.join());
    const values = await at(2, 18);
    assert.ok(values.includes('"hint"') && values.includes('"same"'), values.join());
    await replace(uri, 'exlude = []\ntests-severity = ""', "exclude = []");
    await (await vscode.workspace.openTextDocument(uri)).save();
    await silence(uri);
  });

  for (const kind of kinds) {
    await step(kind.key, async () => {
      const uri = await show(first, `${kind.key}.py`, kind.text);
      await until("finding", () => own(uri).length > 0);
      await apply(uri, kind.at, kind.title, kind);
      const text = (await vscode.workspace.openTextDocument(uri)).getText();
      for (const part of kind.present) assert.ok(text.includes(part), `${part} is not in:\n${text}`);
    });
  }
};

async function step(key, action) {
  const began = performance.now();
  try {
    const note = await action();
    say("ok", key, note ?? `${((performance.now() - began) / 1000).toFixed(1)} s`);
  } catch (error) {
    say("not ok", key, error.stack ?? String(error));
  }
}

function say(verdict, key, text) {
  console.log(`${verdict} ${key}: ${text.replaceAll("\n", "\\n")}`);
}

async function write(folder, name, text) {
  const uri = vscode.Uri.joinPath(folder, name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

async function show(folder, name, text) {
  const uri = await write(folder, name, text);
  await vscode.window.showTextDocument(uri);
  return uri;
}

/** Our diagnostics of a document. */
function own(uri) {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "loopguard");
}

function finding(uri, rule) {
  return until(`${rule} in ${uri.path}`, () => own(uri).find(({ code }) => code.value === rule));
}

function silence(uri) {
  return until(`silence of ${uri.path}`, () => own(uri).length === 0);
}

async function replace(uri, before, after) {
  const document = await vscode.workspace.openTextDocument(uri);
  const at = document.getText().indexOf(before);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, new vscode.Range(document.positionAt(at), document.positionAt(at + before.length)), after);
  assert.equal(await vscode.workspace.applyEdit(edit), true);
}

/** Carries out the first action at a text whose title names something. */
async function apply(uri, text, title, { kind = "quickfix", last = false } = {}) {
  const document = await vscode.workspace.openTextDocument(uri);
  const offset = last ? document.getText().lastIndexOf(text) : document.getText().indexOf(text);
  const at = document.positionAt(offset + 1);
  const found = await until(`action ${title}`, async () => {
    const actions = await vscode.commands.executeCommand(
      "vscode.executeCodeActionProvider",
      uri,
      new vscode.Range(at, at),
      kind,
      20,
    );
    const wanted = actions.find((action) => action.title.includes(title) && action.edit);
    if (!wanted) throw new Error(`offered: ${actions.map((action) => action.title).join(", ")}`);
    return wanted;
  });
  assert.equal(await vscode.workspace.applyEdit(found.edit), true);
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until a check answers something; what it threw last says why it never did. */
async function until(what, check) {
  const deadline = Date.now() + PATIENCE;
  let reason = "";
  for (;;) {
    try {
      const found = await check();
      if (found) return found;
    } catch (error) {
      reason = `: ${error.message}`;
    }
    if (Date.now() > deadline) throw new Error(`no ${what} within ${PATIENCE / 1000} s${reason}`);
    await pause(30);
  }
}
