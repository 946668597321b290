"""Instructions: a prompt and its constraints, as they travel through the kit."""
