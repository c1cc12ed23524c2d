"""Anlan (安澜): from what the city sees to who does what by when, proven done."""

__version__ = "0.1.0"
