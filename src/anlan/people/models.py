"""Who somebody is, what they answer for, and what they may do where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base import clock
from anlan.base.errors import NotAllowed
from anlan.places.models import Region, RegionScoped, Road, Site
from anlan.places.queries import lineage

from . import permissions

SYSTEM_NAME = "system"


class Organisation(models.Model):
    """A bureau, town government, village committee or enterprise that people belong to."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="organisations")
    # What stands before the number of its documents (机关代字): （金）应急.
    short = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    def create_account(
        self, username: str, password: str | None = None, **fields: object
    ) -> Account:
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def system(self) -> Account:
        """The actor of tickers and listeners. Cannot sign in; the timeline shows it as itself."""
        account, _made = self.get_or_create(
            username=SYSTEM_NAME, defaults={"name": "系统", "password": "!", "is_active": False}
        )
        return account


class Account(AbstractBaseUser):
    """A person who can sign in. What they may do is in their grants and in the posts they hold."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=40)
    phone = models.CharField(max_length=20, blank=True)  # personal: masked, never logged
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)  # a password that somebody else set
    totp_secret = models.CharField(max_length=64, blank=True)  # empty: no second factor
    totp_last_step = models.BigIntegerField(default=0)  # a code works once

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def is_system(self) -> bool:
        return self.username == SYSTEM_NAME

    def regions_for(self, permission: str) -> list[str]:
        """Paths of the subtrees where this account holds the permission, by grant or by post."""
        return self._scopes.get(permission, [])

    @cached_property
    def _scopes(self) -> dict[str, list[str]]:
        """Permission → paths, read once for an instance; a request has its own instance."""
        found: dict[str, set[str]] = {}
        for code, path in self.grants.values_list("permission", "region__path"):
            found.setdefault(code, set()).add(path)
        today = timezone.localdate(clock.now())
        held = Holding.objects.filter(account=self).on(today)
        for path, codes in held.values_list("post__region__path", "post__role__permissions"):
            for code in codes:
                found.setdefault(code, set()).add(path)
        # Most permissions come in sets over the same regions: each set is followed up once.
        reach = {held: lineage(held) for held in {frozenset(paths) for paths in found.values()}}
        return {code: reach[frozenset(paths)] for code, paths in found.items()}

    def forget_scopes(self) -> None:
        """Read grants and posts afresh at the next question."""
        self.__dict__.pop("_scopes", None)
        self.__dict__.pop("_own_items", None)

    def may(self, permission: str, *, region: Region) -> bool:
        return any(region.path.startswith(path) for path in self.regions_for(permission))

    def may_anywhere(self, permission: str) -> bool:
        return bool(self.regions_for(permission))

    def regions_named(self, permission: str) -> list[str]:
        """The same as names, for showing; old paths are left out."""
        held = Region.objects.filter(path__in=self.regions_for(permission), valid_to=None)
        return list(held.order_by("path").values_list("name", flat=True))

    def require(self, permission: str, *, region: Region) -> None:
        """Refuse unless the account may do this in the region. The system account always may."""
        if self.is_system or self.may(permission, region=region):
            return
        raise NotAllowed(
            "people.not_granted",
            _("You may not do this in %(region)s.") % {"region": region.name},
            hint=_("Ask your office administrator for “%(permission)s”.")
            % {"permission": permissions.label(permission)},
        )


class SignInTries(models.Model):
    """Failed sign-ins in a row, by account name and by address: too many lock that door a while.

    The key is a digest: names that nobody has are counted like real ones, and addresses are
    personal data. Machine time: a paused scenario must not keep a door shut.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "sign-in tries"

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"


class Grant(models.Model):
    """An account may do this in a region and below."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="grants")
    permission = models.CharField(max_length=60)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "permission", "region"], name="people_grant_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.permission} in {self.region_id}"


class Role(models.Model):
    """A kind of post: a line of duty with the permissions that come with holding it."""

    code = models.CharField(max_length=40, unique=True)  # "village.flood_officer"
    name = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField(choices=Region.Level)
    permissions = models.JSONField(default=list)  # codes
    # No new posts of it; those that stand keep it. Never deleted: holdings of years ago name it.
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def duty(self) -> str:
        """The name where the region stands beside it: a district's 县值班员 is its 值班员."""
        for level in LEVEL_WORDS:
            if self.name.startswith(level):
                return self.name.removeprefix(level)
        return self.name


# What the names of roles begin with, so that a list of all of them can be read.
LEVEL_WORDS = ("市", "县", "乡镇", "村")


class PostQuerySet(RegionScoped["Post"]):
    pass


class Post(models.Model):
    """A role in a region ("flood officer of Xinan village"), whoever holds it."""

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="posts")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="posts")

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "region"], name="people_post_once")]

    def __str__(self) -> str:
        """“金华市值班员”, not “金华市市值班员”; “第一网格员”, not “第一网格网格员”."""
        region, duty = self.region.name, self.role.duty
        doubled = "网格" if region.endswith("网格") and duty.startswith("网格") else ""
        return region + duty.removeprefix(doubled)


class HoldingQuerySet(models.QuerySet["Holding"]):
    def on(self, day: date) -> Self:
        """Holdings in force on a day."""
        return self.filter(Q(from_date__lte=day), Q(to_date=None) | Q(to_date__gt=day))


class Holding(models.Model):
    """Who holds a post from a date to a date: who answered for this village on that day."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holdings")
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)  # the first day on which it is over
    confirmed_at = models.DateTimeField(null=True, blank=True)  # the yearly refresh

    objects = HoldingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=models.F("from_date")),
                name="people_holding_dates",
            ),
            models.UniqueConstraint(
                fields=["post", "account"], condition=Q(to_date=None), name="people_holding_once"
            ),
        ]
        verbose_name = gettext_lazy("holding")

    def __str__(self) -> str:
        return f"{self.account_id} holds {self.post_id} from {self.from_date}"


def place_key(place: Site | Road) -> tuple[str, int]:
    """Tells sites and roads apart where both are kept by number."""
    return ("site" if isinstance(place, Site) else "road"), place.pk


class ChargeQuerySet(models.QuerySet["Charge"]):
    def within(self, paths: Iterable[str]) -> Self:
        """Charges of places in any of these subtrees; of none without a path."""
        condition = Q(pk__in=[])
        for path in paths:
            condition |= Q(site__region__path__under=path) | Q(road__region__path__under=path)
        return self.filter(condition)


class Charge(models.Model):
    """Which post answers for a site or a road: whom an alarm names and a task reaches."""

    site = models.OneToOneField(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="charge"
    )
    road = models.OneToOneField(
        Road, on_delete=models.PROTECT, null=True, blank=True, related_name="charge"
    )
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="charges")
    owner = models.CharField(max_length=120, blank=True)  # the organisation that keeps it up

    objects = ChargeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(site=None, road__isnull=False) | Q(site__isnull=False, road=None),
                name="people_charge_of_one_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id} answers for {self.site_id or self.road_id}"

    @property
    def place(self) -> Site | Road:
        place = self.site or self.road
        assert place is not None  # the database sees to it
        return place

    @property
    def keeper(self) -> str:
        """The organisation that keeps the place up, as the list of charges or of roads says."""
        return self.owner or (self.road.owner if self.road else "")


class Shift(models.Model):
    """A turn of duty at a region's desk, signed over to the next."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="shifts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="shifts")
    leads = models.BooleanField(default=False)  # the leader on duty, not the officer
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True, blank=True)
    handed_over_to = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handover_note = models.TextField(blank=True)
    taken_over_at = models.DateTimeField(null=True, blank=True)  # the next one's signature

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="people_shift_times"
            )
        ]
        indexes = [models.Index(fields=["region", "starts_at"], name="people_shift_region")]

    def __str__(self) -> str:
        return f"{self.account_id} at {self.region_id} from {self.starts_at:%F %H:%M}"
