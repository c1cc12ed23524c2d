import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from anlan.base.operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('work', '0001_initial'),
        ('work', '0002_add_proof_keeping'),
        ('work', '0003_decided_due'),
        ('work', '0004_submissions_beside_the_loop'),
    ]

    initial = True

    dependencies = [
        ('people', '0001_squashed'),
        ('places', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='WorkItem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=40)),
                        ('title', models.CharField(max_length=200)),
                        ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='work', to='places.region')),
                        ('post', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work', to='people.post')),
                        ('doer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work', to=settings.AUTH_USER_MODEL)),
                        ('state', models.CharField(choices=[('OPEN', 'waiting to be accepted'), ('DOING', 'in progress'), ('PAUSED', 'paused'), ('SUBMITTED', 'waiting to be verified'), ('CLOSED', 'closed'), ('CANCELLED', 'cancelled')], default='OPEN', max_length=9)),
                        ('opened_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField(blank=True, null=True)),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='work.workitem')),
                        ('exercise', models.BooleanField(default=False)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'due_at'], name='work_item_state_due'), models.Index(fields=['region', 'state'], name='work_item_region_state'), models.Index(fields=['post', 'state'], name='work_item_post_state'), models.Index(fields=['kind', 'state'], name='work_item_kind_state')],
                    },
                ),
                migrations.CreateModel(
                    name='Step',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='work.workitem')),
                        ('move', models.CharField(max_length=12)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField()),
                        ('note', models.TextField(blank=True)),
                        ('submission', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='work.submission')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['item', 'at'], name='work_step_item_at')],
                    },
                ),
                migrations.CreateModel(
                    name='Clock',
                    fields=[
                        ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='clock', serialize=False, to='work.workitem')),
                        ('rule', models.CharField(max_length=60)),
                        ('rule_version', models.DateField()),
                        ('started_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField()),
                        ('decided_due', models.DateTimeField(blank=True, null=True)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('paused_at', models.DateTimeField(blank=True, null=True)),
                        ('stopped_at', models.DateTimeField(blank=True, null=True)),
                        ('stopped_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='work.step')),
                    ],
                ),
                migrations.CreateModel(
                    name='Pause',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('clock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='work.clock')),
                        ('from_at', models.DateTimeField()),
                        ('to_at', models.DateTimeField(blank=True, null=True)),
                        ('reason', models.CharField(max_length=200)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('to_at', None)), fields=('clock',), name='work_pause_one_open')],
                    },
                ),
                migrations.CreateModel(
                    name='Reminder',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='work.workitem')),
                        ('escalation', models.PositiveSmallIntegerField()),
                        ('to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField()),
                        ('seen_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('item', 'escalation', 'to'), name='work_reminder_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Submission',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                        ('digest', models.CharField(max_length=64)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to=settings.AUTH_USER_MODEL)),
                        ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='work.workitem')),
                        ('move', models.CharField(blank=True, max_length=12)),
                        ('kind', models.CharField(blank=True, max_length=40)),
                        ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.region')),
                        ('after', models.UUIDField(blank=True, null=True)),
                        ('made_at', models.DateTimeField()),
                        ('received_at', models.DateTimeField()),
                        ('note', models.TextField(blank=True)),
                        ('lon', models.FloatField(blank=True, null=True)),
                        ('lat', models.FloatField(blank=True, null=True)),
                        ('accuracy_m', models.FloatField(blank=True, null=True)),
                        ('state', models.CharField(choices=[('WAITING', 'waiting for its attachments or an earlier submission'), ('ACCEPTED', 'accepted'), ('REFUSED', 'refused')], default='WAITING', max_length=8)),
                        ('reason', models.TextField(blank=True)),
                        ('code', models.CharField(blank=True, max_length=60)),
                        ('data', models.JSONField(default=dict)),
                        ('announced', models.JSONField(default=list)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state', 'WAITING')), fields=['item'], name='work_submission_waiting'), models.Index(condition=models.Q(('state', 'WAITING')), fields=['after'], name='work_submission_after'), models.Index(fields=['kind', 'state'], name='work_submission_kind')],
                    },
                ),
                migrations.CreateModel(
                    name='Conflict',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='work.submission')),
                        ('digest', models.CharField(max_length=64)),
                        ('body', models.TextField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('received_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('submission', 'digest', 'by'), name='work_conflict_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Attachment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='work.submission')),
                        ('sent_digest', models.CharField(max_length=64)),
                        ('path', models.CharField(max_length=200)),
                        ('thumb', models.CharField(blank=True, max_length=200)),
                        ('mime', models.CharField(max_length=60)),
                        ('size', models.PositiveIntegerField()),
                        ('name', models.CharField(max_length=120)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('submission', 'sent_digest'), name='work_attachment_once')],
                    },
                ),
            ],
        ),
    ]
