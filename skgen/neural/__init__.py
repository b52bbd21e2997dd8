"""Generators that are neural networks, and the one loop that trains them."""
