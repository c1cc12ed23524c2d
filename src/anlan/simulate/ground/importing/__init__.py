"""A terrain from files to checked layers on one grid in metres; no database here."""

from .prepare import Prepared, Sources, prepare

__all__ = ["Prepared", "Sources", "prepare"]
