/**
 * The pictures of the README, in VS Code: a finding two calls deep with its hover and the Problems panel; the Event Loop view
 * of the example project, with the steps of a finding.
 */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEditor, runCommand, showFile } from "./editor.mjs";
import { orders, prices } from "./shop.mjs";

/** Only what the picture is about. */
const settings = {
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.activityBar.location": "hidden",
  "workbench.layoutControl.enabled": false,
  "workbench.editor.showTabs": "multiple",
  "breadcrumbs.enabled": false,
  "window.commandCenter": false,
  "window.menuBarVisibility": "hidden",
  "editor.fontSize": 14,
  "editor.guides.indentation": false,
  "editor.occurrencesHighlight": "off",
  "editor.renderLineHighlight": "none",
  "editor.hover.above": false,
  "editor.scrollbar.vertical": "hidden",
  "editor.overviewRulerBorder": false,
};

// They are shipped with the package, so they are small.
const view = { viewport: { width: 1100, height: 640 } };

export async function takeReadmePictures(options) {
  mkdirSync(join(options.root, "docs", "images"), { recursive: true });
  await takeFinding(options);
  await takeTree({ ...options, workFolder: join(options.workFolder, "tree") });
}

async function takeTree({ root, vsix, chromium, workFolder }) {
  const workspace = join(workFolder, "workspace");
  mkdirSync(workspace, { recursive: true });
  cpSync(join(root, "examples", "weather_service"), join(workspace, "weather_service"), { recursive: true });
  const file = join(workspace, "weather_service", "routes.py");
  const open = await openEditor({ vsix, chromium, workFolder, workspace, file, settings, view });
  try {
    const { page } = open;
    await page.locator(".editor-instance .squiggly-warning").first().waitFor();
    await runCommand(page, "Explorer: Focus on Event Loop View");
    const rows = page.locator(".tree-explorer-viewlet-tree-view .monaco-list-row");
    await rows.first().waitFor();
    // Room for the view: the folder's own files are not what this is about.
    await page.locator(".pane-header").filter({ hasText: "workspace" }).first().click();
    const { x, width } = await page.locator(".part.sidebar").boundingBox();
    await page.mouse.move(x + width, 300);
    await page.mouse.down();
    await page.mouse.move(x + width + 190, 300, { steps: 5 });
    await page.mouse.up();
    await runCommand(page, "Explorer: Focus on Event Loop View");
    for (const key of ["Home", "ArrowDown", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
    await rows.filter({ hasText: "requests.Session.get" }).nth(1).waitFor();
    for (let step = 0; step < 3; step++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator(".tab.active").filter({ hasText: "client.py" }).first().waitFor();
    await page.mouse.move(800, 570);
    await page.locator(".codelens-decoration a").filter({ hasText: "Blocks the event loop" }).nth(1).waitFor();
    await page.waitForTimeout(1000);
    await save(page, root, "event-loop.png");
  } finally {
    await open.close();
  }
}

async function save(page, root, name) {
  const path = join(root, "docs", "images", name);
  await page.screenshot({ path });
  console.log(`Saved ${path}`);
}

async function takeFinding({ root, vsix, chromium, workFolder }) {
  const workspace = join(workFolder, "shop");
  mkdirSync(workspace, { recursive: true });
  const file = join(workspace, "orders.py");
  writeFileSync(file, orders);
  writeFileSync(join(workspace, "prices.py"), prices);
  const open = await openEditor({ vsix, chromium, workFolder, workspace, file, settings, view });
  try {
    const { page } = open;
    await page.locator(".editor-instance .squiggly-warning").first().waitFor();
    await page.keyboard.press("Control+Shift+M");
    // Unfolds the path and leaves the editor where it is.
    await page.locator(".markers-panel .monaco-list-row").filter({ hasText: "event loop" }).first().click();
    await showFile(page, file, { text: orders, site: "price_of(item)" });
    await page.keyboard.press("Control+B");
    const panel = await page.locator(".part.panel").boundingBox();
    await page.mouse.move(300, panel.y - 2);
    await page.mouse.down();
    await page.mouse.move(300, panel.y + panel.height - 155, { steps: 5 });
    await page.mouse.up();
    await page.waitForTimeout(500);
    const { x, y, height } = await page.locator(".editor-instance .squiggly-warning").first().boundingBox();
    await page.mouse.move(x + 30, y + height / 2, { steps: 5 });
    await page.locator(".monaco-hover:not(.hidden)").filter({ hasText: "requests.get" }).first().waitFor();
    await page.waitForTimeout(1000);
    await save(page, root, "editor.png");
  } finally {
    await open.close();
  }
}
