"""Proof for tests of other rooms, as if a phone had sent it."""

from anlan.work.models import Attachment, Submission


def proof_of(item, by, at) -> Submission:
    """A submission with a photo and a position. Hand it to `advance(move="submit")`."""
    submission = Submission.objects.create(
        digest="0" * 64,
        by=by,
        item=item,
        move="submit",
        made_at=at,
        received_at=at,
        lon=119.65,
        lat=29.1,
        accuracy_m=8,
        state=Submission.State.ACCEPTED,
    )
    Attachment.objects.create(
        submission=submission,
        sent_digest="0" * 64,
        path="00/00/none.jpg",
        mime="image/jpeg",
        size=1,
        name="现场.jpg",
    )
    return submission
