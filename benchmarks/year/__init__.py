"""A city's year of prevention and penalties: one plan, and two writers of it.

`plan` says what happens, as data from a fixed seed. `services` does it as people do, move by move.
`bulk` learns from the services what each kind of story leaves behind, and writes the rest of them
in bulk; `tests/test_year.py` compares what both leave, row by row.
"""
