"""A word when something sold out can be bought again: asked for, confirmed by mail, ended by the same link."""
