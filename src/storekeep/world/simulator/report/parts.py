"""Pieces of HTML that the page is put together from. Whatever comes from a run is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

Cell = str | int


def section(title: str, parts: Iterable[str], how: Sequence[str], *, is_whole: bool = False) -> str:
    """A framed part of the page. `how` are the commands that show where its numbers come from."""
    ways = ", ".join(f"<code>{escape(each)}</code>" for each in how)
    see = f'<p class="how">How to see it: {ways}</p>' if how else ""
    kind = ' class="whole"' if is_whole else ""
    return f'<section{kind}><h2>{escape(title)}</h2><div class="body">{"".join(parts)}{see}</div></section>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, words: int = 1) -> str:
    """A table whose first `words` columns are words and whose others are numbers; the first names its row."""
    head = "".join(f'<th scope="col"{_kind(n, words)}>{escape(text)}</th>' for n, text in enumerate(heads))
    body = "".join(f"<tr>{''.join(_cell(n, cell, words) for n, cell in enumerate(row))}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _kind(n: int, words: int) -> str:
    return "" if n < words else ' class="num"'


def _cell(n: int, cell: Cell, words: int) -> str:
    said = f"{cell:,}" if isinstance(cell, int) else escape(cell)
    return f'<th scope="row">{said}</th>' if n == 0 else f"<td{_kind(n, words)}>{said}</td>"


def details(summary: str, inside: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """What the colours mean: (name of the token, words)."""
    items = "".join(f'<li><i style="--key:var(--{token})"></i>{escape(said)}</li>' for token, said in entries)
    return f'<ul class="legend">{items}</ul>'


def figure(chart: str, legend_: str, numbers: str, *, is_whole: bool = True) -> str:
    """A chart with its legend and its numbers; one that is not whole is never shown across the page."""
    kind = "full" if is_whole else "half"
    return f'<figure class="{kind}">{legend_}{chart}{numbers}</figure>'
