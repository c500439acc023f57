/** Emacs in batch mode with eglot, by eglot.el beside this file. eglot 1.9 resolves no actions: edits come with them. */
import { scriptedSteps, testScripted } from "./scripted.mjs";

export function emacsSteps() {
  return scriptedSteps("Emacs");
}

export function testEmacs({ steps, emacs, server, workFolder }) {
  const commandLine = (script, input) => [...["-Q", "--batch", "--eval", `(setq loopguard-input "${input}")`, "-l", script]];
  const command = emacs;
  return testScripted({ steps, editor: "Emacs", command, script: "eglot.el", commandLine, server, workFolder, seconds: 40 });
}
