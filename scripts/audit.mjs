/**
 * `npm run audit`: asks the registry for advisories about the packages that are shipped. Ends with 1 when there is one; where the registry
 * does not answer, as on a machine without a network, that is said and is no failure.
 */
import { spawnSync } from "node:child_process";
import { root } from "./lib/files.mjs";

const flags = ["audit", "--omit=dev", "--json", "--fetch-retries=0", "--fetch-timeout=20000"];
const { stdout, error } = spawnSync("npm", flags, {
  cwd: root,
  encoding: "utf8",
  shell: process.platform === "win32",
  timeout: 60_000,
});
const answer = parsed(stdout);
if (answer?.metadata?.vulnerabilities === undefined) {
  console.log(`The registry gave no advisories: ${answer?.message ?? error?.message ?? "no answer"}`);
} else {
  const { total } = answer.metadata.vulnerabilities;
  for (const { name, severity, range } of Object.values(answer.vulnerabilities ?? {}))
    console.log(`${severity}: ${name} ${range}`);
  console.log(`${total} advisories about what is shipped.`);
  process.exitCode = total > 0 ? 1 : 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
