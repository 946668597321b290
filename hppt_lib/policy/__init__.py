"""The policy: a language model loaded, sampled from, and asked for log-probabilities."""
