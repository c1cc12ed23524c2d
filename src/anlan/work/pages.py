"""The inbox, one item with all that happened to it, where the work stands, and proof files."""

from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn, respond, typed

from . import counts, files, forms, further, kinds, moves, queries, services
from .models import WorkItem

PAGE_SIZE = 30


@require_safe
@login_required
def inbox(request: SignedIn) -> HttpResponse:
    at, actor = clock.now(), request.user
    waiting = queries.box_counts(actor=actor, at=at)
    wanted = forms.inbox_filter(request.GET, waiting)
    pages = Paginator(queries.list_items(actor=actor, at=at, wanted=wanted), PAGE_SIZE)
    if wanted == queries.Filter(box=wanted.box) and wanted.box in waiting:
        pages.count = waiting[wanted.box]
    return respond(
        request,
        page="work/inbox.html",
        fragment="work/_inbox.html",
        context={
            "at": at,
            "wanted": wanted,
            "boxes": [(name, label, waiting.get(name)) for name, label in queries.BOXES.items()],
            "kinds": kinds.registered(),
            "page": pages.get_page(request.GET.get("page")),
            "reminders": queries.unseen_reminders(actor=actor)[:5],
            "above": actor.may_anywhere("work.check"),
        },
    )


@require_safe
@login_required
def regions(request: SignedIn) -> HttpResponse:
    """Counts by region; each opens to the one below, each number to its rows."""
    code, kind = request.GET.get("region", ""), request.GET.get("kind", "")
    parent = counts.get_parent(actor=request.user, code=code)
    rows = counts.counts_by_region(actor=request.user, at=clock.now(), parent=parent, kind=kind)
    return respond(
        request,
        page="work/regions.html",
        fragment="work/_regions.html",
        context={
            "rows": rows,
            "total": counts.total(rows),
            "parent": parent,
            "above": counts.above(actor=request.user, region=parent) if parent else [],
            "kind": kind,
            "kinds": kinds.registered(),
        },
    )


@require_safe
@login_required
def item(request: SignedIn, item_id: int) -> HttpResponse:
    found = queries.get_item(actor=request.user, item_id=item_id)
    services.mark_seen(item=found, by=request.user, at=clock.now())
    return respond(
        request,
        page="work/item.html",
        fragment="work/_item.html",
        context=_item_context(request, found),
    )


@require_POST
@login_required
def move(request: SignedIn, item_id: int, move: str) -> HttpResponse:
    """Make a move by button. What a photo proves goes through a submission instead."""
    found = queries.get_item(actor=request.user, item_id=item_id)
    post_id = whole(request.POST.get("post"))
    services.advance(
        item=found,
        move=move,
        by=request.user,
        at=clock.now(),
        note=typed(request, "note"),
        post=queries.get_post(item=found, post_id=post_id) if post_id else None,
    )
    if request.headers.get("HX-Request") != "true":
        return redirect("work:item", found.pk)
    return render(request, "work/_item.html", _item_context(request, found))


def _item_context(request: SignedIn, found: WorkItem) -> dict[str, Any]:
    at, kind = clock.now(), found.kind_of
    allowed = queries.allowed_moves(actor=request.user, item=found)
    return {
        "at": at,
        "item": found,
        "kind": kind,
        "overdue": found.is_overdue(at),
        "lines": kind.describe(found) if kind.describe else [],
        "moves": [
            (name, moves.ACTIONS[name], name in moves.NEEDS_REASON)
            for name in sorted(allowed, key=moves.ORDER.index)
            if name not in {"submit", "assign"}
        ],
        "may_submit": "submit" in allowed,
        "posts": queries.posts_for(found) if "assign" in allowed else [],
        "people": queries.holders_of(found.post, at) if found.post else [],
        "clock": queries.clock_of(found),
        "proof": queries.proof_of(found),
        "steps": queries.steps_of(found),
        "unsettled": queries.unsettled_of(found),
        "beside": queries.beside_of(actor=request.user, item=found),
        "children": queries.children_of(actor=request.user, item=found),
        "own_page": forms.own_page(found),
        "further": further.links(
            actor=request.user, region=found.region, about=found.pk if found.is_open else None
        ),
    }


@require_safe
@login_required
def file(request: SignedIn, attachment_id: int) -> HttpResponseBase:
    found = queries.get_attachment(actor=request.user, attachment_id=attachment_id)
    return send_file(found.path, found.mime, found.name)


@require_safe
@login_required
def thumbnail(request: SignedIn, attachment_id: int) -> HttpResponseBase:
    found = queries.get_attachment(actor=request.user, attachment_id=attachment_id)
    return send_file(
        found.thumb or found.path, "image/jpeg" if found.thumb else found.mime, found.name
    )


def send_file(path: str, mime: str, name: str) -> HttpResponseBase:
    """The stored bytes, so that a browser neither guesses at them nor runs anything in them."""
    response = FileResponse(files.absolute(path).open("rb"), content_type=mime)
    how = "inline" if mime.startswith(("image/", "audio/")) else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(files.tidy(name, path))}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # Named by its content, it never changes; only the reader's own browser may keep it.
    response["Cache-Control"] = "private, max-age=86400"
    return response
