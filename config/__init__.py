"""Settings and descriptions: what an installation may change without touching code."""
