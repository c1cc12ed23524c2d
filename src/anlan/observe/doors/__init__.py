"""The doors that devices knock at. Each turns what it gets into parcels for the intake."""
