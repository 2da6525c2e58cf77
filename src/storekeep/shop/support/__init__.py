"""Conversations, cases, notes and remedies."""
