from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enforce', '0004_figures_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='told_confiscated',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('confiscated', None), ('confiscated__gt', 0), _connector='OR'), name='enforce_case_confiscated'),
        ),
    ]
