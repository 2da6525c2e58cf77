"""Addresses for machines: search engines, monitors, and the icon."""

from xml.sax.saxutils import escape

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from storekeep import migrations
from storekeep.doors.storefront.front import Front
from storekeep.doors.web import Door
from storekeep.kernel.clock import to_datetime
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.reports import storefront

_PRIVATE = ("/cart", "/checkout", "/orders/", "/conversations/", "/search", "/console")


def routes(door: Door, front: Front) -> list[BaseRoute]:
    """robots.txt, sitemap.xml, favicon, healthz, readyz."""

    async def robots(request: Request) -> Response:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in _PRIVATE), ""]
        return PlainTextResponse("\n".join([*lines, f"Sitemap: {door.public_origin}/sitemap.xml", ""]))

    async def sitemap(request: Request) -> Response:
        body = await run_in_threadpool(_sitemap, front, door.public_origin)
        return Response(body, media_type="application/xml", headers={"Cache-Control": "public, max-age=3600"})

    async def icon(request: Request) -> Response:
        return RedirectResponse(door.renderer.assets.url("favicon.svg"), 302)

    async def alive(request: Request) -> Response:
        return PlainTextResponse("alive\n", headers={"Cache-Control": "no-store"})

    async def ready(request: Request) -> Response:
        said = await run_in_threadpool(_not_ready, front)
        return PlainTextResponse(said or "ready\n", 503 if said else 200, headers={"Cache-Control": "no-store"})

    return [
        Route("/robots.txt", robots),
        Route("/sitemap.xml", sitemap),
        Route("/favicon.svg", icon),
        Route("/favicon.ico", icon),
        Route("/healthz", alive),
        Route("/readyz", ready),
    ]


def _sitemap(front: Front, origin: str) -> str:
    with front.house.db.read() as tx:
        found = storefront.addresses(tx)
    rows = []
    for path, changed in found:
        on = f"<lastmod>{to_datetime(changed).date().isoformat()}</lastmod>" if changed else ""
        rows.append(f"<url><loc>{escape(origin + path)}</loc>{on}</url>")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return head + "\n".join(rows) + "\n</urlset>\n"


def _not_ready(front: Front) -> str:
    """Empty when the database answers and has exactly this release's schema."""
    try:
        migrations.check(front.house.db)
    except StorekeepError as refusal:
        return f"{refusal}\n"
    except SQLAlchemyError:
        return "the database does not answer\n"
    return ""
