import django.db.models.deletion
from django.db import migrations, models

from anlan.base.operations import CreateModels


SQLITE = [
    # By time, so that a storm's readings are appended: 245,000 rows/s in transactions of 500 rows,
    # where (series_id, at_ms) reaches 13,000. One series over a long time is read from SeriesDay.
    # WITHOUT ROWID: the key is the table, no second tree to write.
    '''CREATE TABLE observe_reading (
        at_ms bigint NOT NULL, series_id bigint NOT NULL, value real NULL, flag smallint NOT NULL,
        PRIMARY KEY (at_ms, series_id)) WITHOUT ROWID''',
]
POSTGRES = [
    '''CREATE TABLE observe_reading (
        at_ms bigint NOT NULL, series_id bigint NOT NULL, value double precision NULL,
        flag smallint NOT NULL, PRIMARY KEY (at_ms, series_id)) PARTITION BY RANGE (at_ms)''',
    # A month a partition, made ahead by the ticker: an old month is dropped or moved at once.
    # What falls outside them (a device's clock years off) lands here.
    'CREATE TABLE observe_reading_default PARTITION OF observe_reading DEFAULT',
]


def make_readings(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == 'postgresql' else SQLITE:
        schema_editor.execute(statement)


def drop_readings(apps, schema_editor):
    schema_editor.execute('DROP TABLE observe_reading')


class Migration(migrations.Migration):

    replaces = [
        ('observe', '0001_initial'),
        ('observe', '0002_readings'),
        ('observe', '0003_station_silence'),
        ('observe', '0004_report'),
        ('observe', '0005_packing_attempt'),
    ]

    initial = True

    dependencies = [
        ('places', '0001_squashed'),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Station',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, unique=True)),
                        ('name', models.CharField(max_length=120)),
                        ('kind', models.CharField(max_length=40)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='places.region')),
                        ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='places.site')),
                        ('lon', models.FloatField()),
                        ('lat', models.FloatField()),
                        ('made_up', models.BooleanField(default=False)),
                        ('retired_at', models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Series',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='series', to='observe.station')),
                        ('quantity', models.CharField(max_length=40)),
                        ('unit', models.CharField(max_length=12)),
                        ('datum', models.CharField(blank=True, max_length=40)),
                        ('interval_s', models.PositiveIntegerField(default=300)),
                        ('low', models.FloatField(blank=True, null=True)),
                        ('high', models.FloatField(blank=True, null=True)),
                        ('spike', models.FloatField(blank=True, null=True)),
                        ('rate', models.FloatField(blank=True, null=True)),
                        ('flat_s', models.PositiveIntegerField(blank=True, null=True)),
                    ],
                    options={
                        'verbose_name_plural': 'series',
                        'constraints': [models.UniqueConstraint(fields=('station', 'quantity'), name='observe_series_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Reading',
                    fields=[
                        ('pk', models.CompositePrimaryKey('at_ms', 'series_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('at_ms', models.BigIntegerField()),
                        ('series', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='readings', to='observe.series')),
                        ('value', models.FloatField(null=True)),
                        ('flag', models.SmallIntegerField(choices=[(1, 'good'), (2, 'not evaluated'), (3, 'suspect'), (4, 'bad'), (9, 'missing')])),
                    ],
                    options={
                        'db_table': 'observe_reading',
                        'managed': False,
                    },
                ),
                migrations.CreateModel(
                    name='SeriesDay',
                    fields=[
                        ('pk', models.CompositePrimaryKey('series_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('series', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='days', to='observe.series')),
                        ('day', models.IntegerField()),
                        ('data', models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name='PackedDay',
                    fields=[
                        ('day', models.IntegerField(primary_key=True, serialize=False)),
                        ('packed', models.BooleanField(default=False)),
                        ('stale', models.BooleanField(default=False)),
                        ('attempt', models.IntegerField(db_default=0, default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='Latest',
                    fields=[
                        ('series', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='latest', serialize=False, to='observe.series')),
                        ('at_ms', models.BigIntegerField()),
                        ('value', models.FloatField(null=True)),
                        ('flag', models.SmallIntegerField(choices=[(1, 'good'), (2, 'not evaluated'), (3, 'suspect'), (4, 'bad'), (9, 'missing')])),
                        ('received_ms', models.BigIntegerField()),
                    ],
                    options={
                        'verbose_name_plural': 'latest',
                    },
                ),
                migrations.CreateModel(
                    name='Sender',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80, unique=True)),
                        ('token_hash', models.CharField(max_length=64, unique=True)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='senders', to='places.region')),
                        ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='senders', to='observe.station')),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='RegistryRevision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.BigIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='Report',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('station_code', models.CharField(db_index=True, max_length=40)),
                        ('at', models.DateTimeField()),
                        ('text', models.TextField(blank=True)),
                        ('picture', models.BinaryField(null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('station_code', 'at', 'text'), name='observe_report_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Unreadable',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('door', models.CharField(max_length=12)),
                        ('origin', models.CharField(max_length=120)),
                        ('received_ms', models.BigIntegerField()),
                        ('reason', models.CharField(max_length=300)),
                        ('body', models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name='StationHealth',
                    fields=[
                        ('station', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='health', serialize=False, to='observe.station')),
                        ('heard_at', models.DateTimeField(null=True)),
                        ('door', models.CharField(blank=True, max_length=12)),
                        ('silent_since', models.DateTimeField(null=True)),
                        ('battery_v', models.FloatField(null=True)),
                        ('clock_off_s', models.FloatField(null=True)),
                        ('address', models.CharField(blank=True, max_length=60)),
                    ],
                ),
                migrations.CreateModel(
                    name='Quarantined',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('station_code', models.CharField(max_length=40)),
                        ('quantity', models.CharField(max_length=40)),
                        ('at_ms', models.BigIntegerField()),
                        ('value', models.FloatField(null=True)),
                        ('raw', models.CharField(blank=True, max_length=200)),
                        ('door', models.CharField(max_length=12)),
                        ('sender', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='observe.sender')),
                        ('received_ms', models.BigIntegerField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('station_code', 'quantity', 'at_ms'), name='observe_quarantined_once'), models.CheckConstraint(condition=models.Q(('station_code', ''), _negated=True), name='observe_quarantined_code')],
                    },
                ),
            ],
        ),
        # The table of the unmanaged model Reading, in each database's own way.
        migrations.RunPython(make_readings, drop_readings),
    ]
