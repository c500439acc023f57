/** VS Code in a browser as a user has it: opening files, commands, the lightbulb, what is marked. Knows no test. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pageOf, prepareProfile, serve } from "./host.mjs";

const browserArguments = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update"],
];

/** Typing must give exactly what is typed, and nothing may lie over what is looked at. */
const typingSettings = {
  "editor.autoClosingBrackets": "never",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "editor.parameterHints.enabled": false,
  "editor.minimap.enabled": false,
  "editor.cursorBlinking": "solid",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

export async function launchBrowser(chromium) {
  const { chromium: driver } = await import("playwright-core");
  return driver.launch({ executablePath: chromium, args: browserArguments });
}

/** Serves VS Code with our package and opens a file of a folder in a browser; the editor has the focus. */
export async function openEditor({ vsix, chromium, workFolder, workspace, file, settings = {}, view = {} }) {
  const profile = join(workFolder, "profile");
  await prepareProfile(profile, vsix, { ...typingSettings, ...settings });
  const server = await serve(profile);
  let browser;
  const close = async () => {
    await browser?.close().catch(() => {});
    server.stop();
  };
  try {
    browser = await launchBrowser(chromium);
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...view });
    page.setDefaultTimeout(20_000);
    await page.goto(pageOf(server.url, workspace, file));
    await page.locator(".editor-instance .view-lines").first().click({ timeout: 40_000 });
    return { page, close, server, profile };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Shows a file of the workspace, with the cursor at a line and column, counted from 1. */
export async function openFile(page, path, line = 1, column = 1) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  await page.keyboard.press("Escape");
  await page.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: name }).first().dblclick();
  await page.locator(".tab.active").filter({ hasText: name }).first().waitFor();
  await cursorAt(page, line, column);
}

/** Puts the cursor of the active editor somewhere, by keyboard. */
export async function cursorAt(page, line, column) {
  const position = page.locator(".statusbar-item").filter({ hasText: new RegExp(`Ln ${line}, Col ${column}(?!\\d)`) });
  // The box takes its time to notice what stands in it, and an early Enter leads nowhere. It is filled, not typed into: on a
  // busy machine it may close meanwhile, and keys would go to the editor.
  await eventually(25_000, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+G");
    await quickInput(page).fill(`:${line}:${column}`, { timeout: 5000 });
    await page
      .locator(".quick-input-list .monaco-list-row")
      .filter({ hasText: new RegExp(`line ${line}\\b.*\\b${column}\\b`, "i") })
      .first()
      .waitFor({ timeout: 4000 });
    await page.keyboard.press("Enter");
    await position.first().waitFor({ timeout: 4000 });
  });
}

/** Shows a file that was open before, by keyboard. */
export async function goBackTo(page, name) {
  await eventually(25_000, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+P");
    await quickInput(page).fill(name, { timeout: 5000 });
    await page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: name }).first().waitFor({ timeout: 4000 });
    await page.keyboard.press("Enter");
    await page.locator(".tab.active").filter({ hasText: name }).first().waitFor({ timeout: 4000 });
  });
}

function quickInput(page) {
  return page.locator(".quick-input-widget .quick-input-box input").first();
}

/** Shows a file with the cursor inside the sample's finding, and waits until the editor has marked it. */
export async function showFile(page, path, sample) {
  const before = sample.text.split(sample.site)[0] ?? "";
  const column = before.length - before.lastIndexOf("\n") + 2;
  await openFile(page, path, before.split("\n").length, column);
  await squiggle(page).waitFor();
}

/** Opens the lightbulb's menu and takes the first entry whose title holds the text. */
export async function chooseAction(page, title) {
  const lightbulb = page.locator('.editor-instance .lightBulbWidget, .editor-instance [class*="gutter-lightbulb"]');
  // VS Code asks for actions when the cursor moves; a server that has just been started may have missed that.
  await eventually(20_000, async () => {
    await page.keyboard.press("ArrowRight");
    await lightbulb.filter({ visible: true }).first().waitFor({ timeout: 3000 });
  });
  const menu = page.locator(".action-widget .monaco-list-row.action");
  const wanted = menu.filter({ hasText: title }).first();
  // The first key press can meet an editor that is still asking for its actions.
  await eventually(20_000, async () => {
    await page.keyboard.press("Control+.");
    await wanted.waitFor({ timeout: 2000 });
  });
  // By keyboard: older versions lay a shield over the menu that swallows the click of a machine.
  for (let step = 0; !(await menu.and(page.locator(".focused")).filter({ hasText: title }).isVisible()); step++) {
    if (step === 30) throw new Error(`the menu's entry "${title}" cannot be reached with the arrow keys`);
    await page.keyboard.press("ArrowDown");
    await page.waitForTimeout(30);
  }
  await page.keyboard.press("Enter");
}

export async function runCommand(page, title) {
  await eventually(25_000, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("F1");
    await quickInput(page).fill(`>${title}`, { timeout: 5000 });
    const row = page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: title });
    await row.first().waitFor({ timeout: 4000 });
    await page.keyboard.press("Enter");
    await row.first().waitFor({ state: "hidden", timeout: 4000 });
  });
}

/** The id of the language server's process: the one that runs the bundle of the installed extension. */
export function serverProcess(profile) {
  for (const id of readdirSync("/proc").filter((entry) => /^[0-9]+$/.test(entry))) {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, "utf8");
      if (command.includes(profile) && command.includes("loopguard.cjs")) return Number(id);
    } catch {
      // Gone meanwhile.
    }
  }
  throw new Error("the language server does not run");
}

function problemRows(page) {
  return page.locator(".markers-panel .monaco-list-row");
}

/** Waits for a row of the Problems panel that says all of these. The panel has only the rows in sight, so it is scrolled through. */
export async function findProblem(page, ...texts) {
  const row = texts.reduce((rows, text) => rows.filter({ hasText: text }), problemRows(page)).first();
  await eventually(20_000, async () => {
    await page.locator(".markers-panel .monaco-list").hover();
    await page.mouse.wheel(0, -10_000);
    for (let turn = 0; turn < 8; turn++) {
      const isThere = await row.waitFor({ timeout: 250 }).then(
        () => true,
        () => false,
      );
      if (isThere) return;
      await page.mouse.wheel(0, 100);
    }
    throw new Error(`The Problems panel has no row with ${texts.join(" and ")}.`);
  });
}

export function squiggle(page) {
  return page.locator(".editor-instance").locator(".squiggly-error, .squiggly-warning, .squiggly-info, .squiggly-hint").first();
}

export async function eventually(milliseconds, check) {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
