# The parts below say for themselves what they cover.
