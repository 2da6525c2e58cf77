"""Rates, labels, parcels and their scans."""
