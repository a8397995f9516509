"""Bytes to instances and back, streaming, one module per format."""
