/**
 * Child processes that never outlive the run: each gets a process group of its own, and groups are killed whole.
 * VS Code's server starts an extension host, which starts our server: killing only the first leaves the others spinning.
 */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const running = new Set();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    killEverything();
    process.exit(1);
  });
}
process.on("exit", killEverything);

/** Starts a command in a process group of its own. `stop()` kills the group. */
export function startProcess(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const exited = new Promise((resolve) => {
    child.on("error", (error) => {
      output += `${error.message}\n`;
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  const stop = () => {
    running.delete(stop);
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  };
  running.add(stop);
  return { child, exited, stop, output: () => output };
}

/** Runs a command to its end. Throws with the end of its output when it fails or takes longer than `seconds`. */
export async function runProcess(command, args, { seconds, ...options }) {
  const started = startProcess(command, args, options);
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("late"), seconds * 1000);
  });
  const code = await Promise.race([started.exited, late]);
  clearTimeout(timer);
  started.stop();
  if (code === 0) return started.output();
  const reason = code === "late" ? `did not end within ${seconds} s` : `ended with ${code}`;
  throw new Error(`${[command, ...args].join(" ")} ${reason}\n${started.output().slice(-2000)}`);
}

/** The first of the commands that is on the PATH. */
export function findCommand(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here; the next folder may have it.
      }
    }
  }
  return undefined;
}

function killEverything() {
  for (const stop of running) stop();
}
