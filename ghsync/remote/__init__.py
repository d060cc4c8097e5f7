"""GitHub over the wire: requests as values, one gate in front of them, one door out."""
