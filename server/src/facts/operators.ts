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

/** The special methods that comparing tries, with underscores. */
export const COMPARISON_METHODS: Readonly<Record<string, readonly string[]>> = {
  "==": ["__eq__"],
  "!=": ["__ne__", "__eq__"],
  "<": ["__lt__"],
  "<=": ["__le__"],
  ">": ["__gt__"],
  ">=": ["__ge__"],
};

/** The special methods of operators with one operand. */
export const UNARY_METHODS: Readonly<Record<string, string>> = { "-": "__neg__", "+": "__pos__", "~": "__invert__" };
