"""The measured sections of the evidence cards: a module for each card that ``python -m tools.card NAME --measure`` measures,
the marks that hold a section to the files it was measured on, and how its figures and plots are made. Host only.

A card's section stands between ``<!-- figures -->`` and ``<!-- end figures -->``; nobody writes there by hand. Adding a card
is a module with a ``measure`` function and a line in ``tools.cards.makers``.
"""
