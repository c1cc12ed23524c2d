from django.urls import path

from ..pages import enterprise_imports as lists
from ..pages import enterprise_parts as parts
from ..pages import enterprises as pages
from ..pages import gate

ONE = "enterprises/<int:enterprise_id>/"
urlpatterns = [
    path("enterprises/", pages.enterprise_list, name="enterprises"),
    path("enterprises/new/", pages.make, name="make_enterprise"),
    path("enterprises/export/", lists.export, name="export_enterprises"),
    path("enterprises/codes/", gate.codes, name="codes"),
    path("enterprises/import/", lists.import_list, name="import_enterprises"),
    path("enterprises/import/template/", lists.import_template, name="import_template"),
    path("imports/<uuid:import_id>/", lists.import_state, name="import"),
    path("imports/<uuid:import_id>/confirm/", lists.import_confirm, name="import_confirm"),
    path("imports/<uuid:import_id>/errors/", lists.import_errors, name="import_errors"),
    path(ONE, pages.enterprise, name="enterprise"),
    path(f"{ONE}change/", pages.change, name="change_enterprise"),
    path(f"{ONE}state/", pages.set_state, name="set_enterprise_state"),
    path(f"{ONE}colour/", parts.set_colour, name="set_colour"),
    path(f"{ONE}token/", parts.renew_token, name="renew_token"),
    path(f"{ONE}contacts/", parts.add_contact, name="add_contact"),
    path(f"{ONE}haves/", parts.confirm_have, name="confirm_have"),
    path(f"{ONE}haves/withdraw/", parts.withdraw_have, name="withdraw_have"),
    path("contacts/<int:contact_id>/remove/", parts.remove_contact, name="remove_contact"),
    path("contacts/<int:contact_id>/sign-in/", parts.sign_in, name="contact_sign_in"),
    path("contacts/<int:contact_id>/phone/", parts.phone, name="contact_phone"),
    path("evidence/<int:evidence_id>/", parts.evidence, name="evidence"),
]
