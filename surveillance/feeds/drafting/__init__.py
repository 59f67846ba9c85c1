"""Writes a first description of a feed from a sample file.

``sampling`` finds out how the bytes become a table, ``guessing`` and ``drugs`` what the
columns mean with the register's help, ``sketching`` puts the guesses together and ``writing``
puts them into words. Everything is a guess that a person
must check; the comments say which.
"""
