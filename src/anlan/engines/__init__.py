"""Pure numbers: arrays in, arrays out. No Django, no files, no clock."""
