from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PreventConfig(AppConfig):
    name = "anlan.prevent"

    def ready(self) -> None:
        from anlan.base import ticker
        from anlan.base.navigation import Entry, register
        from anlan.people import permissions
        from anlan.work import led

        from . import (
            background,
            dual_prevention,
            enterprise_sections,
            handlers,  # noqa: F401 — subscribes
            hazard_sections,
            loops,
            sections,
        )
        from .queries import visits
        from .services import gate, imports

        loops.register_kinds()
        dual_prevention.register()
        hazard_sections.register()

        permissions.register("prevent.view", _("see enterprises, visits and hazards"))
        permissions.register("prevent.manage", _("keep enterprise files, import lists"))
        permissions.register("prevent.standard", _("write checklists and put them in force"))
        permissions.register("prevent.inspect", _("visit enterprises, report hazards"))
        permissions.register("prevent.rectify", _("put hazards right and hand in the proof"))
        permissions.register("prevent.check", _("re-check hazards, decide on extensions"))
        permissions.register("prevent.campaign", _("plan campaigns and draws, list hazards"))
        register(Entry(_("Prevention"), "prevent:index", "prevent.view", 35, "building"))
        register(
            Entry(_("Enterprises"), "prevent:enterprises", "prevent.view", 10, group="prevent")
        )
        register(Entry(_("From phones"), "prevent:edits", "prevent.view", 90, group="prevent"))
        register(Entry(_("Standards"), "prevent:standards", "prevent.view", 80, group="prevent"))
        led.register(led.Kept("prevent:visits", "prevent.view", visits.count_led))
        ticker.register("prevent.imports", every_s=1, run=background.start_waiting)
        ticker.register(
            "prevent.discard_imports",
            every_s=3600,
            run=lambda _scenario: imports.discard_old(at=timezone.now()),
        )
        ticker.register(
            "prevent.forget_senders",
            every_s=3600,
            run=lambda _scenario: gate.forget_senders(at=timezone.now()),
        )
        # An enterprise's file: each subject shows its part, 10 to 90 from top to bottom.
        sections.register(
            sections.Section(_("Five haves"), "prevent/_haves.html", 50, enterprise_sections.haves)
        )
        sections.register(
            sections.Section(
                _("Contacts"), "prevent/_contacts.html", 60, enterprise_sections.contacts
            )
        )
