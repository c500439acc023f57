/** The special method behind each binary operator, without its underscores: `+` is `__add__`, reflected `__radd__`. */
export const OPERATOR_METHODS: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "truediv",
  "//": "floordiv",
  "%": "mod",
  "**": "pow",
  "@": "matmul",
  "&": "and",
  "|": "or",
  "^": "xor",
  "<<": "lshift",
  ">>": "rshift",
};

/** Methods by which containers take something in: the position of it, of its key, and whether it is run through. */
export const FILLING_METHODS: Readonly<Record<string, { readonly item: number; readonly key?: number; readonly each?: true }>> = {
  append: { item: 0 },
  appendleft: { item: 0 },
  add: { item: 0 },
  insert: { item: 1 },
  put: { item: 0 },
  put_nowait: { item: 0 },
  extend: { item: 0, each: true },
  extendleft: { item: 0, each: true },
  setdefault: { item: 1, key: 0 },
};
