"""How batches are spoken of on their pages."""

from storekeep.doors.web import Problem, Req
from storekeep.shop.catalog.lookups import is_id

#: kind -> its name and what it means.
KINDS = {
    "single_item": ("Pile", "Orders of one unit of the same SKU: scan it once, take them all."),
    "multi_item": ("Cart", "Small orders of near aisles on one cart, a tote each."),
    "wave": ("Wave", "A cart that was released for a cut-off."),
    "single": ("Single order", "Walked for alone."),
}
OUTCOMES = {
    "open": ("To pick", "warn", "ring"),
    "picked": ("Picked", "good", "tick"),
    "left": ("Back on the list", "plain", "return"),
    "called_off": ("Called off: empty it", "bad", "octagon"),
}


def metres(mm: int) -> str:
    """`46 m`, with one decimal below ten metres, and `0 m`."""
    tenths = -(-mm // 100)
    number = f"{tenths // 10}.{tenths % 10}" if 0 < tenths < 100 else f"{-(-mm // 1000):,}"
    return f"{number}\N{NO-BREAK SPACE}m"


def minutes(seconds: int) -> str:
    """`12 min`, rounded up."""
    return f"{-(-seconds // 60):,}\N{NO-BREAK SPACE}min"


def batch_id_of(req: Req) -> str:
    """The batch that the address names; 404 for what cannot be one."""
    batch_id: str = req.path_params["batch_id"]
    if not is_id(batch_id):
        raise Problem(404, "There is no such batch.")
    return batch_id
