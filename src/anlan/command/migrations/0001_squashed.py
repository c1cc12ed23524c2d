import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from anlan.base.operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('command', '0001_initial'),
        ('command', '0002_closures'),
    ]

    initial = True

    dependencies = [
        ('places', '0001_squashed'),
        ('warn', '0001_squashed'),
        ('work', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Plan',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, unique=True)),
                        ('name', models.CharField(max_length=120)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='places.region')),
                    ],
                ),
                migrations.CreateModel(
                    name='PlanVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='command.plan')),
                        ('number', models.PositiveIntegerField()),
                        ('state', models.CharField(choices=[('DRAFT', 'draft'), ('IN_FORCE', 'in force'), ('REPLACED', 'replaced')], default='DRAFT', max_length=8)),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('written_at', models.DateTimeField()),
                        ('approver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('approved_at', models.DateTimeField(null=True)),
                        ('source', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='command_version_number'), models.UniqueConstraint(condition=models.Q(('state', 'IN_FORCE')), fields=('plan',), name='command_version_one_in_force'), models.UniqueConstraint(condition=models.Q(('state', 'DRAFT')), fields=('plan',), name='command_version_one_draft'), models.CheckConstraint(condition=models.Q(('approver', None), models.Q(('approver', models.F('author')), _negated=True), _connector='OR'), name='command_version_two_people')],
                    },
                ),
                migrations.CreateModel(
                    name='PlanStep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='command.planversion')),
                        ('order', models.PositiveSmallIntegerField()),
                        ('level', models.PositiveSmallIntegerField(choices=[(1, 'level Ⅰ response'), (2, 'level Ⅱ response'), (3, 'level Ⅲ response'), (4, 'level Ⅳ response')])),
                        ('title', models.CharField(max_length=100)),
                        ('instructions', models.TextField(blank=True)),
                        ('role', models.CharField(max_length=40)),
                        ('region_level', models.PositiveSmallIntegerField(choices=[(1, 'province'), (2, 'city'), (3, 'county'), (4, 'town'), (5, 'village'), (6, 'grid')])),
                        ('site_kind', models.CharField(blank=True, max_length=40)),
                        ('hit_by_forecast', models.BooleanField(default=False)),
                        ('minutes', models.PositiveIntegerField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('version', 'order'), name='command_step_order')],
                    },
                ),
                migrations.CreateModel(
                    name='Incident',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title', models.CharField(max_length=120)),
                        ('kind', models.CharField(max_length=40)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='places.region')),
                        ('opened_at', models.DateTimeField()),
                        ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('level', models.PositiveSmallIntegerField(choices=[(1, 'level Ⅰ response'), (2, 'level Ⅱ response'), (3, 'level Ⅲ response'), (4, 'level Ⅳ response')], null=True)),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('exercise', models.BooleanField(default=False)),
                        ('alarms', models.ManyToManyField(related_name='incidents', through='command.IncidentAlarm', to='warn.alarm')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['closed_at', 'opened_at'], name='command_incident_open')],
                    },
                ),
                migrations.CreateModel(
                    name='IncidentAlarm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='command.incident')),
                        ('alarm', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='incident_link', to='warn.alarm')),
                    ],
                ),
                migrations.CreateModel(
                    name='Activation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activations', to='command.incident')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activations', to='command.planversion')),
                        ('level', models.PositiveSmallIntegerField(choices=[(1, 'level Ⅰ response'), (2, 'level Ⅱ response'), (3, 'level Ⅲ response'), (4, 'level Ⅳ response')])),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField()),
                        ('areas', models.ManyToManyField(related_name='+', to='places.region')),
                    ],
                ),
                migrations.CreateModel(
                    name='Task',
                    fields=[
                        ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='work.workitem')),
                        ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='command.incident')),
                        ('activation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='command.activation')),
                        ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='command.planstep')),
                        ('instructions', models.TextField(blank=True)),
                        ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='places.site')),
                    ],
                ),
                migrations.CreateModel(
                    name='Closure',
                    fields=[
                        ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='work.workitem')),
                        ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closures', to='places.site')),
                        ('road', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closures', to='places.road')),
                        ('alarm', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closures', to='warn.alarm')),
                        ('incident', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closures', to='command.incident')),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('ended_note', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('road__isnull', False), ('site', None)), models.Q(('road', None), ('site__isnull', False)), _connector='OR'), name='command_closure_of_one_place'), models.UniqueConstraint(condition=models.Q(('ended_at', None), ('site__isnull', False)), fields=('site',), name='command_closure_one_a_site'), models.UniqueConstraint(condition=models.Q(('ended_at', None), ('road__isnull', False)), fields=('road',), name='command_closure_one_a_road')],
                    },
                ),
                migrations.CreateModel(
                    name='LogEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='log', to='command.incident')),
                        ('kind', models.CharField(choices=[('OPENED', 'incident opened'), ('ALARM', 'alarm added'), ('LEVEL', 'response level declared'), ('NOTE', 'note'), ('CLOSED', 'incident closed')], max_length=8)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('text', models.TextField()),
                    ],
                    options={
                        'verbose_name_plural': 'log entries',
                        'indexes': [models.Index(fields=['incident', 'at'], name='command_log_incident')],
                    },
                ),
            ],
        ),
    ]
