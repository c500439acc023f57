# loopguard: complete
#
# Validation computes, in proportion to the data. Validators are the program's own and are looked at in its text.
