/**
 * `npm test`: installs and builds what is missing, then checks types, style and behaviour. `npm test -- ARGUMENTS` hands the
 * arguments to mocha (`--grep TEXT`, a file). The last line is `N passed, N failed, N skipped`; each check counts as one.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./lib/files.mjs";
import { installWhenMissing } from "./lib/install.mjs";

// What tests leave behind stays with the build.
process.env.LOOPGUARD_CACHE_DIR ??= join(root, "build", "cache");

const TESTS = "test/!(e2e)/**/*.test.ts";
const totals = { passed: 0, failed: 0, skipped: 0 };

try {
  installWhenMissing();
  await run();
} catch (error) {
  console.error(error.message);
  totals.failed++;
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;

async function run() {
  await check("build", build);
  await Promise.all([
    check("types", () => tool("typescript", "bin/tsc", ["-b", "--pretty", String(process.stdout.isTTY ?? false)])),
    check("style", () => tool("@biomejs/biome", "bin/biome", ["check", ".", ...(process.stdout.isTTY ? [] : ["--colors=off"])])),
  ]);
  await runMocha();
}

/** Runs one check, prints how it went and counts it; what a failing one wrote is printed whole. */
async function check(name, perform) {
  const start = performance.now();
  const took = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    await perform();
    totals.passed++;
    console.log(`ok      ${name} (${took()})`);
  } catch (error) {
    totals.failed++;
    console.log(`FAILED  ${name} (${took()})\n${error.message}`);
  }
}

/** Runs a package's command quietly. Throws what it wrote when it fails. */
function tool(name, file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, "node_modules", name, file), ...args], { cwd: root });
    let written = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        written += text;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => (status === 0 ? resolve() : reject(new Error(written || `${name} ended with ${status}.`))));
  });
}

function runMocha() {
  return new Promise((resolve, reject) => {
    const mocha = join(root, "node_modules", "mocha", "bin", "mocha.js");
    const given = process.argv.slice(2);
    const named = given.some((argument) => existsSync(join(root, argument)));
    const child = spawn(process.execPath, [mocha, ...given, ...(named ? [] : [TESTS])], {
      cwd: root,
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    let reported = false;
    child.on("message", (counts) => {
      reported = true;
      for (const key of Object.keys(totals)) totals[key] += counts[key];
    });
    child.on("error", reject);
    child.on("close", (status) => {
      if (!reported) reject(new Error(`mocha ended with ${status} before its tests were done.`));
      else resolve();
    });
  });
}
