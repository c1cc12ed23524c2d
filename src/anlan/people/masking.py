"""Show a phone number so that its owner knows it and nobody else can ring it."""


def mask(phone: str) -> str:
    """138****1234; short numbers keep their last two digits."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-2:]}" if phone else ""
