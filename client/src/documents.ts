/** Which documents the extension speaks for: the one list that the server and the status entry share. */
export const pythonDocuments = [
  { language: "python", scheme: "file" },
  { language: "python", scheme: "untitled" },
];
