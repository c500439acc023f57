/** The Python that every editor gets: what is wrong with it, which fix is chosen, and what the buffer then says. */
export const samples = [
  {
    name: "await asyncio.sleep",
    file: "wait.py",
    text: "import time\n\n\nasync def handler():\n    time.sleep(5)\n",
    /** The text the finding stands on. */
    site: "time.sleep(5)",
    rule: "blocking-sleep",
    primitive: "time.sleep",
    /** A part of the action's title. */
    action: "asyncio.sleep",
    present: ["import asyncio", "    await asyncio.sleep(5)"],
    absent: ["time.sleep"],
  },
  {
    name: "asyncio.to_thread",
    file: "clean.py",
    text: "import shutil\n\n\nasync def clean(folder):\n    shutil.rmtree(folder)\n    return folder\n",
    site: "shutil.rmtree(folder)",
    rule: "blocking-filesystem",
    primitive: "shutil.rmtree",
    action: "asyncio.to_thread",
    present: ["import asyncio", "    await asyncio.to_thread(shutil.rmtree, folder)"],
    absent: ["rmtree(folder)"],
  },
  {
    name: "requests to aiohttp",
    file: "fetch.py",
    text: "import requests\n\n\nasync def fetch(url):\n    response = requests.get(url, timeout=10)\n    return response.status_code\n",
    site: "requests.get(url, timeout=10)",
    rule: "blocking-http",
    primitive: "requests.get",
    action: "aiohttp",
    present: ["import aiohttp", "async with", "aiohttp.ClientSession(", ".status"],
    absent: ["requests.get", "status_code"],
  },
];

/** Throws when a fixed text is not what the sample wants. */
export function checkFixed(sample, text) {
  const missing = sample.present.filter((part) => !text.includes(part));
  const left = sample.absent.filter((part) => text.includes(part));
  if (missing.length === 0 && left.length === 0) return;
  const complaints = [...missing.map((part) => `lacks "${part}"`), ...left.map((part) => `still has "${part}"`)];
  throw new Error(`the buffer ${complaints.join(", ")}:\n${text}`);
}
