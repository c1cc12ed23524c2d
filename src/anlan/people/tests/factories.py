"""Accounts for tests. A stranger is `account_in(another_region, ...)`."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from anlan.people.models import Account, Grant, Holding, Post, Role
from anlan.places.models import Region


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.LazyAttribute(lambda o: f"用户{o.username[4:]}")
    password = "!"


def account_in(region: Region, *permissions: str) -> Account:
    """An account holding these permissions in this region and below."""
    account = AccountFactory()
    Grant.objects.bulk_create(
        Grant(account=account, permission=permission, region=region) for permission in permissions
    )
    return account


def holder_of(post: Post) -> Account:
    """An account that holds the post."""
    account = AccountFactory()
    Holding.objects.create(post=post, account=account, from_date=date(2020, 1, 1))
    return account


def post_in(region: Region, role: str = "village.flood_officer", *permissions: str) -> Post:
    """A post of this role in the region."""
    defaults = {"name": role, "level": region.level, "permissions": list(permissions)}
    kind, _ = Role.objects.get_or_create(code=role, defaults=defaults)
    return Post.objects.create(role=kind, region=region)
