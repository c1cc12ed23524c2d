"""What maps load: tiles, outlines, the list of layers; scoped to the reader."""

import gzip

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from anlan.base.errors import NotFound
from anlan.base.pages import SignedIn

from . import kinds, layers, queries, tiles
from .outlines import outlines as get_outlines


@require_safe
@login_required
def tile(request: SignedIn, layer: str, z: int, x: int, y: int) -> HttpResponse:
    asked = tiles.asked(layer, request.GET.get("kind", ""), z, x, y)
    paths = request.user.regions_for(asked.layer.permission) if asked else []
    if asked is None or not paths:
        raise NotFound("places.no_tile", _("There is no such tile in your regions."))
    body, etag = tiles.tile(asked.layer, paths=paths, kinds=asked.kinds, z=z, x=x, y=y)
    return _kept(request, body, etag, "application/vnd.mapbox-vector-tile")


@require_safe
@login_required
def outlines(request: SignedIn, level: int) -> HttpResponse:
    paths = request.user.regions_for("places.view")
    parent = request.GET.get("parent", "")
    path = queries.get_region(code=parent).path if parent else ""
    if not paths:
        raise NotFound("places.no_outlines", _("There are no outlines in your regions."))
    body, etag = get_outlines(paths=paths, level=level, parent=path)
    return _kept(request, body, etag, "application/geo+json")


@require_safe
@login_required
def layer_list(request: SignedIn) -> JsonResponse:
    """What the reader may switch on, and what its points look like."""
    shown = [
        {
            "code": layer.code,
            "label": str(layer.label),
            "tiles": f"/places/tiles/{layer.code}/{{z}}/{{x}}/{{y}}.mvt",
        }
        for layer in layers.registered()
        if request.user.may_anywhere(layer.permission)
    ]
    looks = [
        {
            "code": kind.code,
            "label": str(kind.label),
            "group": str(kind.group),
            "icon": kind.icon,
            "colour": kind.colour,
        }
        for kind in kinds.registered()
    ]
    return JsonResponse({"layers": shown, "kinds": looks})


def _kept(request: HttpRequest, body: bytes, etag: str, content_type: str) -> HttpResponse:
    """Gzipped bytes: asked for again each time, sent again only when they changed."""
    response: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        zipped = "gzip" in request.headers.get("Accept-Encoding", "")
        body = body if zipped else gzip.decompress(body)
        response = HttpResponse(body, content_type=content_type)
        if zipped:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    return response
