/**
 * Which Python environment a folder works with, read off files in memory laid out as the tools lay them out.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { DEFAULT_CONFIGURATION } from "../../server/src/analysis/configuration.js";
import { environmentOf, installedIn, type Variables } from "../../server/src/analysis/environments.js";
import { projectRootsIn } from "../../server/src/analysis/roots.js";
import { MemoryFiles } from "../support/memory.js";

interface Looked {
  readonly python?: string;
  readonly variables?: Variables;
  readonly links?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** The environment of `/project` over files that are empty unless a text is given. */
function look(texts: readonly string[] | Readonly<Record<string, string>>, { python, variables, links, folder }: Looked = {}) {
  const files = new MemoryFiles(Array.isArray(texts) ? Object.fromEntries(texts.map((path) => [path, ""])) : { ...texts }, links);
  return environmentOf(files, folder ?? "/project", python ?? "", variables ?? {});
}

const VENV = { "/project/.venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n" };
const SITE = "/project/.venv/lib/python3.11/site-packages";

describe("Python environments", () => {
  describe("which one", () => {
    const everywhere = [
      "/named/pyvenv.cfg",
      "/named/lib/python3.12/site-packages/a.py",
      "/project/.venv/pyvenv.cfg",
      "/project/.venv/lib/python3.12/site-packages/a.py",
      "/active/pyvenv.cfg",
      "/active/lib/python3.12/site-packages/a.py",
      "/conda/lib/python3.12/site-packages/a.py",
      "/usr/bin/python3",
      "/usr/lib/python3/dist-packages/a.py",
    ];
    const variables = { VIRTUAL_ENV: "/active", CONDA_PREFIX: "/conda", PATH: "/nowhere:/usr/bin" };
    const without = (...prefixes: string[]) => everywhere.filter((path) => !prefixes.some((prefix) => path.startsWith(prefix)));
    const site = (prefix: string) => [`${prefix}/lib/python3.12/site-packages`];

    it("what is named comes first: an interpreter, or the folder of an environment", () => {
      deepEqual(look(everywhere, { python: "/named/bin/python", variables }).packageFolders, site("/named"));
      deepEqual(look(everywhere, { python: "/named", variables }).packageFolders, site("/named"));
      deepEqual(look(everywhere, { python: ".venv/bin/python", variables }).packageFolders, site("/project/.venv"));
    });

    it("then the project's own, the active one, conda's, the one that a shell starts", () => {
      deepEqual(look(everywhere, { variables }).packageFolders, site("/project/.venv"));
      deepEqual(look(without("/project"), { variables }).packageFolders, site("/active"));
      deepEqual(look(without("/project", "/active"), { variables }).packageFolders, site("/conda"));
      deepEqual(look(without("/project", "/active", "/conda"), { variables }).packageFolders, ["/usr/lib/python3/dist-packages"]);
      deepEqual(look(everywhere.slice(4)).packageFolders, []);
    });

    it("an environment further up serves the whole repository, and no other", () => {
      const folder = "/project/services/mail";
      deepEqual(look([...everywhere, "/project/.git/HEAD"], { folder }).packageFolders, site("/project/.venv"));
      deepEqual(look(everywhere, { folder }).packageFolders, []);
      deepEqual(look([...everywhere, `${folder}/.git/HEAD`], { folder }).packageFolders, []);
    });

    it("the environment that lies around the folder is no environment for it", () => {
      deepEqual(
        look(everywhere.slice(4), { folder: "/active/lib/app", variables: { VIRTUAL_ENV: "/active" } }).packageFolders,
        [],
      );
    });

    it("a starter script of a version manager stands for no environment", () => {
      const variables = { PATH: "/home/me/.pyenv/shims:/usr/bin" };
      deepEqual(look([...everywhere.slice(6), "/home/me/.pyenv/shims/python3"], { variables }).packageFolders, []);
    });
  });

  describe("layouts", () => {
    it("Windows", () => {
      const venv = ["/project/.venv/pyvenv.cfg", "/project/.venv/Lib/site-packages/a.py"];
      deepEqual(look(venv).packageFolders, ["/project/.venv/Lib/site-packages"]);
      const system = { "c:/Python312/python.exe": "", "c:/Python312/Lib/site-packages/a.py": "" };
      deepEqual(look(system, { python: "C:\\Python312\\python.exe" }).packageFolders, ["c:/Python312/Lib/site-packages"]);
      const variables = { Path: "C:\\Windows;C:\\Python312\\" };
      deepEqual(look(system, { variables }).packageFolders, ["c:/Python312/Lib/site-packages"]);
    });

    it("lib64 beside lib, once when it is a link", () => {
      const texts = ["/project/.venv/pyvenv.cfg", `${SITE}/a.py`];
      const lib64 = "/project/.venv/lib64/python3.11/site-packages";
      deepEqual(look([...texts, `${lib64}/b.py`]).packageFolders, [SITE, lib64]);
      deepEqual(look(texts, { links: { "/project/.venv/lib64": "/project/.venv/lib" } }).packageFolders, [SITE]);
    });

    it("Debian: what pip put below /usr/local, then the packages of the system, then nothing of other Pythons", () => {
      const texts = [
        "/usr/bin/python3.11",
        "/usr/lib/python3/dist-packages/a.py",
        "/usr/lib/python3.9/dist-packages/a.py",
        "/usr/local/lib/python3.11/dist-packages/a.py",
        "/usr/local/lib/python3.9/dist-packages/a.py",
        "/home/me/.local/lib/python3.11/site-packages/a.py",
      ];
      const links = { "/usr/bin/python3": "/usr/bin/python3.11" };
      const { packageFolders, version } = look(texts, { variables: { PATH: "/usr/bin", HOME: "/home/me" }, links });
      deepEqual(packageFolders, [
        "/home/me/.local/lib/python3.11/site-packages",
        "/usr/local/lib/python3.11/dist-packages",
        "/usr/lib/python3/dist-packages",
      ]);
      deepEqual(version, [3, 11]);
    });

    it("an interpreter that is a link belongs to the installation it leads to", () => {
      const framework = "/Library/Python.framework/Versions/3.12";
      const texts = [`${framework}/bin/python3.12`, `${framework}/lib/python3.12/site-packages/a.py`];
      const links = { "/usr/local/bin/python3": `${framework}/bin/python3.12` };
      const { packageFolders } = look(texts, { variables: { PATH: "/usr/local/bin" }, links });
      deepEqual(packageFolders, [`${framework}/lib/python3.12/site-packages`]);
    });

    it("the system's packages follow those of an environment that includes them", () => {
      const texts = { [`${SITE}/a.py`]: "", "/usr/lib/python3/dist-packages/a.py": "" };
      const venv = (text: string) => look({ ...texts, "/project/.venv/pyvenv.cfg": text }).packageFolders;
      deepEqual(venv("home = /usr/bin\ninclude-system-site-packages = true\n"), [SITE, "/usr/lib/python3/dist-packages"]);
      deepEqual(venv("home = /usr/bin\ninclude-system-site-packages = false\n"), [SITE]);
    });

    it("the version: as written, else as the folders are called, else the newest of them", () => {
      const both = { [`${SITE}/a.py`]: "", "/project/.venv/lib/python3.12/site-packages/a.py": "" };
      const of = (text: string) => look({ ...both, "/project/.venv/pyvenv.cfg": text });
      deepEqual(of("version = 3.11.2").version, [3, 11]);
      deepEqual(of("version_info = 3.11.2.final.0").packageFolders, [SITE]);
      deepEqual(of("").version, [3, 12]);
      deepEqual(of("").packageFolders, ["/project/.venv/lib/python3.12/site-packages"]);
    });
  });

  describe("what is broken", () => {
    it("an environment without packages is said to have none, and nothing else is taken for it", () => {
      const variables = { PATH: "/usr/bin" };
      const texts = { ...VENV, "/usr/bin/python3": "", "/usr/lib/python3/dist-packages/a.py": "" };
      const { packageFolders, problems } = look(texts, { variables });
      deepEqual(packageFolders, []);
      equal(problems.length, 1);
      equal(problems[0]?.file, "/project/.venv");
      match(problems[0]?.message ?? "", /has no folder of installed packages/);
      equal(look({ ...VENV, "/project/.venv/lib/python3.11/os.py": "" }).problems.length, 1);
    });

    it("a folder of packages that may not be read is named", () => {
      const files = new MemoryFiles({ ...VENV, [`${SITE}/a.py`]: "" });
      const list = files.list.bind(files);
      files.isDirectory = (path) => path === SITE || list(path) !== undefined;
      files.list = (path) => (path === SITE ? undefined : list(path));
      const { problems } = environmentOf(files, "/project", "", {});
      deepEqual(problems, [{ file: SITE, message: "cannot be listed; calls into its packages stay unknown" }]);
    });

    it("an interpreter that is named and not there", () => {
      const { packageFolders, problems } = look(VENV, { python: "/gone/bin/python" });
      deepEqual(packageFolders, []);
      deepEqual(problems, [{ file: "/gone/bin/python", message: "is no Python interpreter; no installed packages are read" }]);
    });

    it("a machine without Python is nothing to speak of", () => {
      deepEqual(look([], { variables: { PATH: "/usr/bin" } }).problems, []);
    });
  });

  describe("what installers leave", () => {
    const venv = (texts: Readonly<Record<string, string>>) => look({ ...VENV, [`${SITE}/a.py`]: "", ...texts });

    it("lines of .pth files that name folders, relative ones too; nothing else of them", () => {
      const { linkedFolders } = venv({
        [`${SITE}/b.pth`]: `# comment\r\n/other/src\r\n../../../../tools\r\n/gone\r\n${SITE}\r\nimport os; os.system("x")\r\n/file.py`,
        [`${SITE}/a.pth`]: "import\t_virtualenv\n/other/src\n",
        "/other/src/one.py": "",
        "/project/tools/two.py": "",
        "/file.py": "",
      });
      deepEqual(linkedFolders, ["/other/src", "/project/tools"]);
    });

    it("the mapping of an editable install is read as text", () => {
      const { mapped } = venv({
        [`${SITE}/__editable__.shop-1.0.pth`]: "import __editable___shop_1_0_finder; __editable___shop_1_0_finder.install()",
        [`${SITE}/__editable___shop_1_0_finder.py`]: [
          "from __future__ import annotations",
          "import sys",
          "MAPPING: dict[str, str] = {'shop': '/project/src/shop', \"shop_tool\": 'C:\\\\code\\\\shop_tool'}",
          "NAMESPACES: dict[str, list[str]] = {'wrong': ['/wrong']}",
          "MAPPING.update(evil())",
        ].join("\n"),
      });
      deepEqual(
        [...mapped],
        [
          ["shop", "/project/src/shop"],
          ["shop_tool", "c:/code/shop_tool"],
        ],
      );
    });

    it("what lies in the workspace is the workspace's own, outside of its environments", () => {
      const environment = venv({
        [`${SITE}/a.pth`]: "/project/libs/own\n/elsewhere\n/project/.venv/src/fork\n",
        "/project/libs/own/a.py": "",
        "/elsewhere/b.py": "",
        "/project/.venv/src/fork/c.py": "",
      });
      const installed = installedIn(environment, { path: "/project", configuration: DEFAULT_CONFIGURATION }, ["/project"]);
      deepEqual(installed.ownRoots, ["/project/libs/own"]);
      deepEqual(installed.packageFolders, [SITE, "/elsewhere", "/project/.venv/src/fork"]);
    });
  });
});

describe("roots of projects", () => {
  const roots = (texts: Readonly<Record<string, string>>) => projectRootsIn(new MemoryFiles(texts), "/repo");

  it("each project's folder and its src, nearest first, environments and packages left out", () => {
    deepEqual(
      roots({
        "/repo/pyproject.toml": "",
        "/repo/libs/mail/setup.py": "",
        "/repo/libs/mail/src/mail/__init__.py": "",
        "/repo/libs/bill/pyproject.toml": "",
        "/repo/venv/pyvenv.cfg": "",
        "/repo/venv/share/pyproject.toml": "",
        "/repo/node_modules/x/setup.py": "",
        "/repo/app/__init__.py": "",
        "/repo/app/vendored/setup.py": "",
        "/repo/a/b/c/d/pyproject.toml": "",
      }),
      ["/repo", "/repo/libs/bill", "/repo/libs/mail/src", "/repo/libs/mail"],
    );
  });

  it("what pyproject.toml tells setuptools, Poetry and pytest", () => {
    const text = [
      '[tool.setuptools.packages.find]\nwhere = ["lib"]',
      '[tool.poetry]\npackages = [{ include = "shop", from = "python" }, { include = "more" }]',
      '[tool.pytest.ini_options]\npythonpath = [".", "gone"]',
    ].join("\n");
    const texts = { "/repo/pyproject.toml": text, "/repo/lib/a.py": "", "/repo/python/b.py": "" };
    deepEqual(roots(texts), ["/repo/lib", "/repo/python", "/repo"]);
  });
});
