"""The way out of the building: its preferences, its doctor, and signing in with a proxy."""
