"""Forecasts and scenarios: asked for, computed, kept."""
