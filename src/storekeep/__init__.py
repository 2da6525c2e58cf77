"""Storekeep runs an online store behind the scenes."""
