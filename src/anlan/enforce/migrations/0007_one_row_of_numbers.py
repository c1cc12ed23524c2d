from django.db import migrations


def copy(apps, schema_editor):
    """To the rows that all documents take their numbers from, each named as it is printed."""
    Serial, Row = apps.get_model("enforce", "Serial"), apps.get_model("base", "Serial")
    for serial in Serial.objects.select_related("organ"):
        name = f"（{serial.organ.mark}）{serial.word}〔{serial.year}〕"
        row, _made = Row.objects.get_or_create(name=name)
        row.last = max(row.last, serial.last)
        row.save(update_fields=["last"])


class Migration(migrations.Migration):
    dependencies = [("base", "0001_squashed"), ("enforce", "0006_discretion_region")]

    operations = [
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.DeleteModel(name="Serial"),
    ]
