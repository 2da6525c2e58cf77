"""All stories in one place, and how many of their places the ordinary suite breaks; the long run breaks all."""

import faultcaring
import faultending
import faulthandling
import faultselling
import faultstock

TOLD_IN = (faultselling, faultending, faulthandling, faultstock, faultcaring)
#: By database: failing calls, crash points and late workers per story. On PostgreSQL each try clones a database.
MOST = {"sqlite": (3, 2, 1), "postgresql": (1, 1, 0)}
