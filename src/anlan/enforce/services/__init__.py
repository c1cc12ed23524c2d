"""Writes, by noun. All of them are loaded, since approvals call the others by subject."""

from . import (  # noqa: F401
    approvals,
    cases,
    decisions,
    evidence,
    joint,
    money,
    notices,
    organs,
    papers,
    publicity,
    referrals,
    withdrawing,
)
