"""The screens of a day and of a person's turn, in the order in which they are met."""
