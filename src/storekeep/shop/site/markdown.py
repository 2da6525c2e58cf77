"""A small part of Markdown as safe HTML: headings, paragraphs, lists, bold, italic and links. Pure.

Everything is escaped first and only our own tags are added afterwards, so no text can bring markup of its own. Links
lead to http, https or a place on this site. The time is linear in the text, which is cut at a bound.
"""

import re
from html import escape

LONGEST = 100_000
_HEADING = re.compile(r"(#{1,4}) +(.+)")
_BULLET = re.compile(r" {0,3}[-*+] +(.+)")
_NUMBER = re.compile(r" {0,3}[0-9]{1,9}[.)] +(.+)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(([^()\s]{1,1000})\)")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,1000})(?<=\S)\*\*")
_ITALIC = re.compile(r"\*(?=\S)([^*\n]{1,1000})(?<=\S)\*|(?<!\w)_(?=\S)([^_\n]{1,1000})(?<=\S)_(?!\w)")
_KEPT = re.compile("\ue000([0-9]+)\ue001")


def to_html(text: str) -> str:
    """The HTML of a page's body. `#` becomes `<h2>`, because the page's title is its `<h1>`."""
    plain = text[:LONGEST].replace("\r\n", "\n").replace("\ue000", "").replace("\ue001", "")
    return "\n".join(_block(block) for block in re.split(r"\n[ \t]*\n", plain) if block.strip())


def _block(block: str) -> str:
    """One block: consecutive lines of one kind become one element each."""
    made: list[str] = []
    items: list[str] = []
    open_kind = ""
    for line in block.strip("\n").split("\n"):
        kind, content = _kind(line)
        if kind != open_kind or kind.startswith("h"):
            made += _close(open_kind, items)
            open_kind, items = kind, []
        items.append(content)
    return "\n".join([*made, *_close(open_kind, items)])


def _kind(line: str) -> tuple[str, str]:
    if found := _HEADING.fullmatch(line):
        return f"h{len(found.group(1)) + 1}", found.group(2).rstrip("# ")
    if found := _BULLET.fullmatch(line):
        return "ul", found.group(1)
    if found := _NUMBER.fullmatch(line):
        return "ol", found.group(1)
    return "p", line.strip()


def _close(kind: str, items: list[str]) -> list[str]:
    if not items:
        return []
    if kind in ("ul", "ol"):
        return [f"<{kind}>", *(f"<li>{_inline(item)}</li>" for item in items), f"</{kind}>"]
    return [f"<{kind}>{_inline(chr(10).join(items))}</{kind}>"]


def _inline(text: str) -> str:
    """Links are set aside while the stars are read, so that an address keeps its own."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        label, address = found.group(1), found.group(2)
        if not is_safe_address(address):
            return found.group(0)
        outside = ' rel="noopener"' if address.startswith("http") else ""
        kept.append(f'<a href="{escape(address)}"{outside}>{_emphasis(escape(label))}</a>')
        return f"\ue000{len(kept) - 1}\ue001"

    marked = _emphasis(escape(_LINK.sub(keep, text)))
    return _KEPT.sub(lambda found: kept[int(found.group(1))], marked)


def _emphasis(escaped: str) -> str:
    bold = _BOLD.sub(r"<strong>\1</strong>", escaped)
    return _ITALIC.sub(lambda found: f"<em>{found.group(1) or found.group(2)}</em>", bold)


def is_safe_address(address: str) -> bool:
    """Whether a link may lead there: http, https, a path on this site, or a place on this page."""
    if not address.isprintable() or "\\" in address:
        return False
    if address.startswith("#"):
        return True
    if address.startswith("/"):
        return not address.startswith("//")
    return address.lower().startswith(("http://", "https://"))
