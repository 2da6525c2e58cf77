"""Templates to text: one Jinja environment over the shared folder and each door's own.

Names start with the owner: `web/layouts/store.html`, `store/product/page.html`, `console/orders/list.html`.
All shared macros are there without an import, as `ui.<macro>`. An undefined name is an error, never a blank.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
)
from jinja2.runtime import Macro

from storekeep.doors.web import filters
from storekeep.doors.web.assets import Assets
from storekeep.doors.web.filters import Formats

TEMPLATES = Path(__file__).parent / "templates"


class Renderer:
    """Renders whole pages and single blocks. Made once at start; safe for many threads.

    `folders` maps a prefix to the folder of a door's pages. `formats` may be replaced while running, for
    instance when the owner changes the time zone. `bytecode_folder` keeps compiled templates between starts
    and must not be writable by strangers.
    """

    def __init__(
        self,
        assets: Assets,
        formats: Formats,
        folders: Mapping[str, Path] | None = None,
        bytecode_folder: Path | None = None,
        auto_reload: bool = False,
    ) -> None:
        self.assets = assets
        self.formats = formats
        self._folders = {"web": TEMPLATES, **(folders or {})}
        loaders: dict[str, BaseLoader] = {name: FileSystemLoader(path) for name, path in self._folders.items()}
        if bytecode_folder is not None:
            bytecode_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._env = Environment(
            loader=PrefixLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=auto_reload,
            cache_size=-1,
            bytecode_cache=FileSystemBytecodeCache(str(bytecode_folder)) if bytecode_folder else None,
        )
        self._add_filters()
        self._env.globals["asset"] = assets.url
        self._env.globals["plural"] = filters.plural
        # The namespace must be known before the macros' modules are made: they call one another through it.
        ui = SimpleNamespace()
        self._env.globals["ui"] = ui
        self._collect_macros(ui)
        self.version = self._version()

    def _add_filters(self) -> None:
        for name in ("money", "money_text", "amount", "integer", "percent"):
            self._env.filters[name] = self._formatter(name)
        for name in ("moment", "when", "clock", "day", "short_day"):
            self._env.filters[name] = self._formatter(name)
        self._env.filters["sku"] = filters.sku

    def _formatter(self, name: str) -> Any:
        def apply(*arguments: Any) -> Any:
            return getattr(self.formats, name)(*arguments)

        return apply

    def _collect_macros(self, ui: SimpleNamespace) -> None:
        for path in sorted((TEMPLATES / "parts").glob("*.html")):
            module = self._env.get_template(f"web/parts/{path.name}").module
            for name, value in vars(module).items():
                if not isinstance(value, Macro) or name.startswith("_"):
                    continue
                if hasattr(ui, name):
                    raise ValueError(f"two shared macros are called {name}; the second is in {path.name}")
                setattr(ui, name, value)

    def _version(self) -> str:
        digest = hashlib.sha256(self.assets.version.encode())
        for _, folder in sorted(self._folders.items()):
            for path in sorted(folder.rglob("*.html")):
                digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def render(self, name: str, context: Mapping[str, object]) -> str:
        """The whole page. Missing template or undefined name raise Jinja's own errors."""
        return self._env.get_template(name).render(context)

    def render_block(self, name: str, block: str, context: Mapping[str, object]) -> str:
        """One block of a page, for a fragment. KeyError when that template itself has no such block.

        What stands outside the block (a `set`, an `import`) is not run: keep blocks self-contained.
        """
        template = self._env.get_template(name)
        parts = template.blocks[block](template.new_context(dict(context)))
        return "".join(parts)
