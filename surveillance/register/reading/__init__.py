"""Reads names as people and laboratories write them, with one register's names.

A text goes through the modules in this order::

    scanning      known names and phrases of plain English, by one automaton (index)
    mending       strange words: taken apart, or mended (spelling, neighbours)
    codes, made,  names that the register lacks, by the grammar of families (parts)
    shared_parts
    everyday      whether "speed" is the drug
    negation      what the text denies, puts into the past or doubts (verdicts)

:class:`surveillance.register.reading.reader.Reader` runs them.
"""
