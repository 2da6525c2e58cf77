"""Puts a running shop together from its database and settings: providers, carriers, mailer, house."""

import os
import random
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from storekeep.doors.cli.config import BadOption, data_folder
from storekeep.flows import house, telling
from storekeep.flows.house import House
from storekeep.flows.services import Services
from storekeep.kernel import settings
from storekeep.kernel.db import Database
from storekeep.shop.notify.sender import DemoMailer, Mailer, SmtpMailer
from storekeep.shop.payments.providers.base import PaymentProvider
from storekeep.shop.payments.providers.stripe import StripeProvider
from storekeep.shop.shipping.carriers.base import Carrier
from storekeep.shop.shipping.carriers.demo_cards import demo_carriers
from storekeep.shop.site import profile

SANDBOX = "payments.sandbox"


def providers_of(stored: Mapping[str, str] | None) -> dict[str, PaymentProvider]:
    """The payment providers: Stripe by STRIPE_API_KEY and STRIPE_WEBHOOK_SECRET, or the sandbox of the settings.

    STRIPE_API_BASE points the same adapter at a `storekeep sandbox` that was started by hand.
    """
    key = os.environ.get("STRIPE_API_KEY")
    if key:
        secrets = os.environ.get("STRIPE_WEBHOOK_SECRET", "").split(",")
        return {"stripe": StripeProvider(key, os.environ.get("STRIPE_API_BASE") or None, secrets)}
    if stored:
        provider = StripeProvider(
            stored["secret_key"], stored["base_url"], stored["webhook_secret"], ca_file=stored.get("ca_file") or None
        )
        return {"stripe": provider}
    return {}


def mailer_of(is_demo: bool) -> Mailer:
    """A real mail server by STOREKEEP_SMTP_URL; without one, and always in a demo, mails are only kept."""
    url = os.environ.get("STOREKEEP_SMTP_URL")
    if is_demo or not url:
        return DemoMailer()
    told = urlsplit(url)
    if told.scheme not in {"smtp", "smtps"} or not told.hostname:
        raise BadOption("STOREKEEP_SMTP_URL is smtp://user:password@host:587 or smtps://user:password@host:465")
    is_here = told.hostname in {"127.0.0.1", "localhost"}
    return SmtpMailer(
        told.hostname,
        told.port or (465 if told.scheme == "smtps" else 587),
        unquote(told.username or ""),
        unquote(told.password or ""),
        "tls" if told.scheme == "smtps" else "none" if is_here else "starttls",
    )


def house_of(db: Database, db_url: str, *, name: str) -> House:
    """The house of a database, ready to serve. Nothing is started."""
    with db.begin(actor="system") as tx:
        secret = telling.link_secret(tx)
        shop = profile.load(tx)
        stored = settings.read(tx, SANDBOX)
    carriers: Mapping[str, Carrier] = demo_carriers()
    services = Services(
        db=db,
        providers=providers_of(stored),
        provider="stripe",
        mailer=mailer_of(shop.is_demo),
        carriers=carriers,
        link_secret=secret,
        public_url=shop.public_url,
    )
    media = data_folder(db_url) / "media"
    media.mkdir(parents=True, exist_ok=True)
    rng = random.Random(os.urandom(8))  # noqa: S311 - jitter of retries, no secret
    return house.build(services, name=name, rng=rng, media_folder=Path(media))
