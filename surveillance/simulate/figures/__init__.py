"""Every number of the simulated country, each with its source or marked as our choice.

``[V:n]`` and the other marks are sources of the list at the end of docs/simulation.md; ``[J]``
is our choice. The formulas that use the numbers are in the same page. One module a part of the
country.
"""
