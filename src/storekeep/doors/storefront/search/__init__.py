"""Finding products by words, and a way on when nothing is found."""
