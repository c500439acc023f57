/** Python programs to measure on, generated so that nothing needs to be fetched. */

/** Handlers of a plausible service: classes with async methods, sync code that they call, and things that block. */
export function serviceFile(lineCount, every) {
  const head = ["import asyncio", "import json", "import os", "import time", "", ""];
  const parts = [...head];
  for (let number = 0; parts.length < lineCount; number++) {
    const blocks = number % every === 0;
    parts.push(
      `def load_${number}(path, retries=3):`,
      "    for attempt in range(retries):",
      "        try:",
      "            with open(path) as source:",
      "                return json.load(source)",
      "        except OSError as error:",
      `            print("attempt", attempt, "failed:", error)`,
      "    return {}",
      "",
      "",
      `class Service${number}:`,
      "    def __init__(self, name, limit=10):",
      "        self.name = name",
      "        self.limit = limit",
      "        self.items = [item for item in range(limit) if item % 2]",
      "",
      "    async def fetch(self, key: str, *, timeout: float = 1.0):",
      "        await asyncio.sleep(timeout)",
      `        data = ${blocks ? `load_${number}(` : `await asyncio.to_thread(load_${number}, `}f"{self.name}/{key}.json")`,
      "        return {name: value for name, value in data.items() if value is not None}",
      "",
      "    async def refresh(self):",
      "        for item in self.items:",
      `            ${blocks ? "time.sleep" : "await asyncio.sleep"}(${1 + (number % 9)})`,
      "            if await self.fetch(str(item)):",
      "                return item",
      "        return None",
      "",
      "    async def clean(self, folder):",
      "        if self.limit > 3 and folder:",
      `            ${blocks ? "os.listdir(folder)" : "await asyncio.to_thread(os.listdir, folder)"}`,
      `        return await asyncio.gather(*(self.fetch(str(number)) for number in range(${number % 7})))`,
      "",
      "",
    );
  }
  return parts.join("\n");
}

/**
 * A workspace of `files` modules in packages of 20: each has a service whose coroutines call sync helpers of its own, of
 * the module before it, and, in one of `perHub` modules, of one hub that all of these import. Paths by text.
 */
export function workspace(files, perHub) {
  const texts = new Map();
  texts.set("core/__init__.py", "");
  texts.set("core/hub.py", hub());
  for (let number = 0; number < files; number++) {
    const folder = `package_${Math.floor(number / 20)}`;
    if (number % 20 === 0) texts.set(`${folder}/__init__.py`, "");
    texts.set(`${folder}/module_${number}.py`, moduleText(number, number % perHub === 0));
  }
  return texts;
}

function hub() {
  const parts = ["import json", "import time", "", ""];
  for (let number = 0; number < 40; number++) {
    parts.push(
      `def step_${number}(value, limit=${number}):`,
      number % 4 === 0 ? "    time.sleep(0.5)" : `    return json.dumps([value] * limit)`,
      "",
      "",
    );
  }
  parts.push(
    "class Settings:",
    "    def __init__(self, name):",
    "        self.name = name",
    "",
    "    def load(self):",
    "        with open(self.name) as source:",
    "            return json.load(source)",
    "",
    "",
    "async def watch():",
    "    time.sleep(1)",
    "",
  );
  return parts.join("\n");
}

function moduleText(number, usesHub) {
  const before = number - 1;
  const previous = `package_${Math.floor(before / 20)}.module_${before}`;
  const parts = ["import asyncio", "import logging", "from dataclasses import dataclass"];
  if (number % 20 !== 0) parts.push(`from ${previous} import prepare_${before}`);
  if (usesHub) parts.push("from core.hub import Settings, step_1, step_4");
  parts.push(
    "",
    "logger = logging.getLogger(__name__)",
    "",
    "",
    "@dataclass",
    `class Item${number}:`,
    "    name: str",
    "    size: int = 0",
    "",
    "    @property",
    "    def label(self):",
    '        return f"{self.name} ({self.size})"',
    "",
    "",
    `def prepare_${number}(items, limit=10):`,
    "    kept = [item for item in items if item.size < limit]",
    `    return ${number % 20 === 0 ? "kept" : `prepare_${before}(kept, limit)`}`,
    "",
    "",
    `class Service${number}:`,
    "    def __init__(self, name):",
    "        self.name = name",
    usesHub ? "        self.settings = Settings(name)" : "        self.settings = None",
    "        self.items = []",
    "",
    "    def describe(self):",
    '        return ", ".join(item.label for item in self.items)',
    "",
    "    async def run(self, delay: float = 1.0):",
    "        await asyncio.sleep(delay)",
    `        self.items = prepare_${number}(self.items)`,
    '        logger.info("ran %s", self.describe())',
    ...(usesHub ? ["        self.settings.load()", "        step_1(self.name)", "        step_4(self.name)"] : []),
    "        return self.items",
    "",
    "    async def add(self, name: str):",
    `        self.items.append(Item${number}(name))`,
    "        await self.run()",
    "",
  );
  return parts.join("\n");
}
