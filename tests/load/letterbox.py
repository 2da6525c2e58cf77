"""A mail server of the outside world: it takes every mail, keeps a book of them, and lives on when the shop is shot.

A mail counts from the moment before its receipt is sent. A shop that dies before it hears the receipt has to send the
mail again, under the same message id; the book keeps each copy.
"""

import email
import socketserver
import threading
from collections import Counter
from typing import Any


class Letterbox:
    """Mails by message id, with who each is for. `start` serves in a thread on a free port of this machine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._copies: Counter[str] = Counter()
        self._addressees: dict[str, str] = {}
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.letterbox = self
        self.url = f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> "Letterbox":
        threading.Thread(target=self._server.serve_forever, name="letterbox", daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def keep(self, raw: bytes) -> None:
        """Write a mail into the book."""
        letter = email.message_from_bytes(raw)
        with self._lock:
            self._copies[str(letter["Message-ID"])] += 1
            self._addressees[str(letter["Message-ID"])] = str(letter["To"])

    @property
    def copies(self) -> dict[str, int]:
        """How often each message came."""
        with self._lock:
            return dict(self._copies)

    @property
    def addressees(self) -> dict[str, str]:
        """Who each message is for."""
        with self._lock:
            return dict(self._addressees)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    letterbox: Letterbox

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever is shot in mid-sentence leaves a broken connection; that is what this is for."""


class _Talk(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321 for one client that speaks properly."""

    timeout = 60
    server: _Server

    def handle(self) -> None:
        self._say("220 letterbox")
        while line := self.rfile.readline(2000):
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                if (raw := self._letter()) is None:
                    return
                self.server.letterbox.keep(raw)
            self._say("221 bye" if verb == b"QUIT" else "250 done")
            if verb == b"QUIT":
                return

    def _letter(self) -> bytes | None:
        """The mail up to its final dot; None when the line broke before it."""
        lines: list[bytes] = []
        while line := self.rfile.readline(100_000):
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b"..") else line)
        return None

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
