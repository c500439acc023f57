/**
 * Rules about the code itself: which layer may import which, where libraries may be named, and what no file may hold.
 * They are read from the text, so that a layer cannot be crossed unnoticed.
 */
import { deepEqual, equal } from "node:assert/strict";
import { homedir } from "node:os";
import { posix } from "node:path";
import verified from "../../server/src/knowledge/verified.json";
import { importsOf, projectRoot, type SourceFile, sourceFiles, stringLiteralsOf } from "../support/project.js";

const CORE = ["base", "syntax", "facts", "knowledge", "link", "analysis"];

/** Folder of server/src -> folders it may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(CORE.map((folder, index) => [folder, CORE.slice(0, index)])),
  features: CORE,
  report: CORE,
  platform: CORE,
  lsp: [...CORE, "features"],
  hosts: [...CORE, "features", "lsp", "platform"],
  cli: [...CORE, "features", "report", "platform"],
  "main.ts": ["hosts", "cli"],
  "start.ts": ["platform"],
};

const TOUCHES_NODE = ["platform", "hosts", "cli", "main.ts", "start.ts"];
const SPEAKS_PROTOCOL = ["lsp", "hosts"];

const server = sourceFiles("server/src", /\.ts$/);
const typescript = [...server, ...sourceFiles("client/src", /\.ts$/), ...sourceFiles("test", /\.ts$/)];
const everything = sourceFiles(".", /\.(ts|mts|mjs|cjs|js|json|md|py|pyi|toml|yml|yaml|el|lua|sh)$|\/run$/);

/** First folder below server/src, or the file's name when it stands there itself. */
function layerOf(path: string): string {
  return path.split("/")[2] as string;
}

/** `file: what` for every offence; an empty list is the expectation everywhere below. */
function offences(files: readonly SourceFile[], find: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => find(file).map((what) => `${file.path}: ${what}`));
}

describe("tidy", () => {
  it("every folder of the server has a place in the layers", () => {
    deepEqual(
      [...new Set(server.map(({ path }) => layerOf(path)))].filter((layer) => !(layer in MAY_IMPORT)),
      [],
    );
  });

  it("a file imports from its own folder or from layers below", () => {
    const found = offences(server, (file) => {
      const own = layerOf(file.path);
      const allowed = [own, ...(MAY_IMPORT[own] ?? [])];
      return (
        importsOf(file)
          // What the build makes beside it is no source.
          .filter(({ target }) => target.startsWith(".") && !target.endsWith(".cjs"))
          .map(({ target }) => posix.join(posix.dirname(file.path), target))
          .filter((target) => !target.startsWith("server/src/") || !allowed.includes(layerOf(target)))
      );
    });
    deepEqual(found, []);
  });

  it("relative imports name the file with .js", () => {
    const found = offences([...server, ...sourceFiles("test/unit", /\.ts$/), ...sourceFiles("test/support", /\.ts$/)], (file) =>
      importsOf(file)
        .map(({ target }) => target)
        .filter((target) => target.startsWith(".") && !/\.(js|json|cjs|mjs|mts)$/.test(target)),
    );
    deepEqual(found, []);
  });

  it("only syntax starts web-tree-sitter; facts may name its Tree type", () => {
    const found = offences(server, (file) =>
      importsOf(file)
        .filter(({ target }) => target === "web-tree-sitter")
        .filter(({ typeOnly }) => layerOf(file.path) !== "syntax" && !(typeOnly && file.path === "server/src/facts/file.ts"))
        .map(({ target }) => target),
    );
    deepEqual(found, []);
  });

  it("only lsp, hosts and the client import vscode-*", () => {
    const found = offences(server, (file) =>
      importsOf(file)
        .map(({ target }) => target)
        .filter((target) => target.startsWith("vscode") && !SPEAKS_PROTOCOL.includes(layerOf(file.path))),
    );
    deepEqual(found, []);
  });

  it("only platform, hosts, cli, main.ts and start.ts touch node", () => {
    const found = offences(server, (file) =>
      importsOf(file)
        .map(({ target }) => target)
        .filter((target) => target.startsWith("node:") && !TOUCHES_NODE.includes(layerOf(file.path))),
    );
    deepEqual(found, []);
  });

  it("platform is imported by hosts, cli and start.ts only", () => {
    deepEqual(
      Object.keys(MAY_IMPORT).filter((layer) => MAY_IMPORT[layer]?.includes("platform")),
      ["hosts", "cli", "start.ts"],
    );
  });

  it("libraries are named in knowledge, link/special.ts, fixes and the rules' examples only", () => {
    const libraries = Object.keys(verified);
    const mayName = /^server\/src\/(knowledge\/stubs\/|link\/special\.ts$|features\/fixes\/|base\/rules\.ts$)/;
    const found = offences(
      server.filter(({ path }) => !mayName.test(path)),
      (file) =>
        stringLiteralsOf(file).filter((text) => libraries.some((library) => text === library || text.startsWith(`${library}.`))),
    );
    deepEqual(found, []);
  });

  it("there are no default exports", () => {
    deepEqual(
      offences(typescript, ({ text }) => text.match(/^export default\b.*$/gm) ?? []),
      [],
    );
  });

  it("every TypeScript file and script opens by saying what it is for", () => {
    const files = [...typescript, ...sourceFiles("scripts", /\.(mjs|mts|cjs)$/)];
    deepEqual(
      offences(files, ({ text }) => (/^(#!.*\n)?\/\*\*\s+(\* )?\S/.test(text) ? [] : ["no opening comment"])),
      [],
    );
  });

  it("no file is called utils or helpers, and none postpones work", () => {
    deepEqual(
      everything
        .map(({ path }) => path)
        .filter((path) => !path.endsWith(".pyi") && /(^|\/)(utils?|helpers?|misc)(\.|\/)/i.test(path)),
      [],
    );
    const later = new RegExp(
      `\\b(${["TO", "FIX", "XX"].map((start, index) => start + ["DO", "ME", "X"][index]).join("|")})\\b`,
      "g",
    );
    deepEqual(
      offences(everything, ({ text }) => text.match(later) ?? []),
      [],
    );
  });

  it("lock files name no registry", () => {
    const locks = sourceFiles(".", /package-lock\.json$/);
    equal(locks.length > 0, true);
    deepEqual(
      offences(locks, ({ text }) => (text.includes('"resolved": "http') ? ["resolved addresses"] : [])),
      [],
    );
  });

  it("no file names a place on somebody's machine", () => {
    // A root or home as short as `/app` could stand in an example by chance.
    const places = [projectRoot, homedir()].filter((place) => place.split(/[\\/]/).length > 2).map((place) => `${place}/`);
    deepEqual(
      offences(everything, ({ text }) => places.filter((place) => text.includes(place))),
      [],
    );
  });
});
