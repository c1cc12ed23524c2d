import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from anlan.base.operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('govern', '0001_committees_and_duties'),
    ]

    initial = True

    dependencies = [
        ('people', '0001_squashed'),
        ('places', '0001_squashed'),
        ('work', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Committee',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='committees', to='places.region')),
                        ('kind', models.CharField(choices=[('SAFETY', 'work-safety committee'), ('SPECIAL', 'special committee')], max_length=7)),
                        ('name', models.CharField(max_length=120)),
                        ('founded_on', models.DateField()),
                        ('ended_on', models.DateField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('region', 'name'), name='govern_committee_name'), models.UniqueConstraint(condition=models.Q(('ended_on', None), ('kind', 'SAFETY')), fields=('region',), name='govern_one_safety_committee'), models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__gte', models.F('founded_on')), _connector='OR'), name='govern_committee_dates')],
                    },
                ),
                migrations.CreateModel(
                    name='Chair',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='chairs', to='govern.committee')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='chairs', to='people.post')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('committee', 'number'), name='govern_chair_number'), models.UniqueConstraint(fields=('committee', 'post'), name='govern_chair_post')],
                    },
                ),
                migrations.CreateModel(
                    name='Member',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='govern.committee')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='people.organisation')),
                        ('since', models.DateField()),
                        ('until', models.DateField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('committee', 'organisation'), name='govern_member_once'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='govern_member_dates')],
                    },
                ),
                migrations.CreateModel(
                    name='Duty',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='govern.member')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('ended_on', models.DateField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('member', 'number'), name='govern_duty_number')],
                    },
                ),
                migrations.CreateModel(
                    name='DutyVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('duty', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='govern.duty')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('text', models.CharField(max_length=1000)),
                        ('basis', models.CharField(blank=True, max_length=300)),
                        ('post', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='people.post')),
                        ('since', models.DateField()),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('made_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('duty', 'number'), name='govern_duty_version')],
                    },
                ),
                migrations.CreateModel(
                    name='YearList',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lists', to='govern.committee')),
                        ('year', models.PositiveSmallIntegerField()),
                        ('state', models.CharField(choices=[('DRAFT', 'draft'), ('ISSUED', 'issued')], default='DRAFT', max_length=6)),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('made_at', models.DateTimeField()),
                        ('issued_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('issued_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('committee', 'year'), name='govern_list_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Entry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='govern.yearlist')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('kind', models.CharField(choices=[('TASK', 'piece of work'), ('MEETING', 'quarterly meeting'), ('INSPECT', 'special inspection')], max_length=7)),
                        ('title', models.CharField(max_length=120)),
                        ('text', models.CharField(blank=True, max_length=1000)),
                        ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                        ('post', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.post')),
                        ('led_by_principal', models.BooleanField(default=False)),
                        ('opens_on', models.DateField()),
                        ('due_on', models.DateField()),
                        ('item', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='year_entry', to='work.workitem')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['item', 'opens_on'], name='govern_entry_waiting')],
                        'constraints': [models.UniqueConstraint(fields=('list', 'number'), name='govern_entry_number'), models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('opens_on'))), name='govern_entry_days')],
                    },
                ),
                migrations.CreateModel(
                    name='Meeting',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='govern.committee')),
                        ('entry', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='meeting', to='govern.entry')),
                        ('held_on', models.DateField()),
                        ('place', models.CharField(blank=True, max_length=120)),
                        ('chair', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='govern.chair')),
                        ('presided_by', models.CharField(max_length=60)),
                        ('minutes', models.TextField()),
                        ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('recorded_at', models.DateTimeField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['committee', 'held_on'], name='govern_meeting_day')],
                    },
                ),
                migrations.CreateModel(
                    name='Attendance',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='govern.meeting')),
                        ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='govern.member')),
                        ('present', models.BooleanField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('meeting', 'member'), name='govern_attendance_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Resolution',
                    fields=[
                        ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='resolution', serialize=False, to='work.workitem')),
                        ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='govern.meeting')),
                        ('text', models.CharField(max_length=500)),
                        ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                    ],
                ),
                migrations.CreateModel(
                    name='Refresh',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refreshes', to='places.region')),
                        ('year', models.PositiveSmallIntegerField()),
                        ('opens_on', models.DateField()),
                        ('due_on', models.DateField()),
                        ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('planned_at', models.DateTimeField()),
                        ('opened_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('region', 'year'), name='govern_refresh_once'), models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('opens_on'))), name='govern_refresh_days')],
                    },
                ),
                migrations.CreateModel(
                    name='RefreshTask',
                    fields=[
                        ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='refresh_task', serialize=False, to='work.workitem')),
                        ('refresh', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='govern.refresh')),
                    ],
                ),
            ],
        ),
    ]
