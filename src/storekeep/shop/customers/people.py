"""Verbs: note that people buy, change what is known of one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update

from storekeep.kernel import audit
from storekeep.kernel.db import Tx
from storekeep.kernel.errors import Invalid, NotFound
from storekeep.shop.customers import store
from storekeep.shop.customers.model import CustomerDraft, clean_email, clean_name, fold_name
from storekeep.shop.customers.tables import customer

LONGEST_PHONE = 40
LONGEST_NOTE = 5_000


def upsert(tx: Tx, drafts: Sequence[CustomerDraft]) -> list[str]:
    """The ids of these people in order, made where the e-mail address is new; the last name and phone given count.

    Two statements for any number of people. Raises `Invalid` at `<n>.email` or `<n>.name`; then none is written.
    Repeating it changes nothing.
    """
    if not drafts:
        return []
    wanted: dict[str, tuple[str, str]] = {}
    emails = []
    for at, draft in enumerate(drafts):
        email = clean_email(draft.email, f"{at}.email")
        name, phone = clean_name(draft.name, f"{at}.name"), _phone(draft.phone, f"{at}.phone")
        old_name, old_phone = wanted.get(email, ("", ""))
        wanted[email] = (name or old_name, phone or old_phone)
        emails.append(email)
    known = store.known(tx, list(wanted))
    missing = sorted(email for email in wanted if email not in known)
    ids = {email: one[0] for email, one in known.items()}
    if missing:
        fresh = [(tx.new_id(), email, wanted[email][0], fold_name(wanted[email][0]), wanted[email][1], tx.now)
                 for email in missing]  # fmt: skip
        store.insert_missing(tx, fresh)
        ids.update((row[1], row[0]) for row in fresh)
        if tx.dialect == "postgresql":  # another transaction may have made one of them at the same moment
            ids.update((email, one[0]) for email, one in store.known(tx, missing).items())
    _refresh(tx, wanted, known)
    return [ids[email] for email in emails]


def change(
    tx: Tx, customer_id: str, *, name: str | None = None, phone: str | None = None, note: str | None = None
) -> None:
    """Change what is known of one customer. Raises `NotFound` or `Invalid`. Audited; no change leaves no trace."""
    row = store.locked(tx, customer_id)
    if row is None:
        raise NotFound("There is no such customer.")
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = clean_name(name)
    if phone is not None:
        values["phone"] = _phone(phone, "phone")
    if note is not None:
        if len(note) > LONGEST_NOTE:
            raise Invalid("note", f"The note has {len(note)} characters; at most {LONGEST_NOTE} fit.")
        values["note"] = note.strip()
    before = {field: getattr(row, field) for field, value in values.items() if getattr(row, field) != value}
    if not before:
        return
    after = {field: values[field] for field in before}
    folded = {"name_folded": fold_name(after["name"])} if "name" in after else {}
    tx.run(update(customer).where(customer.c.id == customer_id).values(**after, **folded))
    audit.record(tx, [audit.Entry("customer.changed", "customer", customer_id, before, after)])


def _refresh(tx: Tx, wanted: dict[str, tuple[str, str]], known: dict[str, tuple[str, str, str]]) -> None:
    rows = []
    for email, (one, old_name, old_phone) in known.items():
        name, phone = wanted[email][0] or old_name, wanted[email][1] or old_phone
        if (name, phone) != (old_name, old_phone):
            rows.append({"row_id": one, "new_name": name, "new_name_folded": fold_name(name), "new_phone": phone})
    if rows:
        store.write(tx, rows)


def _phone(text: str, path: str) -> str:
    phone = " ".join(text.split())
    if len(phone) > LONGEST_PHONE or any(not char.isprintable() for char in phone):
        raise Invalid(path, f"This is not a telephone number; at most {LONGEST_PHONE} characters fit.")
    return phone
