"""An input without most of its records: what a run has set aside, as a document of the same kind that runs again."""
