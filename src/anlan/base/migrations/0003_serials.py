from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("base", "0002_widen_subscriber")]

    operations = [
        migrations.CreateModel(
            name="Serial",
            fields=[
                (
                    "name",
                    models.CharField(max_length=200, primary_key=True, serialize=False),
                ),
                ("last", models.PositiveIntegerField(default=0)),
            ],
        ),
    ]
