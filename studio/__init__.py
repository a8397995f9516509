"""Everything the product can do, without a window and without a server."""

__version__ = "0.1.0"
