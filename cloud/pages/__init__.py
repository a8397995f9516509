"""Pages for browsers: how one is made, its forms and its assets. Knows nothing of what the pages are about."""
