/**
 * Editors that run a script of ours without a screen. The script prints one line per step, `ok KEY: NOTE` or
 * `not ok KEY: REASON` (its line breaks as \n), and gets all it needs from a JSON file.
 */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProcess } from "./processes.mjs";
import { checkFixed, samples } from "./samples.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** The steps of an editor, the last one after its script. */
export function scriptedSteps(editor) {
  return [...stepsInScript(editor).map(({ name }) => name), lastStep(editor)];
}

/** The script calls a step by its key. */
function stepsInScript(editor) {
  return [
    { key: "diagnostic", name: `${editor}: a diagnostic appears after typing` },
    { key: "hover", name: `${editor}: the hover explains the finding` },
    ...samples.map((sample) => ({ key: sample.action, name: `${editor}: the fix "${sample.name}" changes the buffer`, sample })),
  ];
}

function lastStep(editor) {
  return `${editor}: the server ends with its editor`;
}

/** Runs the editor with a script of this folder; the script writes each fixed buffer back to its file. */
export async function testScripted({ steps, editor, command, script, commandLine, server, workFolder, seconds }) {
  const folder = join(workFolder, editor.toLowerCase());
  mkdirSync(folder, { recursive: true });
  const [sleeping] = samples;
  const typed = sleeping.text.trimEnd().slice(sleeping.text.lastIndexOf("    "));
  const input = join(folder, "input.json");
  for (const sample of samples) writeFileSync(join(folder, sample.file), sample.text);
  writeFileSync(join(folder, sleeping.file), sleeping.text.slice(0, -typed.length - 1));
  writeFileSync(
    input,
    JSON.stringify({
      readme: snippetsOf(server),
      folder,
      typed,
      samples: samples.map(({ file, site, rule, primitive, action }) => ({ file, site, rule, primitive, action })),
    }),
  );

  const began = performance.now();
  const started = startProcess(command, commandLine(join(here, script), input), { cwd: folder, env: quiet(folder) });
  const outcome = await Promise.race([started.exited, later(seconds * 1000, "late")]);
  const exchange = `${((performance.now() - began) / 1000).toFixed(1)} s for the whole exchange`;
  const results = resultsIn(started.output());
  let lastWords = `; its last words:\n${started.output().trim().slice(-1500)}`;
  for (const { key, name, sample } of stepsInScript(editor)) {
    const result = results.get(key);
    if (result === undefined) {
      const reason = outcome === "late" ? `no answer within ${seconds} s` : `the editor ended with ${outcome}`;
      steps.fail(name, `${reason}${lastWords}`);
      lastWords = "";
    } else {
      await steps.run(name, 1, async () => {
        if (result.failure !== undefined) throw new Error(result.failure);
        if (sample !== undefined) checkFixed(sample, readFileSync(join(folder, sample.file), "utf8"));
        return result.note;
      });
    }
  }
  await steps.run(lastStep(editor), 10, async () => {
    if (results.size === 0) throw new Error("it was never used");
    const deadline = Date.now() + 5000;
    let left = processesIn(folder);
    while (left.length > 0 && Date.now() < deadline) {
      await later(50);
      left = processesIn(folder);
    }
    for (const { id } of left) process.kill(id, "SIGKILL");
    if (left.length > 0) throw new Error(`still running after 5 s: ${left.map(({ name }) => name).join(", ")}`);
    return exchange;
  });
  started.stop();
}

/** What the README tells users to write, by language, with the server's place in it. */
function snippetsOf(server) {
  const readme = readFileSync(join(here, "..", "..", "README.md"), "utf8");
  const of = (language) =>
    [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, code]) =>
      code.replaceAll("/path/to/loopguard/dist/loopguard.cjs", server),
    );
  return { lua: of("lua"), elisp: of("elisp") };
}

/** The processes that work in a folder: the editor and its server, as the folder is theirs alone. */
function processesIn(folder) {
  return readdirSync("/proc")
    .filter((entry) => /^[0-9]+$/.test(entry) && linkTarget(`/proc/${entry}/cwd`) === folder)
    .map((entry) => ({ id: Number(entry), name: read(`/proc/${entry}/cmdline`)?.replaceAll("\0", " ") ?? entry }));
}

function linkTarget(path) {
  try {
    return readlinkSync(path);
  } catch {
    // Gone meanwhile, or not ours.
    return undefined;
  }
}

/** An editor that reads nothing of this machine's user. */
function quiet(folder) {
  return { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, XDG_STATE_HOME: folder };
}

/** What the script said of each step, by its key. */
function resultsIn(output) {
  const results = new Map();
  for (const [, verdict, key, text] of output.matchAll(/^(not ok|ok) ([^:\r\n]*)(?:: (.*))?$/gm)) {
    const unescaped = text?.trimEnd().replaceAll("\\n", "\n") ?? "";
    results.set(key, verdict === "ok" ? { note: unescaped } : { failure: unescaped });
  }
  return results;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function later(milliseconds, value) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value));
}
