/** VS Code itself, in a real browser, driven as a user drives it: typing, Problems panel, hover, lightbulb. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pageOf, prepareProfile, serve } from "./host.mjs";
import { checkFixed, samples } from "./samples.mjs";

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

const [sleeping] = samples;
const typed = sleeping.text.trimEnd().slice(sleeping.text.lastIndexOf("    "));
const stepNames = {
  squiggle: "VS Code: a squiggle appears while typing",
  problems: "VS Code: the Problems panel names the rule, the event loop and the primitive",
  hover: "VS Code: the hover explains the finding",
  workspace: "VS Code: Check Workspace finds what is in files that are not open",
  page: "VS Code: the rule's page opens from the Problems panel, as text and not as source",
  setting: "VS Code: a rule that is switched off in the settings falls silent, and speaks again",
  crash: "VS Code: a server that dies is started again",
  fix: (sample) => `VS Code: the lightbulb's fix "${sample.name}" changes the buffer`,
};

export function vscodeSteps() {
  const { fix, ...single } = stepNames;
  return [...Object.values(single), ...samples.map(fix)];
}

/** Needs a packaged extension and a Chromium; writes screenshots into a folder. */
export async function testVsCode({ steps, vsix, chromium, workFolder, screenshots }) {
  const workspace = join(workFolder, "workspace");
  mkdirSync(workspace, { recursive: true });
  mkdirSync(screenshots, { recursive: true });
  const fileOf = (sample) => join(workspace, sample.file);
  for (const sample of samples) writeFileSync(fileOf(sample), sample.text);
  writeFileSync(fileOf(sleeping), sleeping.text.slice(0, -typed.length - 1));

  const open = await openEditor({ vsix, chromium, workFolder, workspace, file: fileOf(sleeping) });
  const { page, profile } = open;
  const step = async (name, seconds, action) => {
    const passed = await steps.run(name, seconds, action);
    const picture = name.replace(/^VS Code: /, "").replace(/[^A-Za-z0-9]+/g, "-");
    await page.screenshot({ path: join(screenshots, `${picture}.png`) }).catch(() => {});
    if (!passed) await page.keyboard.press("Escape").catch(() => {});
    return passed;
  };
  try {
    await step(stepNames.squiggle, 30, async () => {
      await page.keyboard.press("Control+End");
      await page.keyboard.type(typed, { delay: 25 });
      const finished = performance.now();
      await squiggle(page).waitFor({ timeout: 25_000 });
      return `${Math.round(performance.now() - finished)} ms after the last key`;
    });
    await step(stepNames.problems, 15, async () => {
      await page.keyboard.press("Control+Shift+M");
      for (const part of [sleeping.rule, "event loop", sleeping.primitive, "loopguard"]) {
        await problemRows(page).filter({ hasText: part }).first().waitFor({ timeout: 10_000 });
      }
    });
    await step(stepNames.hover, 15, async () => {
      await showFile(page, fileOf(sleeping), sleeping);
      await page.keyboard.press("Control+K");
      await page.keyboard.press("Control+I");
      // The marker part repeats the diagnostic; what counts is the text that the server wrote for the hover.
      const hover = page
        .locator(".monaco-hover:not(.hidden) .hover-contents:not(.marker)")
        .filter({ hasText: sleeping.primitive });
      await hover.first().waitFor({ timeout: 10_000 });
    });
    await step(stepNames.workspace, 30, async () => {
      await runCommand(page, "Loopguard: Check Workspace");
      for (const { file } of samples) await problemRows(page).filter({ hasText: file }).first().waitFor();
      for (const { rule, primitive } of samples) {
        await problemRows(page).filter({ hasText: rule }).filter({ hasText: primitive }).first().waitFor({ timeout: 5000 });
      }
    });
    await step(stepNames.page, 20, async () => {
      const link = page.locator(".markers-panel a.monaco-link").filter({ hasText: sleeping.rule });
      await link.first().click({ timeout: 5000 });
      const tab = page.locator(".tab.active").filter({ hasText: `${sleeping.rule}.md` });
      await tab.first().waitFor({ timeout: 5000 });
      const heading = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame").getByRole("heading").first();
      const text = await heading.textContent();
      await showFile(page, fileOf(sleeping), sleeping);
      return `its heading is "${text}"`;
    });
    await step(stepNames.setting, 30, async () => {
      const folder = join(workspace, ".vscode");
      mkdirSync(folder);
      const settings = join(folder, "settings.json");
      writeFileSync(settings, JSON.stringify({ "loopguard.severity": { [sleeping.rule]: "off" } }));
      await squiggle(page).waitFor({ state: "detached", timeout: 12_000 });
      writeFileSync(settings, "{}");
      await squiggle(page).waitFor({ timeout: 12_000 });
    });
    await step(stepNames.crash, 30, async () => {
      const victim = serverProcess(profile);
      process.kill(victim, "SIGKILL");
      await eventually(10_000, () => {
        if (serverProcess(profile) === victim) throw new Error("no new server within 10 s");
      });
      await squiggle(page).waitFor();
    });
    for (const sample of samples) {
      await step(stepNames.fix(sample), 40, async () => {
        await page.keyboard.press("Escape");
        await showFile(page, fileOf(sample), sample);
        await chooseAction(page, sample.action);
        await page.keyboard.press("Control+S");
        await eventually(10_000, () => checkFixed(sample, readFileSync(fileOf(sample), "utf8")));
        await squiggle(page).waitFor({ state: "detached", timeout: 10_000 });
      });
    }
  } finally {
    await open.close();
  }
}

/** Serves VS Code with our package and opens a file of a folder in a browser; the editor has the focus. */
export async function openEditor({ vsix, chromium, workFolder, workspace, file, settings = {}, view = {} }) {
  const { chromium: driver } = await import("playwright-core");
  const profile = join(workFolder, "profile");
  await prepareProfile(profile, vsix, { ...typingSettings, ...settings });
  const server = await serve(profile);
  let browser;
  const close = async () => {
    await browser?.close().catch(() => {});
    server.stop();
  };
  try {
    browser = await driver.launch({ executablePath: chromium, args: browserArguments });
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
async function chooseAction(page, title) {
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

async function runCommand(page, title) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget .quick-input-box input").first().waitFor();
  await page.keyboard.type(title);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first().click();
}

/** The id of the language server's process: the one that runs the bundle of the installed extension. */
function serverProcess(profile) {
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

function squiggle(page) {
  return page.locator(".editor-instance").locator(".squiggly-error, .squiggly-warning, .squiggly-info, .squiggly-hint").first();
}

async function eventually(milliseconds, check) {
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
