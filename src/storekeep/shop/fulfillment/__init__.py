"""Warehouse work for one order at one location."""
