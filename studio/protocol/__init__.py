"""What client, agent and server say to each other, errors included."""
