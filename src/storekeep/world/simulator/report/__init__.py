"""The report of a simulated run: counted once from the finished database, told as text, as JSON and as one page."""

from storekeep.world.simulator.report.as_json import as_json as as_json
from storekeep.world.simulator.report.counting import figures as figures
from storekeep.world.simulator.report.model import Figures as Figures
from storekeep.world.simulator.report.page import page as page
from storekeep.world.simulator.report.text import text as text
