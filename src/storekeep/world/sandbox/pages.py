"""The hosted payment page: plain HTML and CSS on the sandbox's own origin, without scripts.

What is typed as a card number is matched against the test cards in memory and dropped; the book keeps brand, last
four digits and a mark. A card that is not a test card is refused unread.
"""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from . import paying
from .book import Book
from .rules import CARDS, Refusal, expiry_problem, read_card, show_amount

_HERE: Final = Path(__file__).parent
_ENV: Final = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True,
                          lstrip_blocks=True)
MAX_FORM: Final = 16 * 1024

NOTICES: Final[dict[str, tuple[int, str, str]]] = {
    # name: (HTTP status, heading, sentence)
    "missing": (404, "This payment page does not exist", "Please go back to the shop and start the payment again."),
    "expired": (410, "This payment page has expired",
                "Nothing was charged. Please go back to the shop and start the payment again."),
    "complete": (200, "This payment is complete", "You have already paid. You can go back to the shop."),
    "late": (504, "The bank did not answer in time",
             "We do not know yet whether the payment went through. Please do not pay again:"
             " the shop will find out and tell you."),
    "foreign": (403, "This form came from another site", "Open the payment page again from the shop."),
}  # fmt: skip


def origin(url: str | None) -> str | None:
    """Scheme, host and port of an address."""
    if not url:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Pages:
    """The pages of one sandbox."""

    def __init__(self, book: Book, shop_name: str) -> None:
        self.book = book
        self.shop_name = shop_name
        self._css = (_HERE / "static" / "pay.css").read_bytes()

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/c/pay.css", self.css, methods=["GET"]),
            Route("/c/pay/{id}", self.show, methods=["GET"]),
            Route("/c/pay/{id}", self.pay, methods=["POST"]),
            Route("/c/pay/{id}/challenge", self.show_challenge, methods=["GET"]),
            Route("/c/pay/{id}/challenge", self.answer_challenge, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        return self._page("notice.html", 200, None, heading="Sandbox payment provider",
                          sentence="This is a bank to practise with. No real money moves here.", tone="plain")

    async def css(self, request: Request) -> Response:
        return Response(self._css, media_type="text/css", headers={"Cache-Control": "max-age=300"})

    async def show(self, request: Request) -> Response:
        session, intent = self._load(request)
        if session is None or session["status"] != "open":
            return self._notice(session)
        hint = request.query_params.get("card", "")
        typed = {"card_number": hint if hint in CARDS else "", "exp": "12 / 34", "cvc": "123"}
        failed = json.loads(intent["last_error"])["message"] if intent and intent["last_error"] else None
        return self._form(session, typed, {}, failed, 200)

    async def pay(self, request: Request) -> Response:
        session, _ = self._load(request)
        typed = await self._typed(request)
        if typed is None:
            return self._named("foreign", session)
        if session is None or session["status"] == "expired":
            return self._notice(session)
        if session["status"] == "complete":
            return self._to_shop(session)
        card = read_card(typed.get("card_number", ""))
        today = time.gmtime(self.book.clock())
        problems = {}
        if isinstance(card, str):
            problems["card_number"] = card
        if wrong := expiry_problem(typed.get("exp", ""), today.tm_year, today.tm_mon):
            problems["exp"] = wrong
        if not (typed.get("cvc", "").isascii() and typed.get("cvc", "").isdigit() and 3 <= len(typed["cvc"]) <= 4):
            problems["cvc"] = "Enter the 3 or 4 digits of the security code."
        if problems or isinstance(card, str):
            kept = "" if isinstance(card, str) else typed.get("card_number", "")
            return self._form(session, {**typed, "card_number": kept}, problems, None, 422)
        with self.book.transaction() as tx:
            outcome = paying.pay(tx, session["id"], card)
        return self._after(request, outcome)

    async def show_challenge(self, request: Request) -> Response:
        session, intent = self._load(request)
        if session is None or session["status"] != "open":
            return self._notice(session)
        if intent is None or intent["status"] != "requires_action":
            return RedirectResponse(f"/c/pay/{session['id']}", 303)
        return self._page("challenge.html", 200, session, last4=json.loads(intent["pending"])["last4"])

    async def answer_challenge(self, request: Request) -> Response:
        session, _ = self._load(request)
        typed = await self._typed(request)
        if typed is None:
            return self._named("foreign", session)
        if session is None:
            return self._notice(session)
        with self.book.transaction() as tx:
            outcome = paying.answer_challenge(tx, session["id"], typed.get("answer") == "complete")
        return self._after(request, outcome)

    def _after(self, request: Request, outcome: str) -> Response:
        session, intent = self._load(request)
        assert session is not None
        if outcome in ("authorized", "complete"):
            return self._to_shop(session)
        if outcome == "late":
            return self._named("late", session)
        if outcome == "challenge":
            return RedirectResponse(f"/c/pay/{session['id']}/challenge", 303)
        if outcome == "declined" and intent is not None:
            failed = json.loads(intent["last_error"])["message"]
            return self._form(session, {"exp": "12 / 34", "cvc": "123"}, {}, failed, 402)
        if outcome == "open":
            return RedirectResponse(f"/c/pay/{session['id']}", 303)
        return self._notice(session)

    def _load(self, request: Request) -> tuple[sqlite3.Row | None, sqlite3.Row | None]:
        """The session and its intent; one that time has ended is expired first."""
        session_id = request.path_params["id"]
        try:
            with self.book.reading() as tx:
                session = tx.get(session_id, "session")
                over = session["status"] == "open" and session["expires_at"] <= tx.now
            if over:
                with self.book.transaction() as tx:
                    paying.expire_due(tx)
            with self.book.reading() as tx:
                session = tx.get(session_id, "session")
                return session, tx.get(session["intent_id"]) if session["intent_id"] else None
        except Refusal:
            return None, None

    async def _typed(self, request: Request) -> dict[str, str] | None:
        """The form's fields, or None if another site sent it."""
        sender = request.headers.get("origin")
        if sender not in (None, origin(self.book.public_url)) or (
            request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
        ):
            return None
        raw = b""
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MAX_FORM:
                return {}
        fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0].strip()[:64] for name, values in fields.items()}

    def _to_shop(self, session: sqlite3.Row) -> Response:
        target = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
        return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})

    def _notice(self, session: sqlite3.Row | None) -> Response:
        return self._named(session["status"] if session else "missing", session)

    def _named(self, name: str, session: sqlite3.Row | None) -> Response:
        status, heading, sentence = NOTICES[name]
        back = None
        if session is not None:
            paid = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
            back = paid if session["status"] == "complete" else session["cancel_url"]
        return self._page("notice.html", status, session, heading=heading, sentence=sentence, back=back,
                          tone={"complete": "good", "late": "wait"}.get(name, "plain"))

    def _form(
        self, session: sqlite3.Row, typed: dict[str, str], problems: dict[str, str], failed: str | None, status: int
    ) -> Response:
        return self._page("pay.html", status, session, typed=typed, problems=problems, failed=failed,
                          cards=list(CARDS.values()))

    def _page(self, template: str, status: int, session: sqlite3.Row | None, **facts: Any) -> Response:
        amount = show_amount(session["amount"], session["currency"]) if session else None
        html = _ENV.get_template(template).render(shop_name=self.shop_name, session=session, amount=amount, **facts)
        # Browsers apply form-action to redirects too, so the shop's origins must be on it.
        targets = {origin(session["success_url"]), origin(session["cancel_url"])} - {None} if session else set()
        allowed = " ".join(["'self'", *sorted(str(target) for target in targets)])
        return Response(html, status, media_type="text/html", headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:;"
            f" form-action {allowed}; base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cache-Control": "no-store",
        })  # fmt: skip
