"""Whole anonymous pages kept in memory, bounded by bytes, with one render per key at a time.

The key carries the revision of what the page shows, so nothing is ever flushed: an outdated page is simply
not asked for again and falls out as the least recently used.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

Key = tuple[str, ...]


class PageCache:
    """A bounded map from key to page body, safe for many threads."""

    def __init__(self, max_bytes: int = 32 * 1024 * 1024, max_page_bytes: int = 1024 * 1024) -> None:
        self._max_bytes = max_bytes
        self._max_page_bytes = max_page_bytes
        self._pages: OrderedDict[Key, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._rendering: dict[Key, threading.Lock] = {}

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def size_bytes(self) -> int:
        """Bytes of page bodies held now."""
        return self._bytes

    def get(self, key: Key) -> bytes | None:
        """The page under this key, or None."""
        with self._lock:
            body = self._pages.get(key)
            if body is not None:
                self._pages.move_to_end(key)
            return body

    def get_or_render(self, key: Key, render: Callable[[], bytes]) -> bytes:
        """The page under this key, rendered now if need be.

        Others who ask for the same key wait for that one render. A render that raises is kept from no one:
        the next caller tries again.
        """
        found = self.get(key)
        if found is not None:
            return found
        with self._lock:
            turn = self._rendering.setdefault(key, threading.Lock())
        with turn:
            found = self.get(key)
            if found is not None:
                return found
            try:
                body = render()
                self._put(key, body)
            finally:
                with self._lock:
                    self._rendering.pop(key, None)
        return body

    def _put(self, key: Key, body: bytes) -> None:
        if len(body) > self._max_page_bytes:
            return
        with self._lock:
            if key in self._pages:
                self._bytes -= len(self._pages.pop(key))
            self._pages[key] = body
            self._bytes += len(body)
            while self._bytes > self._max_bytes and self._pages:
                _, gone = self._pages.popitem(last=False)
                self._bytes -= len(gone)
