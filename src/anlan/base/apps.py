from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "anlan.base"

    def ready(self) -> None:
        from . import journal, ticker

        ticker.register("base.seal", every_s=60, run=lambda at: journal.seal_new_events())
