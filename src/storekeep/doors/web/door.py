"""A door (storefront or console) and one request that came through it.

`Door` is made once at start. `Req` is the small, frozen view of a request that pages work with, so that a
page is a plain function and a test can make its request in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from storekeep.doors.web import cookies
from storekeep.doors.web.forms import EMPTY_FORM, Form

if TYPE_CHECKING:
    from storekeep.doors.web.pagecache import PageCache
    from storekeep.doors.web.render import Renderer


@dataclass(frozen=True, slots=True)
class Door:
    """What all pages of one door have in common.

    `shell(req)` gives the layout its facts (see README); for cached pages it is called with an anonymous
    request. `csrf_key` is a secret of at least 32 bytes. `public_origin` is like `https://shop.example`.
    """

    name: str
    shop: Any
    renderer: Renderer
    csrf_key: bytes
    public_origin: str
    shell: Callable[[Req], Mapping[str, object]]
    cache: PageCache
    home: str = "/"
    more_origins: tuple[str, ...] = ()

    @property
    def cookie_name(self) -> str:
        """`__Host-staff` for the console, `__Host-shop` for everyone else."""
        return cookies.STAFF if self.name == "console" else cookies.SHOP


@dataclass(frozen=True, slots=True)
class Req:
    """One request, read completely before the page runs. `query` holds the last value of each name."""

    door: Door
    method: str
    path: str
    path_params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    query_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: Form = EMPTY_FORM
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    ip: str = ""
    request_id: str = ""

    @property
    def shop(self) -> Any:
        """The application object that the door was made with."""
        return self.door.shop

    @property
    def session_id(self) -> str | None:
        """The value of this door's own cookie, not yet checked against anything."""
        return self.cookies.get(self.door.cookie_name)

    @property
    def is_htmx(self) -> bool:
        """True when htmx asked, whether for a fragment or for a whole page."""
        return self.headers.get("hx-request") == "true"

    @property
    def wants_fragment(self) -> bool:
        """True when a part of the page is enough. Never for a restored history entry: that needs the page."""
        return (
            self.is_htmx
            and self.headers.get("hx-request-type") == "partial"
            and self.headers.get("hx-history-restore-request") != "true"
        )

    @property
    def full_path(self) -> str:
        """Path with its query, as the browser asked for it (used as the way back after signing in)."""
        raw = self.headers.get("x-storekeep-query", "")
        return f"{self.path}?{raw}" if raw else self.path

    def anonymous(self) -> Req:
        """The same request without anything personal: what a cached page may know."""
        return replace(self, cookies={}, headers={}, ip="", request_id="", form=EMPTY_FORM)
