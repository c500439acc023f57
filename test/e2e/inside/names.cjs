/** What is tried inside the extension host: key -> what it shows. Known inside and outside. */
const { kinds } = require("./kinds.cjs");

exports.stepNames = {
  idle: "nothing runs before a Python file is opened",
  ready: "opening a Python file brings the extension and its first finding",
  diagnostic: "a diagnostic names rule, page, path and primitive",
  hover: "the hover explains, and leads to the path",
  crossFile: "a finding appears and vanishes with an edit in another file",
  settings: "settings hold as soon as they change",
  lens: "a lens counts the coroutines, and can be switched off",
  hierarchy: "the call hierarchy says who runs on the loop",
  secondRoot: "a second root folder has its own pyproject.toml",
  untitled: "a document that is no file yet is checked",
  lineEnds: "a fix keeps Windows' line ends",
  twoEditors: "a file in two editors has one set of findings",
  otherScheme: "documents of other schemes are left alone",
  pyproject: "pyproject.toml is completed, and its mistakes are underlined",
  ...Object.fromEntries(kinds.map(({ key, title }) => [key, `the fix "${title}" does what it says`])),
};
