"""The card as a protocol: bytes in, values out; what is out of reach here cannot be reached by anything above."""
