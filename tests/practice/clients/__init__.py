"""Other people's clients: what is installed, and the scripts that drive them."""
