"""Where a parcel goes, and how far that is from a warehouse."""

from typing import NamedTuple

_ABROAD, _AT_HOME = 20, 10


class Destination(NamedTuple):
    """Where a parcel goes; what is not known yet is empty."""

    country: str = ""
    postcode: str = ""


ANYWHERE = Destination()


def far(from_country: str, from_postcode: str, to_country: str, to_postcode: str) -> int:
    """How far apart two addresses are, in steps from 0: postcodes of one country are near by the characters that agree.

    20 for another country; in the same one 10 less one for each leading character that both postcodes share. Postcodes
    are drawn by region in nearly every country, so this orders warehouses well without any map, but it is no distance.
    """
    if from_country.strip().upper() != to_country.strip().upper():
        return _ABROAD
    shared = 0
    for mine, yours in zip(_plain(from_postcode), _plain(to_postcode), strict=False):
        if mine != yours:
            break
        shared += 1
    return max(0, _AT_HOME - shared)


def _plain(postcode: str) -> str:
    return "".join(char for char in postcode.upper() if char.isalnum())
