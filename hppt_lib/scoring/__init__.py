"""Files of responses: verified, and summed up in a scorecard."""
