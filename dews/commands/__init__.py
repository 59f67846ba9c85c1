"""The commands of ``dews``, one module per subject."""
