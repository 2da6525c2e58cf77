"""The shop's own short letters about conversations and parcels, as plain text. Pure.

Each gives a subject and a body. Names and texts come from people, so a subject is always one line.
"""

from collections.abc import Sequence


def acknowledgement(shop_name: str, name: str, about: str, number: int, link: str) -> tuple[str, str]:
    """We have your message, and where to read and answer. It repeats nothing that a stranger may have typed in."""
    text = (
        f"{_hello(name)}\n\nThank you for writing. We have your message and will answer it by mail.\n\n"
        f"You can read it and add to it here:\n{link}\n\nKind regards\n{shop_name}\n"
    )
    return f"We have your message {number}: {about}", text


def sent_again(
    shop_name: str, name: str, order_number: int, lines: Sequence[tuple[int, str]], promised_on: str, link: str
) -> tuple[str, str]:
    """Goods are sent once more, for nothing: (units, title) of each line, and by when."""
    goods = "\n".join(f"  {qty} x {title}" for qty, title in lines)
    text = (
        f"{_hello(name)}\n\nWe are sorry for the trouble. We send you this once more, at no cost to you:\n\n{goods}\n\n"
        f"It should be with you by {promised_on}. You get another mail with the tracking number.\n\n"
        f"Your order:\n{link}\n\nKind regards\n{shop_name}\n"
    )
    return f"A replacement for your order {order_number}", text


def _hello(name: str) -> str:
    return f"Hello {name}," if name else "Hello,"
