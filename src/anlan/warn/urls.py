from django.urls import URLPattern

app_name = "warn"
urlpatterns: list[URLPattern] = []
