from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "anlan.demo"

    def ready(self) -> None:
        from anlan.people import permissions

        permissions.register("demo.control", _("move the demo's clock"))
