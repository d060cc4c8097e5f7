"""What other tools wrote down about which item is which issue: read, matched, judged. Pure."""
