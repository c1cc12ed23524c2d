import datetime
import django.db.models.deletion
import uuid
from django.db import migrations, models

from anlan.base.operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('places', '0001_initial'),
        ('places', '0002_add_revisions_and_uploads'),
        ('places', '0003_roads_and_populations'),
    ]

    initial = True

    dependencies = []

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Region',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(db_index=True, max_length=20)),
                        ('name', models.CharField(max_length=60)),
                        ('level', models.PositiveSmallIntegerField(choices=[(1, 'province'), (2, 'city'), (3, 'county'), (4, 'town'), (5, 'village'), (6, 'grid')])),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='places.region')),
                        ('path', models.CharField(db_index=True, max_length=120)),
                        ('valid_from', models.DateField(default=datetime.date(2000, 1, 1))),
                        ('valid_to', models.DateField(blank=True, null=True)),
                        ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='places.region')),
                        ('lon', models.FloatField(blank=True, null=True)),
                        ('lat', models.FloatField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('code', 'valid_from'), name='places_region_version'), models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('code',), name='places_region_one_in_force'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='places_region_dates')],
                    },
                ),
                migrations.CreateModel(
                    name='Outline',
                    fields=[
                        ('region', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='places.region')),
                        ('wkb', models.BinaryField()),
                        ('made_up', models.BooleanField(default=False)),
                        ('source', models.CharField(max_length=200)),
                    ],
                ),
                migrations.CreateModel(
                    name='Site',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40)),
                        ('kind', models.CharField(max_length=40)),
                        ('name', models.CharField(max_length=120)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='places.region')),
                        ('lon', models.FloatField()),
                        ('lat', models.FloatField()),
                        ('made_up', models.BooleanField(default=False)),
                        ('closed_on', models.DateField(blank=True, null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['region', 'kind'], name='places_site_region_kind')],
                        'constraints': [models.UniqueConstraint(fields=('kind', 'code'), name='places_site_code'), models.CheckConstraint(condition=models.Q(('lat__gte', -90), ('lat__lte', 90), ('lon__gte', -180), ('lon__lte', 180)), name='places_site_position')],
                    },
                ),
                migrations.CreateModel(
                    name='Road',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, unique=True)),
                        ('name', models.CharField(blank=True, max_length=120)),
                        ('road_class', models.CharField(choices=[('MOTORWAY', 'motorway'), ('EXPRESS', 'expressway'), ('ARTERIAL', 'arterial road'), ('COLLECTOR', 'collector road'), ('LOCAL', 'local road')], max_length=9)),
                        ('owner', models.CharField(blank=True, max_length=120)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roads', to='places.region')),
                        ('wkb', models.BinaryField()),
                        ('elevated', models.BooleanField(default=False)),
                        ('made_up', models.BooleanField(default=False)),
                        ('source', models.CharField(max_length=200)),
                        ('closed_on', models.DateField(blank=True, null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['region', 'road_class'], name='places_road_region')],
                    },
                ),
                migrations.CreateModel(
                    name='Population',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='populations', to='places.region')),
                        ('people', models.PositiveIntegerField()),
                        ('counted_on', models.DateField()),
                        ('source', models.CharField(max_length=200)),
                        ('made_up', models.BooleanField(default=False)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('region', 'counted_on'), name='places_population_once_a_day')],
                    },
                ),
                migrations.CreateModel(
                    name='Revision',
                    fields=[
                        ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                        ('number', models.PositiveBigIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='Upload',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                        ('by_id', models.BigIntegerField()),
                        ('purpose', models.CharField(max_length=40)),
                        ('name', models.CharField(max_length=200)),
                        ('content', models.BinaryField()),
                        ('made_at', models.DateTimeField(db_index=True)),
                    ],
                ),
            ],
        ),
    ]
