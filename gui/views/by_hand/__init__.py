"""Gates set by hand: what f, i, o and C̃ do to C and h over twelve time steps."""
