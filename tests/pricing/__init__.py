"""Tests of prices, discounts, delivery and tax."""
