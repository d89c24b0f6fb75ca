"""The field unit's core: card, face, records and the rules of a visit."""
