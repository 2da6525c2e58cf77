"""Reads that join neighbours, and the checks of `storekeep verify`. SELECT only."""
