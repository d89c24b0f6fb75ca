"""The use-cases of a visit, on ports: the screen, the command line and the tests all call these."""
