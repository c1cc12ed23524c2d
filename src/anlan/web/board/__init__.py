"""The duty officer's board: one snapshot that opens fast, then the live feed keeps it right."""
