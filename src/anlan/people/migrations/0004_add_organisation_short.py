from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_charges")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="short",
            field=models.CharField(blank=True, max_length=20),
        ),
    ]
