import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from anlan.base.operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('oversee', '0001_letters_and_ladder'),
        ('oversee', '0002_accidents'),
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
                    name='Accident',
                    fields=[
                        ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='accident', serialize=False, to='work.workitem')),
                        ('title', models.CharField(max_length=120)),
                        ('kind', models.CharField(choices=[('OBJECT', 'struck by an object'), ('VEHICLE', 'vehicle in a works'), ('MACHINE', 'machinery'), ('LIFTING', 'lifting gear'), ('SHOCK', 'electric shock'), ('DROWNING', 'drowning'), ('BURN', 'burns and scalds'), ('FIRE', 'fire'), ('FALL', 'fall from a height'), ('COLLAPSE', 'collapse'), ('ROOF', 'roof fall in a mine'), ('INRUSH', 'inrush of water'), ('BLASTING', 'blasting'), ('POWDER', 'explosion of explosives'), ('GAS', 'explosion of firedamp'), ('BOILER', 'explosion of a boiler'), ('VESSEL', 'explosion of a vessel'), ('EXPLOSIO', 'other explosion'), ('POISON', 'poisoning and suffocation'), ('TRAFFIC', 'road traffic'), ('OTHER', 'other injury')], max_length=8)),
                        ('happened_at', models.DateTimeField()),
                        ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accidents', to='places.site')),
                        ('place', models.CharField(max_length=200)),
                        ('account', models.TextField(blank=True)),
                        ('severity', models.CharField(choices=[('GENERAL', 'general accident'), ('LARGER', 'larger accident'), ('MAJOR', 'major accident'), ('GRAVE', 'especially grave accident')], max_length=7)),
                        ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('opened_at', models.DateTimeField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['happened_at'], name='oversee_accident_time')],
                    },
                ),
                migrations.CreateModel(
                    name='Casualties',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('accident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='oversee.accident')),
                        ('counted_at', models.DateTimeField()),
                        ('deaths', models.PositiveSmallIntegerField()),
                        ('injured', models.PositiveSmallIntegerField()),
                        ('loss', models.DecimalField(decimal_places=2, max_digits=14)),
                        ('source', models.CharField(blank=True, max_length=200)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name_plural': 'casualties',
                        'constraints': [models.CheckConstraint(condition=models.Q(('loss__gte', 0)), name='oversee_loss_not_negative')],
                    },
                ),
                migrations.CreateModel(
                    name='PersonMeasure',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('accident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='persons', to='oversee.accident')),
                        ('name', models.CharField(max_length=60)),
                        ('id_number', models.CharField(blank=True, max_length=30)),
                        ('position', models.CharField(blank=True, max_length=120)),
                        ('measure', models.CharField(choices=[('DETAINED', 'detained'), ('ARRESTED', 'arrested'), ('BAILED', 'bailed'), ('RESIDENC', 'residential surveillance'), ('NO_EXIT', 'not allowed to leave the country'), ('DISCIPL', 'disciplinary punishment'), ('QUALIF', 'qualification withdrawn')], max_length=8)),
                        ('organ', models.CharField(max_length=120)),
                        ('from_date', models.DateField()),
                        ('to_date', models.DateField(blank=True, null=True)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('to_date', None), ('to_date__gte', models.F('from_date')), _connector='OR'), name='oversee_measure_dates')],
                    },
                ),
                migrations.CreateModel(
                    name='Finding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('accident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='oversee.accident')),
                        ('kind', models.CharField(choices=[('DIRECT', 'direct cause'), ('INDIRECT', 'indirect cause'), ('MANAGE', 'failing of management')], max_length=8)),
                        ('text', models.CharField(max_length=1000)),
                    ],
                ),
                migrations.CreateModel(
                    name='Remedy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('accident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remedies', to='oversee.accident')),
                        ('text', models.CharField(max_length=500)),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                        ('post', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.post')),
                        ('due_on', models.DateField()),
                        ('item', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='remedy', to='work.workitem')),
                    ],
                ),
                migrations.CreateModel(
                    name='Report',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('accident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='oversee.accident')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('text', models.TextField()),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('made_at', models.DateTimeField()),
                        ('state', models.CharField(choices=[('SUBMITTED', 'waiting for approval'), ('RETURNED', 'sent back'), ('APPROVED', 'approved')], default='SUBMITTED', max_length=9)),
                        ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('note', models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('accident', 'number'), name='oversee_report_number'), models.UniqueConstraint(condition=models.Q(('state', 'APPROVED')), fields=('accident',), name='oversee_report_approved'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('author')), _negated=True), _connector='OR'), name='oversee_report_by_another')],
                    },
                ),
                migrations.CreateModel(
                    name='LookBack',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('accident', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='look_back', to='oversee.accident')),
                        ('opens_on', models.DateField()),
                        ('due_on', models.DateField()),
                        ('item', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='look_back', to='work.workitem')),
                    ],
                ),
                migrations.CreateModel(
                    name='Verdict',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('look_back', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='oversee.lookback')),
                        ('remedy', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='verdict', to='oversee.remedy')),
                        ('result', models.CharField(choices=[('DONE', 'done'), ('PARTLY', 'partly done'), ('NOT_DONE', 'not done')], max_length=8)),
                        ('note', models.CharField(blank=True, max_length=500)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Problem',
                    fields=[
                        ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='look_back_problem', serialize=False, to='work.workitem')),
                        ('look_back', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='problems', to='oversee.lookback')),
                        ('remedy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='problems', to='oversee.remedy')),
                        ('text', models.CharField(max_length=500)),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                    ],
                ),
                migrations.CreateModel(
                    name='Ladder',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField(unique=True)),
                        ('since', models.DateField()),
                        ('remind_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('urge_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('interview_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('sanction_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('source', models.CharField(max_length=300)),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('made_at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Proposal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='work.workitem')),
                        ('ladder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='oversee.ladder')),
                        ('rung', models.CharField(choices=[('REMIND', 'reminder letter'), ('URGE', 'urging letter'), ('INTERVIEW', 'interview'), ('SANCTION', 'sanction')], max_length=9)),
                        ('evidence', models.JSONField()),
                        ('state', models.CharField(choices=[('PROPOSED', 'to be decided'), ('CONFIRMED', 'confirmed'), ('DROPPED', 'dropped'), ('LAPSED', 'settled meanwhile')], default='PROPOSED', max_length=9)),
                        ('made_at', models.DateTimeField()),
                        ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'made_at'], name='oversee_proposal_state')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'PROPOSED')), fields=('item',), name='oversee_one_open_proposal'), models.CheckConstraint(condition=models.Q(('state__in', ['PROPOSED', 'LAPSED']), ('decided_by__isnull', False), _connector='OR'), name='oversee_decided_by_a_person')],
                    },
                ),
                migrations.CreateModel(
                    name='Letter',
                    fields=[
                        ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='letter', serialize=False, to='work.workitem')),
                        ('kind', models.CharField(choices=[('ASSIGN', 'assignment letter'), ('REMIND', 'reminder letter'), ('URGE', 'urging letter'), ('INTERVIEW', 'call to an interview'), ('SANCTION', 'sanction notice')], max_length=9)),
                        ('number', models.CharField(max_length=80, unique=True)),
                        ('organ', models.CharField(max_length=120)),
                        ('to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='people.organisation')),
                        ('about', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='work.workitem')),
                        ('proposal', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letter', to='oversee.proposal')),
                        ('title', models.CharField(max_length=120)),
                        ('text', models.TextField()),
                        ('basis', models.CharField(blank=True, max_length=300)),
                        ('measure', models.CharField(blank=True, choices=[('CRITICISM', 'public criticism'), ('NO_AWARDS', 'no awards this year'), ('REFERRAL', 'handed to the discipline inspection')], max_length=9)),
                        ('reply_by', models.DateField()),
                        ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('issued_at', models.DateTimeField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['kind', 'issued_at'], name='oversee_letter_kind'), models.Index(fields=['about'], name='oversee_letter_about')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'SANCTION'), models.Q(('measure', ''), _negated=True)), models.Q(models.Q(('kind', 'SANCTION'), _negated=True), ('measure', '')), _connector='OR'), name='oversee_letter_measure')],
                    },
                ),
                migrations.CreateModel(
                    name='Interview',
                    fields=[
                        ('letter', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='interview', serialize=False, to='oversee.letter')),
                        ('held_on', models.DateField()),
                        ('place', models.CharField(blank=True, max_length=120)),
                        ('held_by', models.CharField(max_length=120)),
                        ('with_whom', models.CharField(max_length=120)),
                        ('minutes', models.TextField()),
                        ('promised', models.CharField(blank=True, max_length=500)),
                        ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('recorded_at', models.DateTimeField()),
                    ],
                ),
            ],
        ),
    ]
