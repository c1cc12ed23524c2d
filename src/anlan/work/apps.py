from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkConfig(AppConfig):
    name = "anlan.work"

    def ready(self) -> None:
        from anlan.base import journal, navigation, ticker
        from anlan.people import permissions

        from . import handlers  # noqa: F401 — subscribes
        from .reminders import remind
        from .services import check_steps

        permissions.register("work.view", _("see work"))
        permissions.register("work.do", _("accept work and hand in proof"))
        permissions.register("work.check", _("verify, send back, pause and call off work"))
        permissions.register("work.assign", _("assign work to posts"))
        navigation.register(navigation.Entry(_("My work"), "work:inbox", "", 10, "inbox"))
        navigation.register(
            navigation.Entry(_("Work by region"), "work:regions", "work.check", 50, "list")
        )
        ticker.register("work.remind", every_s=5, run=remind)
        journal.register_content_check("work.steps", check_steps)
