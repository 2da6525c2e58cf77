"""Baskets, boxes, candles, vases and the other quiet things of a room."""

from __future__ import annotations

from storekeep.world.demo.art.canvas import Canvas
from storekeep.world.demo.art.colour import COLOURS, Tones, tones
from storekeep.world.demo.art.turned import Profile, opening, ring, turned
from storekeep.world.demo.model import ArtSpec


def basket(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A woven basket: round with two ears, low for bread, or with one high handle."""
    profile: Profile = [(-230, 190), (-120, 186), (-20, 160), (0, 150)]
    if art.form == "bread":
        profile = [(-120, 230), (-60, 214), (-10, 180), (0, 170)]
    top, r = profile[0]
    if art.form == "handle":
        c.path(f"M{-r + 12} {top}C{-r + 10} -500 {r - 10} -500 {r - 12} {top}", stroke=t.deep, width=24)
        c.path(f"M{-r + 8} {top}C{-r + 8} -500 {r - 30} -500 {r - 18} {top - 40}", stroke=t.light, width=8)
    if art.prop == "loaves":
        b = tones("bread")
        for x, turn in ((-90, -18), (70, 14)):
            c.add(
                f'<g transform="translate({x} {top - 16})rotate({turn})"><ellipse rx="110" ry="58" fill="{b.base}"/>'
                '<path d="M-50 -30Q-40 -50 -20 -46M0 -36Q10 -56 30 -50M46 -26Q56 -42 72 -34" fill="none"'
                f' stroke="{COLOURS["egg"]}" stroke-width="12" stroke-linecap="round"/></g>'
            )
    else:
        opening(c, top, r, t, wall=14)
    body = turned(c, profile, t, gloss=False)
    rows = 8 if art.form != "bread" else 5
    weave = {t.deep: "", t.light: ""}
    for row in range(rows):
        y = top + (0 - top) * (row + 0.5) / rows
        rr = body.radius(y)
        for i in range(-7, 8):
            f = (i + (0.5 if row % 2 else 0)) / 7.6
            if abs(f) < 0.98:
                sag = rr * 0.17 * (1 - f * f) ** 0.5
                weave[t.deep if (i + row) % 2 else t.light] += f"M{rr * f - 10:.0f} {y + sag:.0f}q10 -9 20 0"
    for tone, d in weave.items():
        c.path(d, stroke=tone, width=9, opacity=0.55)
    if art.prop == "loaves":
        c.path(f"M{-r} {top}A{r} {r * 0.17:.0f} 0 0 0 {r} {top}", stroke=t.shade, width=22)
        c.path(f"M{-r} {top - 4}A{r} {r * 0.17:.0f} 0 0 0 {r} {top - 4}", stroke=t.light, width=7)
    else:
        c.ellipse(0, top, r - 3, (r - 3) * 0.17, stroke=t.shade, width=18)
        c.ellipse(0, top - 3, r - 3, (r - 3) * 0.17, stroke=t.light, width=6)
    if art.form == "ears":
        for side in (-1, 1):
            c.path(
                f"M{side * (r - 4)} {top + 16}Q{side * (r + 56)} {top + 30} {side * (r - 8)} {top + 84}",
                stroke=t.deep,
                width=17,
            )
    if art.decor == "band":
        ring(c, body, -100, -40, a.base, 0.7)


def breadbin(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A bread bin with a wooden lid."""
    lid = a if art.accent else tones("oak")
    c.path("M-240 -200H240V-34Q240 0 206 0H-206Q-240 0 -240 -34Z", t.base)
    c.path("M120 -200H240V-34Q240 0 206 0H120Z", t.shade)
    c.path("M-206 -170V-40", stroke=t.gleam, width=16, opacity=0.7)
    for x in (-60, 0, 60):
        c.ellipse(x, -70, 9, 9, t.deep)
    c.path("M-252 -206L-214 -262H214L252 -206V-186H-252Z", lid.base, stroke=lid.base, width=8)
    c.path("M-252 -206L-214 -262H214L252 -206Z", lid.light, stroke=lid.light, width=6)
    c.path("M-180 -236H150M-200 -220H60", stroke=lid.shade, width=4, opacity=0.7)
    c.path("M-50 -234Q0 -264 50 -234", stroke=lid.deep, width=16)


def box(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A wooden box or crate with slats."""
    c.path("M-240 -210L-196 -262H196L240 -210Z", t.deep)
    for i in range(3):
        y = -210 + i * 72
        c.rect(-240, y, 480, 62, t.base, r=6)
        c.rect(80, y, 160, 62, t.shade, r=6, opacity=0.7)
        c.path(f"M-220 {y + 22}H40M-160 {y + 42}H200", stroke=t.shade, width=3, opacity=0.7)
    for x in (-226, 190):
        c.rect(x, -216, 36, 216, t.light if x < 0 else t.base, r=6)
        for y in (-180, -108, -36):
            c.ellipse(x + 18, y, 5, 5, t.deep)
    c.rect(-60, -192, 120, 30, t.deep, r=15)


def bottle_rack(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A small shelf with jars of spice."""
    c.path("M-250 -20H250V-300H-250Z", t.shade)
    for row in range(2):
        y = -10 - row * 148
        for i, spice in enumerate(("rust", "mustard", "moss", "honey", "walnut")):
            x, s = -184 + i * 92, tones(spice if row == 0 else ("salt", "berry", "leaf", "coffee", "lemon")[i])
            c.rect(x - 32, y - 92, 64, 84, COLOURS["clear"], r=8)
            c.rect(x - 30, y - 66, 60, 58, s.base, r=7)
            c.rect(x + 8, y - 66, 22, 58, s.shade, r=7)
            c.rect(x - 34, y - 112, 68, 26, COLOURS["black"], r=6)
            c.path(f"M{x - 20} {y - 84}v60", stroke="#ffffff", width=6, opacity=0.5)
        c.rect(-260, y - 8, 520, 22, t.base, r=6)
        c.rect(-260, y - 46, 520, 12, t.light, r=6)
    for x in (-262, 240):
        c.rect(x, -316, 24, 320, t.base if x < 0 else t.shade, r=8)


def _flame(c: Canvas, x: float, y: float, s: float = 1) -> None:
    c.ellipse(x, y - 30 * s, 62 * s, 66 * s, "#ffe9a8", opacity=0.28)
    c.line([(x, y + 4), (x + 1, y - 12 * s)], "#4a3a32", 5 * s)
    c.path(
        f"M{x:.0f} {y - 76 * s:.0f}C{x + 30 * s:.0f} {y - 40 * s:.0f} {x + 22 * s:.0f} {y - 6 * s:.0f} "
        f"{x:.0f} {y - 4 * s:.0f}"
        f"C{x - 22 * s:.0f} {y - 6 * s:.0f} {x - 24 * s:.0f} {y - 38 * s:.0f} {x:.0f} {y - 76 * s:.0f}Z",
        "#f2a93c",
    )
    c.path(
        f"M{x:.0f} {y - 46 * s:.0f}C{x + 14 * s:.0f} {y - 26 * s:.0f} {x + 10 * s:.0f} {y - 8 * s:.0f} "
        f"{x:.0f} {y - 8 * s:.0f}"
        f"C{x - 10 * s:.0f} {y - 8 * s:.0f} {x - 12 * s:.0f} {y - 24 * s:.0f} {x:.0f} {y - 46 * s:.0f}Z",
        "#fff0b8",
    )


def candle(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """Candles: a pillar, three tapers, one in a glass, or a small lantern."""
    if art.form == "taper":
        for x, high, lean in ((-76, -330, 0), (0, -390, 0), (78, -300, 0)):
            h = a if art.accent else tones("brass")
            turned_at(c, x, [(-70, 24), (-54, 30), (-30, 14), (-10, 52), (0, 56)], h)
            c.path(f"M{x - 15} {high}L{x - 19} -62H{x + 19}L{x + 15} {high}Z", t.base)
            c.path(f"M{x + 3} {high}V-62H{x + 19}L{x + 15} {high}Z", t.shade)
            _flame(c, x + lean, high - 2, 0.8)
        return
    if art.form == "glass":
        profile: Profile = [(-230, 120), (-120, 118), (-10, 112), (0, 106)]
        body = turned(c, profile, a if art.accent else tones("clear"), opacity=0.75)
        ring(c, body, -140, 40, t.base, 0.95)
        c.ellipse(0, -140, 118, 20, t.light, clip=body.clip)
        _flame(c, 0, -142, 0.9)
        c.ellipse(0, -230, 120, 20, stroke="#ffffff", width=5, opacity=0.85)
        c.path("M-92 -210V-30", stroke="#ffffff", width=13, opacity=0.5)
        return
    if art.form == "lantern":
        _lantern(c, t)
        return
    turned(c, [(-300, 84), (-12, 84), (0, 80)], t)
    c.ellipse(0, -300, 84, 15, t.light)
    c.ellipse(4, -298, 56, 9, t.shade, opacity=0.6)
    _flame(c, 0, -302)


def turned_at(c: Canvas, x: float, profile: Profile, t: Tones) -> None:
    """A turned body away from the middle."""
    c.open(f'transform="translate({x:.0f} 0)"')
    turned(c, profile, t)
    c.close()


def _lantern(c: Canvas, t: Tones) -> None:
    c.path("M-40 -408C-60 -490 60 -490 40 -408", stroke=t.base, width=12)
    c.rect(-130, -320, 260, 300, "#fff3cf", opacity=0.7)
    turned(c, [(-130, 46), (-26, 46), (-20, 44)], tones("ivory"))
    c.ellipse(0, -130, 46, 9, "#fff8e6")
    _flame(c, 0, -132)
    c.path("M-130 -326V-20M130 -326V-20", stroke=t.base, width=18)
    c.path("M0 -326V-200", stroke=t.base, width=0.1)
    c.path("M-104 -300L-104 -60M-84 -300V-160", stroke="#ffffff", width=8, opacity=0.6)
    c.path("M-150 -322L-60 -404H60L150 -322Z", t.base, stroke=t.base, width=12)
    c.path("M30 -404H60L150 -322H60Z", t.deep)
    c.rect(-152, -30, 304, 30, t.base, r=8)
    c.rect(40, -30, 112, 30, t.deep, r=8)


def vase(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A vase with a few stems."""
    shapes: dict[str, Profile] = {
        "round": [(-230, 46), (-212, 40), (-190, 52), (-130, 126), (-70, 134), (-18, 98), (0, 84)],
        "tall": [(-310, 62), (-280, 52), (-180, 76), (-80, 92), (-14, 72), (0, 64)],
        "bud": [(-230, 30), (-210, 22), (-140, 24), (-90, 66), (-44, 76), (-10, 60), (0, 52)],
        "wide": [(-250, 128), (-220, 116), (-150, 124), (-60, 118), (-12, 90), (0, 80)],
    }
    profile = shapes[art.form or "round"]
    top, r = profile[0]
    _stems(c, top, art.prop)
    turned(c, profile, t, decor=art.decor, accent=a, seed=c.key)
    c.path(f"M{-r} {top}A{r} {r * 0.17:.0f} 0 0 0 {r} {top}", stroke=t.light, width=8)


def _stems(c: Canvas, top: float, kind: str) -> None:
    leaf = tones("moss")
    for i, (x, h) in enumerate(((-90, -130), (-24, -190), (52, -160), (112, -96))):
        y = top + h
        c.line([(x * 0.12, top + 40), (x * 0.4, top - 40), (x, y)], leaf.shade, 6)
        if kind == "eucalyptus":
            for k in range(4):
                f = 0.35 + k * 0.2
                px, py = x * f, top + h * f
                c.ellipse(px - 15, py, 18, 12, tones("sage").base)
                c.ellipse(px + 15, py - 8, 18, 12, tones("sage").shade)
        elif kind == "grass":
            c.path(
                f"M{x:.0f} {y + 30:.0f}Q{x - 26:.0f} {y - 20:.0f} {x + 6:.0f} {y - 66:.0f}Q{x + 26:.0f} "
                f"{y - 14:.0f} {x:.0f} {y + 30:.0f}Z",
                tones("natural").base if i % 2 else tones("natural").shade,
            )
        else:
            petal = tones(("coral", "butter", "white", "blush")[i])
            for k in range(6):
                tone = petal.base if k % 2 else petal.light
                turn = f"translate({x} {y:.0f})rotate({k * 60})"
                c.add(f'<ellipse cy="-19" rx="12" ry="19" fill="{tone}" transform="{turn}"/>')
            c.ellipse(x, y, 12, 12, COLOURS["mustard"])
            c.path(f"M{x * 0.5:.0f} {top + h * 0.45:.0f}q30 -26 46 -6q-20 20 -46 6Z", leaf.base)
