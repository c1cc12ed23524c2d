from django.apps import AppConfig


class ObserveConfig(AppConfig):
    name = "anlan.observe"
