"""A slow HTTP server on 127.0.0.1 for the programs of the fix tests. Prints its port; ends when its input ends."""

import json
import sys
import threading
import time
from email import message_from_string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

DELAY = 0.15
SHOWN = ("Content-Type", "X-Token", "Authorization", "Cookie")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        time.sleep(DELAY)
        url = urlsplit(self.path)
        name = url.path.strip("/").split("/")[0]
        getattr(self, f"answer_{name}", self.answer_echo)(url, body)

    def answer_echo(self, url, body):
        seen = {
            "method": self.command,
            "path": url.path,
            "query": parse_qsl(url.query, keep_blank_values=True),
            "headers": {name: self.headers[name] for name in SHOWN if name in self.headers},
            "body": parse_qsl(body) if "urlencoded" in self.headers.get("Content-Type", "") else body,
        }
        self.answer(200, json.dumps(seen).encode(), "application/json")

    def answer_status(self, url, body):
        self.answer(int(url.path.rsplit("/", 1)[1]), b'{"error": "no"}', "application/json")

    def answer_text(self, url, body):
        self.answer(200, "grüß dich".encode(), "text/plain; charset=utf-8")

    def answer_plain_json(self, url, body):
        self.answer(200, b'{"plain": true}', "text/plain; charset=utf-8")

    def answer_broken(self, url, body):
        self.answer(200, b'{"broken": ', "application/json")

    def answer_empty(self, url, body):
        self.answer(200, b"", "application/json")

    def answer_bytes(self, url, body):
        self.answer(200, bytes(range(256)) * 400, "application/octet-stream")

    def answer_parts(self, url, body):
        head = f"Content-Type: {self.headers['Content-Type']}\n\n"
        parts = message_from_string(head + body).get_payload()
        seen = [[*(part.get_param(key, header="Content-Disposition") for key in ("name", "filename")), part.get_payload().strip()] for part in parts]
        self.answer(200, json.dumps(seen).encode(), "application/json")

    def answer_latin(self, url, body):
        self.answer(200, "grüß".encode("latin-1"), "text/html")

    def answer_login(self, url, body):
        self.send_response(302)
        self.send_header("Set-Cookie", "session=s1; Path=/")
        self.send_header("Location", "/echo?in=1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_twice(self, url, body):
        self.send_response(200)
        self.send_header("X-Part", "a")
        self.send_header("X-Part", "b")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def answer_notmodified(self, url, body):
        self.send_response(304)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_drop(self, url, body):
        self.close_connection = True
        self.connection.close()

    def answer_hops(self, url, body):
        left = int(url.path.rsplit("/", 1)[1])
        self.send_response(302)
        self.send_header("Location", f"/hops/{left - 1}" if left > 1 else "/echo/end")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_lines(self, url, body):
        self.answer(200, '{"a": 1}\r\n\n{"b": "grüß  "}\n'.encode() + b'"' + b"x" * 300_000 + b'"\n\n{}', "application/json")

    def answer_redirect(self, url, body):
        self.send_response(302)
        self.send_header("Location", "/echo?redirected=1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_cookie(self, url, body):
        self.send_response(204)
        self.send_header("Set-Cookie", f"taste={url.path.rsplit('/', 1)[1]}; Path=/")
        self.end_headers()

    def answer_stuck(self, url, body):
        time.sleep(2)
        self.answer(200, b"late", "text/plain; charset=utf-8")

    def answer(self, status, content, content_type):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Server", "slow")
        self.end_headers()
        try:
            self.wfile.write(b"" if self.command == "HEAD" else content)
        except BrokenPipeError:
            pass  # the program did not wait for it

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_any

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        # Programs that do not read to the end are no news.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
