"""Collect: a source's files become kept bytes, and kept bytes become record rows.

A feed is one TOML file, its description. The stage has three steps:

1. ``description`` reads the TOML file and refuses what it cannot understand;
2. ``landing`` finds the source's files and keeps their bytes before anything reads them;
3. ``parsing`` turns the kept bytes into rows of one record kind. It holds back what it
   cannot read, row by row, each with its reasons.

``docs/feeds.md`` lists every key of a description.
"""
