"""Starting the sandbox: `run` for a process of its own, `Sandbox` for tests that want one in a thread."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final

from granian.constants import Interfaces
from granian.server.embed import Server

from .app import create_app
from .book import Book
from .deliveries import Deliverer
from .verbs import create_endpoint

DEFAULT_KEY: Final = "sk_test_storekeep_sandbox"
DEFAULT_PORT: Final = 8401


def free_port(host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def register_webhook(book: Book, url: str, secret: str | None) -> str:
    """Make sure that `url` gets every event, signed with `secret` (or with the one it has); returns the secret."""
    with book.transaction() as tx:
        row = tx.one("SELECT id, secret FROM endpoint WHERE url = ?", url)
        if row is None:
            return str(create_endpoint(tx, {"url": url, "enabled_events": ["*"]}, secret)["secret"])
        if secret is not None and secret != row["secret"]:
            tx.run("UPDATE endpoint SET secret = ?, old_secret = NULL WHERE id = ?", secret, row["id"])
        return secret or str(row["secret"])


class Sandbox:
    """A sandbox on one book and one port. `start` serves in a thread, `serve` in the caller's; `stop` ends both."""

    def __init__(
        self,
        db_path: str | Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str | None = None,
        secret_key: str = DEFAULT_KEY,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        shop_name: str = "Demo shop",
        faults: bool = False,
        ssl_cert: Path | None = None,
        ssl_key: Path | None = None,
    ) -> None:
        self.host, self.port = host, port or free_port(host)
        scheme = "https" if ssl_cert else "http"
        self.public_url = (public_url or f"{scheme}://localhost:{self.port}").rstrip("/")
        self.api_url = f"{scheme}://{host}:{self.port}"
        self.secret_key = secret_key
        self.book = Book(db_path, self.public_url)
        self.webhook_secret = register_webhook(self.book, webhook_url, webhook_secret) if webhook_url else None
        self._app = create_app(self.book, secret_key=secret_key, shop_name=shop_name, with_faults=faults)
        self._ssl = (ssl_cert, ssl_key)
        self._deliverer = Deliverer(self.book)
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def serve(self, *, handle_signals: bool = False) -> None:
        """Serve until `stop` is called or, if asked to handle them, until SIGINT or SIGTERM."""
        self._loop = asyncio.get_running_loop()
        self._server = Server(
            self._app, address=self.host, port=self.port, interface=Interfaces.ASGINL, websockets=False,
            log_enabled=False, ssl_cert=self._ssl[0], ssl_key=self._ssl[1],
        )  # fmt: skip
        if handle_signals:
            for name in (signal.SIGINT, signal.SIGTERM):
                self._loop.add_signal_handler(name, self._server.stop)
        self._deliverer.start()
        try:
            await self._server.serve()
        finally:
            self._deliverer.stop()
            self.book.close()

    def start(self) -> Sandbox:
        """Serve in a thread; returns once the port answers. Raises OSError if it never does."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), name="sandbox", daemon=True)
        self._thread.start()
        self._wait_for_port()
        return self

    def stop(self) -> None:
        """End the server and its delivery thread."""
        if self._loop is not None and self._server is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._server.stop)
        if self._thread is not None:
            self._thread.join(10)

    def _wait_for_port(self) -> None:
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection((self.host, self.port), 0.5).close()
                return
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()


def run(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    db_path: str | Path = "sandbox.db",
    webhook_url: str | None = None,
    *,
    webhook_secret: str | None = None,
    secret_key: str = DEFAULT_KEY,
    shop_name: str = "Demo shop",
    public_url: str | None = None,
    faults: bool = False,
    ssl_cert: Path | None = None,
    ssl_key: Path | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the sandbox in this process until SIGINT or SIGTERM.

    `announce` is called once with a line of JSON: `api_url`, `public_url`, `webhook_secret`. Raises OSError if the
    port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
    sandbox = Sandbox(
        db_path, host=host, port=port, public_url=public_url, secret_key=secret_key, webhook_url=webhook_url,
        webhook_secret=webhook_secret, shop_name=shop_name, faults=faults, ssl_cert=ssl_cert, ssl_key=ssl_key,
    )  # fmt: skip
    if announce is not None:
        facts = {"api_url": sandbox.api_url, "public_url": sandbox.public_url, "webhook_secret": sandbox.webhook_secret}
        announce(json.dumps(facts))
    asyncio.run(sandbox.serve(handle_signals=True))
