"""The post: a mail server that is busy for hours, knows some addresses not, and now and then loses its own answer."""

import random
from collections import Counter

from sqlalchemy import select

from storekeep.kernel.clock import MINUTE, Instant
from storekeep.kernel.db import Tx, refuse_inside_transaction
from storekeep.shop.notify.sender import Mailer, MailNotSent, MailRefused, OutgoingMail
from storekeep.shop.notify.tables import mail
from storekeep.world.simulator.play import Play
from storekeep.world.simulator.programs import Ports

#: What may keep us from noting that a mail went out: each time it may go out once more.
EXCUSES = ("fault: statement failed", "fault: disk full")


class PlayedMailer:
    """One mail server for a whole play. Its book lives on when programs of ours die."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.rng = random.Random(f"{play.seed}:post")  # noqa: S311 - a game, no secret
        #: How often each mail was taken, by message id
        self.accepted: Counter[str] = Counter()
        #: How often a program that lives on was not told that a mail was taken
        self.unanswered: Counter[str] = Counter()
        #: Mails that one life of a program sent again although it had its answer
        self.repeated: Counter[str] = Counter()
        self._busy_until: dict[str, Instant] = {}
        #: Which life of a program had the answer to a mail's last sending, if one had
        self._told: dict[str, int] = {}
        self._lives = 0

    def seen_by(self, ports: Ports) -> Mailer:
        """The mail server as one life of one program sees it."""
        self._lives += 1
        return _Line(self, ports, self._lives)

    def strikes(self, chance: float, what: str) -> bool:
        """Whether a trouble of this chance happens now; it is counted."""
        if chance > 0 and self.rng.random() < chance:
            self.play.note(f"fault: {what}")
            return True
        return False

    def bounces(self, address: str) -> bool:
        """Whether nobody has this address. An address stays good or bad for the whole play."""
        share = self.play.trouble.mail_bounced
        dice = random.Random(f"{self.play.seed}:address:{address}")  # noqa: S311 - a game, no secret
        return share > 0 and dice.random() < share

    def take(self, message_id: str, life: int) -> None:
        """Send a mail on its way to whoever it is for."""
        if self._told.get(message_id) == life:
            self.repeated[message_id] += 1
        self.accepted[message_id] += 1
        self._told.pop(message_id, None)

    def answered(self, message_id: str, life: int) -> None:
        """This life of a program knows now that the mail was taken."""
        self._told[message_id] = life

    def is_busy(self, message_id: str) -> bool:
        """Whether the server wants to be asked again later about this mail; decided when it first sees the mail."""
        if message_id not in self.accepted and message_id not in self._busy_until:
            delay = 0
            if self.strikes(self.play.trouble.mail_delayed, "mail delayed"):
                delay = self.rng.choice((self.rng.randint(1, 60), self.rng.randint(60, 8 * 60))) * MINUTE
                self._busy_until[message_id] = self.play.now + delay
        return self.play.now < self._busy_until.get(message_id, 0)


class _Line:
    """The port, as one life of one of our programs sees it."""

    def __init__(self, mailer: PlayedMailer, ports: Ports, life: int) -> None:
        self._mailer, self._ports, self._life = mailer, ports, life

    def send(self, outgoing: OutgoingMail) -> None:
        """See the port."""
        refuse_inside_transaction()
        mailer, message_id = self._mailer, outgoing.message_id
        self._ports.before("mail.send")
        if mailer.bounces(outgoing.to_address):
            mailer.play.note("fault: mail bounced")
            raise MailRefused("550 there is nobody of this name here")
        if mailer.is_busy(message_id):
            raise MailNotSent("451 try again later")
        mailer.take(message_id, self._life)
        if mailer.strikes(mailer.play.trouble.mail_answer_lost, "mail answer lost"):
            mailer.unanswered[message_id] += 1
            raise MailNotSent("the connection broke after the mail was handed over")
        self._ports.after("mail.send")
        mailer.answered(message_id, self._life)


def mail_differences(tx: Tx, mailer: PlayedMailer) -> list[str]:
    """What the post's book and ours do not agree on, one line each; none when all is well. For a quiet end.

    A mail may go out twice when an answer was lost, and when the program died, or its note of the answer failed.
    """
    m = mail.c
    query = select(m.message_id, m.key, m.status).order_by(m.id)
    ours = {row.message_id: row for row in tx.rows(query)}
    found = [
        f"mail {row.key} is marked as sent, but the post never had it"
        for message_id, row in ours.items()
        if row.status == "sent" and not mailer.accepted[message_id]
    ]
    found += [f"the post took {each}, which is no mail of ours" for each in mailer.accepted if each not in ours]
    repeats = sum(mailer.repeated.values())
    excuses = sum(mailer.play.tally[each] for each in EXCUSES)
    if repeats > excuses:
        example = ours[next(iter(mailer.repeated))]
        found.append(f"{repeats} mails were sent again for no reason, such as {example.key} ({excuses} notes failed)")
    return found
