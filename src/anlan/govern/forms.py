"""Shape of what people type about committees; the rules are in the services."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from anlan.base import clock
from anlan.base.days import spoken
from anlan.people.models import Account, Organisation, Post
from anlan.places.forms import RegionField
from anlan.places.models import Region

from . import queries
from .models import Committee, Entry, Meeting, Member
from .services.committees import DutyText
from .services.meetings import Held
from .services.year_lists import EntryText

EARLIEST, YEARS_AHEAD = date(1949, 10, 1), 5


def day(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, validators=[_is_near], **more)


def _is_near(value: date) -> None:
    """A slip of the year would put it where nobody looks."""
    last = date(localdate(clock.now()).year + YEARS_AHEAD, 12, 31)
    if not EARLIEST <= value <= last:
        raise forms.ValidationError(
            gettext("Check the year: the day must lie between %(first)s and %(last)s.")
            % {"first": spoken(EARLIEST), "last": spoken(last)}
        )


class CommitteeForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Committee.Kind.choices)
    name = forms.CharField(label=pgettext_lazy("committee", "Name"), max_length=120)
    region = RegionField(label=_("Region"), permission="govern.manage", deepest=Region.Level.TOWN)
    founded_on = day(_("Founded on"))

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["region"]
        assert isinstance(field, RegionField)
        field.paths = actor.regions_for("govern.manage")


class Offer:
    """What the forms of one committee let choose from: read once for all of them."""

    def __init__(self, committee: Committee) -> None:
        self.posts: dict[str, Post] = {str(p.pk): p for p in queries.posts_for(committee)}
        self.offices: dict[str, Organisation] = {
            str(unit.pk): unit for unit in queries.organisations_for(committee)
        }


class OfCommittee(forms.Form):
    """A form that offers the committee's own posts and the offices of its region."""

    def __init__(
        self, *args: Any, committee: Committee, offer: Offer | None = None, **options: Any
    ) -> None:
        # Several stand on one page: the label of each field must lead to its own.
        options.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **options)
        offer = offer or Offer(committee)
        self.posts, self.offices = offer.posts, offer.offices
        self._offer("post", self.posts)
        self._offer("organisation", self.offices)

    def _offer(self, name: str, rows: dict[str, Any]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            empty = [] if field.required else [("", _("nobody yet"))]
            field.choices = [*empty, *((pk, str(row)) for pk, row in rows.items())]

    def chosen(self) -> dict[str, Any]:
        """What was typed, with the rows that were chosen."""
        data = dict(self.cleaned_data)
        if "post" in data:
            data["post"] = self.posts.get(data["post"])
        if "organisation" in data:
            data["organisation"] = self.offices.get(data["organisation"])
        return data


class ChairForm(OfCommittee):
    number = forms.TypedChoiceField(label=_("Chair"), coerce=int, choices=[(1, "1"), (2, "2")])
    post = forms.ChoiceField(label=_("Post"))


class MemberForm(OfCommittee):
    organisation = forms.ChoiceField(label=_("Unit"))
    since = day(_("Since"))


class DutyForm(OfCommittee):
    number = forms.IntegerField(
        label=_("No. (empty: a new duty)"), min_value=1, max_value=999, required=False
    )
    text = forms.CharField(
        label=_("What the unit answers for"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    basis = forms.CharField(label=_("Basis"), max_length=300, required=False)
    post = forms.ChoiceField(label=_("Post that answers"), required=False)
    since = day(_("In force from"))

    def duty(self) -> DutyText:
        return DutyText(**self.chosen())


class EntryForm(OfCommittee):
    kind = forms.ChoiceField(label=_("Kind"), choices=Entry.Kind.choices)
    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(
        label=_("What is to be done"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    organisation = forms.ChoiceField(label=_("Leading unit"), required=False)
    post = forms.ChoiceField(label=_("Post that answers"), required=False)
    led_by_principal = forms.BooleanField(label=_("Led by a principal leader"), required=False)
    opens_on = day(_("Begins on"))
    due_on = day(_("Due on"))

    def entry(self) -> EntryText:
        return EntryText(**self.chosen())


class QuarterlyForm(OfCommittee):
    post = forms.ChoiceField(label=_("Post that answers"), required=False)


class MeetingForm(forms.Form):
    entry = forms.ChoiceField(label=_("Line of the year's list"), required=False)
    held_on = day(_("Held on"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    chair = forms.ChoiceField(label=_("Chair that presided"), required=False)
    presided_by = forms.CharField(label=_("Presided by"), max_length=60)
    present = forms.MultipleChoiceField(
        label=_("Units present"), required=False, widget=forms.CheckboxSelectMultiple
    )
    minutes = forms.CharField(label=_("Minutes"), widget=forms.Textarea(attrs={"rows": 8}))

    def __init__(self, *args: Any, committee: Committee, today: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.entries = {str(e.pk): e for e in queries.meeting_entries_of(committee)}
        self.chairs = {str(c.pk): c for c in committee.chairs.all()}
        self.members = {str(m.pk): m for m in queries.members_lately(committee, today)}
        offers: dict[str, list[tuple[str, Any]]] = {
            "entry": [("", _("an extra meeting"))]
            + [(pk, f"{e.title} · {spoken(e.due_on)}") for pk, e in self.entries.items()],
            "chair": [("", _("neither"))] + [(pk, str(c.post)) for pk, c in self.chairs.items()],
            "present": [(pk, _seat(m, today)) for pk, m in self.members.items()],
        }
        for name, choices in offers.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean_present(self) -> list[str]:
        """Only units that sat in the committee on the day of the meeting."""
        ticked: list[str] = self.cleaned_data["present"]
        day = self.cleaned_data.get("held_on")
        outside = [m for pk, m in self.members.items() if pk in ticked and not _sat(m, day)]
        if outside:
            raise forms.ValidationError(
                gettext("%(unit)s did not sit in the committee on that day.")
                % {"unit": outside[0].organisation.name}
            )
        return ticked

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "held": Held(
                held_on=data["held_on"],
                place=data["place"],
                chair=self.chairs.get(data["chair"]),
                presided_by=data["presided_by"],
                minutes=data["minutes"],
            ),
            "entry": self.entries.get(data["entry"]),
            "present": [self.members[pk] for pk in data["present"]],
        }


def _sat(member: Member, on: date | None) -> bool:
    return on is None or (member.since <= on and (member.until is None or member.until > on))


def _seat(member: Member, today: date) -> str:
    """The unit; where it does not sit there now, until when it did."""
    if member.until is None or member.until > today:
        return member.organisation.name
    return gettext("%(unit)s (until %(day)s)") % {
        "unit": member.organisation.name,
        "day": spoken(member.until),
    }


class ResolutionForm(OfCommittee):
    text = forms.CharField(
        label=_("What was resolved"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    organisation = forms.ChoiceField(label=_("Leading unit"), required=False)
    post = forms.ChoiceField(label=_("Post that answers"), required=False)
    due_on = day(_("Due on"))

    def __init__(self, *args: Any, meeting: Meeting, **options: Any) -> None:
        super().__init__(*args, committee=meeting.committee, **options)


class RefreshForm(forms.Form):
    region = RegionField(label=_("Region"), permission="govern.issue", deepest=Region.Level.TOWN)
    opens_on = day(_("Begins on"))
    due_on = day(_("Due on"))

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["region"]
        assert isinstance(field, RegionField)
        field.paths = actor.regions_for("govern.issue")
