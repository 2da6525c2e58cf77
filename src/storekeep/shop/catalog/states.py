"""The lifecycles of products and variants as data."""

from storekeep.kernel.machine import Label, Machine

PRODUCT = Machine(
    name="product",
    initial="draft",
    edges={
        "draft": frozenset({"active", "archived"}),
        "active": frozenset({"draft", "archived"}),
        "archived": frozenset({"draft", "active"}),
    },
    labels={
        "draft": Label("Draft", "idle", "ring", "Not shown in the shop yet."),
        "active": Label("Active", "good", "tick", "Shown and sold."),
        "archived": Label("Archived", "idle", "dash", "No longer shown; old orders keep it."),
    },
)

VARIANT_LABELS = {
    "active": Label("Active", "good", "tick", "Sold while its product is active."),
    "closed": Label("Closed", "idle", "dash", "Not sold any more."),
}

#: Product statuses that an anonymous page shows.
SHOWN = frozenset({"active"})
