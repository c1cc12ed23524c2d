"""Who answers for which site or road: the list, its import, and the part on a place's own page."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn
from anlan.places.models import Road, Site
from anlan.places.queries import ancestors, get_upload
from anlan.places.services import drop_upload, keep_upload

from . import charges, queries
from .pages import region_of
from .services import charge_lists
from .services import charges as service
from .staff_pages import workbook_response


@require_safe
@login_required
def charge_list(request: SignedIn) -> HttpResponse:
    """Places with the post that answers for each, and those that need one and have none."""
    region = region_of(request, "people.view")
    text = request.GET.get("q", "").strip()
    found = charges.list_charges(actor=request.user, region=region, text=text)
    uncharged = charges.list_uncharged(actor=request.user, region=region)
    context = {
        "region": region,
        "crumbs": ancestors(region),
        "text": text,
        "page": Paginator(found, 100).get_page(request.GET.get("page")),
        "uncharged": uncharged[: queries.MOST],
        "uncharged_count": uncharged.count(),
        "may_manage": request.user.may_anywhere("people.manage"),
    }
    return render(request, "people/charges.html", context)


@require_safe
@login_required
def of_site(request: SignedIn, site_id: int) -> HttpResponse:
    """A fragment for the site's page."""
    return _panel(request, charges.get_place(actor=request.user, site_id=site_id))


@require_safe
@login_required
def of_road(request: SignedIn, road_id: int) -> HttpResponse:
    """A fragment for the road's page."""
    return _panel(request, charges.get_place(actor=request.user, road_id=road_id))


@require_POST
@login_required
def set_of_site(request: SignedIn, site_id: int) -> HttpResponse:
    return _set(request, charges.get_place(actor=request.user, site_id=site_id))


@require_POST
@login_required
def set_of_road(request: SignedIn, road_id: int) -> HttpResponse:
    return _set(request, charges.get_place(actor=request.user, road_id=road_id))


@require_http_methods(["GET", "POST"])
@login_required
def import_charges(request: SignedIn) -> HttpResponse:
    """Hand in a list, look at what it would change."""
    region = region_of(request, "people.manage")
    context: dict[str, object] = {"region": region, "columns": charge_lists.COLUMNS}
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            raise BadInput("people.no_file", _("Choose a file."))
        content = file.read()
        context["plan"] = charge_lists.plan_charges(content=content, by=request.user)
        context["upload"] = keep_upload(
            purpose="charges",
            name=str(file.name),
            content=content,
            by=request.user,
            at=timezone.now(),
        )
    return render(request, "people/import_charges.html", context)


@require_POST
@login_required
def confirm_charges(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = get_upload(pk=upload_id, owner_id=request.user.pk, purpose="charges")
    plan = charge_lists.import_charges(
        content=bytes(upload.content), by=request.user, at=clock.now()
    )
    drop_upload(upload=upload)
    context = {"region": region_of(request, "people.manage"), "plan": plan, "done": True}
    context |= {"columns": charge_lists.COLUMNS}
    return render(request, "people/import_charges.html", context)


@require_safe
@login_required
def charge_errors(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = get_upload(pk=upload_id, owner_id=request.user.pk, purpose="charges")
    plan = charge_lists.plan_charges(content=bytes(upload.content), by=request.user)
    return workbook_response(charge_lists.error_list(plan), _("charges-errors"))


@require_safe
@login_required
def charge_template(request: SignedIn) -> HttpResponse:
    region_of(request, "people.manage")
    return workbook_response(charge_lists.empty_list(), _("charges-list"))


def _panel(request: SignedIn, place: Site | Road) -> HttpResponse:
    charge = charges.charge_of(place)
    manages = request.user.may("people.manage", region=place.region)
    sort = "site" if isinstance(place, Site) else "road"
    context = {
        "place": place,
        "action": f"people:set_of_{sort}",
        "charge": charge,
        "answers": [charges.answer_of(charge, on=localdate(clock.now()))] if charge else [],
        "posts": charges.list_posts_for(actor=request.user, region=place.region) if manages else [],
        "may_manage": manages,
        "may_call": request.user.may_anywhere("people.unmask"),
    }
    return render(request, "people/_charge.html", context)


def _set(request: SignedIn, place: Site | Road) -> HttpResponse:
    """Name the chosen post; none chosen: nobody answers any more."""
    chosen = whole(request.POST.get("post"))
    if chosen is not None:
        post = charges.get_post_for(actor=request.user, region=place.region, post_id=chosen)
        service.set_charge(
            place=place,
            post=post,
            owner=request.POST.get("owner", ""),
            by=request.user,
            at=clock.now(),
        )
    elif (charge := charges.charge_of(place)) is not None:
        service.end_charge(charge=charge, by=request.user, at=clock.now())
    if request.headers.get("HX-Request") == "true":
        return _panel(request, place)
    sort = "site" if isinstance(place, Site) else "road"
    return redirect(f"places:{sort}", place.pk)
