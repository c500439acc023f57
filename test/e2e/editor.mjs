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

/** Shows a file of the workspace with the cursor inside the sample's finding, and waits until the editor has marked it. */
export async function showFile(page, path, sample) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  await page.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: name }).first().dblclick();
  await page.locator(".tab.active").filter({ hasText: name }).first().waitFor();
  const before = sample.text.split(sample.site)[0] ?? "";
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n") + 2;
  const position = page.locator(".statusbar-item").filter({ hasText: `Ln ${line}, Col ${column}` });
  // The box takes its time to notice what was typed, and an early Enter leads nowhere.
  await eventually(15_000, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+G");
    await page.locator(".quick-input-widget .quick-input-box input").first().waitFor();
    await page.keyboard.type(`${line}:${column}`);
    await page
      .locator(".quick-input-list .monaco-list-row")
      .filter({ hasText: new RegExp(`line ${line}\\b.*\\b${column}\\b`, "i") })
      .first()
      .waitFor({ timeout: 2000 });
    await page.keyboard.press("Enter");
    await position.first().waitFor({ timeout: 2000 });
  });
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
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget .quick-input-box input").first().waitFor();
  await page.keyboard.type(title);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first().click();
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

export function problemRows(page) {
  return page.locator(".markers-panel .monaco-list-row");
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
