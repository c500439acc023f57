/**
 * Names that no stub can speak for: what the type system, decorators of the standard library and built-in functions do to
 * a callable, and how programs ask loops, futures and executors after their state. The only code that knows names.
 */
import type { Constant } from "../facts/types.js";

export type TypingForm =
  | "optional"
  | "union"
  | "first-argument"
  | "literal"
  | "callable"
  | "type"
  | "self"
  | "any"
  | "text"
  | "tuple"
  | "generic";

const TYPING: Readonly<Record<string, TypingForm>> = {
  Optional: "optional",
  Union: "union",
  Annotated: "first-argument",
  ClassVar: "first-argument",
  Final: "first-argument",
  Required: "first-argument",
  NotRequired: "first-argument",
  ReadOnly: "first-argument",
  TypeGuard: "any",
  TypeIs: "any",
  Unpack: "any",
  Concatenate: "any",
  Literal: "literal",
  Callable: "callable",
  Type: "type",
  Self: "self",
  Any: "any",
  LiteralString: "text",
  Tuple: "tuple",
  Generic: "generic",
  Protocol: "generic",
};

/** What a symbol means in an annotation; `symbol` is `module.name`. */
export function typingForm(symbol: string): TypingForm | undefined {
  const match = /^(?:typing|typing_extensions|collections\.abc|_collections_abc)\.(\w+)$/.exec(symbol);
  if (match) return TYPING[match[1] as string];
  if (symbol === "builtins.type") return "type";
  if (symbol === "builtins.tuple") return "tuple";
  return undefined;
}

export type DecoratorForm =
  | "identity"
  | "property"
  | "cached-property"
  | "static"
  | "class"
  | "contextmanager"
  | "asynccontextmanager"
  | "cache";

const DECORATORS: Readonly<Record<string, DecoratorForm>> = {
  "builtins.property": "property",
  "builtins.staticmethod": "static",
  "builtins.classmethod": "class",
  "abc.abstractmethod": "identity",
  "abc.abstractproperty": "property",
  "abc.abstractclassmethod": "class",
  "abc.abstractstaticmethod": "static",
  "enum.property": "property",
  "types.DynamicClassAttribute": "property",
  "functools.cached_property": "cached-property",
  "functools.lru_cache": "cache",
  "functools.cache": "cache",
  "functools.wraps": "identity",
  "functools.singledispatch": "identity",
  "functools.total_ordering": "identity",
  "contextlib.contextmanager": "contextmanager",
  "contextlib.asynccontextmanager": "asynccontextmanager",
  "typing.overload": "identity",
  "typing.final": "identity",
  "typing.override": "identity",
  "typing.no_type_check": "identity",
  "typing.runtime_checkable": "identity",
  "typing.type_check_only": "identity",
  "typing_extensions.overload": "identity",
  "typing_extensions.final": "identity",
  "typing_extensions.override": "identity",
  "typing_extensions.deprecated": "identity",
  "warnings.deprecated": "identity",
};

export function decoratorForm(symbol: string): DecoratorForm | undefined {
  return Object.hasOwn(DECORATORS, symbol) ? DECORATORS[symbol] : undefined;
}

/** Built-in callables with a meaning of their own for types. */
export type CallForm = "super" | "cast" | "getattr" | "partial" | "typevar" | "type" | "newtype" | "namedtuple" | "copy-type";

const CALLS: Readonly<Record<string, CallForm>> = {
  "builtins.super": "super",
  "builtins.getattr": "getattr",
  "builtins.type": "type",
  "typing.cast": "cast",
  "typing.TypeVar": "typevar",
  "typing_extensions.TypeVar": "typevar",
  "typing.NewType": "newtype",
  "functools.partial": "partial",
  "functools.partialmethod": "partial",
  "copy.copy": "copy-type",
  "copy.deepcopy": "copy-type",
};

export function callForm(symbol: string): CallForm | undefined {
  return Object.hasOwn(CALLS, symbol) ? CALLS[symbol] : undefined;
}

/** Built-in callables that run through their argument on the spot: `list(rows)` consumes a generator. */
const CONSUMERS = new Set(
  (
    "builtins.list builtins.tuple builtins.set builtins.frozenset builtins.sum builtins.any builtins.all builtins.sorted " +
    "builtins.min builtins.max builtins.bytes builtins.bytearray builtins.dict builtins.next collections.deque collections.Counter collections.OrderedDict"
  ).split(" "),
);

/** Those of them that take no more than they need. */
export function stopsEarly(symbol: string): boolean {
  return symbol === "builtins.next" || symbol === "builtins.any" || symbol === "builtins.all";
}

export function consumesFirstArgument(symbol: string): boolean {
  return CONSUMERS.has(symbol);
}

/** `range(n)`: says how often a loop runs. */
export function countsRounds(symbol: string): boolean {
  return symbol === "builtins.range";
}

/** Iterators without an end: `itertools.count()`. */
export function neverRunsOut(symbol: string, given: number): boolean {
  return symbol === "itertools.count" || symbol === "itertools.cycle" || (symbol === "itertools.repeat" && given === 1);
}

/** Method names that consume their first argument: `", ".join(rows)`, `items.extend(rows)`. */
export function methodConsumes(className: string, method: string): boolean {
  if (className === "str" || className === "bytes") return method === "join";
  if (className === "list" || className === "deque") return method === "extend";
  return (className === "set" || className === "dict") && method === "update";
}

/** Methods of built-in containers that change the container. */
const CHANGING = new Set(
  (
    "append extend insert remove pop clear sort reverse add discard update setdefault popitem appendleft extendleft popleft " +
    "rotate difference_update intersection_update symmetric_difference_update move_to_end subtract"
  ).split(" "),
);
const CONTAINERS = new Set("list dict set deque bytearray OrderedDict defaultdict Counter".split(" "));

export function changesReceiver(className: string, method: string): boolean {
  return CONTAINERS.has(className) && CHANGING.has(method);
}

/** `super()`, which stands for the object itself. */
export function isCallOfSuper(callee: string): boolean {
  return callee === "super";
}

/** The exception by which an iterator says that it has ended. */
export const END_OF_ITERATION = "StopIteration";

/** Whether an `except` of the name takes it. */
export function takesEndOfIteration(name: string): boolean {
  return name === END_OF_ITERATION || name === "Exception" || name === "BaseException";
}

/** Built-in callables that call an argument now: its position, or its keyword. */
const CALLING: Readonly<Record<string, number | string>> = {
  "functools.reduce": 0,
  "builtins.sorted": "key",
  "builtins.min": "key",
  "builtins.max": "key",
  "list.sort": "key",
  "heapq.nlargest": "key",
  "heapq.nsmallest": "key",
};
const CALLING_NAMES = new Set(Object.keys(CALLING).map((symbol) => symbol.slice(symbol.indexOf(".") + 1)));

/** Whether what is called so may call an argument: asked of every call before its symbol is looked up. */
export function mayCallArgument(name: string): boolean {
  return CALLING_NAMES.has(name);
}

/** The argument that a built-in callable calls now: a position, or a keyword. */
export function callsArgument(symbol: string): number | string | undefined {
  return Object.hasOwn(CALLING, symbol) ? CALLING[symbol] : undefined;
}

/** What an iterator does with the arguments of the call that made it, while it is consumed. */
export interface LazyForm {
  /** The argument that it calls, by position, and its keyword. */
  readonly calls?: number;
  readonly keyword?: string;
  /** The positional arguments that it runs through: the first, and where they end. */
  readonly iterates: readonly [first: number, end?: number];
}

/** Built-in callables that give such iterators. */
const LAZY: Readonly<Record<string, LazyForm>> = {
  "builtins.map": { calls: 0, iterates: [1] },
  "builtins.filter": { calls: 0, iterates: [1] },
  "builtins.zip": { iterates: [0] },
  "builtins.enumerate": { iterates: [0] },
  "itertools.chain": { iterates: [0] },
  "itertools.islice": { iterates: [0] },
  "itertools.takewhile": { calls: 0, iterates: [1] },
  "itertools.dropwhile": { calls: 0, iterates: [1] },
  "itertools.filterfalse": { calls: 0, iterates: [1] },
  "itertools.starmap": { calls: 0, iterates: [1] },
  "itertools.groupby": { calls: 1, keyword: "key", iterates: [0, 1] },
  "itertools.accumulate": { calls: 1, keyword: "func", iterates: [0, 1] },
};
/** `iter(read, b"")` calls its first argument until that gives the second. */
const ITER_OF_CALLS: LazyForm = { calls: 0, iterates: [2] };

export function lazyForm(symbol: string, given: number): LazyForm | undefined {
  if (symbol === "builtins.iter" && given === 2) return ITER_OF_CALLS;
  return Object.hasOwn(LAZY, symbol) ? LAZY[symbol] : undefined;
}

/** Keywords by which a field of a class says what makes its value, in dataclasses and all that transform like them. */
export function makesField(keyword: string): boolean {
  return keyword === "default_factory" || keyword === "factory";
}

/** The special methods a built-in callable runs on its first argument, in the order they are tried. */
const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  "builtins.len": ["__len__"],
  "builtins.str": ["__str__", "__repr__"],
  "builtins.repr": ["__repr__"],
  "builtins.format": ["__format__", "__str__", "__repr__"],
  "builtins.bool": ["__bool__", "__len__"],
  "builtins.int": ["__int__", "__index__"],
  "builtins.float": ["__float__", "__index__"],
  "builtins.bytes": ["__bytes__"],
  "builtins.hash": ["__hash__"],
  "builtins.abs": ["__abs__"],
  "builtins.round": ["__round__"],
  "builtins.reversed": ["__reversed__"],
  "builtins.print": ["__str__", "__repr__"],
};

export function protocolOf(symbol: string): readonly string[] | undefined {
  return Object.hasOwn(PROTOCOLS, symbol) ? PROTOCOLS[symbol] : undefined;
}

/** Built-in callables that tell of their argument, whatever it is. */
export function showsArgument(symbol: string): boolean {
  return /^builtins\.(print|str|repr|format|bool|hash)$/.test(symbol);
}

/** `connection.setblocking(False)`, `connection.settimeout(0)`: from here on nothing on it waits. */
export function makesNonBlocking(method: string, argument: Constant): boolean {
  return (method === "setblocking" && !argument) || (method === "settimeout" && argument === 0);
}

/** Files that are bytes or text in memory. */
export function isMemoryFile(symbol: string): boolean {
  return /^_?io\.(?:BytesIO|StringIO)$/.test(symbol);
}

/** Classes, functions and methods that read or write the file object they are given, and no other. */
export function worksOnGivenFile(symbol: string): boolean {
  return (
    /^(?:zipfile|tarfile|gzip|bz2|lzma|wave|compression\.zstd|xml\.(?:etree\.ElementTree|dom\.minidom|sax))\.\w+$/.test(symbol) ||
    /^(?:tarfile\.TarFile\.open|xml\.etree\.ElementTree\.ElementTree\.(?:parse|write))$/.test(symbol)
  );
}

/** `sqlite3.connect(":memory:")`: a database without a file. */
export function opensInMemory(symbol: string, database: Constant | undefined): boolean {
  return database === ":memory:" && /^_?sqlite3\.(?:dbapi2\.)?(?:connect|Connection)$/.test(symbol);
}

/** Methods of archives that name a file or a folder beside the archive. */
export function reachesPaths(symbol: string): boolean {
  return /^(?:zipfile\.ZipFile\.(?:write|extract|extractall)|tarfile\.TarFile\.(?:add|extract|extractall))$/.test(symbol);
}

/** `stack.enter_context(manager)` enters its argument. */
export function entersArgument(className: string, method: string): boolean {
  return (
    method === "enter_context" && (className === "ExitStack" || className === "AsyncExitStack" || className === "_BaseExitStack")
  );
}

// ---- The state of loops, futures and executors ----

/** A module that lets a loop be started inside the running one, for the whole program, once a file calls this of it. */
export const LOOP_NESTING = { module: "nest_asyncio", start: "apply" };

/** The event loop's own modules: what is called in them needs one. */
export function isLoopModule(module: string): boolean {
  return module === "asyncio" || module.startsWith("asyncio.");
}

/** How a method, called by hand, drives a coroutine: `coroutine.__await__()` gives its iterator, `.send(None)` goes on with it. */
export function stepsByHand(method: string, args: number): "open" | "resume" | undefined {
  if (method === "__await__" && args === 0) return "open";
  return method === "send" && args === 1 ? "resume" : undefined;
}

/** Methods with which an object is itself awaitable, a coroutine or an iterator: they pass on what is done to them. */
export function isStepped(method: string): boolean {
  return ["__await__", "__iter__", "__next__", "send", "throw", "close"].includes(method);
}

/** Classes whose objects are coroutines, as annotations name them. */
export function isCoroutineType(symbol: string): boolean {
  return /^(?:typing|types|collections\.abc|_collections_abc)\.(?:Coroutine|CoroutineType)$/.test(symbol);
}

/** `loop.is_running()`. */
export function asksWhetherLoopRuns(method: string): boolean {
  return method === "is_running";
}

/** `threading.current_thread()`, `threading.get_ident()`, `current_thread().ident`, as written. */
export function namesThisThread(text: string): boolean {
  return /(^|\.)(current_thread\(\)(\.ident|\.native_id)?|get_ident\(\)|get_native_id\(\))$/.test(text);
}

/** A call that waits for somebody who debugs, by its full name. */
export function startsDebugger(name: string): boolean {
  return name === "breakpoint" || name.startsWith("pdb.");
}

/** `asyncio.get_running_loop()` and its kin, which raise where no loop runs. */
export function asksForLoop(callee: string): boolean {
  return callee === "get_running_loop" || callee === "get_event_loop";
}

/** The one of them that only ever means a loop that runs. */
export function insistsOnLoop(callee: string): boolean {
  return callee === "get_running_loop";
}

/** `asyncio.iscoroutinefunction(f)`, `inspect.iscoroutinefunction(f)`. */
export function asksForCoroutineFunction(callee: string): boolean {
  return /(^|\.)iscoroutinefunction$/.test(callee);
}

/** The executor whose workers are processes. */
export function isProcessExecutor(className: string): boolean {
  return className === "ProcessPoolExecutor";
}

/** Methods of an executor that give it work. */
export function submitsWork(method: string): boolean {
  return method === "submit" || method === "map";
}

/** Callables that, awaited, see submitted work to its end. */
export function awaitsWork(callee: string): boolean {
  return callee === "gather" || callee === "wait" || callee === "wrap_future";
}

/** Callables that, awaited, may come back before the work is done. */
export function givesUpWaiting(callee: string): boolean {
  return callee === "wait_for" || callee === "shield";
}

/** `async with asyncio.timeout(5)`, and what anyio calls it. */
export function endsWaiting(manager: string): boolean {
  return /^(timeout|timeout_at|fail_after|move_on_after|fail_at|move_on_at)$/.test(manager);
}

/** `return_when=asyncio.ALL_COMPLETED`. */
export function waitsForAll(text: string): boolean {
  return /(^|\.)ALL_COMPLETED$/.test(text);
}

/** `as_completed(futures)`: what it gives is finished. */
export function givesFinishedFutures(symbol: string): boolean {
  return /(^|\.)as_completed$/.test(symbol);
}

/** `done, pending = wait(futures)`: what the first set holds is finished. */
export function givesDoneSet(symbol: string): boolean {
  return /(^|\.)wait$/.test(symbol);
}

/** `asyncio.run_coroutine_threadsafe(coroutine, loop)`: its result comes from that loop. */
export function runsOnLoop(symbol: string): boolean {
  return /(^|\.)run_coroutine_threadsafe$/.test(symbol);
}

/** `asyncio.gather(...)`: what it gives is worth nothing until it is awaited. */
export function collectsResults(symbol: string): boolean {
  return symbol === "asyncio.gather";
}

/** What a coroutine has itself: `coroutine.close()`, `coroutine.cr_frame`. */
export function isOfCoroutines(attribute: string): boolean {
  return /^(?:close|send|throw|cr_\w+|__\w+__)$/.test(attribute);
}

/** `asyncio.wait(tasks)`. */
export function waitsForTasks(symbol: string): boolean {
  return /^asyncio\.(tasks\.)?wait$/.test(symbol);
}

/** A thread that makes a loop, or chooses one, means to run it. */
export function bringsItsOwnLoop(symbol: string): boolean {
  return /(^|\.)(new_event_loop|set_event_loop)$/.test(symbol);
}

/** The stream one writes to, and waits for. */
export const STREAM_WRITER = { name: "asyncio.StreamWriter", writes: ["write", "writelines"], drain: "drain" };

// ---- Thread locks ----

/** `lock.acquire()`. */
export function takesLock(method: string): boolean {
  return method === "acquire";
}

export function releasesLock(method: string): boolean {
  return method === "release";
}

/** Locks that a thread may take again while it holds them: they keep coroutines of one loop from nothing. */
export function mayBeTakenTwice(lock: string): boolean {
  return /\.(RLock|Condition)(\.|$)/.test(lock);
}

// ---- Cancellation ----

/** What a cancelled task gets where it waits. */
export const CANCELLATION = { module: "asyncio.exceptions", name: "CancelledError", publicName: "asyncio.CancelledError" };

/** `with contextlib.suppress(...)`. */
export function isSuppressor(className: string): boolean {
  return className === "contextlib.suppress";
}

/** `task.cancel()`. */
export function requestsCancellation(method: string): boolean {
  return method === "cancel";
}

/** A task that counts its cancellations knows what it does with them. */
export function asksForCancellation(method: string): boolean {
  return method === "uncancel" || method === "cancelling" || method === "cancelled";
}

/** Classes of what somebody else computes: awaiting it hands on their cancellation, too. */
export function isPendingResult(className: string): boolean {
  return className === "asyncio.Future" || className === "asyncio.Task";
}

/** Methods that keep what they are given, or hand it on as an exception. */
export function keepsArgument(method: string): boolean {
  return /^(append|add|put|put_nowait|send|set_exception|throw)$/.test(method);
}

/** Annotations of functions that only raise: `sys.exit`. */
export function neverReturns(annotation: string): boolean {
  return annotation === "NoReturn" || annotation === "Never";
}

/** Classes whose values are data: a copy is as good as the value, and any process can make one. */
export function isPlainData(className: string): boolean {
  return PLAIN_DATA.test(className);
}

/** Bases of Python's own that add nothing to what an object holds, or values that go to other processes. */
export function isPlainBase(className: string): boolean {
  return /^((builtins\.)?(object|int|float|str|bytes|tuple)|enum\.\w+|(typing|collections\.abc)\.\w+|abc\.ABC)$/.test(className);
}

/** A method or name by which a class says how it is copied and pickled, or makes something else of its attributes. */
export function picklesItself(name: string): boolean {
  return /^__(reduce|reduce_ex|getstate|setstate|getnewargs|getnewargs_ex|copy|deepcopy|new|getattr|getattribute|setattr)__$/.test(
    name,
  );
}

/** Decorators that leave a class what its body says. */
export function keepsFields(decorator: string): boolean {
  return /(^|\.)(dataclass|total_ordering|unique|final|runtime_checkable)$/.test(decorator);
}

/** Classes whose values belong to the process that made them: files, locks, sockets, iterators. */
export function isBoundToProcess(className: string): boolean {
  return BOUND_TO_PROCESS.test(className);
}

const PLAIN_DATA = new RegExp(
  `^(${[
    "(int|float|complex|bool|str|bytes|bytearray|list|tuple|dict|set|frozenset|range|slice)",
    "datetime\\.\\w+",
    "decimal\\.Decimal",
    "fractions\\.Fraction",
    "uuid\\.UUID",
    "pathlib\\.\\w+(\\.\\w+)?",
    "collections\\.(OrderedDict|deque|Counter)",
    "array\\.array",
    "re\\.Pattern",
  ].join("|")})$`,
);
const BOUND_TO_PROCESS = new RegExp(
  `^(${[
    "_?(io|socket|ssl|_?sqlite3|threading|_thread|queue|select|selectors|subprocess|multiprocessing|contextvars|asyncio)\\..*",
    "(concurrent\\.futures|logging|types\\.(Generator|Coroutine|Frame|Module|Traceback|Code)\\w*|weakref)(\\..*)?",
    "(memoryview|map|filter|zip|enumerate|reversed|property)",
    "(typing|collections\\.abc)\\.(Generator|Coroutine|Iterator|AsyncIterator|AsyncGenerator|Awaitable|IO|TextIO|BinaryIO)",
  ].join("|")})$`,
);
