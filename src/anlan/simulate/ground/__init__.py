"""Ground, terrains and forecast areas."""
