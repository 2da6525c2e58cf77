"""The bank of a play: one provider with a memory, seen by each of our programs through that program's own ports.

It is away, answers too late or not at all; buyers' banks think for hours, and send a refund back days later.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from storekeep.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant
from storekeep.kernel.db import refuse_inside_transaction
from storekeep.shop.payments.providers import (
    MemoryProvider,
    PaymentProvider,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
    SessionOpened,
    WebhookEvent,
)
from storekeep.shop.payments.providers.memory_book import Outcome
from storekeep.world.simulator import till
from storekeep.world.simulator.outside.webhooks import Webhooks
from storekeep.world.simulator.play import Broken, Life, Play
from storekeep.world.simulator.programs import Ports
from storekeep.world.simulator.schedule import in_a_life

T = TypeVar("T")
MOVES_MONEY = ("capture", "void", "refund")

_OUTCOMES: dict[str, Outcome] = {
    till.GOOD: "succeed", till.DECLINED: "decline", till.NO_FUNDS: "insufficient_funds", till.CHALLENGE: "challenge",
    till.LATE: "settle_late",
}  # fmt: skip


class PlayedProvider:
    """One provider for a whole play. Its book lives on when programs of ours die."""

    def __init__(self, play: Play, *, name: str = "memory") -> None:
        self.play, self.name = play, name
        self.memory = MemoryProvider(lambda: play.now, name=name)
        self.rng = random.Random(f"{play.seed}:provider")  # noqa: S311 - a game, no secret
        self._webhooks = Webhooks(play, self.memory, self.rng)
        self._judged: set[str] = set()
        #: Until when nobody answers, and whether what is asked meanwhile is done all the same
        self._down_until: Instant = 0
        self._works_silently = False
        #: Until when a payment is not ready to be captured; decided when that is first asked for
        self._not_ready_until: dict[str, Instant] = {}
        #: By refund of ours the last one made here, unless the buyer's bank sent it back
        self._paid_out: dict[str | None, str] = {}
        #: When somebody paid on a page, by its session
        self._paid: dict[str, Instant] = {}

    def seen_by(self, ports: Ports) -> PaymentProvider:
        """The provider as one program sees it."""
        return _Line(self, ports)

    @property
    def till(self) -> till.Till:
        """The hosted page, as shoppers see it."""
        return _Page(self)

    def book(self) -> list[ProviderPayment]:
        """Every payment page that was ever opened, oldest first, as it stands now."""
        return self.memory.payments()

    def deliver(self, life: Life) -> None:
        """The provider's own life: webhooks go out, late banks answer, refunds come back. It never ends."""
        self._webhooks.live(life)

    def paid_since(self, moment: Instant) -> list[ProviderPayment]:
        """The payments that shoppers made from a moment on, as they stand now. What is older is not asked for again."""
        self._paid = {ref: at for ref, at in self._paid.items() if at >= moment}
        return [self.memory.read(ref) for ref in self._paid]

    def break_down(self, life: Life) -> None:
        """Some days the provider answers nobody for up to 40 minutes; it may do what it is asked all the same."""
        while True:
            life.sleep(DAY)
            if life.chance(life.play.trouble.provider_down_days):
                life.sleep(life.rng.randint(1, 23 * 60) * MINUTE)
                self._works_silently = life.rng.random() < 0.5
                life.note(f"fault: provider down{', but at work' if self._works_silently else ''}")
                self._down_until = life.now + life.rng.randint(10, 40) * MINUTE

    def is_down(self) -> bool:
        """Whether it answers nobody now. At the quiet end there is no such trouble any more."""
        return self.play.now < self._down_until and self.play.trouble.provider_down_days > 0

    @property
    def works_silently(self) -> bool:
        """Whether it does what it is asked while it is down."""
        return self._works_silently

    def is_ready_to_capture(self, payment_ref: str) -> bool:
        """Some payments are not ready for up to half an hour, because the buyer's bank is slow."""
        trouble = self.play.trouble
        if payment_ref not in self._not_ready_until:
            slow = self.strikes(trouble.capture_slow)
            if slow:
                self.play.note("fault: card not ready to be captured")
            self._not_ready_until[payment_ref] = self.play.now + (self.rng.randint(5, 30) * MINUTE if slow else 0)
        return not trouble.capture_slow or self.play.now >= self._not_ready_until[payment_ref]

    def strikes(self, chance: float) -> bool:
        """Whether a trouble of this chance happens now."""
        return chance > 0 and self.rng.random() < chance

    def page_opened(self, opened: SessionOpened) -> None:
        """Remember to close a page that nobody paid in time."""
        self._look_later(opened.session_ref, self.play.now + DAY)

    def refunded(self, made: ProviderRefund) -> None:
        """Decide, once per refund, whether the buyer's bank sends it back some days later.

        Raises `Broken` when one refund of ours is paid out a second time although the first one was not sent back.
        """
        if made.ref in self._judged:
            return
        self._judged.add(made.ref)
        if (before := self._paid_out.setdefault(made.refund_id, made.ref)) != made.ref:
            raise Broken("bank", f"refund {made.refund_id} was paid out twice, as {before} and as {made.ref}")
        if self.strikes(self.play.trouble.refund_fails_late):
            self.play.note("fault: refund failed later")
            after = self.rng.randint(6 * 60, 3 * 24 * 60) * MINUTE
            self._webhooks.later(self.play.now + after, lambda _life: self._send_back(made))

    def _send_back(self, made: ProviderRefund) -> None:
        self._paid_out.pop(made.refund_id, None)
        self.memory.fail_refund_later(made.ref)

    def followed(self, seen: ProviderPayment) -> None:
        """Something happened on a page: what comes of it later."""
        ref = str(seen.session_ref)
        if seen.status == "processing":
            outcome: Outcome = "decline" if self.rng.random() < 0.15 else "succeed"
            after = self.rng.choice((self.rng.randint(1, 30), self.rng.randint(30, 360))) * MINUTE
            self._webhooks.later(
                self.play.now + after, lambda _life: self.followed(self.memory.settle(ref, outcome))
            )
        elif seen.capture_before is not None:
            self._paid[ref] = self.play.now
            self._look_later(ref, seen.capture_before)
        self._webhooks.collect()

    def told(self) -> None:
        """Something may have happened that the shop is to be told of."""
        self._webhooks.collect()

    def _look_later(self, session_ref: str, at: Instant) -> None:
        """Let what runs out at `at` run out; by the hour, so that many are looked at together."""
        self._webhooks.later(-(-at // HOUR) * HOUR, lambda _life: self.memory.touch(session_ref))


class _Page:
    """The shopper's side of the provider."""

    def __init__(self, provider: PlayedProvider) -> None:
        self._provider = provider

    def pay(self, page: str, card: str) -> bool:
        """Pay on a hosted page; True when the page took the card, or the bank is still thinking about it."""
        provider, ref = self._provider, page.removeprefix("memory:")
        seen = provider.memory.shopper_pays(ref, _OUTCOMES[card])
        if seen.status == "requires_action":
            seen = provider.memory.shopper_answers_challenge(ref, provider.rng.random() < 0.9)
        provider.followed(seen)
        return seen.status in {"authorized", "captured", "processing"}


class _Line:
    """The port, as one life of one of our programs sees it."""

    def __init__(self, provider: PlayedProvider, ports: Ports) -> None:
        self._provider, self._ports = provider, ports
        self.name = provider.name

    def open_session(self, **asked: Any) -> SessionOpened:
        """See the port."""

        def work() -> SessionOpened:
            opened = self._provider.memory.open_session(**asked)
            self._provider.page_opened(opened)
            return opened

        return self._call("open_session", work)

    def read(self, session_ref: str | None = None, payment_ref: str | None = None) -> ProviderPayment:
        """See the port."""
        return self._call("read", lambda: self._provider.memory.read(session_ref, payment_ref))

    def find(self, attempt_id: str, created_after: int) -> ProviderPayment | None:
        """See the port."""
        return self._call("find", lambda: self._provider.memory.find(attempt_id, created_after))

    def capture(
        self, payment_ref: str, amount_minor: int, key: str, *, currency: str | None = None
    ) -> ProviderPayment:
        """See the port."""

        def work() -> ProviderPayment:
            if not self._provider.is_ready_to_capture(payment_ref):
                raise ProviderUnavailable("The buyer's bank is not ready.")
            return self._provider.memory.capture(payment_ref, amount_minor, key, currency=currency)

        return self._call("capture", work)

    def void(self, *, key: str, payment_ref: str | None = None, session_ref: str | None = None) -> ProviderPayment:
        """See the port."""
        memory = self._provider.memory
        return self._call("void", lambda: memory.void(key=key, payment_ref=payment_ref, session_ref=session_ref))

    def expire_session(self, session_ref: str, key: str) -> ProviderPayment:
        """See the port."""
        return self._call("expire_session", lambda: self._provider.memory.expire_session(session_ref, key))

    def refund(
        self, payment_ref: str, amount_minor: int, key: str, refund_id: str, *, currency: str | None = None
    ) -> ProviderRefund:
        """See the port."""

        def work() -> ProviderRefund:
            made = self._provider.memory.refund(payment_ref, amount_minor, key, refund_id, currency=currency)
            self._provider.refunded(made)
            return made

        return self._call("refund", work)

    def find_refund(self, payment_ref: str, refund_id: str) -> ProviderRefund | None:
        """See the port."""
        return self._call("find_refund", lambda: self._provider.memory.find_refund(payment_ref, refund_id))

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now: int) -> WebhookEvent:
        """See the port."""
        return self._provider.memory.verify_webhook(body, headers, now)

    def _call(self, operation: str, work: Callable[[], T]) -> T:
        """One call over the network, with what may happen to it on the way there and on the way back."""
        refuse_inside_transaction()
        provider, trouble = self._provider, self._provider.play.trouble
        self._ports.before(f"provider.{operation}")
        if provider.strikes(trouble.unavailable):
            provider.play.note("fault: provider unavailable")
            raise ProviderUnavailable("The provider is not available.")
        # A bank takes its time to move money, so these calls are the ones that are given up most.
        slow = trouble.money_timeout if operation in MOVES_MONEY else 0.0
        if provider.strikes(trouble.timeout_before + slow):
            provider.play.note("fault: provider call lost on its way")
            self._wait_in_vain()
        is_down = provider.is_down()
        if is_down:
            provider.play.note("fault: provider silent")
        if is_down and not provider.works_silently:
            self._wait_in_vain()
        answer: T | ProviderRefused
        try:
            answer = work()
        except ProviderRefused as refusal:
            answer = refusal
        provider.told()
        if is_down:
            self._wait_in_vain()
        if provider.strikes(trouble.timeout_after + slow):
            provider.play.note("fault: provider answer lost")
            self._wait_in_vain()
        self._ports.after(f"provider.{operation}")
        if isinstance(answer, ProviderRefused):
            raise answer
        return answer

    def _wait_in_vain(self) -> NoReturn:
        """Nobody answers until our patience is over. Our other programs do not rest meanwhile."""
        play, wait = self._provider.play, self._provider.rng.randint(2, 20) * SECOND
        if in_a_life():
            play.bell.ring(self._provider.rng.randrange(wait))
            play.schedule.sleep(wait)
        raise ProviderUnknown("The provider did not answer in time.")
