"""What the user draws: rules on target nodes."""
