"""Training with GRPO: settings, plan, trainer, checkpoints, one run."""
