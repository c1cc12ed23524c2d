"""The one refusal of all engines."""


class BadCase(ValueError):
    """A case that cannot be run: what is wrong, and what to do about it."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code, self.message, self.hint = code, message, hint
