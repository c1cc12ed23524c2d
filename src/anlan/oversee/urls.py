from django.urls import path

from . import ladder_pages, pages

app_name = "oversee"
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
    path("ladder/", ladder_pages.ladder, name="ladder"),
]
