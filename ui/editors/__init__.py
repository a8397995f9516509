"""One editor per kind of object, each in a tab."""
