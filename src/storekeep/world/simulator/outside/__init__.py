"""The world outside our programs, with its bad habits: bank, carriers, suppliers and post, each with a book of its own.

None of them loses its memory when a program of ours dies, so their books can be held against ours at the end.
"""
