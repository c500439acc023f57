/**
 * The views of the extension in VS Code, by keyboard alone: the peek through a path, the Event Loop tree and the tour. Each is
 * pictured in a plain theme and in high contrast; what a screen reader says of the tree is checked.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cursorAt, eventually, goBackTo, openEditor, runCommand, squiggle } from "./editor.mjs";
import { orders, prices } from "./shop.mjs";

const stepNames = {
  activation: "Views: VS Code says how long the extension takes to come up",
  peek: "Views: Explain Blocking Path leads through three places, by keyboard",
  tree: "Views: the Event Loop view lists findings with their steps, and opens them, by keyboard",
  spoken: "Views: a screen reader hears severity, sentence, place and position",
  groups: "Views: the tree groups by rule and by file",
  live: "Views: the tree follows a file that changes on disk",
  empty: "Views: an empty tree says why, and what to do",
  tour: "Views: the tour opens, and its example has findings",
  contrast: "Views: all of it in high contrast",
};

export function viewsSteps() {
  return Object.values(stepNames);
}

const rows = (page) => page.locator(".tree-explorer-viewlet-tree-view .monaco-list-row");

export async function testViews({ steps, vsix, chromium, workFolder, screenshots }) {
  const workspace = join(workFolder, "shop");
  mkdirSync(workspace, { recursive: true });
  mkdirSync(screenshots, { recursive: true });
  const file = join(workspace, "orders.py");
  writeFileSync(file, orders);
  writeFileSync(join(workspace, "prices.py"), prices);
  const open = await openEditor({ vsix, chromium, workFolder, workspace, file });
  const { page } = open;
  let theme = "light";
  const picture = (name) => page.screenshot({ path: join(screenshots, `${theme}-${name}.png`) });
  const step = async (name, action) => {
    if (!(await steps.run(name, 60, action))) await picture(`failed-${name.replace(/[^A-Za-z0-9]+/g, "-")}`).catch(() => {});
  };
  const site = orders.split("price_of(item)")[0].split("\n").length;
  try {
    await squiggle(page).waitFor();
    await step(stepNames.activation, async () => {
      await runCommand(page, "Developer: Show Running Extensions");
      const row = page.locator(".runtime-extensions-editor .monaco-list-row").filter({ hasText: "Loopguard" });
      const text = (await row.first().textContent()) ?? "";
      await page.keyboard.press("Control+F4");
      return /Activation: ?\d+ ?ms/.exec(text)?.[0] ?? text;
    });
    const explain = async () => {
      await cursorAt(page, site, 13);
      await runCommand(page, "Loopguard: Explain Blocking Path");
      const peek = page.locator(".reference-zone-widget");
      await peek.first().waitFor();
      return peek;
    };
    await step(stepNames.peek, async () => {
      const peek = await explain();
      await peek.getByText("Locations (3)").first().waitFor();
      const places = peek.locator(".ref-tree .monaco-list-row");
      await places.filter({ hasText: "prices.py" }).first().waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
      await places.filter({ hasText: "requests.get" }).first().waitFor();
      await picture("peek");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.locator(".tab.active").filter({ hasText: "prices.py" }).first().waitFor();
      await atLine(page, 11);
    });
    const focusTree = async () => {
      const focus = () => runCommand(page, "Explorer: Focus on Event Loop View");
      await focus();
      await rows(page).filter({ hasText: "place_order" }).first().waitFor();
      // An empty tree has nothing to focus.
      await focus();
    };
    await step(stepNames.tree, async () => {
      await focusTree();
      await eventually(10_000, async () => {
        await page.keyboard.press("Home");
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowRight");
        await rows(page).nth(4).waitFor({ timeout: 2000 });
      });
      await picture("tree");
      for (let down = 0; down < 3; down++) await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.locator(".tab.active").filter({ hasText: "prices.py" }).first().waitFor();
      await atLine(page, 11);
    });
    await step(stepNames.spoken, async () => {
      const spoken = await Promise.all((await rows(page).all()).map((row) => row.getAttribute("aria-label")));
      const expected = [
        /^place_order, 1 finding, in orders\.py$/,
        /^warning, Blocks the event loop \(up to 10 s\): price_of → ask → requests\.get, in place_order, orders\.py:\d+, blocking-http, 1 of 1$/,
        /^Step 1 of 3: place_order calls price_of, orders\.py:\d+$/,
        /^Step 2 of 3: price_of calls ask, prices\.py:\d+$/,
        /^Step 3 of 3: ask calls requests\.get, prices\.py:\d+$/,
      ];
      for (const [index, pattern] of expected.entries()) {
        if (!pattern.test(spoken[index] ?? "")) throw new Error(`heard is "${spoken[index]}", wanted ${pattern}`);
      }
    });
    await step(stepNames.groups, async () => {
      await runCommand(page, "Loopguard: Group by Rule");
      await rows(page).filter({ hasText: "blocking-http" }).first().waitFor();
      await picture("tree-by-rule");
      await runCommand(page, "Loopguard: Group by File");
      await rows(page).filter({ hasText: "orders.py" }).first().waitFor();
      await runCommand(page, "Loopguard: Group by Function");
      await rows(page).filter({ hasText: "place_order" }).first().waitFor();
    });
    await step(stepNames.live, async () => {
      writeFileSync(join(workspace, "more.py"), "import time\n\n\nasync def nap():\n    time.sleep(1)\n");
      await rows(page).filter({ hasText: "nap" }).first().waitFor({ timeout: 15_000 });
      writeFileSync(join(workspace, "more.py"), "");
      await rows(page).filter({ hasText: "nap" }).first().waitFor({ state: "detached", timeout: 15_000 });
    });
    const settle = (settings) => {
      mkdirSync(join(workspace, ".vscode"), { recursive: true });
      writeFileSync(join(workspace, ".vscode", "settings.json"), JSON.stringify(settings));
    };
    await step(stepNames.empty, async () => {
      const says = (text) => page.locator(".welcome-view").filter({ hasText: text }).first().waitFor({ timeout: 15_000 });
      settle({ "loopguard.exclude": ["**"] });
      await says("Nothing that blocks the event loop was found");
      settle({ "loopguard.enable": false });
      await says("Loopguard is switched off");
      settle({});
      await rows(page).filter({ hasText: "place_order" }).first().waitFor({ timeout: 15_000 });
    });
    const tour = async () => {
      await runCommand(page, "Welcome: Open Walkthrough...");
      await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "Event Loop" }).first().waitFor();
      await page.keyboard.type("Keep the Event Loop");
      await page.waitForTimeout(300);
      await page.keyboard.press("Enter");
      await page.locator(".gettingStartedContainer").getByText("See what blocks").first().waitFor();
      await page.waitForTimeout(700);
    };
    await step(stepNames.tour, async () => {
      await tour();
      await picture("tour");
      await runCommand(page, "Loopguard: Open an Example");
      await page.locator(".tab.active").filter({ hasText: "Untitled" }).first().waitFor();
      await eventually(15_000, async () => {
        const count = await page.locator(".editor-instance .squiggly-warning").count();
        if (count < 2) throw new Error(`the example has ${count} findings`);
      });
    });
    await step(stepNames.contrast, async () => {
      theme = "high-contrast";
      settle({ "workbench.colorTheme": "Default High Contrast" });
      await page.locator(".monaco-workbench.hc-black").waitFor({ timeout: 15_000 });
      await goBackTo(page, "orders.py");
      await explain();
      await page.waitForTimeout(500);
      await picture("peek");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+K");
      await page.keyboard.press("Control+I");
      await page.locator(".monaco-hover:not(.hidden)").filter({ hasText: "requests.get" }).first().waitFor();
      await picture("hover");
      await page.keyboard.press("Escape");
      await eventually(15_000, async () => {
        await page.keyboard.press("Control+.");
        await page.locator(".action-widget .monaco-list-row.action").first().waitFor({ timeout: 2000 });
      });
      await picture("light-bulb");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+Shift+M");
      await page.locator(".markers-panel .monaco-list-row").first().waitFor();
      await picture("problems");
      await focusTree();
      await picture("tree");
      await tour();
      await picture("tour");
    });
  } finally {
    await open.close();
  }
}

function atLine(page, line) {
  return page
    .locator(".statusbar-item")
    .filter({ hasText: new RegExp(`Ln ${line}, Col`) })
    .first()
    .waitFor({ timeout: 10_000 });
}
