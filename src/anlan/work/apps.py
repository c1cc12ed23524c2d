from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "anlan.work"

    def ready(self) -> None:
        from anlan.base import journal

        from .services import check_steps

        journal.register_content_check("work.steps", check_steps)
