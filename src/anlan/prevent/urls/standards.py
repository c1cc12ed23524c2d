from django.urls import path

from ..pages import industries
from ..pages import standards as pages

ONE = "standards/<int:standard_id>/"
VERSION = "checklists/<int:checklist_id>/"
urlpatterns = [
    path("industries/", industries.industries, name="industries"),
    path("standards/", pages.standard_list, name="standards"),
    path("standards/new/", pages.make, name="make_standard"),
    path(ONE, pages.standard, name="standard"),
    path(f"{ONE}change/", pages.change, name="change_standard"),
    path(f"{ONE}retire/", pages.retire, name="retire_standard"),
    path(f"{ONE}draft/", pages.draft, name="draft_checklist"),
    path(VERSION, pages.checklist, name="checklist"),
    path(f"{VERSION}differences/", pages.differences, name="checklist_diff"),
    path(f"{VERSION}entries/", pages.save_entry, name="save_entry"),
    path(f"{VERSION}entries/<int:number>/remove/", pages.remove_entry, name="remove_entry"),
    path(f"{VERSION}entries/<int:number>/move/", pages.move_entry, name="move_entry"),
    path(f"{VERSION}import/", pages.import_entries, name="import_entries"),
    path(f"{VERSION}export/", pages.export_entries, name="export_entries"),
    path(f"{VERSION}in-force/", pages.put_in_force, name="put_in_force"),
    path(f"{VERSION}give-up/", pages.give_up, name="give_up_draft"),
]
