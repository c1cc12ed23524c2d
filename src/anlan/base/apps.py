from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "anlan.base"

    def ready(self) -> None:
        from . import journal, statistics, ticker

        ticker.register("base.seal", every_s=60, run=lambda at: journal.seal_new_events())
        ticker.register("base.recount", every_s=6 * 3600, run=statistics.recount_by_itself)
