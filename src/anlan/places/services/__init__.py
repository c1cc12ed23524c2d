"""What changes regions, outlines, sites, roads and counts of people."""

from .outlines import Shape, import_outlines, save_outlines
from .populations import import_populations, plan_populations
from .regions import import_divisions, plan_divisions, recode_region
from .roads import close_road, import_roads, plan_roads
from .sites import SiteRow, close_site, error_list, import_sites, plan_sites, save_sites
from .uploads import discard_old_uploads, drop_upload, keep_upload

__all__ = [
    "Shape",
    "SiteRow",
    "close_road",
    "close_site",
    "discard_old_uploads",
    "drop_upload",
    "error_list",
    "import_divisions",
    "import_outlines",
    "import_populations",
    "import_roads",
    "import_sites",
    "keep_upload",
    "plan_divisions",
    "plan_populations",
    "plan_roads",
    "plan_sites",
    "recode_region",
    "save_outlines",
    "save_sites",
]
