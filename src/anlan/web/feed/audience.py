"""Who may hear what: the session behind a connection, and the part of the news that is theirs."""

from dataclasses import dataclass

from ..sessions import account_of

# The permission that opens a room's events, by the first part of the event's name. What is not
# listed is never sent.
PERMISSIONS = {
    "warn": "warn.view",
    "work": "work.view",
    "command": "command.view",
    "observe": "observe.view",
    "simulate": "simulate.view",
}
# Rooms whose events also concern the regions inside the event's: a city's forecast is its towns'.
DOWNWARDS = {"simulate"}
VALUES = "observe.view"


@dataclass(frozen=True)
class Audience:
    """Everyone with the same permissions in the same regions hears the same bytes."""

    paths: tuple[tuple[str, tuple[str, ...]], ...]  # (permission, subtrees)

    def hears(self, permission: str, path: str) -> bool:
        """A row without a region is nobody's: it fails closed."""
        return bool(path) and any(
            path.startswith(subtree)
            for code, subtrees in self.paths
            if code == permission
            for subtree in subtrees
        )

    def lies_in(self, permission: str, path: str) -> bool:
        """Whether any of their subtrees is inside this one."""
        return bool(path) and any(
            subtree.startswith(path)
            for code, subtrees in self.paths
            if code == permission
            for subtree in subtrees
        )

    def hears_event(self, name: str, path: str) -> bool:
        room = name.partition(".")[0]
        permission = PERMISSIONS.get(room)
        if permission is None:
            return False
        return self.hears(permission, path) or (
            room in DOWNWARDS and self.lies_in(permission, path)
        )


@dataclass(frozen=True)
class Listener:
    account_id: int
    audience: Audience


def identify(session_key: str) -> Listener | None:
    """The listener behind a session as things stand now, or None: signed out, blocked, revoked."""
    account = account_of(session_key)
    if account is None:
        return None
    codes = sorted({*PERMISSIONS.values(), VALUES})
    paths = [(code, tuple(sorted(account.regions_for(code)))) for code in codes]
    return Listener(account.pk, Audience(tuple((code, own) for code, own in paths if own)))
