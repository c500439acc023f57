/** VS Code itself, in a real browser, driven as a user drives it: typing, Problems panel, hover, lightbulb. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  chooseAction,
  eventually,
  findProblem,
  openEditor,
  openFile,
  runCommand,
  serverProcess,
  showFile,
  squiggle,
} from "./editor.mjs";
import { checkFixed, samples } from "./samples.mjs";

const [sleeping] = samples;
const typed = sleeping.text.trimEnd().slice(sleeping.text.lastIndexOf("    "));
const stepNames = {
  squiggle: "VS Code: a squiggle appears while typing",
  problems: "VS Code: the Problems panel names the rule, the event loop and the primitive",
  hover: "VS Code: the hover explains the finding",
  workspace: "VS Code: Check Workspace finds what is in files that are not open",
  page: "VS Code: the rule's page opens from the Problems panel, as text and not as source",
  crossFile: "VS Code: a finding appears and vanishes while another file is edited",
  onSave: "VS Code: saving applies the fixes that need no second look",
  severalFiles: "VS Code: a fix of several files is shown before it is made",
  setting: "VS Code: a rule that is switched off in the settings falls silent, and speaks again",
  crash: "VS Code: a server that dies is started again",
  fix: (sample) => `VS Code: the lightbulb's fix "${sample.name}" changes the buffer`,
};

export function vscodeSteps() {
  const { fix, ...single } = stepNames;
  return [...Object.values(single), ...samples.map(fix)];
}

/** Files that have to do with each other, for what concerns several. */
const samplesOfTwo = {
  "above.py": "from below import load\n\n\nasync def above():\n    load()\n",
  "below.py": "import time\n\n\ndef load():\n",
  "saved.py": "import time\n\n\nasync def one():\n    time.sleep(1)\n\n\nasync def two():\n    time.sleep(2)\n",
  "importer.py": "from helper import pause\n\n\nasync def main():\n    pause()\n",
  "helper.py": "import time\n\n\ndef pause():\n    time.sleep(1)\n",
};

/** Needs a packaged extension and a Chromium; writes screenshots into a folder. */
export async function testVsCode({ steps, vsix, chromium, workFolder, screenshots }) {
  const workspace = join(workFolder, "workspace");
  mkdirSync(workspace, { recursive: true });
  mkdirSync(screenshots, { recursive: true });
  const fileOf = (sample) => join(workspace, sample.file);
  for (const [name, text] of Object.entries(samplesOfTwo)) writeFileSync(join(workspace, name), text);
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
    await step(stepNames.squiggle, 60, async () => {
      await page.keyboard.press("Control+End");
      await page.keyboard.type(typed, { delay: 25 });
      const finished = performance.now();
      await squiggle(page).waitFor({ timeout: 25_000 });
      return `${Math.round(performance.now() - finished)} ms after the last key`;
    });
    await step(stepNames.problems, 60, async () => {
      await page.keyboard.press("Control+Shift+M");
      for (const part of [sleeping.rule, "event loop", sleeping.primitive, "loopguard"]) {
        await findProblem(page, part);
      }
    });
    await step(stepNames.hover, 60, async () => {
      await showFile(page, fileOf(sleeping), sleeping);
      await page.keyboard.press("Control+K");
      await page.keyboard.press("Control+I");
      // The marker part repeats the diagnostic; what counts is the text that the server wrote for the hover.
      const hover = page
        .locator(".monaco-hover:not(.hidden) .hover-contents:not(.marker)")
        .filter({ hasText: sleeping.primitive });
      await hover.first().waitFor({ timeout: 10_000 });
    });
    await step(stepNames.workspace, 60, async () => {
      await runCommand(page, "Loopguard: Check Workspace");
      for (const { file, rule, primitive } of samples) {
        await findProblem(page, file);
        await findProblem(page, rule, primitive);
      }
    });
    await step(stepNames.page, 60, async () => {
      const link = page.locator(".markers-panel a.monaco-link").filter({ hasText: sleeping.rule });
      await link.first().click({ timeout: 5000 });
      const tab = page.locator(".tab.active").filter({ hasText: `${sleeping.rule}.md` });
      await tab.first().waitFor({ timeout: 5000 });
      const heading = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame").getByRole("heading").first();
      const text = await heading.textContent();
      await showFile(page, fileOf(sleeping), sleeping);
      return `its heading is "${text}"`;
    });
    const folder = join(workspace, ".vscode");
    mkdirSync(folder);
    const settings = join(folder, "settings.json");
    await step(stepNames.crossFile, 60, async () => {
      await openFile(page, join(workspace, "above.py"));
      await squiggle(page).waitFor({ state: "detached", timeout: 5000 });
      await openFile(page, join(workspace, "below.py"));
      await page.keyboard.press("Control+End");
      await page.keyboard.type("    time.sleep(3)", { delay: 5 });
      await openFile(page, join(workspace, "above.py"));
      await squiggle(page).waitFor({ timeout: 10_000 });
      await openFile(page, join(workspace, "below.py"));
      await page.keyboard.press("Control+End");
      for (let count = "time.sleep(3)".length; count > 0; count--) await page.keyboard.press("Backspace");
      await page.keyboard.type("return 1", { delay: 5 });
      await openFile(page, join(workspace, "above.py"));
      await squiggle(page).waitFor({ state: "detached", timeout: 10_000 });
    });
    await step(stepNames.onSave, 60, async () => {
      writeFileSync(settings, JSON.stringify({ "editor.codeActionsOnSave": { "source.fixAll.loopguard": "explicit" } }));
      const file = join(workspace, "saved.py");
      await openFile(page, file);
      await squiggle(page).waitFor({ timeout: 10_000 });
      await eventually(15_000, async () => {
        await page.keyboard.press("Control+End");
        await page.keyboard.press("Enter");
        await page.keyboard.press("Control+S");
        await eventually(4000, () => {
          const text = readFileSync(file, "utf8");
          for (const seconds of [1, 2]) {
            if (!text.includes(`await asyncio.sleep(${seconds})`)) throw new Error(`the file is\n${text}`);
          }
        });
      });
      writeFileSync(settings, "{}");
    });
    await step(stepNames.severalFiles, 60, async () => {
      await showFile(page, join(workspace, "importer.py"), { text: samplesOfTwo["importer.py"], site: "pause()\n" });
      await chooseAction(page, "Make pause async");
      // VS Code lists what changes, and makes what is ticked.
      const preview = page.locator(".bulk-edit-panel");
      for (const name of ["helper.py", "importer.py"]) {
        const box = preview.locator(".monaco-list-row").filter({ hasText: name }).locator(".edit-checkbox");
        await box.first().click({ timeout: 10_000 });
      }
      await page.screenshot({ path: join(screenshots, "preview-of-several-files.png") });
      await preview.getByRole("button", { name: "Apply" }).click();
      await eventually(10_000, async () => {
        await runCommand(page, "File: Save All Files");
        for (const [name, part] of Object.entries({ "helper.py": "async def pause", "importer.py": "await pause()" })) {
          const text = readFileSync(join(workspace, name), "utf8");
          if (!text.includes(part)) throw new Error(`${name} is\n${text}`);
        }
      });
    });
    await step(stepNames.setting, 60, async () => {
      await showFile(page, fileOf(sleeping), sleeping);
      writeFileSync(settings, JSON.stringify({ "loopguard.severity": { [sleeping.rule]: "off" } }));
      await squiggle(page).waitFor({ state: "detached", timeout: 12_000 });
      writeFileSync(settings, "{}");
      await squiggle(page).waitFor({ timeout: 12_000 });
    });
    await step(stepNames.crash, 60, async () => {
      const victim = serverProcess(profile);
      process.kill(victim, "SIGKILL");
      await eventually(10_000, () => {
        if (serverProcess(profile) === victim) throw new Error("no new server within 10 s");
      });
      await squiggle(page).waitFor();
    });
    for (const sample of samples) {
      await step(stepNames.fix(sample), 60, async () => {
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
