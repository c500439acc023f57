/** Counts and prints what was tried: one line each, with the time it took. */
import { stripVTControlCharacters } from "node:util";

export class Steps {
  passed = 0;
  failed = 0;
  skipped = 0;

  /**
   * Runs one step within a limit of seconds; the text it answers, else its time, stands behind the name. A failure is printed
   * and counted, not thrown. Answers whether it passed.
   */
  async run(name, limit, action) {
    const began = performance.now();
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${limit} s`)), limit * 1000);
    });
    try {
      const note = await Promise.race([action(), late]);
      const remark = note ?? `${((performance.now() - began) / 1000).toFixed(1)} s`;
      this.pass(remark === "" ? name : `${name}: ${remark}`);
      return true;
    } catch (error) {
      this.fail(name, error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  pass(name) {
    this.passed += 1;
    console.log(`ok    ${name}`);
  }

  fail(name, reason) {
    this.failed += 1;
    console.log(`FAIL  ${name}\n${stripVTControlCharacters(reason).trimEnd().replace(/^/gm, "        ")}`);
  }

  skip(name, reason) {
    this.skipped += 1;
    console.log(`skip  ${name}: ${reason}`);
  }
}
