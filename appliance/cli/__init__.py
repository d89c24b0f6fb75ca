"""Commands of the unit alone (design §4).

Imports of anything heavy stand inside the commands, so that asking for help stays quick (proof.md S3).
"""
