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

_MOST_ZOOM = 22


@require_safe
@login_required
def tile(request: SignedIn, layer: str, z: int, x: int, y: int) -> HttpResponse:
    found = layers.get(layer)
    paths = request.user.regions_for(found.permission) if found else []
    if found is None or not paths or z > _MOST_ZOOM or x >= 2**z or y >= 2**z:
        raise NotFound("places.no_tile", _("There is no such tile in your regions."))
    wanted = sorted(filter(None, request.GET.get("kind", "").split(",")))
    known = [code for code in wanted if kinds.get(code)] or wanted[:1]
    body, etag = tiles.tile(found, paths=paths, kinds=known, z=z, x=x, y=y)
    return _kept(request, body, etag, "application/vnd.mapbox-vector-tile", zipped=False)


@require_safe
@login_required
def outlines(request: SignedIn, level: int) -> HttpResponse:
    paths = request.user.regions_for("places.view")
    parent = request.GET.get("parent", "")
    path = queries.get_region(code=parent).path if parent else ""
    if not paths:
        raise NotFound("places.no_outlines", _("There are no outlines in your regions."))
    body, etag = get_outlines(paths=paths, level=level, parent=path)
    return _kept(request, body, etag, "application/geo+json", zipped=True)


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


def _kept(
    request: HttpRequest, body: bytes, etag: str, content_type: str, *, zipped: bool
) -> HttpResponse:
    """Asked for again each time, sent again only when it changed; never from a shared cache."""
    response: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        accepts = "gzip" in request.headers.get("Accept-Encoding", "")
        if zipped and not accepts:
            body, zipped = gzip.decompress(body), False
        response = HttpResponse(body, content_type=content_type)
        if zipped:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    return response
