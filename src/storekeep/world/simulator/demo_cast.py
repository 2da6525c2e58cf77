"""The demo's world put together from the simulation's actors: how fast it goes, what goes wrong in it, and who acts.

The days before the demo opened and the living demo are played with the same seed and the same chances. So what was
decided about a parcel then still holds now, and nobody needs to remember it.
"""

from dataclasses import dataclass
from functools import partial

from storekeep.flows.house import House
from storekeep.kernel.clock import HOUR, MINUTE, SECOND, Instant
from storekeep.shop.site import profile
from storekeep.world.simulator import demo_market
from storekeep.world.simulator.cast import agents, buyers, counters, doorstep, hands, lots, returns_desk, shoppers
from storekeep.world.simulator.cast.shoppers import Street
from storekeep.world.simulator.outside import carriers
from storekeep.world.simulator.outside.suppliers import Suppliers
from storekeep.world.simulator.play import Life, Play, Rhythm
from storekeep.world.simulator.programs import Program
from storekeep.world.simulator.schedule import Schedule
from storekeep.world.simulator.till import Till
from storekeep.world.simulator.trouble import Trouble

SEED = 1

#: Enough goes wrong that every page of the console has something to show; our own machines behave.
TROUBLE = Trouble(
    double_click=0.01, abandons_page=0.02, cancels=0.04, returns=0.03, complains=0.07,
    declined=0.05, challenged=0.04, settles_late=0.01,
    mis_scan=0.05, short_pick=0.005, gives_up_work=0.005,
    parcel_late=0.05, parcel_silent=0.02, parcel_lost=0.01, parcel_damaged=0.01, false_delivery=0.005,
    scan_doubled=0.01, scan_out_of_order=0.01,
    supplier_late=0.1, supplier_short=0.05, supplier_over=0.02, supplier_damaged=0.02, supplier_wrong=0.05,
    supplier_charges_wrong=0.1, goods_vanish=0.4, miscount=0.05,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often things happen in the demo, in microseconds, beside what the actors' rhythm says."""

    rhythm: Rhythm
    visits_every: Instant
    doorstep_every: Instant
    returns_every: Instant
    counts_every: Instant


def days_before(timezone: str) -> Tempo:
    """About twelve visits a day, and hands that keep up with them."""
    rhythm = Rhythm(
        pick_every=80 * MINUTE, pick_batch=1, pack_every=80 * MINUTE, pack_batch=1, vans_every=12 * HOUR,
        leg=6 * HOUR, report_every=7 * HOUR, agents_every=22 * HOUR, agents_batch=1, agents_after=HOUR,
        suppliers_every=30 * HOUR, lead_time=12 * HOUR, afterthought=24 * HOUR, shift=None, timezone=timezone,
    )  # fmt: skip
    return Tempo(rhythm, 2 * HOUR, 6 * HOUR, 12 * HOUR, 8 * HOUR)


def living(pace: float, timezone: str) -> Tempo:
    """At pace 1 a visit every ten seconds or so, and a parcel arrives within some minutes; at 2 all is twice as quick.

    A conversation is left to the owner for five minutes before an agent takes it.
    """

    def every(seconds: int) -> Instant:
        return int(seconds * SECOND / pace)

    rhythm = Rhythm(
        think=every(3), pick_every=every(9), pick_batch=1, pack_every=every(9), pack_batch=1, vans_every=every(40),
        leg=every(45), report_every=every(15), agents_every=every(25), agents_batch=1, agents_after=every(300),
        suppliers_every=every(120), lead_time=every(60), afterthought=every(180), shift=None, timezone=timezone,
    )  # fmt: skip
    return Tempo(rhythm, every(10), every(20), every(30), every(60))


def stage(house: House, schedule: Schedule, tempo: Tempo, web: Program) -> Play:
    """The stage in `house`, with nobody on it; what people ask of the shop is asked of `web`."""
    play = Play(schedule, SEED, TROUBLE, tempo.rhythm, {"web": web}, stops_at_stumbles=False)
    play.carriers = house.services.carriers
    return play


def timezone_of(house: House) -> str:
    """Where the shop's days begin and end."""
    with house.db.read() as tx:
        return profile.load(tx).timezone


def people(play: Play, tempo: Tempo, bank: Till) -> None:
    """Everybody goes to work."""
    rhythm = tempo.rhythm
    street = Street(bank, shoppers.fill)
    play.spawn("street", lambda life: _walk_in(life, tempo.visits_every, street))
    play.every("picker", rhythm.pick_every, hands.pick)
    play.every("packer", rhythm.pack_every, hands.pack)
    play.every("vans", rhythm.vans_every, hands.hand_over)
    play.every("carriers", rhythm.report_every, carriers.report)
    supplied = Suppliers()
    play.every("suppliers", rhythm.suppliers_every, supplied.order)
    play.every("buyer", rhythm.suppliers_every, buyers.from_board)
    play.every("doorstep", tempo.doorstep_every, partial(doorstep.doorstep, words=demo_market.words()))
    play.every("agent", rhythm.agents_every, agents.answer)
    play.every("returns desk", tempo.returns_every, returns_desk.take_in)
    shelves = counters.Shrinkage()
    play.every("thief", tempo.counts_every, shelves.vanish)
    for n in (1, 2):
        play.every(f"counter {n}", tempo.counts_every, shelves.count)
    play.every("manager", 4 * tempo.counts_every, counters.decide)
    play.every("quality", rhythm.suppliers_every, lots.look)


def _walk_in(life: Life, gap: Instant, street: Street) -> None:
    while True:
        life.dawdle(gap)
        # After a restart the street's dice begin anew, so each visit throws dice of its own moment.
        visit = demo_market.visit(Life(life.play, f"who comes at {life.now}").rng, life.now)
        life.play.spawn(f"visit {visit.key}", partial(shoppers.shop, visit=visit, street=street))
