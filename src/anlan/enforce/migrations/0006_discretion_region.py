import django.db.models.deletion
from django.db import migrations, models


def give_to_the_top(apps, schema_editor):
    """Tables held everywhere before they had a region: so they are the uppermost region's."""
    tables = apps.get_model("enforce", "DiscretionTable").objects.all()
    if tables.exists():
        regions = apps.get_model("places", "Region").objects.filter(valid_to=None)
        tables.update(region=regions.order_by("level", "path").first())


class Migration(migrations.Migration):

    dependencies = [
        ('enforce', '0005_confiscated'),
        ('places', '0002_lists_of_a_year'),
    ]

    operations = [
        migrations.AddField(
            model_name='discretiontable',
            name='region',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.region'),
        ),
        migrations.RunPython(give_to_the_top, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='discretiontable',
            name='region',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.region'),
        ),
        migrations.AlterField(
            model_name='discretiontable',
            name='since',
            field=models.DateField(),
        ),
        migrations.AddConstraint(
            model_name='discretiontable',
            constraint=models.UniqueConstraint(fields=('region', 'since'), name='enforce_table_once'),
        ),
    ]
