"""The screens: what outreach staff, office and maintainers see in a terminal."""
