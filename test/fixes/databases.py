"""Small stand-ins for databases, in threads of the program that talks to them: as much of Redis and of PostgreSQL as the
programs of the fix tests use. What mentions `slow` is answered late.
"""

import fnmatch
import re
import socket
import sqlite3
import struct
import threading
import time

DELAY = 0.15


def listen(serve):
    """Serves each connection in a thread of its own. Answers the port."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


class Redis:
    """Strings, hashes, lists, scans, transactions, channels and the script that releases a lock."""

    def __init__(self):
        self.data = {}
        self.channels = {}
        self.lock = threading.Lock()

    def serve(self, connection):
        stream = connection.makefile("rb")
        queue = None
        while True:
            words = read_words(stream)
            if words is None:
                for followers in self.channels.values():
                    followers.discard(connection)
                connection.close()
                return
            if any(b"slow" in word for word in words):
                time.sleep(DELAY)
            name, *arguments = words
            name = name.upper().decode()
            if name == "MULTI":
                queue, answer = [], "OK"
            elif name == "EXEC":
                answer, queue = [self.do(connection, *each) for each in queue], None
            elif queue is not None:
                queue.append((name, arguments))
                answer = "QUEUED"
            else:
                answer = self.do(connection, name, arguments)
            connection.sendall(encode(answer))

    def do(self, connection, name, arguments):
        with self.lock:
            try:
                return getattr(self, f"do_{name.lower()}")(connection, *arguments)
            except AttributeError:
                return Exception(f"ERR unknown command '{name}'")

    def do_ping(self, connection):
        return "PONG"

    def do_select(self, connection, number):
        return "OK"

    def do_client(self, connection, *words):
        return "OK"

    def do_set(self, connection, key, value, *options):
        if b"NX" in options and key in self.data:
            return None
        self.data[key] = value
        return "OK"

    def do_get(self, connection, key):
        value = self.data.get(key)
        return Exception("WRONGTYPE not a string") if isinstance(value, (dict, list)) else value

    def do_del(self, connection, *keys):
        return sum(self.data.pop(key, None) is not None for key in keys)

    def do_incrby(self, connection, key, amount):
        self.data[key] = str(int(self.data.get(key, 0)) + int(amount)).encode()
        return int(self.data[key])

    def do_expire(self, connection, key, seconds):
        return int(key in self.data)

    def do_hset(self, connection, key, *pairs):
        self.data.setdefault(key, {}).update(zip(pairs[::2], pairs[1::2]))
        return len(pairs) // 2

    def do_hgetall(self, connection, key):
        return [each for pair in self.data.get(key, {}).items() for each in pair]

    def do_rpush(self, connection, key, *values):
        self.data.setdefault(key, []).extend(values)
        return len(self.data[key])

    def do_lrange(self, connection, key, start, end):
        return self.data.get(key, [])[int(start) :][: None if int(end) < 0 else int(end) + 1]

    def do_blpop(self, connection, key, timeout):
        return [key, self.data[key].pop(0)] if self.data.get(key) else None

    def do_scan(self, connection, cursor, *options):
        pattern = options[1] if options and options[0].upper() == b"MATCH" else b"*"
        return [b"0", sorted(key for key in self.data if fnmatch.fnmatch(key.decode(), pattern.decode()))]

    def do_script(self, connection, word, text):
        return b"0" * 40

    def do_evalsha(self, connection, script, count, key, token, *arguments):
        return int(self.data.get(key) == token and self.data.pop(key, None) is not None)

    def do_subscribe(self, connection, channel):
        self.channels.setdefault(channel, set()).add(connection)
        return [b"subscribe", channel, 1]

    def do_unsubscribe(self, connection, *channels):
        return [b"unsubscribe", channels[0] if channels else None, 0]

    def do_publish(self, connection, channel, text):
        for follower in self.channels.get(channel, ()):
            follower.sendall(encode([b"message", channel, text]))
        return len(self.channels.get(channel, ()))


def read_words(stream):
    head = stream.readline()
    if not head:
        return None
    words = []
    for _ in range(int(head[1:])):
        length = int(stream.readline()[1:])
        words.append(stream.read(length + 2)[:-2])
    return words


def encode(value):
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, str):
        return b"+%b\r\n" % value.encode()
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, bytes):
        return b"$%d\r\n%b\r\n" % (len(value), value)
    if isinstance(value, Exception):
        return b"-%b\r\n" % str(value).encode()
    return b"*%d\r\n" % len(value) + b"".join(map(encode, value))


class Postgres:
    """The protocol of PostgreSQL in front of SQLite: text and whole numbers."""

    def __init__(self, path):
        self.path = path

    def serve(self, connection):
        stream = connection.makefile("rb")
        while True:
            (size,) = struct.unpack("!i", stream.read(4))
            body = stream.read(size - 4)
            if struct.unpack("!i", body[:4])[0] != 80877103:
                break
            connection.sendall(b"N")  # no TLS
        settings = {"server_version": "15.0", "client_encoding": "UTF8", "standard_conforming_strings": "on", "TimeZone": "UTC"}
        hello = message(b"R", struct.pack("!i", 0))
        for name, value in settings.items():
            hello += message(b"S", text(name) + text(value))
        connection.sendall(hello + message(b"K", struct.pack("!ii", 1, 1)) + message(b"Z", b"I"))
        session = Session(self.path)
        while True:
            kind = stream.read(1)
            if kind in (b"", b"X"):
                session.close()
                connection.close()
                return
            (size,) = struct.unpack("!i", stream.read(4))
            answer = session.answer(kind, stream.read(size - 4))
            if answer:
                connection.sendall(answer)


class Session:
    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)
        self.state = b"I"
        self.failed = False
        self.query = ""
        self.values = []

    def close(self):
        self.database.close()

    def answer(self, kind, body):
        if kind == b"Q":
            statements = [each for each in body[:-1].decode().split(";") if each.strip()]
            answers = b"".join(self.run(each, []) for each in statements)
            self.failed = False
            return answers + message(b"Z", self.state)
        if kind == b"S":
            self.failed = False
            return message(b"Z", self.state)
        if self.failed:
            return b""
        if kind == b"P":
            self.query = body.split(b"\0")[1].decode()
            return message(b"1", b"")
        if kind == b"B":
            self.values = parameters(body)
            return message(b"2", b"")
        if kind == b"D":
            return b""
        if kind == b"E":
            return self.run(self.query, self.values)
        return b""

    def run(self, query, values):
        if "slow" in query or "slow" in values:
            time.sleep(DELAY)
        word = query.strip().split(" ", 1)[0].rstrip(";").upper()
        if word == "DEALLOCATE":
            return message(b"C", text(word))
        try:
            cursor = self.database.execute(re.sub(r"\$(\d+)", r"?\1", query), values)
            rows = cursor.fetchall()
        except sqlite3.Error as error:
            self.failed = True
            self.state = b"E" if self.state == b"T" else self.state
            fields = {b"S": "ERROR", b"V": "ERROR", b"C": "42P01" if "no such table" in str(error) else "42601", b"M": str(error)}
            return message(b"E", b"".join(code + text(value) for code, value in fields.items()) + b"\0")
        states = {"BEGIN": b"T", "COMMIT": b"I", "ROLLBACK": b"T" if " TO " in query.upper() else b"I"}
        self.state = states.get(word, self.state)
        count = len(rows) if cursor.description else max(cursor.rowcount, 0)
        tag = f"INSERT 0 {count}" if word == "INSERT" else f"{word} {count}"
        answer = b""
        if cursor.description:
            answer += described_columns([name for name, *_ in cursor.description], rows)
            for row in rows:
                cells = [b"\xff\xff\xff\xff" if cell is None else sized(str(cell).encode()) for cell in row]
                answer += message(b"D", struct.pack("!h", len(row)) + b"".join(cells))
        return answer + message(b"C", text(tag))


def described_columns(names, rows):
    body = struct.pack("!h", len(names))
    for index, name in enumerate(names):
        is_number = bool(rows) and all(isinstance(row[index], int) for row in rows)
        body += text(name) + struct.pack("!ihihih", 0, 0, 20 if is_number else 25, -1, -1, 0)
    return message(b"T", body)


def parameters(body):
    at = body.index(b"\0", body.index(b"\0") + 1) + 1
    (formats,) = struct.unpack("!h", body[at : at + 2])
    codes = struct.unpack(f"!{formats}h", body[at + 2 : at + 2 + 2 * formats])
    at += 2 + 2 * formats
    (count,) = struct.unpack("!h", body[at : at + 2])
    at += 2
    values = []
    for index in range(count):
        (size,) = struct.unpack("!i", body[at : at + 4])
        cell = body[at + 4 : at + 4 + max(size, 0)]
        at += 4 + max(size, 0)
        is_binary = bool(codes) and codes[index if len(codes) > 1 else 0] == 1
        values.append(None if size < 0 else int.from_bytes(cell, "big", signed=True) if is_binary else cell.decode())
    return values


def message(kind, body):
    return kind + sized(body, 4)


def sized(body, more=0):
    return struct.pack("!i", len(body) + more) + body


def text(value):
    return value.encode() + b"\0"
