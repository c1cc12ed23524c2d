from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObserveConfig(AppConfig):
    name = "anlan.observe"

    def ready(self) -> None:
        from anlan.base import navigation, ticker
        from anlan.people import permissions

        from . import packs, partitions, services, silence

        permissions.register("observe.view", _("See stations and their readings"))
        permissions.register("observe.manage", _("Register stations and their senders"))
        navigation.register(
            navigation.Entry(_("Stations"), "observe:stations", "observe.view", 40, icon="station")
        )
        ticker.register("observe.silence", every_s=15, run=silence.note_silent_stations)
        ticker.register("observe.release", every_s=60, run=services.release_known)
        ticker.register("observe.pack", every_s=2, run=packs.Packer().run)
        ticker.register("observe.partitions", every_s=3600, run=partitions.make_ahead)
