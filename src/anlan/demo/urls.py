from django.urls import path

from . import pages

app_name = "demo"
urlpatterns = [path("clock/", pages.move_clock, name="move_clock")]
