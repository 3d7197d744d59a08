"""Networks, weights and code in the formats of other programs, one file each."""
