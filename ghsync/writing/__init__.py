"""How each layout writes what an issue says: which field, which word, which file."""
