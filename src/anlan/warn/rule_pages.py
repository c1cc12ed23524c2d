"""Rules for people: the list, the editor with the sentence under it, and the trial."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, Refusal
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn
from anlan.places.forms import region_asked

from . import describe, queries
from .forms import LevelForm, RuleForm, initial_of
from .models import Rule, RuleVersion
from .replay import replay
from .services import rules as services

TRIAL_DAYS = (1, 3, 7, 14)
LEVELS_A_PAGE = 40


@require_safe
@login_required
def rules(request: SignedIn) -> HttpResponse:
    found = queries.list_rules(actor=request.user)
    rows = [(rule, version, describe.describe(version)) for rule, version in _in_force(found)]
    may = request.user.may_anywhere("warn.manage")
    return render(request, "warn/rules.html", {"rows": rows, "may_manage": may})


def _in_force(rules: Any) -> Any:
    for rule in rules:
        for version in rule.in_force:
            version.rule = rule
            yield rule, version


@require_http_methods(["GET", "POST"])
@login_required
def new_rule(request: SignedIn) -> HttpResponse:
    form = RuleForm(request.POST or None, actor=request.user)
    if form.is_valid():
        data = form.cleaned_data
        try:
            rule = services.define_rule(
                code=data["code"],
                name=data["name"],
                region=data["region"],
                text=form.text(),
                by=request.user,
                at=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("warn:rule", rule.pk)
    return _editor(request, form)


@require_http_methods(["GET", "POST"])
@login_required
def rule(request: SignedIn, rule_id: int) -> HttpResponse:
    """One rule: its sentence, its editor, its versions."""
    found = queries.get_rule(actor=request.user, rule_id=rule_id)
    current = queries.get_version(found)
    form = RuleForm(
        request.POST or None, actor=request.user, rule=found, initial=initial_of(current)
    )
    if form.is_valid():
        try:
            services.change_rule(
                rule=found,
                text=form.text(),
                name=form.cleaned_data["name"],
                by=request.user,
                at=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("warn:rule", found.pk)
    return _editor(request, form, found, current)


@require_POST
@login_required
def switch(request: SignedIn, rule_id: int) -> HttpResponse:
    found = queries.get_rule(actor=request.user, rule_id=rule_id)
    enabled = request.POST.get("enabled") == "1"
    services.switch_rule(rule=found, enabled=enabled, by=request.user, at=clock.now())
    return redirect("warn:rule", found.pk)


@require_POST
@login_required
def sentence(request: SignedIn) -> HttpResponse:
    """The rule in words, while it is being typed."""
    return _preview(request, "warn/_sentence.html")


@require_POST
@login_required
def trial(request: SignedIn) -> HttpResponse:
    """How many alarms the rule would have raised in the last days. Writes nothing."""
    days = whole(request.POST.get("days"))
    span = timedelta(days=days if days in TRIAL_DAYS else 3)
    return _preview(request, "warn/_trial.html", span)


@require_safe
@login_required
def levels(request: SignedIn) -> HttpResponse:
    """Each place's own levels, to look at and to set."""
    names = [(name, describe.level_label(name)) for name in describe.LEVELS]
    region = region_asked(request.GET, paths=request.user.regions_for("warn.view"))
    search = request.GET.get("q", "").strip()
    found = queries.list_level_series(
        actor=request.user, region_path=region.path if region else "", search=search
    )
    page = Paginator(found, LEVELS_A_PAGE).get_page(request.GET.get("page"))
    rows = []
    for series in page:
        have = {level.name: level.value for level in series.levels.all()}
        rows.append((series, [(name, label, have.get(name)) for name, label in names]))
    may = request.user.may_anywhere("warn.manage")
    context = {
        "rows": rows,
        "page": page,
        "names": names,
        "may_manage": may,
        "region": region,
        "search": search,
    }
    return render(request, "warn/levels.html", context)


@require_POST
@login_required
def set_level(request: SignedIn, series_id: int) -> HttpResponse:
    series = queries.get_series(actor=request.user, series_id=series_id)
    form = LevelForm(request.POST)
    if not form.is_valid():
        raise BadInput("warn.bad_level", _("Give the level as a number, or nothing to remove it."))
    services.set_level(series=series, **form.cleaned_data, by=request.user, at=clock.now())
    # Back to the same rows, not to the first of eighty.
    return redirect(f"{reverse('warn:levels')}?{request.GET.urlencode()}")


def _preview(request: SignedIn, template: str, span: timedelta | None = None) -> HttpResponse:
    rule_id = whole(request.POST.get("rule"))
    kept = None
    if rule_id is not None:
        kept = queries.get_rule(actor=request.user, rule_id=rule_id)
    form = RuleForm(request.POST, actor=request.user, rule=kept)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            text, version = form.text(), _unsaved(form, kept)
            services.check_text(text, version.rule.region)
            request.user.require("warn.manage", region=version.rule.region)
            context["sentence"] = describe.describe(version)
            if span:
                at = clock.now()
                found = replay(rule=version.rule, version=version, since=at - span, until=at)
                context |= {"replay": found, "alarms": _shown(version, found.alarms[:20])}
        except Refusal as refusal:
            context["refusal"] = refusal
    return render(request, template, context)


def _shown(version: RuleVersion, alarms: Any) -> list[tuple[Any, str]]:
    group = version.stations > 1
    return [(would, describe.value_text(version, would.value, group=group)) for would in alarms]


def _unsaved(form: RuleForm, kept: Rule | None) -> RuleVersion:
    data = form.cleaned_data
    rule = kept or Rule(code=data["code"], name=data["name"], region=data["region"])
    return services.unsaved(rule, form.text(), at=clock.now())


def _editor(
    request: SignedIn,
    form: RuleForm,
    rule: Rule | None = None,
    version: RuleVersion | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "rule": rule,
        "sentence": describe.describe(version) if version else "",
        "versions": queries.list_versions(rule=rule) if rule else [],
        "days": TRIAL_DAYS,
        "may_manage": request.user.may("warn.manage", region=rule.region)
        if rule
        else request.user.may_anywhere("warn.manage"),
    }
    return render(request, "warn/rule.html", context, status=422 if form.errors else 200)
