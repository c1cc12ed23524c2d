from django.urls import include, path

from . import accident_pages, figure_pages, ladder_pages, pages

app_name = "oversee"
of_accident = [
    path("", accident_pages.accident, name="accident"),
    path("count/", accident_pages.count, name="count"),
    path("site/", accident_pages.site, name="site"),
    path("person/", accident_pages.person, name="person"),
    path("person/<int:measure_id>/end/", accident_pages.end_measure, name="end_measure"),
    path("person/<int:measure_id>/reveal/", accident_pages.reveal, name="reveal"),
    path("finding/", accident_pages.finding, name="finding"),
    path("finding/<int:finding_id>/drop/", accident_pages.drop_finding, name="drop_finding"),
    path("remedy/", accident_pages.remedy, name="remedy"),
    path("remedy/<int:remedy_id>/drop/", accident_pages.drop_remedy, name="drop_remedy"),
    path("remedy/<int:remedy_id>/judge/", accident_pages.judge, name="judge"),
    path("report/", accident_pages.report, name="report"),
    path("report/<int:number>.<slug:as_file>", accident_pages.report_file, name="report_file"),
    path("look-back.<slug:as_file>", accident_pages.look_back_file, name="look_back_file"),
    path("report/approve/", accident_pages.approve, name="approve"),
    path("report/return/", accident_pages.send_back, name="send_back"),
    path("problem/", accident_pages.problem, name="problem"),
    path("finish/", accident_pages.finish, name="finish"),
]
urlpatterns = [
    path("", pages.letters, name="letters"),
    path("new/", pages.write, name="write"),
    path("letters/<int:letter_id>/", pages.letter, name="letter"),
    path("letters/<int:letter_id>/interview/", pages.interview, name="interview"),
    path("letters/<int:letter_id>/letter.pdf", pages.letter_pdf, name="letter_pdf"),
    path("letters/<int:letter_id>/letter.docx", pages.letter_docx, name="letter_docx"),
    path("proposals/", ladder_pages.proposals, name="proposals"),
    path("proposals/<int:proposal_id>/", ladder_pages.proposal, name="proposal"),
    path("proposals/<int:proposal_id>/confirm/", ladder_pages.confirm, name="confirm"),
    path("proposals/<int:proposal_id>/drop/", ladder_pages.drop, name="drop"),
    path("figures/", figure_pages.sheet, name="figures"),
    path("figures/figures.xlsx", figure_pages.workbook, name="figures_file"),
    path("ladder/", ladder_pages.ladder, name="ladder"),
    path("work/<int:item_id>/", accident_pages.of_item, name="of_item"),
    path("accidents/", accident_pages.accident_list, name="accidents"),
    path("accidents/new/", accident_pages.open_accident, name="open_accident"),
    path("accidents/<int:accident_id>/", include(of_accident)),
]
