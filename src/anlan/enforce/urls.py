from django.urls import path

from . import list_pages, organ_pages, pages, paper_pages, printed_pages

app_name = "enforce"
urlpatterns = [
    path("", pages.case_list, name="cases"),
    path("new/", pages.new_case, name="new"),
    path("on-the-spot/", pages.on_the_spot, name="spot"),
    path("<int:case_id>/", pages.case, name="case"),
    path("<int:case_id>/file/", paper_pages.file, name="file"),
    path("<int:case_id>/<slug:act>/", pages.act, name="act"),
    path("of/<int:item_id>/", pages.of_item, name="of_item"),
    path("papers/<int:paper_id>/", paper_pages.paper, name="paper"),
    path("papers/<int:paper_id>/serve/", paper_pages.serve, name="serve"),
    path("papers/<int:paper_id>/correct/", paper_pages.correct, name="correct"),
    path("papers/<int:paper_id>/pdf/", paper_pages.pdf, name="pdf"),
    path("papers/<int:paper_id>/docx/", paper_pages.docx, name="docx"),
    path("evidence/<int:evidence_id>/", paper_pages.evidence, name="evidence"),
    path(
        "printed/visits/<uuid:finished_visit_id>/record/<slug:printed_as>/",
        printed_pages.record,
        name="printed_record",
    ),
    path(
        "printed/visits/<uuid:finished_visit_id>/orders/<int:ordered_id>/<slug:printed_as>/",
        printed_pages.order,
        name="printed_order",
    ),
    path(
        "printed/visits/<uuid:recheck_visit_id>/recheck/<slug:printed_as>/",
        printed_pages.recheck,
        name="printed_recheck",
    ),
    path(
        "printed/hazards/<int:ordered_id>/order/<slug:printed_as>/",
        printed_pages.hazard_order,
        name="printed_hazard_order",
    ),
    path(
        "printed/hazards/<int:ordered_id>/recheck/<slug:printed_as>/",
        printed_pages.hazard_recheck,
        name="printed_hazard_recheck",
    ),
    path("publicity/", list_pages.publicity, name="publicity"),
    path("publicity/<slug:as_file>/", list_pages.publicity_file, name="publicity_file"),
    path("referrals/", list_pages.referrals, name="referrals"),
    path("figures/", list_pages.sums, name="figures"),
    path("organs/", organ_pages.organs, name="organs"),
    path("organs/save/", organ_pages.save_organ, name="save_organ"),
    path("organs/<int:organ_id>/certificates/", organ_pages.add_certificate, name="certificate"),
    path(
        "certificates/<int:certificate_id>/revoke/",
        organ_pages.revoke_certificate,
        name="revoke_certificate",
    ),
    path("discretion/", organ_pages.load_discretion, name="load_discretion"),
    path("discretion/<int:table_id>/", organ_pages.discretion, name="discretion"),
]
