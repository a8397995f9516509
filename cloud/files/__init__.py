"""Schema, driver and plug-in files of an environment."""
