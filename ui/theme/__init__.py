"""Colours, metrics, fonts and icons by role."""
