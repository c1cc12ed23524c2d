"""Which host names are answered to.

A page of somebody else's can send a browser here under a name of its own (DNS rebinding), and is
then of the same origin as ours. Without a setting we answer to this machine's names and to
addresses, which nobody can borrow: a start on a LAN address works at once. A city lists its names.
"""

import ipaddress
import socket

from django.conf import settings
from django.http.request import split_domain_port, validate_host

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def is_served(host: str) -> bool:
    """Whether a request for this `Host` is answered; devices that send none are."""
    domain, _port = split_domain_port(host)
    if not host or validate_host(domain, LOOPBACK):
        return True
    if settings.HOSTS:
        return validate_host(domain, settings.HOSTS)
    return _is_address(domain) or validate_host(domain, own_names())


def own_names() -> list[str]:
    name = socket.gethostname().lower()
    return [name, f"{name}.local"]


def _is_address(domain: str) -> bool:
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        return False
    return True
