import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from anlan.base.operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('warn', '0001_alarms'),
        ('warn', '0002_add_forgetting'),
        ('warn', '0003_forecasts'),
        ('warn', '0004_add_quiet_hours'),
    ]

    initial = True

    dependencies = [
        ('observe', '0001_squashed'),
        ('places', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Rule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, unique=True)),
                        ('name', models.CharField(max_length=120)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='places.region')),
                        ('enabled', models.BooleanField(default=True)),
                        ('number', models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='RuleVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='warn.rule')),
                        ('number', models.PositiveIntegerField()),
                        ('made_at', models.DateTimeField()),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('severity', models.PositiveSmallIntegerField(choices=[(1, 'red'), (2, 'orange'), (3, 'yellow'), (4, 'blue')])),
                        ('quantity', models.CharField(max_length=40)),
                        ('station_kinds', models.JSONField(blank=True, default=list)),
                        ('series', models.JSONField(blank=True, default=list)),
                        ('site_kinds', models.JSONField(blank=True, default=list)),
                        ('within_s', models.PositiveIntegerField(default=0)),
                        ('measure', models.CharField(choices=[('VALUE', 'the value'), ('RATE', 'the change in an hour'), ('SUM', 'the sum over a period'), ('SILENCE', 'the time without a believable reading'), ('FORECAST', 'the depth that a forecast gives'), ('NO_FORECAST', 'the time without a new forecast')], default='VALUE', max_length=11)),
                        ('window_s', models.PositiveIntegerField(default=0)),
                        ('below', models.BooleanField(default=False)),
                        ('threshold', models.FloatField(blank=True, null=True)),
                        ('level', models.CharField(blank=True, max_length=20)),
                        ('clear', models.FloatField(blank=True, null=True)),
                        ('hold_s', models.PositiveIntegerField(default=0)),
                        ('hits', models.PositiveSmallIntegerField(default=1)),
                        ('of', models.PositiveSmallIntegerField(default=1)),
                        ('clear_after_s', models.PositiveIntegerField(default=0)),
                        ('forget_s', models.PositiveIntegerField(default=0)),
                        ('stations', models.PositiveSmallIntegerField(default=1)),
                        ('exercise', models.BooleanField(default=False)),
                        ('quiet_from', models.TimeField(blank=True, null=True)),
                        ('quiet_to', models.TimeField(blank=True, null=True)),
                        ('quiet_days', models.JSONField(blank=True, default=list)),
                        ('quiet_severity', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'red'), (2, 'orange'), (3, 'yellow'), (4, 'blue')], null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('rule', 'number'), name='warn_version_once'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_to', None)), models.Q(('quiet_from__isnull', False), ('quiet_to__isnull', False)), _connector='OR'), name='warn_version_quiet_hours'), models.CheckConstraint(condition=models.Q(('hits__gte', 1), ('hits__lte', models.F('of')), ('of__lte', 60)), name='warn_version_hits'), models.CheckConstraint(condition=models.Q(('threshold__isnull', False), models.Q(('level', ''), _negated=True), _connector='OR'), name='warn_version_threshold'), models.CheckConstraint(condition=models.Q(('stations__gte', 1)), name='warn_version_stations')],
                    },
                ),
                migrations.CreateModel(
                    name='SeriesLevel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('series', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='levels', to='observe.series')),
                        ('name', models.CharField(max_length=20)),
                        ('value', models.FloatField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('series', 'name'), name='warn_level_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Alarm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='warn.rule')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='warn.ruleversion')),
                        ('series', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='observe.series')),
                        ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='places.site')),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='places.region')),
                        ('severity', models.PositiveSmallIntegerField(choices=[(1, 'red'), (2, 'orange'), (3, 'yellow'), (4, 'blue')])),
                        ('opened_at', models.DateTimeField()),
                        ('value', models.FloatField(null=True)),
                        ('details', models.JSONField(default=dict)),
                        ('exercise', models.BooleanField(default=False)),
                        ('cleared_at', models.DateTimeField(blank=True, null=True)),
                        ('cleared_value', models.FloatField(blank=True, null=True)),
                        ('cleared_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                        ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('acknowledged_note', models.CharField(blank=True, max_length=200)),
                        ('muted', models.BooleanField(default=False)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['region', 'opened_at'], name='warn_alarm_region_opened'), models.Index(fields=['series', 'opened_at'], name='warn_alarm_series_opened'), models.Index(condition=models.Q(('cleared_at', None)), fields=['severity', 'opened_at'], name='warn_alarm_open')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at', None), ('series__isnull', False)), fields=('rule', 'series'), name='warn_alarm_one_open'), models.UniqueConstraint(condition=models.Q(('cleared_at', None), ('series', None), ('site', None)), fields=('rule', 'region'), name='warn_alarm_one_open_region'), models.UniqueConstraint(condition=models.Q(('cleared_at', None), ('site__isnull', False)), fields=('rule', 'site'), name='warn_alarm_one_open_site'), models.CheckConstraint(condition=models.Q(('series', None), ('site', None), _connector='OR'), name='warn_alarm_one_place')],
                    },
                ),
                migrations.CreateModel(
                    name='AlarmNote',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('alarm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='warn.alarm')),
                        ('kind', models.CharField(choices=[('RAISED', 'raised'), ('ACKNOWLEDGED', 'acknowledged'), ('CLEARED', 'cleared'), ('NOTE', 'note')], max_length=12)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('text', models.TextField(blank=True)),
                        ('data', models.JSONField(default=dict)),
                    ],
                ),
                migrations.CreateModel(
                    name='RuleState',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='states', to='warn.rule')),
                        ('series', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='observe.series')),
                        ('phase', models.PositiveSmallIntegerField(choices=[(0, 'Idle'), (1, 'Pending'), (2, 'Open'), (3, 'Muted')])),
                        ('since_ms', models.BigIntegerField(default=0)),
                        ('quiet_ms', models.BigIntegerField(default=0)),
                        ('bits', models.BigIntegerField(default=0)),
                        ('seen_ms', models.BigIntegerField(default=0)),
                        ('revision', models.BigIntegerField(db_index=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('rule', 'series'), name='warn_state_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Revision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rules', models.BigIntegerField(default=0)),
                        ('states', models.BigIntegerField(default=0)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='warn_revision_only_one')],
                    },
                ),
            ],
        ),
    ]
