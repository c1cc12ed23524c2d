from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def copy(apps, schema_editor):
    """Orders of before: the day that stood before the first extension, or stands today."""
    Hazard, Extension, WorkItem = (
        apps.get_model(*name)
        for name in (("prevent", "Hazard"), ("prevent", "Extension"), ("work", "WorkItem"))
    )
    granted = Extension.objects.filter(
        hazard=OuterRef("pk"), state="GRANTED", decided_at__gte=OuterRef("ordered_at")
    )
    item = WorkItem.objects.filter(pk=OuterRef("pk"))
    Hazard.objects.exclude(order_number="").update(
        order_due_at=Coalesce(
            Subquery(granted.order_by("pk").values("before")[:1]),
            Subquery(item.values("due_at")[:1]),
        )
    )


class Migration(migrations.Migration):
    dependencies = [("prevent", "0004_photos_of_hazards")]

    operations = [
        migrations.AddField(
            model_name="hazard",
            name="order_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]
