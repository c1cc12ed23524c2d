"""The demo's cases stand at nearly every stage when it opens."""

from collections import Counter

import pytest

from anlan.demo import enforcing, times
from anlan.enforce.models import Case, Publication, Referral, Term
from anlan.enforce.stages import Stage
from anlan.people.roles import DEFAULTS
from anlan.people.tests.factories import holder_of, post_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.prevent.models import Enterprise

pytestmark = pytest.mark.django_db


def test_cases_are_made_by_the_services_each_step_in_its_time(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    county = RegionFactory(level=3, name="婺城区")
    roles = {role.code: role for role in DEFAULTS}
    for code in ("county.inspector", "county.safety_leader", "county.legal_reviewer"):
        holder_of(post_in(county, code, *roles[code].permissions))
    village = RegionFactory(parent=RegionFactory(parent=county))
    for n in range(9):
        site = SiteFactory(region=village, kind="enterprise", name=f"五金厂{n}")
        Enterprise.objects.create(
            site=site, credit_code=f"9199000000000000{n:02d}", changed_at=times.OPENS
        )

    enforcing.load(county, times.OPENS)

    stages = Counter(Case.objects.values_list("stage", flat=True))
    assert stages == {
        Stage.CLOSED: 1, Stage.FULFIL: 2, Stage.NOTICE: 1, Stage.REVIEW: 1, Stage.INQUIRY: 1,
        Stage.PROPOSED: 1, Stage.NOT_FILED: 1,
    }  # fmt: skip
    assert Referral.objects.get().state == Referral.State.FLAGGED
    assert Publication.objects.count() == 2
    assert Term.objects.filter(started_at__gt=times.OPENS).count() == 0
