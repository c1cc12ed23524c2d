"""What changes regions, outlines and sites."""

from .outlines import Shape, import_outlines, save_outlines
from .regions import import_divisions, plan_divisions, recode_region
from .sites import SiteRow, close_site, error_list, import_sites, plan_sites, save_sites
from .uploads import discard_old_uploads, drop_upload, keep_upload

__all__ = [
    "Shape",
    "SiteRow",
    "close_site",
    "discard_old_uploads",
    "drop_upload",
    "error_list",
    "import_divisions",
    "import_outlines",
    "import_sites",
    "keep_upload",
    "plan_divisions",
    "plan_sites",
    "recode_region",
    "save_outlines",
    "save_sites",
]
