"""dews."""
