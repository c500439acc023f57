/**
 * What `loopguard.cjs` holds: the engine is loaded beside a cache of its compiled code, so that only the first start pays for
 * compiling it. Must stay small: it is compiled at every start. A thread that only watches the other loads no engine.
 */
import * as module from "node:module";
import { join } from "node:path";
import { isMainThread, workerData } from "node:worker_threads";
import { cacheFolder } from "./platform/folders.js";
import { watch } from "./platform/watchdog.js";

/** Node 22 has it; it does nothing where the folder cannot be written. */
const { enableCompileCache } = module as { readonly enableCompileCache?: (folder: string) => unknown };
if (!isMainThread && workerData?.role === "watch") watch(workerData);
else {
  // A folder that somebody names may be shared, and nobody's code is run here but our own.
  if (!process.env.LOOPGUARD_CACHE_DIR) enableCompileCache?.(join(cacheFolder(), "code"));
  require("./engine.cjs");
}
