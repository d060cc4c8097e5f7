"""How many duplicates GitHub clients make, and how many issues they lose, under the same faults."""
