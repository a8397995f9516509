"""The console: pages to administer organizations with. It asks the API for everything and has no way of its own."""
