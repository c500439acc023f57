/**
 * Where a fix puts an import, and how it writes names that are there already.
 */
import { equal } from "node:assert/strict";
import { applyEdits, importEdit, referenceTo } from "../../server/src/features/fixes/text/edits.js";
import { readSource } from "../../server/src/features/fixes/text/source.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { loadForTests } from "../support/host.js";

describe("imports of fixes", () => {
  let grammar: Grammar;

  before(async () => {
    ({ grammar } = await loadForTests());
  });

  function inserted(text: string, line: string, neighbour?: string): string {
    return applyEdits(text, [importEdit(readSource(grammar, text), line, neighbour)]);
  }

  const places: readonly (readonly [name: string, text: string, expected: string])[] = [
    ["an empty module", "x = 1\n", "import asyncio\n\nx = 1\n"],
    ["before a definition", "def f():\n    pass\n", "import asyncio\n\n\ndef f():\n    pass\n"],
    ["a docstring", '"""Doc."""\n\nx = 1\n', '"""Doc."""\n\nimport asyncio\n\nx = 1\n'],
    ["a docstring that touches the code", '"""Doc."""\nx = 1\n', '"""Doc."""\n\nimport asyncio\n\nx = 1\n'],
    ["a docstring before a definition", '"""Doc."""\n\ndef f(): pass\n', '"""Doc."""\n\nimport asyncio\n\n\ndef f(): pass\n'],
    [
      "__future__",
      "from __future__ import annotations\n\nx = 1\n",
      "from __future__ import annotations\n\nimport asyncio\n\nx = 1\n",
    ],
    [
      "a shebang and an encoding",
      "#!/bin/python\n# coding: utf-8\nx = 1\n",
      "#!/bin/python\n# coding: utf-8\nimport asyncio\n\nx = 1\n",
    ],
    ["a licence", "# Licence\n# of this\n\nx = 1\n", "# Licence\n# of this\n\nimport asyncio\n\nx = 1\n"],
    ["a comment on the first statement", "# the x\nx = 1\n", "import asyncio\n\n# the x\nx = 1\n"],
    ["a sorted group", "import abc\nimport os\n", "import abc\nimport asyncio\nimport os\n"],
    ["the end of a sorted group", "import abc\nfrom os import path\n", "import abc\nimport asyncio\nfrom os import path\n"],
    ["a group of from-imports", "from os import path\n\nx = 1\n", "import asyncio\nfrom os import path\n\nx = 1\n"],
    ["an unsorted group", "import os\nimport abc\n\nx = 1\n", "import os\nimport abc\nimport asyncio\n\nx = 1\n"],
    ["the first of two groups", "import os\n\nimport requests\n", "import asyncio\nimport os\n\nimport requests\n"],
    [
      "an import over several lines",
      "from os import (\n    path,  # p\n)\n\nx = 1\n",
      "import asyncio\nfrom os import (\n    path,  # p\n)\n\nx = 1\n",
    ],
    ["two imports on a line", "import abc; import os\nx = 1\n", "import abc; import os\nimport asyncio\nx = 1\n"],
    ["CRLF", "import os\r\n\r\nx = 1\r\n", "import asyncio\r\nimport os\r\n\r\nx = 1\r\n"],
    ["no line end at the end", "import abc", "import abc\nimport asyncio"],
    ["a byte order mark", "\ufeffx = 1\n", "\ufeffimport asyncio\n\nx = 1\n"],
  ];
  for (const [name, text, expected] of places) {
    it(`go behind what a module begins with: ${name}`, () => equal(inserted(text, "import asyncio"), expected));
  }

  const groups: readonly (readonly [name: string, text: string, line: string, expected: string])[] = [
    ["packages only", "import pytest\n\nx = 1\n", "import asyncio", "import asyncio\n\nimport pytest\n\nx = 1\n"],
    [
      "packages below __future__",
      "from __future__ import annotations\n\nimport yaml\n",
      "import asyncio",
      "from __future__ import annotations\n\nimport asyncio\n\nimport yaml\n",
    ],
    ["relative imports only", "from . import x\n", "import aiofiles", "import aiofiles\n\nfrom . import x\n"],
    [
      "the standard library only",
      "import os\nimport re\n\nx = 1\n",
      "import aiofiles",
      "import os\nimport re\n\nimport aiofiles\n\nx = 1\n",
    ],
    [
      "both",
      "import os\n\nimport yaml\n\nimport mine\n",
      "import aiofiles",
      "import os\n\nimport aiofiles\nimport yaml\n\nimport mine\n",
    ],
    [
      "one mixed group",
      "import os\nimport yaml\nfrom x import y\n",
      "import asyncio",
      "import asyncio\nimport os\nimport yaml\nfrom x import y\n",
    ],
    [
      "packages behind a comment",
      "# yaml first\nimport yaml\n",
      "import asyncio",
      "# yaml first\nimport asyncio\n\nimport yaml\n",
    ],
  ];
  for (const [name, text, line, expected] of groups) {
    it(`go into a group of their kind: ${name}`, () => equal(inserted(text, line), expected));
  }

  it("go into the group of a neighbour", () => {
    const text = "import os\n\nimport requests\nimport yaml\n\nfrom . import x\n";
    equal(
      inserted(text, "import aiohttp", "requests"),
      "import os\n\nimport aiohttp\nimport requests\nimport yaml\n\nfrom . import x\n",
    );
  });

  /** How `asyncio.sleep` is written at the call of `here`, and the first line of the text that makes it so. */
  function written(text: string): string {
    const source = readSource(grammar, text);
    const site = (source.scopes.mentions.get("here") ?? [])[0] as number;
    const reference = referenceTo(source, site, "asyncio", "sleep");
    return reference ? `${reference.text} | ${reference.edits.map((edit) => edit.text.trim()).join()}` : "none";
  }

  const names: readonly (readonly [name: string, text: string, expected: string])[] = [
    ["an import", "import asyncio\nasync def f():\n    here()\n", "asyncio.sleep | "],
    ["a submodule's import", "import asyncio.subprocess\nasync def f():\n    here()\n", "asyncio.sleep | "],
    ["an alias", "import asyncio as aio\nasync def f():\n    here()\n", "aio.sleep | "],
    ["a name", "from asyncio import gather, sleep as nap\nasync def f():\n    here()\n", "nap | "],
    ["another name only", "from asyncio import gather\nasync def f():\n    here()\n", "asyncio.sleep | import asyncio"],
    ["an import in the function", "async def f():\n    import asyncio\n    here()\n", "asyncio.sleep | "],
    ["an import below", "async def f():\n    here()\n    import asyncio\n", "aio.sleep | import asyncio as aio"],
    [
      "an import on a condition",
      "async def f():\n    if x:\n        import asyncio\n    here()\n",
      "aio.sleep | import asyncio as aio",
    ],
    [
      "an import for type checkers",
      "if TYPE_CHECKING:\n    import asyncio\nasync def f():\n    here()\n",
      "asyncio.sleep | import asyncio",
    ],
    ["a parameter", "import asyncio\nasync def f(asyncio):\n    here()\n", "aio.sleep | import asyncio as aio"],
    ["a module variable", "asyncio = 1\nasync def f():\n    here()\n", "aio.sleep | import asyncio as aio"],
    ["both names taken", "asyncio = aio = 1\nasync def f():\n    here()\n", "none"],
    [
      "a name bound twice",
      "from time import sleep\nfrom asyncio import sleep\nasync def f():\n    here()\n",
      "asyncio.sleep | import asyncio",
    ],
    [
      "a local of another function",
      "import asyncio\ndef g():\n    asyncio = 1\nasync def f():\n    here()\n",
      "asyncio.sleep | ",
    ],
    [
      "a global declaration",
      "import asyncio\ndef g():\n    global asyncio\n    asyncio = 1\nasync def f():\n    here()\n",
      "aio.sleep | import asyncio as aio",
    ],
    [
      "a class attribute",
      "import asyncio\nclass A:\n    asyncio = 1\n    async def f(self):\n        here()\n",
      "asyncio.sleep | ",
    ],
    [
      "a comprehension's variable",
      "import asyncio\nasync def f():\n    [here() for asyncio in x]\n",
      "aio.sleep | import asyncio as aio",
    ],
  ];
  for (const [name, text, expected] of names) {
    it(`reuse what is bound and clash with nothing: ${name}`, () => equal(written(text), expected));
  }
});
