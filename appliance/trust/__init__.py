"""Who vouches for a chip: issuer keys, card-verifiable certificates and the signatures under them."""
