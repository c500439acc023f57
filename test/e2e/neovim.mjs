/** Neovim without a screen, by nvim.lua beside this file. Neovim 0.7 takes pushed diagnostics and UTF-16 only. */
import { scriptedSteps, testScripted } from "./scripted.mjs";

export function neovimSteps() {
  return scriptedSteps("Neovim");
}

export function testNeovim({ steps, nvim, server, workFolder }) {
  const commandLine = (script, input) => [
    ...["--headless", "-u", "NONE", "-i", "NONE", "-n", "--cmd", `let g:loopguard_input = '${input}'`],
    // The last one: a script that breaks must not leave Neovim waiting.
    ...["-c", `luafile ${script}`, "-c", "qall!"],
  ];
  const command = nvim;
  return testScripted({ steps, editor: "Neovim", command, script: "nvim.lua", commandLine, server, workFolder, seconds: 40 });
}
