"""The addresses that payment providers and carriers call. Nothing is done here but checking and storing."""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from storekeep.flows import hearing
from storekeep.flows.house import House
from storekeep.kernel import inbox, settings
from storekeep.shop.payments.providers.base import BadSignature

log = logging.getLogger("storekeep.webhooks")

CARRIER_SECRET = "carriers.webhook_secret"  # noqa: S105 - the name of a setting
SIGNATURE = "x-storekeep-signature"


def routes(house: House) -> list[BaseRoute]:
    """The routes of this door."""

    async def payment(request: Request) -> Response:
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        return await run_in_threadpool(hear_payment, house, request.path_params["provider"], body, headers)

    async def carrier(request: Request) -> Response:
        body = await request.body()
        given = request.headers.get(SIGNATURE, "")
        return await run_in_threadpool(hear_carrier, house, request.path_params["code"], body, given)

    return [
        Route("/webhooks/carriers/{code}", carrier, methods=["POST"]),
        Route("/webhooks/{provider}", payment, methods=["POST"]),
    ]


def hear_payment(house: House, provider: str, body: bytes, headers: Mapping[str, str]) -> Response:
    """Store a provider's event; 400 when its signature is wrong or too old, 200 also for one that came before."""
    try:
        hearing.hear_payment(house.services, provider, body, headers)
    except hearing.UnknownProvider:
        return JSONResponse({"error": "no such provider"}, 404)
    except BadSignature as forged:
        log.warning("a webhook of %s was refused: %s", provider, forged)
        return JSONResponse({"error": "the signature does not fit"}, 400)
    return JSONResponse({"received": True})


def hear_carrier(house: House, code: str, body: bytes, given: str) -> Response:
    """Store a carrier's scans when the HMAC-SHA256 over the raw body fits; malformed ones get 400."""
    with house.db.read() as tx:
        secret = settings.read(tx, f"{CARRIER_SECRET}.{code}")
    if secret is None or code not in house.services.carriers:
        return JSONResponse({"error": "no such carrier"}, 404)
    if not hmac.compare_digest(given.encode(), sign(str(secret), body).encode()):
        log.warning("a scan of %s was refused: the signature does not fit", code)
        return JSONResponse({"error": "the signature does not fit"}, 400)
    try:
        told = json.loads(body)
    except ValueError:
        return JSONResponse({"error": "this is not JSON"}, 400)
    scans = told if isinstance(told, list) else [told]
    problems = [f"scan {n}: {text}" for n, scan in enumerate(scans) if (text := _complaint(scan))]
    if problems:
        return JSONResponse({"error": "; ".join(problems)}, 400)
    with house.db.begin(actor=f"carrier:{code}") as tx:
        stored = inbox.store(tx, [_arrival(code, scan) for scan in scans])
    return JSONResponse({"received": len(scans), "new": stored})


def sign(secret: str, body: bytes) -> str:
    """The signature that a carrier puts into `X-Storekeep-Signature`: hex HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _arrival(code: str, scan: Mapping[str, object]) -> inbox.Arrival:
    text = json.dumps(scan, sort_keys=True)
    return inbox.Arrival(
        f"carrier:{code}", hashlib.sha256(text.encode()).hexdigest(), "carrier.scan", text, {}, "default"
    )


def _complaint(scan: object) -> str:
    if not isinstance(scan, dict):
        return "an object is expected"
    for name in ("tracking_number", "code"):
        if not isinstance(scan.get(name), str) or not 0 < len(scan[name]) <= 64:
            return f"{name} must be a text of 1 to 64 characters"
    if isinstance(scan.get("at"), bool) or not isinstance(scan.get("at"), int):
        return "at must be microseconds since the epoch"
    return ""
