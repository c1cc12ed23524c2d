from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PreventConfig(AppConfig):
    name = "anlan.prevent"

    def ready(self) -> None:
        from anlan.people import permissions

        permissions.register("prevent.view", _("see enterprises, visits and hazards"))
        permissions.register("prevent.manage", _("keep enterprise files, import lists"))
        permissions.register("prevent.standard", _("write checklists and put them in force"))
        permissions.register("prevent.inspect", _("visit enterprises, report hazards"))
        permissions.register("prevent.rectify", _("put hazards right and hand in the proof"))
        permissions.register("prevent.check", _("re-check hazards, decide on extensions"))
        permissions.register("prevent.campaign", _("plan campaigns and draws, list hazards"))
