/**
 * The packaged extension inside VS Code's extension host, asked through the interface that extensions have: inside/tests.cjs
 * runs there, and says how each step went.
 */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "./editor.mjs";
import { prepareProfile, serve, testPageOf } from "./host.mjs";
import { stepNames } from "./inside/names.cjs";

const here = dirname(fileURLToPath(import.meta.url));
const PATIENCE = 120;

export function insideSteps() {
  return Object.values(stepNames).map(nameOf);
}

const nameOf = (name) => `Extension host: ${name}`;

export async function testInside({ steps, vsix, chromium, workFolder }) {
  const folders = ["first", "second"].map((name) => join(workFolder, name));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const workspace = join(workFolder, "test.code-workspace");
  writeFileSync(workspace, JSON.stringify({ folders: [{ path: "first" }], settings: {} }));
  const profile = join(workFolder, "profile");
  await prepareProfile(profile, vsix);
  const installed = readdirSync(join(profile, "extensions")).find((name) => name.startsWith("loopguard.loopguard"));
  const extension = join(profile, "extensions", installed);
  // Tests must lie within the extension that they test.
  const inside = join(extension, "inside");
  mkdirSync(inside);
  for (const name of ["tests.cjs", "names.cjs", "kinds.cjs"]) copyFileSync(join(here, "inside", name), join(inside, name));

  const server = await serve(profile, undefined, ["enable-smoke-test-driver"]);
  let browser;
  const said = new Map();
  let log = "";
  try {
    browser = await launchBrowser(chromium);
    const page = await browser.newPage();
    const exit = new Promise((resolve) => {
      void page.exposeFunction("codeAutomationExit", resolve);
    });
    await page.exposeFunction("codeAutomationLog", (_kind, args) => {
      const line = args.join(" ");
      log += `${line}\n`;
      for (const [, verdict, key, text] of line.matchAll(/^(not ok|ok) (\w+): (.*)$/gm)) {
        said.set(key, { failed: verdict !== "ok", text: text.replaceAll("\\n", "\n") });
      }
    });
    await page.goto(testPageOf(server.url, workspace, extension, join(inside, "tests.cjs")));
    await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, PATIENCE * 1000))]);
  } finally {
    await browser?.close().catch(() => {});
    server.stop();
  }
  for (const [key, name] of Object.entries(stepNames)) {
    const result = said.get(key);
    if (result === undefined) steps.fail(nameOf(name), `nothing was heard of it; the last words:\n${log.slice(-1500)}`);
    else if (result.failed) steps.fail(nameOf(name), result.text);
    else steps.pass(`${nameOf(name)}: ${result.text}`);
  }
}
