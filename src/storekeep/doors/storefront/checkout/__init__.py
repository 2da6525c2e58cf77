"""The checkout on one page: contact, address, delivery, and the button that orders."""
