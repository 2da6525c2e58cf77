"""Linen: towels, napkins, tablecloths, aprons, mitts and bags."""

from __future__ import annotations

from storekeep.world.demo.art.canvas import Canvas
from storekeep.world.demo.art.colour import COLOURS, Tones, tones
from storekeep.world.demo.model import ArtSpec


def _weave(c: Canvas, x: float, y: float, w: float, h: float, clip: str, decor: str, a: Tones) -> None:
    if decor == "stripes":
        for i, width in enumerate((14, 5, 5, 14)):
            px = x + w * (0.2 + 0.2 * i)
            c.path(f"M{px:.0f} {y:.0f}v{h:.0f}", stroke=a.base, width=width, clip=clip)
    elif decor == "check":
        step = 58
        for i in range(int(w // step) + 1):
            c.rect(x + i * step, y, step / 2, h, a.base, opacity=0.55, clip=clip)
        for i in range(int(h // step) + 1):
            c.rect(x, y + i * step, w, step / 2, a.base, opacity=0.55, clip=clip)
    elif decor == "border":
        c.path(f"M{x:.0f} {y + h - 46:.0f}h{w:.0f}M{x:.0f} {y + h - 66:.0f}h{w:.0f}", stroke=a.base, width=9, clip=clip)
    elif decor == "dots":
        for row in range(int(h // 56) + 1):
            for col in range(int(w // 56) + 1):
                c.ellipse(x + 26 + col * 56 + (28 if row % 2 else 0), y + 26 + row * 56, 8, 8, a.base, clip=clip)
    elif decor == "waffle":
        d = "".join(f"M{x + i * 24:.0f} {y:.0f}v{h:.0f}" for i in range(1, int(w // 24) + 1))
        d += "".join(f"M{x:.0f} {y + i * 24:.0f}h{w:.0f}" for i in range(1, int(h // 24) + 1))
        c.path(d, stroke=a.deep, width=4, opacity=0.3, clip=clip)


def towel(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A tea towel hanging from a peg, with soft folds."""
    d = (
        "M-150 -290Q-60 -330 0 -334Q60 -330 150 -290Q164 -40 172 250Q150 262 110 248Q60 262 10 248Q-50 264 "
        "-100 248Q-150 262 -174 250"
        "Q-166 -40 -150 -290Z"
    )
    clip = c.clip(d)
    c.rect(-16, -392, 32, 44, COLOURS["walnut"], r=12)
    c.path("M-10 -330Q-16 -372 0 -376Q16 -372 10 -330", stroke=a.base, width=8)
    c.path(d, t.base)
    _weave(c, -176, -340, 352, 596, clip, art.decor, a)
    c.path("M96 -310Q60 -60 110 260H180V-310Z", "#2f2344", opacity=0.1, clip=clip)
    c.path("M-6 -334Q-60 -60 -40 260H-4Q-30 -60 20 -334Z", "#2f2344", opacity=0.08, clip=clip)
    c.path("M-96 -306Q-140 -60 -130 256H-104Q-112 -60 -66 -318Z", "#fffaf0", opacity=0.25, clip=clip)


def folded(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A pile of folded cloth: tablecloth, runner or set of towels."""
    layers = 3 if art.form == "pile" else 1
    for i in range(layers):
        y = -i * 74
        side = t if i % 2 == 0 or not art.accent else a
        for k in range(3):
            yy = y - k * 24
            c.path(
                f"M-210 {yy}Q-236 {yy - 12} -210 {yy - 24}H210Q226 {yy - 12} 210 {yy}Z",
                side.base if k % 2 == 0 else side.shade,
            )
            c.path(f"M-206 {yy - 4}H204", stroke=side.deep, width=3, opacity=0.35)
    top = -(layers - 1) * 74 - 72
    skin = t if layers % 2 == 1 or not art.accent else a
    d = (
        f"M-214 {top + 4}L-150 {top - 116}Q-144 {top - 124} -132 {top - 124}H150Q160 {top - 124} 164"
        f" {top - 116}L212 {top + 4}Q0 {top + 18} -214 {top + 4}Z"
    )
    clip = c.clip(d)
    c.path(d, skin.light)
    c.open(f'transform="translate(0 {top - 124})"')
    _weave(c, -216, 0, 432, 140, clip.replace(c.key, c.key), "", a)
    c.close()
    if art.decor == "stripes":
        for f in (-0.6, -0.45, 0.45, 0.6):
            c.path(f"M{f * 300:.0f} {top - 126}L{f * 425:.0f} {top + 20}", stroke=a.base, width=10, clip=clip)
    elif art.decor == "check":
        for i in range(-4, 5):
            c.path(f"M{i * 36} {top - 126}L{i * 52} {top + 20}", stroke=a.base, width=14, opacity=0.5, clip=clip)
        for y in (top - 104, top - 66, top - 20):
            c.path(f"M-230 {y}H230", stroke=a.base, width=12, opacity=0.5, clip=clip)
    elif art.decor == "border":
        c.path(
            f"M-230 {top - 14}Q0 {top} 230 {top - 14}M-226 {top - 34}Q0 {top - 22} 226 {top - 34}",
            stroke=a.base,
            width=7,
            clip=clip,
        )
    c.path(f"M60 {top - 130}L120 {top + 20}H230V{top - 130}Z", "#2f2344", opacity=0.08, clip=clip)


def napkin(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """Two napkins folded to squares, lying crosswise, the upper one with a ring."""
    for i, turn in enumerate((16, -10)):
        n = t if i else Tones(t.light, t.base, t.shade, t.deep, t.deep)
        c.open(f'transform="rotate({turn})translate({-10 + i * 20} {16 - i * 24})"')
        c.rect(-200, -200, 400, 400, n.shade, r=10)
        c.rect(-204, -206, 400, 400, n.base, r=10)
        square = c.clip("M-204 -206h400v400h-400Z")
        c.path("M-204 194L196 -206V194Z", n.light, opacity=0.6, clip=square)
        _weave(c, -204, -206, 400, 400, square, art.decor, a)
        c.path("M-190 -6H184", stroke=n.deep, width=3, opacity=0.4)
        c.rect(-192, -194, 376, 376, stroke=n.deep, width=3, opacity=0.45, r=6)
        c.close()


def apron(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """An apron on a hook, with its ties and one pocket."""
    c.rect(-14, -400, 28, 40, COLOURS["walnut"], r=12)
    c.path("M-78 -270C-70 -400 70 -400 78 -270", stroke=a.base, width=15)
    c.path("M-168 -76C-220 -60 -210 40 -228 110M168 -76C220 -60 214 50 232 120", stroke=a.base, width=13)
    d = (
        "M-94 -280H94Q104 -160 176 -90Q186 120 180 300Q90 318 0 306Q-90 318 -180 300Q-186 120 -176 -90Q-104"
        " -160 -94 -280Z"
    )
    clip = c.clip(d)
    c.path(d, t.base)
    _weave(c, -190, -290, 380, 620, clip, art.decor, a)
    c.path("M76 -290Q64 20 110 330H200V-290Z", "#2f2344", opacity=0.12, clip=clip)
    c.path("M-60 -290Q-120 0 -110 330H-136Q-160 20 -110 -200Z", "#fffaf0", opacity=0.22, clip=clip)
    c.path("M-96 20H96V116Q96 142 70 142H-70Q-96 142 -96 116Z", t.light)
    c.path("M30 20H96V116Q96 142 70 142H40Z", t.base)
    c.path("M-86 32H86M-86 40V112Q-84 132 -64 132H64Q84 132 86 112V40", stroke=t.deep, width=3, opacity=0.5)
    c.path("M-94 -276H94", stroke=t.shade, width=12)


def mitt(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """An oven mitt, or a square pot holder."""
    if art.form == "holder":
        for x, y, turn, n in ((70, 30, 14, a), (-40, -20, -8, t)):
            c.open(f'transform="translate({x} {y})rotate({turn})"')
            c.rect(-190, -190, 380, 380, n.shade, r=44)
            c.rect(-178, -178, 356, 356, n.base, r=36)
            c.path(
                "M-178 -60L60 -178M-178 60L178 -120M-140 172L178 10M-20 178L178 110",
                stroke=n.light,
                width=6,
                opacity=0.7,
            )
            c.path(
                "M-178 60L-60 178M-178 -60L60 178M-120 -178L178 120M0 -178L178 0", stroke=n.shade, width=6, opacity=0.8
            )
            c.path("M-178 -186Q-240 -250 -200 -262Q-160 -262 -168 -190", stroke=n.deep, width=12)
            c.close()
        return
    d = (
        "M-130 270V-60C-140 -240 -90 -320 0 -320C90 -320 120 -230 116 -90C150 -130 220 -150 232 -96C240 -40"
        " 150 20 122 80V270Z"
    )
    clip = c.clip(d)
    c.path(d, t.base)
    _weave(c, -150, -330, 400, 620, clip, art.decor, a)
    c.path("M60 -330Q110 -60 70 290H260V-330Z", "#2f2344", opacity=0.12, clip=clip)
    c.path("M-90 -200Q-100 0 -94 200", stroke="#fffaf0", width=20, opacity=0.3)
    c.path("M116 -90Q108 -40 100 10", stroke=t.deep, width=5)
    c.rect(-142, 210, 276, 74, a.base, r=14)
    c.rect(20, 210, 114, 74, a.shade, r=14)
    c.path("M-120 216Q-180 170 -170 230Q-160 262 -120 250", stroke=a.shade, width=10)


def bag(c: Canvas, art: ArtSpec, t: Tones, a: Tones) -> None:
    """A market bag of cloth, or a paper bag of coffee or tea."""
    if art.form == "paper":
        _paper_bag(c, t, a)
        return
    c.path("M-96 -290C-96 -450 96 -450 96 -290", stroke=t.shade, width=22)
    leaf = tones("leaf")
    for x, h in ((-90, -400), (-50, -430), (-110, -350)):
        c.path(
            f"M-60 -280Q{x - 30} {h + 60} {x} {h}Q{x + 50} {h + 50} -40 -280Z", leaf.base if h < -380 else leaf.shade
        )
    bread = tones("bread")
    c.path("M40 -260L70 -410Q90 -440 116 -410L110 -260Z", bread.base)
    c.path("M64 -350l44 -16M58 -310l50 -16", stroke=bread.light, width=9)
    d = "M-190 -290H190L214 -20Q214 0 194 0H-194Q-214 0 -214 -20Z"
    clip = c.clip(d)
    c.path(d, t.base)
    _weave(c, -220, -290, 440, 300, clip, art.decor, a)
    c.path("M90 -290L130 0H220V-290Z", "#2f2344", opacity=0.12, clip=clip)
    c.path("M-150 -270L-166 -30", stroke="#fffaf0", width=18, opacity=0.3)
    c.path("M-184 -272H184", stroke=t.deep, width=4, opacity=0.5)
    c.path("M-96 -286C-96 -250 -96 -240 -96 -220M96 -286V-220", stroke=t.shade, width=22)


def _paper_bag(c: Canvas, t: Tones, a: Tones) -> None:
    c.path("M-130 0L-138 -320L-120 -350H120L138 -320L130 0Z", t.base, stroke=t.base, width=8)
    c.path("M60 -350H120L138 -320L130 0H70Z", t.shade)
    c.path("M-138 -320L-120 -384H120L138 -320Z", t.light, stroke=t.light, width=8)
    c.path("M-120 -384H120", stroke=t.deep, width=8, opacity=0.5)
    c.rect(-140, -356, 280, 16, COLOURS["brass"], r=6)
    c.rect(-92, -250, 184, 176, COLOURS["cream"], r=12)
    c.ellipse(0, -176, 46, 56, a.base)
    c.path("M0 -230Q-26 -200 0 -176Q26 -150 0 -122", stroke=a.gleam, width=6)
    c.path("M-50 -94H50", stroke=a.base, width=7)
    c.path("M-112 -320V-30", stroke=t.gleam, width=10, opacity=0.6)
