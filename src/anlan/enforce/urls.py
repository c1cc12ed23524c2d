from django.urls import path

from . import pages

app_name = "enforce"
urlpatterns = [
    path("", pages.case_list, name="cases"),
    path("<int:case_id>/", pages.case, name="case"),
    path("of/<int:item_id>/", pages.of_item, name="of_item"),
]
