"""What makes a record unreadable on the unit and unforgeable on the way: seals, signatures, keys and receipts."""
