import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from anlan.base.operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('base', '0001_initial'),
        ('base', '0002_widen_subscriber'),
        ('base', '0003_serials'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Event',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80)),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('region_path', models.CharField(blank=True, max_length=120)),
                        ('data', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('seal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='base.seal')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['name', 'at'], name='base_event_name_at'), models.Index(condition=models.Q(('seal', None)), fields=['id'], name='base_event_unsealed')],
                    },
                ),
                migrations.CreateModel(
                    name='Delivery',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='base.event')),
                        ('subscriber', models.CharField(max_length=200)),
                        ('state', models.CharField(choices=[('WAITING', 'Waiting'), ('DONE', 'Done'), ('FAILED', 'Failed')], default='WAITING', max_length=8)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('next_at', models.DateTimeField()),
                        ('error', models.TextField(blank=True)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state', 'WAITING')), fields=['next_at'], name='base_delivery_waiting')],
                        'constraints': [models.UniqueConstraint(fields=('event', 'subscriber'), name='base_delivery_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Serial',
                    fields=[
                        ('name', models.CharField(max_length=200, primary_key=True, serialize=False)),
                        ('last', models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='Seal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('made_at', models.DateTimeField()),
                        ('count', models.PositiveIntegerField()),
                        ('previous_hash', models.CharField(max_length=64)),
                        ('hash', models.CharField(max_length=64, unique=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='ScenarioClock',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scenario_at', models.DateTimeField()),
                        ('real_at', models.DateTimeField()),
                        ('rate', models.FloatField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='base_clock_only_one'), models.CheckConstraint(condition=models.Q(('rate__gte', 0)), name='base_clock_forwards')],
                    },
                ),
                migrations.CreateModel(
                    name='Ticked',
                    fields=[
                        ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                        ('last_at', models.DateTimeField()),
                        ('took_s', models.FloatField(default=0)),
                        ('error', models.TextField(blank=True)),
                    ],
                ),
            ],
        ),
    ]
