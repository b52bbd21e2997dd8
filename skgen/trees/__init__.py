"""Generators on trees."""
