from django.urls import path

from ..pages import towns as pages

STANDARD = "towns/<int:town_standard_id>/"
ONE = "towns/assessments/<int:assessment_id>/"
urlpatterns = [
    path("towns/", pages.standards, name="town_standards"),
    path(STANDARD, pages.standard, name="town_standard"),
    path(f"{STANDARD}lines/", pages.save_line, name="save_town_line"),
    path(f"{STANDARD}lines/<int:number>/remove/", pages.remove_line, name="remove_town_line"),
    path(f"{STANDARD}in-force/", pages.put_in_force, name="town_standard_in_force"),
    path(f"{STANDARD}begin/", pages.begin, name="begin_assessment"),
    path(ONE, pages.assessment, name="assessment"),
    path(f"{ONE}lines/<int:number>/", pages.claim, name="claim_score"),
    path(f"{ONE}submit/", pages.submit, name="submit_assessment"),
    path(f"{ONE}review/", pages.review, name="review_assessment"),
    path(f"{ONE}award/", pages.award, name="award_town"),
    path("towns/files/<int:score_file_id>/", pages.score_file, name="score_file"),
]
