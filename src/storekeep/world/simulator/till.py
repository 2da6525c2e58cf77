"""How a simulated shopper pays: by filling in the provider's hosted page, as a browser would."""

import logging
from dataclasses import dataclass
from typing import Protocol

import requests

log = logging.getLogger("storekeep.world")

GOOD = "4242424242424242"
DECLINED = "4000000000000002"
NO_FUNDS = "4000000000009995"
CHALLENGE = "4000002760003184"
LATE = "4000000000007003"


class Till(Protocol):
    """Somewhere to pay."""

    def pay(self, page: str, card: str) -> bool:
        """Pay on a hosted page; True when the page took the card."""
        ...


@dataclass(frozen=True, slots=True)
class PageTill:
    """The sandbox's hosted payment page over HTTP."""

    timeout_s: int = 10
    ca_file: str | None = None

    def pay(self, page: str, card: str) -> bool:
        typed = {"card_number": card, "exp": "12 / 34", "cvc": "123"}
        try:
            with requests.Session() as browser:
                answer = self._post(browser, page, typed)
                if answer.status_code == 303 and "/challenge" in answer.headers["location"]:
                    answer = self._post(browser, f"{page}/challenge", {"answer": "complete"})
        except requests.RequestException as trouble:
            log.warning("a shopper could not reach the payment page: %s", trouble)
            return False
        return answer.status_code == 303

    def _post(self, browser: requests.Session, page: str, typed: dict[str, str]) -> requests.Response:
        origin = "/".join(page.split("/")[:3])
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        # Named on the request itself: on a session the environment's own certificates would win.
        return browser.post(
            page,
            data=typed,
            headers=headers,
            timeout=self.timeout_s,
            allow_redirects=False,
            verify=self.ca_file or True,
        )
