"""Stripe's official client, made with everything explicit: key, version, addresses, time-outs and retries.

Left alone it would wait 80 seconds and try once. Importing this module does not import the client; making one does.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from stripe import StripeClient

API_VERSION: Final = "2026-10-28.endive"


def make_client(
    secret_key: str,
    base_url: str | None,
    timeout_s: float,
    max_retries: int,
    ca_file: str | None,
    here: threading.local,
) -> StripeClient:
    """A client for Stripe (`base_url` None) or a sandbox.

    It sets `here.maybe_sent` as soon as a failed request may have been received: the client repeats by itself, and
    a refused connection at the end does not tell what became of the tries before.
    """
    import requests
    import stripe

    class Http(stripe.RequestsClient):
        """Notes whether a failed request may have been worked on; a refused connection surely was not."""

        def request(self, method: str, url: str, headers: Any, post_data: Any = None, **_more: Any) -> Any:
            try:
                answer = super().request(method, url, headers, post_data)
            except stripe.APIConnectionError as error:
                here.maybe_sent = getattr(here, "maybe_sent", False) or not never_sent(error)
                raise
            here.maybe_sent = getattr(here, "maybe_sent", False) or answer[1] >= 500
            return answer

    class Trusting(requests.adapters.HTTPAdapter):
        """Checks the server against our own certificate instead of the public ones."""

        def send(self, *args: Any, **how: Any) -> requests.Response:
            return super().send(*args, **{**how, "verify": ca_file})

    session = requests.Session()
    session.trust_env = base_url is None  # a sandbox on this machine is not reached through a proxy
    if ca_file is not None and base_url is not None:
        session.mount(base_url, Trusting())
    addresses = {"api": base_url, "files": base_url} if base_url else {}
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        max_network_retries=max_retries,
        base_addresses=cast(Any, addresses),
        http_client=Http(timeout=timeout_s, session=session),
    )


def never_sent(error: BaseException) -> bool:
    """True if the connection itself was refused or never made, so that no byte of the request left."""
    from urllib3.exceptions import NewConnectionError

    seen: BaseException | None = error
    while seen is not None:
        reason = getattr(seen.args[0], "reason", None) if seen.args else None
        if isinstance(seen, NewConnectionError) or isinstance(reason, NewConnectionError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
