"""The Bulk APIs: jobs with a file in and result files out, worked off away from the event loop."""
