"""The one error that a user can cause."""

from collections.abc import Sequence
from typing import Any


class Refusal(Exception):
    """A request we understood and will not carry out.

    Say what was refused, why, and what to do next. Anything that is not a Refusal is a bug: it
    becomes a 500 and is logged with its traceback.
    """

    status = 409

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code  # stable, for programs: "work.moved"
        self.message = message  # translated, for people
        self.hint = hint  # translated: what to do next
        # Which rows of a longer thing cannot be taken: {part, row from 0, text}.
        self.problems: Sequence[dict[str, Any]] = ()

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "hint": self.hint}


class NotAllowed(Refusal):
    """You may not do this here."""

    status = 403


class NotFound(Refusal):
    """There is no such thing in your regions."""

    status = 404


class BadInput(Refusal):
    """What was sent cannot be read or breaks a rule of form."""

    status = 422
