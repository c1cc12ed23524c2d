"""Work-safety committees and the special ones under them: chairs, member units, written duties."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account, Organisation, Post
from anlan.places.models import Region, RegionScoped


class CommitteeQuerySet(RegionScoped["Committee"]):
    def standing(self, on: date) -> Self:
        """Founded and not dissolved on a day."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on), founded_on__lte=on)


class Committee(models.Model):
    """A region's work-safety committee (安委会), or a special one for a line of work (专委会)."""

    class Kind(models.TextChoices):
        SAFETY = "SAFETY", _("work-safety committee")
        SPECIAL = "SPECIAL", _("special committee")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="committees")
    kind = models.CharField(max_length=7, choices=Kind)
    name = models.CharField(max_length=120)
    founded_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)  # the first day on which it is no more

    objects = CommitteeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "name"], condition=Q(ended_on=None), name="govern_committee_name"
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(ended_on=None, kind="SAFETY"),
                name="govern_one_safety_committee",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("founded_on")),
                name="govern_committee_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def chairs_needed(self) -> int:
        """The Party's and the government's leader chair the safety committee together (双主任)."""
        return 2 if self.kind == self.Kind.SAFETY else 1


class Chair(models.Model):
    """A chair's seat. It belongs to a post; whoever holds the post chairs. Nobody: a gap."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="chairs")
    number = models.PositiveSmallIntegerField()  # 1 and 2
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="chairs")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="govern_chair_number"),
            models.UniqueConstraint(fields=["committee", "post"], name="govern_chair_post"),
        ]

    def __str__(self) -> str:
        return f"{self.committee_id} chair {self.number}"


class MemberQuerySet(RegionScoped["Member"]):
    region_path = "committee__region__path"

    def sitting(self, on: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)


class Member(models.Model):
    """An office that sits in a committee from a day to a day (成员单位)."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="members")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="seats")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "organisation"],
                condition=Q(until=None),
                name="govern_member_once",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="govern_member_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.committee_id}"


class DutyQuerySet(RegionScoped["Duty"]):
    region_path = "member__committee__region__path"

    def owed(self, on: date) -> Self:
        """Duties in force of units that sit in a standing committee on a day."""
        committee = Q(member__committee__ended_on=None) | Q(member__committee__ended_on__gt=on)
        seat = Q(member__until=None) | Q(member__until__gt=on)
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on), committee, seat)


class Duty(models.Model):
    """One written duty of a member unit. Its text is in its versions."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="duties")
    number = models.PositiveSmallIntegerField()
    ended_on = models.DateField(null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "number"], name="govern_duty_number")
        ]

    def __str__(self) -> str:
        return f"{self.member_id}.{self.number}"


class DutyVersionQuerySet(RegionScoped["DutyVersion"]):
    region_path = "duty__member__committee__region__path"

    def in_force(self, on: date) -> Self:
        """Of each duty the version that holds on a day: the last one that has begun."""
        later = DutyVersion.objects.filter(duty=OuterRef("duty"), since__lte=on)
        later = later.filter(
            Q(since__gt=OuterRef("since"))
            | Q(since=OuterRef("since"), number__gt=OuterRef("number"))
        )
        return self.filter(~Exists(later), since__lte=on)


class DutyVersion(models.Model):
    """The text of a duty from a day on, and the post that answers for it. Never changed."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=1000)
    basis = models.CharField(max_length=300, blank=True)  # law or document with its article
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="duties"
    )  # none: nobody answers, a gap
    since = models.DateField()
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = DutyVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["duty", "number"], name="govern_duty_version")
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} v{self.number}"
