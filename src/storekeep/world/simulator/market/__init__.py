"""The market of a simulation: the shop that is opened, and who comes to buy what and when.

`model` and `demand` are pure; `opening` turns an empty database into a shop; `file` takes demand from real order lines.
The same spec and seed make the same market, whichever day is asked for first and in whichever process.
"""

from storekeep.world.simulator.market.demand import Demand as Demand
from storekeep.world.simulator.market.file import FILL_LIMITS as FILL_LIMITS
from storekeep.world.simulator.market.file import FileDemand as FileDemand
from storekeep.world.simulator.market.file import NothingToSell as NothingToSell
from storekeep.world.simulator.market.model import Market as Market
from storekeep.world.simulator.market.model import Shelf as Shelf
from storekeep.world.simulator.market.model import Shelves as Shelves
from storekeep.world.simulator.market.model import ShopSpec as ShopSpec
from storekeep.world.simulator.market.model import UnusableSpec as UnusableSpec
from storekeep.world.simulator.market.model import Visit as Visit
from storekeep.world.simulator.market.model import Wanted as Wanted
from storekeep.world.simulator.market.opening import NotEmpty as NotEmpty
from storekeep.world.simulator.market.opening import is_simulated as is_simulated
from storekeep.world.simulator.market.opening import open_shop as open_shop
from storekeep.world.simulator.market.opening import refuse_unless_empty as refuse_unless_empty
from storekeep.world.simulator.market.opening import shelves_of as shelves_of
