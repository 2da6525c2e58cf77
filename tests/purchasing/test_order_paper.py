"""A purchase order goes to its supplier as a PDF with the mail: complete, the same bytes for the same order."""

import io
from dataclasses import replace
from email import policy
from email.parser import BytesParser

from buying import Buying
from pypdf import PdfReader
from sqlalchemy import select

from storekeep.flows import purchase
from storekeep.kernel.db import refuse_inside_transaction
from storekeep.shop.notify import mails, sender
from storekeep.shop.notify.sender import OutgoingMail
from storekeep.shop.notify.tables import mail
from storekeep.shop.purchasing.model import Amendment
from storekeep.shop.purchasing.paper import OrderPaper, PaperLine, render_order

LINE = PaperLine("P-MUG", "MUG", "Mug", 12, "5.00 EUR", "60.00 EUR", "2026-12-04")
PAPER = OrderPaper(
    "Test shop", ("Test shop GmbH", "Road 1", "10115 Berlin"), "shop@example.com", "Pottery Works",
    "orders@pottery.example", "PO-1001", 1, "2026-11-24", "2026-12-04", (LINE,), "60.00 EUR", "ring twice",
)  # fmt: skip


class Kept:
    """A mailer that keeps what it is given, as the bytes that would go out."""

    def __init__(self) -> None:
        self.mails: list[OutgoingMail] = []

    def send(self, outgoing: OutgoingMail) -> None:
        refuse_inside_transaction()
        self.mails.append(outgoing)


def text_of(body: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]


def test_a_sent_order_has_its_pdf_with_the_mail_and_keeps_it_when_sent_again(buying: Buying) -> None:
    buying.sent({"MUG": 12, "BOWL": 3})
    row = buying.read(lambda tx: tx.first(select(mail)))
    (file,) = buying.read(lambda tx: mails.attachments_of(tx, [row.id]))[row.id]
    assert (file.filename, file.media_type) == ("PO-1001.pdf", "application/pdf")
    (page,) = text_of(file.body)
    for word in ("Pottery Works", "PO-1001", "P-MUG", "12", "60.00 EUR", "BOWL", "8.001234 EUR", "84.00 EUR"):
        assert word in page, page
    with buying.act() as tx:
        again = mails.resend(tx, row.id, "again")
    assert buying.read(lambda tx: mails.attachments_of(tx, [again]))[again] == [file]


def test_a_changed_order_is_a_new_paper_that_replaces_the_old_one(buying: Buying) -> None:
    order_id = buying.sent({"MUG": 12})
    with buying.act() as tx:
        purchase.amend(tx, order_id, [Amendment(buying.sku("MUG"), 18)], "more", buying.command())
    rows = buying.read(lambda tx: tx.rows(select(mail).order_by(mail.c.id)))
    files = buying.read(lambda tx: mails.attachments_of(tx, [row.id for row in rows]))
    assert [files[row.id][0].filename for row in rows] == ["PO-1001.pdf", "PO-1001-version-2.pdf"]
    assert "replaces the versions before it" in text_of(files[rows[1].id][0].body)[0]


def test_the_mail_that_goes_out_has_the_file_and_is_the_same_bytes_each_time(buying: Buying) -> None:
    buying.sent({"MUG": 12})
    row = buying.read(lambda tx: tx.first(select(mail)))
    kept = Kept()
    sender.deliver(buying.db, kept, row.id)
    (outgoing,) = kept.mails
    raw = sender.build(outgoing).as_bytes()
    assert raw == sender.build(outgoing).as_bytes()
    message = BytesParser(policy=policy.default).parsebytes(raw)
    (part,) = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("PO-1001.pdf", "application/pdf")
    assert part.get_content() == outgoing.attachments[0].body
    assert "attached as a PDF" in message.get_body(("plain",)).get_content()


def test_the_same_order_is_the_same_bytes_and_another_is_not() -> None:
    assert render_order(PAPER) == render_order(PAPER)
    assert render_order(replace(PAPER, ordered_on="2026-11-25")) != render_order(PAPER)


def test_a_long_order_takes_more_pages_and_loses_no_line() -> None:
    lines = tuple(
        replace(LINE, sku=f"SKU-{n}", supplier_sku="", title=f"Pot of clay, size {n}, " + "blue " * (n % 12), qty=n)
        for n in range(1, 91)
    )
    pages = text_of(render_order(replace(PAPER, lines=lines)))
    assert len(pages) > 3
    told = " ".join(pages)
    assert all(f"SKU-{n} " in told or f"SKU-{n}," in told for n in range(1, 91))
    assert "Total without tax" in pages[-1]
    assert all(f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, start=1))
