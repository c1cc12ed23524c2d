from django.urls import path

from ..pages import fishbones as pages

VERSION = "fishbones/<int:fishbone_version_id>/"
BONE = "fishbones/bones/<int:bone_id>/"
urlpatterns = [
    path("fishbones/", pages.library, name="fishbones"),
    path(VERSION, pages.version, name="fishbone"),
    path(f"{VERSION}drawing.svg", pages.drawing, name="fishbone_drawing"),
    path(f"{VERSION}draft/", pages.draft, name="draft_fishbone"),
    path(f"{VERSION}in-force/", pages.put_in_force, name="fishbone_in_force"),
    path(f"{VERSION}bones/", pages.add_bone, name="add_bone"),
    path(BONE, pages.bone, name="bone"),
    path(f"{BONE}move/", pages.move_bone, name="move_bone"),
    path(f"{BONE}remove/", pages.remove_bone, name="remove_bone"),
]
