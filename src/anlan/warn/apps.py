from django.apps import AppConfig


class WarnConfig(AppConfig):
    name = "anlan.warn"
