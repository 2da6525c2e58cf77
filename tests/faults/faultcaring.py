"""Stories of caring: people who write, money and goods given back, refunds that fail, returns line by line."""

from typing import Any

from faultground import HAND
from faultselling import count, mails, order, rows
from faultstage import Stage
from faultstory import Step, story, work, write
from sqlalchemy import select

from storekeep.flows import reply, resolve, returned_money, send_again, settle, take_back
from storekeep.flows.resolve import RefundWish
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import IllegalMove
from storekeep.shop.notify import mails as post
from storekeep.shop.notify.tables import mail
from storekeep.shop.payments.tables import refund
from storekeep.shop.returns.tables import goods_return
from storekeep.shop.support import conversations, notes
from storekeep.shop.support.tables import message, remedy

AGENT = f"staff:{HAND}"


def agent(do: Any) -> Step:
    return write(AGENT, do)


def _units(stage: Stage, name: str, **wanted: int) -> dict[str, int]:
    return {stage.facts.lines[name][sku]: qty for sku, qty in wanted.items()}


# --- people write ---


def _report(tx: Tx, stage: Stage) -> None:
    units = _units(stage, "shipped", MUG=1)
    heard = reply.report_problem(tx, stage.facts.orders["shipped"], units, "damaged", "The handle is off.", "problem")
    stage.memo["conversation"] = heard.conversation_id


def _note(tx: Tx, stage: Stage) -> None:
    notes.write(tx, "Calls every week.", "note", conversation_id=stage.memo["conversation"])


def _answer(tx: Tx, stage: Stage) -> None:
    conversation_id = stage.memo["conversation"]
    seen = stage.memo.setdefault("seen", conversations.lock(tx, conversation_id).version)
    reply.agent_replies(tx, conversation_id, "We are sorry; money is on its way.", "answer", seen)


def _refund(name: str, wish: Any, command: str) -> Step:
    def do(tx: Tx, stage: Stage) -> None:
        talk = stage.memo.get("conversation")
        resolve.refund(
            tx, stage.facts.orders[name], wish(stage), reason="damaged", command_id=command, conversation_id=talk
        )

    return agent(do)


def _refunded(amounts: list[int]) -> Any:
    def proves(stage: Stage) -> None:
        given = [back for one in stage.provider.payments() for back in one.refunds]
        assert sorted((back.amount_minor, back.status) for back in given) == sorted((n, "succeeded") for n in amounts)
        found = rows(stage, select(refund.c.status))
        assert [row.status for row in found] == ["succeeded"] * len(amounts)
        assert mails(stage, "refund") == len(amounts)

    return proves


def _one_tea(stage: Stage) -> RefundWish:
    return RefundWish(_units(stage, "shipped", TEA=1))


story(
    "a problem is reported, answered and refunded",
    write("shopper", _report),
    agent(_note),
    agent(_answer),
    _refund("shipped", _one_tea, "refund"),
    proves=_refunded([700]),
)


def _asked(tx: Tx, stage: Stage) -> None:
    number = order(stage, "paid").number
    heard = reply.contact(tx, "mina4@example.com", "Mina", "When will it come?", number, "contact")
    stage.memo["conversation"] = heard.conversation_id


def _wrote(tx: Tx, stage: Stage) -> None:
    reply.customer_writes(tx, stage.facts.conversation, "And cups?", "more")


def _talked(stage: Stage) -> None:
    assert count(stage, message, message.c.command_id.in_(("contact", "more", "answer"))) == 3
    assert mails(stage, "agent_reply") == 1


story(
    "people write and are answered",
    write("shopper", _asked),
    write("shopper", _wrote),
    agent(_answer),
    proves=_talked,
)


def _resend(tx: Tx, stage: Stage) -> None:
    old = tx.scalar(select(mail.c.id).where(mail.c.template == "shipped").order_by(mail.c.id).limit(1))
    post.resend(tx, old, "resend", "other@example.com")


def _resent(stage: Stage) -> None:
    assert [to for to, _ in stage.box.subjects.values()] == ["other@example.com"]


story("a mail is sent once more", agent(_resend), agent(_resend), proves=_resent)


# --- money goes back ---

story(
    "goodwill and units are refunded",
    _refund("shipped", lambda stage: RefundWish(goodwill_minor=321), "sorry"),
    _refund("shipped", _one_tea, "tea"),
    proves=_refunded([321, 700]),
)


def _bank_sends_back(stage: Stage) -> None:
    for one in stage.provider.payments():
        for back in one.refunds:
            if stage.memo.setdefault("failed", back.ref) == back.ref:
                stage.provider.fail_refund_later(back.ref)


def _look_again(tx: Tx, stage: Stage) -> None:
    settle.ask_to_observe(tx, stage.facts.payments["shipped"], "refund.failed")


def _failed(stage: Stage) -> None:
    assert [row.status for row in rows(stage, select(refund.c.status))] == ["failed"]


def _try_again(stage: Stage) -> None:
    refund_id = rows(stage, select(refund.c.id))[0].id
    try:
        stage.write(AGENT, lambda tx: returned_money.try_again(tx, refund_id))
    except IllegalMove:
        assert stage.tries > 1  # it went through, and only its answer was lost


def _came_back(stage: Stage) -> None:
    given = [back.status for one in stage.provider.payments() for back in one.refunds]
    assert sorted(given) == ["failed", "succeeded"]
    assert [row.status for row in rows(stage, select(refund.c.status))] == ["succeeded"]
    assert [row.status for row in rows(stage, select(remedy).where(remedy.c.command_id == "sorry"))] == ["done"]


story(
    "a refund comes back and is tried again",
    _refund("shipped", lambda stage: RefundWish(goodwill_minor=321), "sorry"),
    work,
    _bank_sends_back,
    write("provider", _look_again),
    work,
    _failed,
    _try_again,
    proves=_came_back,
)


# --- goods go again, and come back ---


def _again(tx: Tx, stage: Stage) -> None:
    units = _units(stage, "shipped", TEA=1)
    send_again.reship(tx, stage.facts.orders["shipped"], units, reason="lost", command_id="reship")


def _sent_again(stage: Stage) -> None:
    assert count(stage, remedy, remedy.c.command_id == "reship") == 1
    assert mails(stage, "sent_again") == 2  # one of them is the ground's


story("goods are sent again", agent(_again), agent(_again), proves=_sent_again)


def _approve(tx: Tx, stage: Stage) -> None:
    units = _units(stage, "shipped", TEA=2)
    applied = take_back.approve_return(
        tx, stage.facts.orders["shipped"], units, reason="too much", command_id="return"
    )
    stage.memo["return"] = applied.remedy_id


def _approved(stage: Stage) -> None:
    assert count(stage, goods_return, goods_return.c.id == stage.memo["return"]) == 1


story("a return is agreed to", agent(_approve), agent(_approve), proves=_approved)


def _receive(tx: Tx, stage: Stage) -> None:
    return_id, lines = stage.facts.returns["returning"]
    take_back.receive(tx, return_id, {lines["TEA"]: 2}, "came back")


def _finish(name: str) -> Step:
    return agent(lambda tx, stage: take_back.finish(tx, stage.facts.returns[name][0]))


def _decide(sku: str, outcome: str, command: str, name: str = "returned") -> Step:
    def do(tx: Tx, stage: Stage) -> None:
        line = stage.facts.returns[name][1][sku]
        shelf = stage.facts.bins["B-02-1"] if outcome == "restock" else None
        take_back.dispose(tx, line, 1, outcome, command, bin_id=shelf)

    return agent(do)


def _closed(name: str) -> Any:
    def proves(stage: Stage) -> None:
        found = rows(stage, select(goods_return.c.status).where(goods_return.c.id == stage.facts.returns[name][0]))
        assert [row.status for row in found] == ["closed"]

    return proves


story(
    "part of a return comes back",
    agent(_receive),
    _decide("TEA", "restock", "first", "returning"),
    _decide("TEA", "quarantine", "second", "returning"),
    _finish("returning"),
    proves=_closed("returning"),
)


def _money_for_return(tx: Tx, stage: Stage) -> None:
    take_back.refund_for_return(tx, stage.facts.returns["returned"][0], reason="came back", command_id="money")


story(
    "a return is inspected and refunded",
    _decide("TEA", "restock", "one"),
    _decide("TEA", "scrap", "two"),
    _decide("MUG", "quarantine", "three"),
    agent(_money_for_return),
    agent(_money_for_return),
    proves=_closed("returned"),
)


def _blind(tx: Tx, stage: Stage) -> None:
    take_back.blind_return(tx, [(stage.facts.variants["MUG"], 2, 300)], "no note in the box", "blind")
    take_back.manual_credit(tx, 600, "EUR", "for the two mugs", "credit")


story("goods come back that no order explains", agent(_blind), agent(_blind), proves=lambda stage: None)
