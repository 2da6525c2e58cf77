"""Owns what to order and when: policies, suggestions and the runs that made them, and the mathematics behind them.

It never orders anything and never moves goods. The modules that need numpy (`advice`, `shopwide`, and what they are
made of) import it, and are imported only at the moment of the call; so nothing is re-exported here, and opening the
shop does not load it.
"""
