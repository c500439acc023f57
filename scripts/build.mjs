/**
 * Builds dist/: the bundle of the language server and command line, the extension's bundle, the grammar and the packed
 * knowledge. Each part is made only when one of its sources is newer. `node scripts/build.mjs [--force] [--development]`;
 * development keeps names and adds source maps.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isStale, replaceFile, root } from "./lib/files.mjs";

/** What every part depends on: the build itself and the installed packages. */
const COMMON = ["scripts/build.mjs", "node_modules/.package-lock.json"];

/** What esbuild is told for node, and for a worker. */
const IN_NODE = {
  platform: "node",
  format: "cjs",
  target: "node20",
  // The runtime's ES module asks for import.meta, which a CommonJS bundle has not.
  alias: { "web-tree-sitter": join(root, "node_modules", "web-tree-sitter", "web-tree-sitter.cjs") },
};
const IN_BROWSER = {
  platform: "browser",
  alias: {},
  format: "iife",
  target: "es2022",
  define: { "import.meta.url": "self.location.href" },
  // The runtime asks node for these, where it runs there.
  external: ["module", "fs/promises"],
};

const PARTS = [
  {
    name: "server and command line",
    outputs: ["dist/loopguard.cjs", "dist/engine.cjs"],
    sources: ["server/src", "server/package.json", "package.json", "grammars/grammar.json"],
    make: async (options) => {
      await bundle("server/src/main.ts", "dist/engine.cjs", options, {});
      await bundle("server/src/start.ts", "dist/loopguard.cjs", options, { shebang: true, external: ["./engine.cjs"] });
    },
  },
  {
    name: "browser's worker",
    outputs: ["dist/browser/loopguard.worker.js"],
    sources: ["server/src", "server/package.json", "package.json", "grammars/grammar.json"],
    make: (options) => bundle("server/src/hosts/browser.ts", "dist/browser/loopguard.worker.js", options, IN_BROWSER),
  },
  {
    name: "extension",
    outputs: ["dist/extension.cjs"],
    sources: ["client/src", "client/package.json"],
    make: (options) => bundle("client/src/extension.ts", "dist/extension.cjs", options, { external: ["vscode"] }),
  },
  {
    name: "grammar",
    outputs: ["dist/web-tree-sitter.wasm", "dist/tree-sitter-python.wasm"],
    sources: ["grammars/grammar.json"],
    make: copyGrammar,
  },
  {
    name: "knowledge",
    outputs: ["dist/knowledge.bin"],
    sources: [
      ...["base", "syntax", "facts", "knowledge"].map((folder) => `server/src/${folder}`),
      ...["scripts/build-knowledge.mts", "grammars/grammar.json"],
    ],
    make: packKnowledge,
  },
];

/**
 * Makes what is missing or stale and says so, one line per part. A part that fails does not keep the others from being
 * made; throws with all reasons at the end.
 */
export async function build(options = { force: false, development: false }) {
  const failures = [];
  for (const part of PARTS) {
    if (!options.force && !isStale(part.outputs, [...part.sources, ...COMMON])) continue;
    const start = performance.now();
    try {
      const made = await part.make(options);
      if (made !== false) console.log(`Built ${part.outputs.join(", ")} (${part.name}, ${seconds(performance.now() - start)}).`);
    } catch (error) {
      failures.push(`${part.name}: ${error.message}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join("\n"));
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/**
 * One file: CommonJS for node, unless told otherwise. A dynamic `import()` of a file of ours stays in the bundle but is evaluated only when it is
 * reached: that is how `lsp` starts without the command line and the other way round.
 */
async function bundle(entry, output, { development }, { shebang = false, define = {}, ...target }) {
  const { build: esbuild } = await import("esbuild");
  const { outputFiles, metafile, warnings } = await esbuild({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: output,
    bundle: true,
    write: false,
    metafile: true,
    ...IN_NODE,
    ...target,
    // Packages that ship UMD beside ES modules can only be bundled as the latter.
    mainFields: ["module", "main"],
    define: {
      ...define,
      "process.env.LOOPGUARD_VERSION": JSON.stringify(version()),
      "process.env.LOOPGUARD_FACTS": JSON.stringify(factsVersion()),
    },
    banner: shebang ? { js: "#!/usr/bin/env node" } : {},
    minify: !development,
    sourcemap: development ? "inline" : false,
    legalComments: "none",
    // Errors are thrown, warnings printed below.
    logLevel: "silent",
    charset: "utf8",
  });
  for (const { text, location } of warnings) console.warn(`${location?.file ?? entry}:${location?.line ?? 0}: ${text}`);
  const licenses = licensesOf(Object.keys(metafile.inputs));
  if (licenses !== "") replaceFile(join(root, output.replace(/\.c?js$/, ".licenses.txt")), licenses);
  for (const { contents } of outputFiles) replaceFile(join(root, output), contents, shebang ? 0o755 : 0o644);
}

/** A hash of all that reads facts from a text: what another build kept of a file may mean something else. */
function factsVersion() {
  const hash = createHash("sha256");
  for (const folder of ["base", "syntax", "facts"]) {
    const path = join(root, "server", "src", folder);
    for (const name of readdirSync(path).sort()) hash.update(name).update(readFileSync(join(path, name)));
  }
  // The grammar by the hashes it is pinned to.
  hash.update(readFileSync(join(root, "grammars", "grammar.json")));
  return hash.digest("hex").slice(0, 16);
}

/** The licences of the packages whose files went into a bundle: they ask to be shipped with it. */
function licensesOf(inputs) {
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []));
  return [...folders].sort().map(licenseOf).join("\n");
}

function licenseOf(folder) {
  const path = join(root, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const file = readdirSync(path).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? "" : `\n${readFileSync(join(path, file), "utf8").trim()}\n`;
  return `== ${name} ${version} (${license ?? "see below"})\n${text}`;
}

function version() {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
}

/** Copies the two wasm files after comparing package version, SHA-256 and ABI with grammars/grammar.json. */
async function copyGrammar() {
  const pinned = JSON.parse(readFileSync(join(root, "grammars", "grammar.json"), "utf8"));
  const files = Object.values(pinned).map((pin) => ({ pin, contents: readPinned(pin) }));
  await compareAbi(pinned, files);
  const licenses = files.map(({ pin }) => licenseOf(join("node_modules", pin.package))).join("\n");
  replaceFile(join(root, "dist", "grammar.licenses.txt"), licenses);
  for (const { pin, contents } of files) replaceFile(join(root, "dist", pin.file), contents);
}

function readPinned(pin) {
  const folder = join(root, "node_modules", pin.package);
  const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
  const hint = "See grammars/README.md.";
  if (found !== pin.version) throw new Error(`${pin.package} is ${found}, grammars/grammar.json pins ${pin.version}. ${hint}`);
  const contents = readFileSync(join(folder, pin.file));
  const sha256 = createHash("sha256").update(contents).digest("hex");
  if (sha256 !== pin.sha256) throw new Error(`${pin.file} has SHA-256 ${sha256}, pinned is ${pin.sha256}. ${hint}`);
  return contents;
}

async function compareAbi(pinned, [runtime, python]) {
  const { Language, Parser } = await import("web-tree-sitter");
  await Parser.init({ wasmBinary: runtime.contents });
  const { abiVersion } = await Language.load(python.contents);
  if (abiVersion !== pinned.python.abi) {
    throw new Error(`${pinned.python.file} has ABI ${abiVersion}, pinned is ${pinned.python.abi}. See grammars/README.md.`);
  }
}

/** Runs scripts/build-knowledge.mts, which reads the stubs and typeshed with the server's own extractor. */
function packKnowledge() {
  const script = join(root, "scripts", "build-knowledge.mts");
  if (!existsSync(script)) return false;
  const tsx = pathToFileURL(join(root, "node_modules", "tsx", "dist", "loader.mjs")).href;
  const { status, error } = spawnSync(process.execPath, ["--import", tsx, script], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`scripts/build-knowledge.mts failed${error ? `: ${error.message}` : "."}`);
  if (!existsSync(join(root, "dist", "knowledge.bin")))
    throw new Error("scripts/build-knowledge.mts wrote no dist/knowledge.bin.");
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await build({ force: process.argv.includes("--force"), development: process.argv.includes("--development") });
  } catch (error) {
    console.error(`The build failed: ${error.message}`);
    process.exitCode = 1;
  }
}
