"""Pictures of forecast water for maps, and the depths themselves as a GeoTIFF."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from anlan.base.pages import SignedIn

from ..results import seen
from ..results.frames import Picture
from ..results.legend import LOOKS
from ..results.warp import SIZES

YEAR_S = 365 * 86400


@require_safe
@login_required
def frame(request: SignedIn, run_id: int, frame: int | str) -> HttpResponse:
    """One picture of a run. Its address carries a key of run and part: it may be kept for good."""
    asked = request.GET
    size = asked.get("size", "l")
    look = asked.get("look", "day")
    picture = Picture(frame, size if size in SIZES else "l", look if look in LOOKS else "day")
    body, key = seen.get_picture(actor=request.user, run_id=run_id, picture=picture)
    etag = f'"{key}-{picture.name}"'
    response = HttpResponse(body, content_type="image/png")
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    response["ETag"] = etag
    if asked.get("v") == key:
        patch_cache_control(response, private=True, max_age=YEAR_S, immutable=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return response


def likely(request: SignedIn, run_id: int, depth_cm: int) -> HttpResponse:
    """Of an ensemble: how likely a depth is, as a picture."""
    return frame(request, run_id, f"over-{depth_cm}")


@require_safe
@login_required
def raster(request: SignedIn, run_id: int) -> HttpResponse:
    """The greatest depths as a GeoTIFF, no data outside the reader's regions."""
    body, name = seen.get_raster(actor=request.user, run_id=run_id)
    response = HttpResponse(body, content_type="image/tiff; application=geotiff")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    patch_cache_control(response, private=True, no_cache=True)
    return response
