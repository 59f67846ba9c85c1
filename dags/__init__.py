"""When the jobs run and in what order, and nothing else."""
