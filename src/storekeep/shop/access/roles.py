"""What each role may do. Pure data; doors and flows ask, nobody else decides.

A permission is `thing.act`. Refunds need the permission and an amount within the person's own limit.
"""

from collections.abc import Mapping
from types import MappingProxyType

from storekeep.kernel.errors import Forbidden

#: permission -> what it lets one do, as the settings page says it.
PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "dashboard.read": "See the day at a glance",
        "catalog.read": "See products and prices",
        "catalog.change": "Change products, prices, pictures and discount codes",
        "customers.read": "See customers",
        "customers.change": "Change names, phones and notes of customers",
        "orders.read": "See orders",
        "orders.change": "Cancel orders and lines, add notes",
        "orders.refund": "Give money back, within the own limit",
        "orders.export": "Download orders",
        "stock.read": "See stock and its moves",
        "stock.change": "Adjust, move and scrap stock",
        "stock.count": "Count bins",
        "stock.approve": "Decide counts above the limit, and set the limits",
        "purchasing.read": "See suppliers, purchase orders and what suppliers charge",
        "purchasing.change": "Buy: suppliers, their terms, purchase orders",
        "purchasing.bill": "Take and match suppliers' invoices",
        "floor.pick": "Pick orders",
        "floor.pack": "Pack, print labels and ship",
        "floor.override": "Let a parcel through whose weight is off",
        "floor.receive": "Receive arriving goods and returns",
        "support.read": "Read conversations",
        "support.reply": "Answer, note, assign and resolve conversations",
        "mail.read": "Read sent mail",
        "mail.resend": "Send a mail again",
        "payments.read": "See payments and refunds",
        "ledger.read": "See the money ledger",
        "outbox.read": "See what waits to be told to the outside",
        "outbox.retry": "Try dead messages again",
        "settings.change": "Change the shop's settings and pages",
        "staff.change": "Add, change and disable staff",
        "audit.read": "See who did what",
    }
)

_WAREHOUSE = {
    "dashboard.read", "catalog.read", "orders.read", "stock.read", "stock.change", "stock.count", "floor.pick",
    "floor.pack", "floor.receive", "purchasing.read",
}  # fmt: skip
_AGENT = {
    "dashboard.read", "catalog.read", "customers.read", "customers.change", "orders.read", "orders.change",
    "orders.refund", "stock.read", "support.read", "support.reply", "mail.read", "mail.resend", "payments.read",
}  # fmt: skip
_ACCOUNTANT = {
    "dashboard.read", "catalog.read", "customers.read", "orders.read", "orders.export", "stock.read", "payments.read",
    "ledger.read", "mail.read", "audit.read", "purchasing.read", "purchasing.bill",
}  # fmt: skip

#: role -> its permissions.
ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "owner": frozenset(PERMISSIONS),
        "warehouse": frozenset(_WAREHOUSE),
        "agent": frozenset(_AGENT),
        "accountant": frozenset(_ACCOUNTANT),
    }
)

ROLE_LABELS: Mapping[str, str] = MappingProxyType(
    {"owner": "Owner", "warehouse": "Warehouse", "agent": "Customer service", "accountant": "Accountant"}
)


def allows(role: str, permission: str) -> bool:
    """Whether a role may do this. Raises KeyError for a permission that does not exist, which is a typing error."""
    PERMISSIONS[permission]
    return permission in ROLES.get(role, frozenset())


def require(role: str, permission: str) -> None:
    """Raise `Forbidden`, naming the act, unless the role may do this."""
    if not allows(role, permission):
        raise Forbidden(f"Your role does not include this: {PERMISSIONS[permission].lower()}.")


def may_refund(role: str, limit_minor: int, amount_minor: int) -> bool:
    """Whether someone of this role and limit may give back this amount at once; an owner has no limit."""
    return allows(role, "orders.refund") and (role == "owner" or 0 < amount_minor <= limit_minor)
