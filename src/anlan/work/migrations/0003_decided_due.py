from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0002_add_proof_keeping")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="decided_due",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="clock",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
