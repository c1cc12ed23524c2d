import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from anlan.base.operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('simulate', '0001_terrain_areas_runs'),
        ('simulate', '0002_run_attempts'),
        ('simulate', '0003_hit_depths'),
        ('simulate', '0004_verified'),
        ('simulate', '0005_rain_forecasts'),
        ('simulate', '0006_radar_files'),
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
                    name='Terrain',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terrains', to='places.region')),
                        ('source', models.CharField(max_length=200)),
                        ('made_up', models.BooleanField(default=False)),
                        ('epsg', models.PositiveIntegerField()),
                        ('cell_m', models.FloatField()),
                        ('rows', models.PositiveIntegerField()),
                        ('cols', models.PositiveIntegerField()),
                        ('west_m', models.FloatField()),
                        ('north_m', models.FloatField()),
                        ('folder', models.CharField(max_length=200)),
                        ('layers', models.JSONField(default=dict)),
                        ('report', models.JSONField(default=dict)),
                        ('imported_at', models.DateTimeField()),
                        ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('replaced_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('region', 'name'), name='simulate_terrain_one_in_force'), models.CheckConstraint(condition=models.Q(('cell_m__gt', 0)), name='simulate_terrain_cell')],
                    },
                ),
                migrations.CreateModel(
                    name='Area',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forecast_areas', to='places.region')),
                        ('terrain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='areas', to='simulate.terrain')),
                        ('first_row', models.PositiveIntegerField(default=0)),
                        ('first_col', models.PositiveIntegerField(default=0)),
                        ('rows', models.PositiveIntegerField()),
                        ('cols', models.PositiveIntegerField()),
                        ('factor', models.PositiveSmallIntegerField(default=1)),
                        ('every_s', models.PositiveIntegerField(default=600)),
                        ('horizon_s', models.PositiveIntegerField(default=10800)),
                        ('frame_s', models.PositiveIntegerField(default=600)),
                        ('enabled', models.BooleanField(default=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='RainForecast',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('FORECAST', 'rain forecast'), ('RADAR', 'radar')], default='FORECAST', max_length=8)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rain_forecasts', to='places.region')),
                        ('name', models.CharField(max_length=200)),
                        ('made_up', models.BooleanField(default=False)),
                        ('issued_at', models.DateTimeField()),
                        ('first_at', models.DateTimeField()),
                        ('last_at', models.DateTimeField()),
                        ('variable', models.CharField(max_length=80)),
                        ('bounds', models.JSONField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('folder', models.CharField(max_length=200)),
                        ('facts', models.JSONField(default=dict)),
                        ('imported_at', models.DateTimeField()),
                        ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['region', 'issued_at'], name='simulate_rain_issued')],
                        'constraints': [models.UniqueConstraint(fields=('region', 'sha256'), name='simulate_rain_file_once'), models.CheckConstraint(condition=models.Q(('last_at__gt', models.F('first_at'))), name='simulate_rain_file_times')],
                    },
                ),
                migrations.CreateModel(
                    name='Run',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='simulate.area')),
                        ('kind', models.CharField(choices=[('FORECAST', 'forecast'), ('SCENARIO', 'scenario'), ('MEMBER', 'ensemble member')], default='FORECAST', max_length=8)),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='simulate.run')),
                        ('member', models.PositiveSmallIntegerField(default=0)),
                        ('state', models.CharField(choices=[('QUEUED', 'waiting'), ('RUNNING', 'computing'), ('DONE', 'done'), ('FAILED', 'went wrong'), ('CANCELLED', 'cancelled')], default='QUEUED', max_length=9)),
                        ('exercise', models.BooleanField(default=False)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('base_at', models.DateTimeField()),
                        ('horizon_s', models.PositiveIntegerField()),
                        ('frame_s', models.PositiveIntegerField()),
                        ('rain_source', models.CharField(choices=[('GAUGES', 'gauges, extrapolated'), ('FILE', 'a forecast file'), ('RADAR', 'radar nowcast'), ('DESIGN', 'a design storm')], default='GAUGES', max_length=6)),
                        ('settings', models.JSONField(default=dict)),
                        ('requested_at', models.DateTimeField()),
                        ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('started_at', models.DateTimeField(blank=True, null=True)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('heard_at', models.DateTimeField(blank=True, null=True)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('progress', models.FloatField(default=0.0)),
                        ('cancel_asked', models.BooleanField(default=False)),
                        ('engine', models.CharField(blank=True, max_length=60)),
                        ('inputs', models.JSONField(default=dict)),
                        ('summary', models.JSONField(default=dict)),
                        ('error', models.JSONField(default=dict)),
                        ('folder', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['area', 'kind', 'base_at'], name='simulate_run_area_base'), models.Index(fields=['state', 'requested_at'], name='simulate_run_state')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'FORECAST'), ('state__in', ['QUEUED', 'RUNNING'])), fields=('area',), name='simulate_run_one_forecast_at_a_time'), models.UniqueConstraint(condition=models.Q(('kind', 'FORECAST'), models.Q(('state__in', ['FAILED', 'CANCELLED']), _negated=True)), fields=('area', 'base_at'), name='simulate_run_one_forecast_an_instant'), models.UniqueConstraint(condition=models.Q(('kind', 'MEMBER')), fields=('parent', 'member'), name='simulate_run_member_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Hit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hits', to='simulate.run')),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.region')),
                        ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='flood_hits', to='places.site')),
                        ('road_code', models.CharField(blank=True, max_length=40)),
                        ('road_name', models.CharField(blank=True, max_length=120)),
                        ('lon', models.FloatField()),
                        ('lat', models.FloatField()),
                        ('first_at', models.DateTimeField()),
                        ('deep_at', models.DateTimeField(null=True)),
                        ('max_at', models.DateTimeField()),
                        ('max_depth_m', models.FloatField()),
                        ('max_hazard_m2_s', models.FloatField(null=True)),
                        ('duration_s', models.PositiveIntegerField()),
                        ('people', models.PositiveIntegerField(default=0)),
                        ('depths_cm', models.JSONField(default=list)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('site__isnull', False)), fields=('run', 'site'), name='simulate_hit_site'), models.UniqueConstraint(condition=models.Q(('road_code', ''), _negated=True), fields=('run', 'road_code', 'region'), name='simulate_hit_road'), models.UniqueConstraint(condition=models.Q(('road_code', ''), ('site', None)), fields=('run', 'region'), name='simulate_hit_grid')],
                    },
                ),
                migrations.CreateModel(
                    name='PointForecast',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='simulate.run')),
                        ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forecasts', to='observe.series')),
                        ('depths_m', models.JSONField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('run', 'series'), name='simulate_point_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Score',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='simulate.run')),
                        ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forecast_scores', to='observe.series')),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.region')),
                        ('lead_s', models.PositiveIntegerField()),
                        ('threshold_m', models.FloatField()),
                        ('outcome', models.CharField(choices=[('HIT', 'hit'), ('MISS', 'miss'), ('FALSE', 'false alarm'), ('QUIET', 'rightly quiet'), ('UNKNOWN', 'no readings')], max_length=7)),
                        ('forecast_peak_m', models.FloatField(null=True)),
                        ('observed_peak_m', models.FloatField(null=True)),
                        ('timing_error_s', models.IntegerField(null=True)),
                        ('scored_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('run', 'series', 'lead_s', 'threshold_m'), name='simulate_score_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Verified',
                    fields=[
                        ('run', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='verified', serialize=False, to='simulate.run')),
                        ('base_at', models.DateTimeField(db_index=True)),
                        ('scored_at', models.DateTimeField()),
                        ('quiet', models.JSONField(default=list)),
                        ('unknown', models.JSONField(default=list)),
                    ],
                ),
            ],
        ),
    ]
