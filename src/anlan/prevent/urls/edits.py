from django.urls import path

from ..pages import edits as pages

urlpatterns = [
    path("edits/", pages.edit_list, name="edits"),
    path("edits/<uuid:edit_id>/", pages.edit, name="edit"),
    path("edits/<uuid:edit_id>/settle/", pages.settle, name="settle_edit"),
]
