"""What the provider tells us by webhooks: lost, doubled, late, out of order and now and then forged.

A webhook is posted to our web program and stored there as at its door. What is not answered is posted again, later
each time, for three days.
"""

import heapq
import random
from collections.abc import Callable, Mapping

from storekeep.flows import hearing
from storekeep.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant
from storekeep.kernel.errors import StorekeepError
from storekeep.shop.payments.providers import BadSignature, MemoryProvider
from storekeep.world.simulator.play import FAILURES, Broken, Life, Play
from storekeep.world.simulator.programs import Down, Killed

#: What the shop asked the provider to be told of; all else it learns from the answers to its own calls.
SUBSCRIBED = frozenset(
    {
        "checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed", "payment_intent.payment_failed", "payment_intent.canceled",
        "refund.failed",
    }
)  # fmt: skip
#: The waits between two tries to deliver one webhook; after the last the provider gives it up.
TRIES = (10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR, 18 * HOUR, 24 * HOUR)

Act = Callable[[Life], object]


class Webhooks:
    """What one provider has on its list to do later, and the life that does it."""

    def __init__(self, play: Play, memory: MemoryProvider, rng: random.Random) -> None:
        self.play, self.memory, self._rng = play, memory, rng
        #: (when, a number that makes it unique, what to do)
        self._agenda: list[tuple[Instant, int, Act]] = []
        self._count = 0
        self._nap: int | None = None

    def later(self, at: Instant, act: Act) -> None:
        """Do something at `at`; it may have passed already."""
        self._count += 1
        heapq.heappush(self._agenda, (at, self._count, act))
        if self._nap is not None:
            self.play.schedule.hurry(self._nap, max(0, at - self.play.now))

    def collect(self) -> None:
        """Put what happened at the provider on the list of things to tell us, with the troubles on the way."""
        trouble, rng = self.play.trouble, self._rng
        for body, at in self.memory.take_waiting():
            if _kind(body) not in SUBSCRIBED:
                continue
            if self._strikes(trouble.webhook_lost, "lost"):
                continue
            due = at + rng.randint(1, 20) * SECOND
            if self._strikes(trouble.webhook_late, "late"):
                due += rng.choice((rng.randint(1, 59) * MINUTE, rng.randint(1, 72) * HOUR))
            self.later(due, self._delivery(body))
            if self._strikes(trouble.webhook_doubled, "doubled"):
                self.later(due + rng.randint(0, 600) * SECOND, self._delivery(body))
            if self._strikes(trouble.webhook_forged, "forged"):
                self.later(at + rng.randint(1, 600) * SECOND, self._forgery(body))

    def live(self, life: Life) -> None:
        """Do what is due, for ever."""
        while True:
            self.collect()
            if self._agenda and self._agenda[0][0] <= life.now:
                _due, _n, act = heapq.heappop(self._agenda)
                act(life)
                continue
            self._nap = self.play.schedule.ticket()
            self.play.schedule.sleep(self._agenda[0][0] - life.now if self._agenda else DAY, self._nap)
            self._nap = None

    def _strikes(self, chance: float, what: str) -> bool:
        if chance > 0 and self._rng.random() < chance:
            self.play.note(f"fault: webhook {what}")
            return True
        return False

    def _delivery(self, body: bytes, tries: int = 0) -> Act:
        """A try to deliver; when nobody answers there will be another."""

        def post(life: Life) -> None:
            life.note("webhooks sent")
            if self._is_answered(life, body):
                return
            if tries == len(TRIES):
                life.note("webhooks given up by the provider")
                return
            self.later(life.now + TRIES[tries] * self._rng.randint(80, 120) // 100, self._delivery(body, tries + 1))

        return post

    def _is_answered(self, life: Life, body: bytes) -> bool:
        try:
            self._post(life, body, self.memory.signature(body))
        except (Down, Killed):
            life.note("answers lost")
        except FAILURES as failure:
            life.note(f"told of a failure: {type(failure).__name__}")
        except BadSignature as refusal:
            # Only a clock that is wrong by minutes makes a fresh signature look too old.
            if not life.play.programs["web"].clock.skew:
                raise Broken("webhook", f"a genuine webhook was refused: {refusal}") from refusal
            life.note("webhooks refused because of a wrong clock")
        except StorekeepError as refusal:
            raise Broken("webhook", f"a genuine webhook was refused: {refusal}") from refusal
        else:
            return True
        return False

    def _forgery(self, body: bytes) -> Act:
        """Somebody who is not the provider posts an event: it must be refused."""
        altered = body.replace(b'"evt_', b'"evt_forged_')

        def post(life: Life) -> None:
            stranger = MemoryProvider(lambda: life.now, webhook_secret="whsec_of_somebody_else")  # noqa: S106
            headers = self._rng.choice(({}, self.memory.signature(body), stranger.signature(altered)))
            try:
                self._post(life, altered, headers)
            except BadSignature:
                life.note("forged webhooks refused")
            except (Down, Killed, *FAILURES):
                life.note("forged webhooks that found nobody")
            else:
                raise Broken("webhook", "a forged webhook was taken for the provider's")

        return post

    def _post(self, life: Life, body: bytes, headers: Mapping[str, str]) -> None:
        services = life.play.programs["web"].enter().services
        hearing.hear_payment(services, self.memory.name, body, headers)


def _kind(body: bytes) -> str:
    """The type of an event, cut out of its JSON text, for most of them go no further."""
    return body.split(b'"type": "', 1)[1].split(b'"', 1)[0].decode()
