/** The picture of the README: a finding two calls deep, its hover and the Problems panel, in VS Code. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEditor, showFile } from "./editor.mjs";
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

export async function takeReadmePicture({ root, vsix, chromium, workFolder }) {
  const workspace = join(workFolder, "shop");
  mkdirSync(workspace, { recursive: true });
  const file = join(workspace, "orders.py");
  writeFileSync(file, orders);
  writeFileSync(join(workspace, "prices.py"), prices);
  const view = { viewport: { width: 1100, height: 640 }, deviceScaleFactor: 1.5 };
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
    const folder = join(root, "docs", "images");
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, "editor.png") });
    console.log(`Saved ${join(folder, "editor.png")}`);
  } finally {
    await open.close();
  }
}
