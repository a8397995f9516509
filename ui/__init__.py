"""The window: shows the core and decides nothing."""
