"""The loop: find → assign → do → prove → verify → close, the same for every duty."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account, Post
from anlan.places.models import Region, RegionScoped

from . import handed, kinds

# A paused clock does not run out, and what is handed in waits for somebody else.
OVERDUE_STATES = Q(state__in=["OPEN", "DOING"])


class WorkItemQuerySet(RegionScoped["WorkItem"]):
    def open(self) -> Self:
        """Neither closed nor cancelled; overdue items stay open."""
        return self.filter(state__in=WorkItem.OPEN_STATES)

    def overdue(self, at: datetime) -> Self:
        """Open past their time and not handed in. Derived here and nowhere stored."""
        return self.filter(OVERDUE_STATES, due_at__lt=at)


class WorkItem(models.Model):
    """One duty on its way round the loop. What is to be done is in the room's own row.

    A column enters only if three rooms use it; a test counts them.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("waiting to be accepted")
        DOING = "DOING", _("in progress")
        PAUSED = "PAUSED", _("paused")
        SUBMITTED = "SUBMITTED", _("waiting to be verified")
        CLOSED = "CLOSED", _("closed")
        CANCELLED = "CANCELLED", _("cancelled")

    # Named, not "all but the two others": a database seeks what it is told, and reads the rest.
    OPEN_STATES = (State.OPEN, State.DOING, State.PAUSED, State.SUBMITTED)

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="work")
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="work"
    )
    doer = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="work"
    )
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    exercise = models.BooleanField(default=False)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        indexes = [
            # With the region, so that what waits and what is late is counted from the index alone.
            models.Index(fields=["state", "due_at", "region"], name="work_item_state_due"),
            models.Index(fields=["region", "state"], name="work_item_region_state"),
            models.Index(fields=["post", "state"], name="work_item_post_state"),
            # With all that counting by region asks for, so that no row is read.
            models.Index(
                fields=["kind", "state", "region", "exercise"], name="work_item_kind_state"
            ),
            # The newest of a kind, in whatever state and region: a list met in its own order.
            models.Index(fields=["kind", "id", "state", "region"], name="work_item_kind_newest"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    @property
    def kind_of(self) -> kinds.Kind:
        return kinds.get(self.kind)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    def is_overdue(self, at: datetime) -> bool:
        running = self.state in {self.State.OPEN, self.State.DOING}
        return running and self.due_at is not None and self.due_at < at


class Step(models.Model):
    """One move of one item. Append-only: this is the history that is shown and counted."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="steps")
    move = models.CharField(max_length=12)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    submission = models.ForeignKey(
        "Submission", on_delete=models.PROTECT, null=True, blank=True, related_name="steps"
    )

    class Meta:
        indexes = [models.Index(fields=["item", "at"], name="work_step_item_at")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.move} at {self.at:%F %T}"


class Clock(models.Model):
    """The statutory clock of an item: which rule, from when to when, and what stopped it.

    The due time is stored, here and on the item; no screen works it out for itself.
    """

    item = models.OneToOneField(
        WorkItem, on_delete=models.PROTECT, primary_key=True, related_name="clock"
    )
    rule = models.CharField(max_length=60)  # code in work.deadlines
    rule_version = models.DateField()  # the day from which that version of the rule holds
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # Set by a decision (an order, an extension) instead of the rule: until when, since when.
    decided_due = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        Step, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # the evidence of the stop

    def __str__(self) -> str:
        return f"{self.rule} until {self.due_at:%F %T}"


class Pause(models.Model):
    """A stretch in which a clock stood still, and why."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="pauses")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], condition=Q(to_at=None), name="work_pause_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} from {self.from_at:%F %T}: {self.reason}"


class Reminder(models.Model):
    """A reminder or escalation that went out: once an item, step and recipient."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="reminders")
    escalation = models.PositiveSmallIntegerField()  # position in the kind's escalations
    to = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="reminders")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "escalation", "to"], name="work_reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.item_id} step {self.escalation} to {self.to_id}"


class Submission(models.Model):
    """What a phone or a partner sent, with the id that it made itself.

    The same id and bytes again: accepted once. The same id with other bytes: a conflict (409),
    kept and shown to a person. Never changed after it was received.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("waiting for its attachments or an earlier submission")
        ACCEPTED = "ACCEPTED", _("accepted")
        REFUSED = "REFUSED", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    digest = models.CharField(max_length=64)  # SHA-256 of the bytes as sent
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="submissions")
    item = models.ForeignKey(
        WorkItem, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions"
    )
    move = models.CharField(max_length=12, blank=True)  # the step that it asks for
    # What is not a step of an item: what it is (work.handed), where, and what must come before it.
    kind = models.CharField(max_length=40, blank=True)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    after = models.UUIDField(null=True, blank=True)  # a submission that may still be on its way
    # A refused one that was corrected on the phone; there only where the server kept it.
    replaces = models.UUIDField(null=True, blank=True)
    made_at = models.DateTimeField()  # by the phone's clock: shown, not believed
    received_at = models.DateTimeField()
    note = models.TextField(blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    accuracy_m = models.FloatField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)  # of a refusal; or how it was taken otherwise than asked
    code = models.CharField(max_length=60, blank=True)  # the same, for programs
    problems = models.JSONField(default=list)  # of a refusal, by part and row: where to show it
    data = models.JSONField(default=dict)  # answers to the kind's own form
    announced = models.JSONField(default=list)  # digests of the attachments that belong to it

    class Meta:
        indexes = [
            models.Index(
                fields=["item"], condition=Q(state="WAITING"), name="work_submission_waiting"
            ),
            models.Index(
                fields=["after"], condition=Q(state="WAITING"), name="work_submission_after"
            ),
            models.Index(fields=["kind", "state"], name="work_submission_kind"),
            models.Index(
                fields=["replaces"],
                condition=Q(replaces__isnull=False),
                name="work_submission_replaces",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.state})"

    @property
    def kind_label(self) -> str:
        """What was handed in, of what is no step of a task."""
        return str(handed.get(self.kind).label) if self.kind else ""

    @property
    def missing(self) -> list[str]:
        """Announced attachments that have not arrived."""
        here = {attachment.sent_digest for attachment in self.attachments.all()}
        return [digest for digest in self.announced if digest not in here]


class Conflict(models.Model):
    """Other bytes under an id that was taken: kept as sent, for a person to look at."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="conflicts")
    digest = models.CharField(max_length=64)
    body = models.TextField()
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "digest", "by"], name="work_conflict_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} ≠ {self.digest[:12]}"


class Attachment(models.Model):
    """A file handed in with a submission, as stored: checked, stripped, named by its content."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="attachments")
    sent_digest = models.CharField(max_length=64)  # SHA-256 of what was sent
    path = models.CharField(max_length=200)  # below FILES_DIR
    thumb = models.CharField(max_length=200, blank=True)  # a small JPEG, of images
    mime = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "sent_digest"], name="work_attachment_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
