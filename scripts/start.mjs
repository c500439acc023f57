/**
 * `npm start [-- PATHS]`: installs and builds what is missing, then checks the example project, or PATHS, and prints the
 * findings with their chains. Ends 0 when the run itself worked, whatever it found.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./lib/files.mjs";
import { installWhenMissing } from "./lib/install.mjs";

try {
  installWhenMissing();
  await build();
  process.exitCode = checkPaths(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function checkPaths(given) {
  const paths = given.length > 0 ? given : [join(root, "examples")];
  // Paths are meant from where the user stands; npm itself moves to the root.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const { status, error } = spawnSync(process.execPath, [join(root, "dist", "loopguard.cjs"), "check", ...paths], {
    cwd,
    stdio: "inherit",
  });
  if (error) throw error;
  // 1 says that there are findings: that is what the examples are for.
  return status === 1 ? 0 : (status ?? 2);
}
