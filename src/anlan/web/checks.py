"""Settings that work but should not be kept in a real city, told at every start."""

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register()
def check_hosts(**_options: Any) -> list[checks.CheckMessage]:
    if "*" not in settings.HOSTS or settings.DEBUG or settings.DEMO:
        return []
    return [
        checks.Warning(
            "Every host name is answered to: a foreign page can borrow this server's origin.",
            hint="Set ANLAN_HOSTS to the names of this server, such as anlan.city.gov.cn.",
            id="anlan.W001",
        )
    ]
